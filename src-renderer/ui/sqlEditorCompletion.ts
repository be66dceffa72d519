import * as monaco from 'monaco-editor/editor'
import { sqlLanguage } from './sqlLanguage.ts'

export interface Suggestion {
  label: string
  /** What is typed for it, quoted where the name needs it. */
  insert: string
  detail: string
  /** What its owner says of it: shown as plain text. */
  comment?: string | null
  kind: 'schema' | 'table' | 'column' | 'function' | 'keyword' | 'snippet'
}

export interface Signature {
  label: string
  parameters: string[]
}

/** What the editor asks of whoever knows the catalogue. Texts are what stands around the cursor, offsets are in them. */
export interface SqlKnowledge {
  complete: (text: string, offset: number, word: string) => Promise<Suggestion[]>
  /** Lines of plain text about the name at an offset. */
  describe: (text: string, offset: number) => Promise<string[]>
  /** The ways to call the function in whose parentheses the offset is, and which argument it is. */
  findSignatures: (
    text: string,
    offset: number,
  ) => Promise<{ signatures: Signature[]; argument: number } | undefined>
}

const kinds = {
  schema: monaco.languages.CompletionItemKind.Module,
  table: monaco.languages.CompletionItemKind.Struct,
  column: monaco.languages.CompletionItemKind.Field,
  function: monaco.languages.CompletionItemKind.Function,
  keyword: monaco.languages.CompletionItemKind.Keyword,
  snippet: monaco.languages.CompletionItemKind.Snippet,
}

/** A statement is read this far to both sides of the cursor: a long script costs no more than a short one. */
const reach = 20_000

/** Offers what is known in one editor: names, what they are, and how functions are called. Returns how to stop. */
export function provideKnowledge(
  editor: monaco.editor.IStandaloneCodeEditor,
  knowledge: SqlKnowledge,
): () => void {
  const around = (model: monaco.editor.ITextModel, position: monaco.Position) => {
    const at = model.getOffsetAt(position)
    const from = Math.max(0, at - reach)
    const range = monaco.Range.fromPositions(model.getPositionAt(from), model.getPositionAt(at + reach))
    return { text: model.getValueInRange(range), offset: at - from }
  }
  const isOwn = (model: monaco.editor.ITextModel) => model === editor.getModel()
  const providers = [
    monaco.languages.registerCompletionItemProvider(sqlLanguage, {
      triggerCharacters: ['.'],
      provideCompletionItems: async (model, position) => {
        if (!isOwn(model)) return { suggestions: [] }
        const { startColumn, endColumn, word } = model.getWordUntilPosition(position)
        const range = new monaco.Range(position.lineNumber, startColumn, position.lineNumber, endColumn)
        const { text, offset } = around(model, position)
        const found = await knowledge.complete(text, offset, word).catch(() => [])
        return {
          // More may fit once more is typed: what is shown is the best hundred.
          incomplete: true,
          suggestions: found.map(({ label, insert, detail, comment, kind }, at) => ({
            label: { label, description: detail },
            insertText: insert,
            ...(kind === 'snippet' && {
              insertTextRules: monaco.languages.CompletionItemInsertTextRule.InsertAsSnippet,
            }),
            ...(comment && { documentation: comment }),
            kind: kinds[kind],
            filterText: label,
            range,
            sortText: String(at).padStart(5, '0'),
          })),
        }
      },
    }),
    monaco.languages.registerHoverProvider(sqlLanguage, {
      provideHover: async (model, position) => {
        if (!isOwn(model)) return null
        const { text, offset } = around(model, position)
        const lines = await knowledge.describe(text, offset).catch(() => [])
        return lines.length === 0 ? null : { contents: [{ value: asPlainText(lines) }] }
      },
    }),
    monaco.languages.registerSignatureHelpProvider(sqlLanguage, {
      signatureHelpTriggerCharacters: ['(', ','],
      provideSignatureHelp: async (model, position) => {
        if (!isOwn(model)) return null
        const { text, offset } = around(model, position)
        const found = await knowledge.findSignatures(text, offset).catch(() => undefined)
        if (!found || found.signatures.length === 0) return null
        const fitting = found.signatures.findIndex(({ parameters }) => parameters.length > found.argument)
        return {
          value: {
            signatures: found.signatures.map(({ label, parameters }) => ({
              label,
              parameters: parameters.map((parameter) => ({ label: parameter })),
            })),
            activeSignature: Math.max(0, fitting),
            activeParameter: found.argument,
          },
          dispose: () => {},
        }
      },
    }),
  ]
  return () => {
    for (const provider of providers) provider.dispose()
  }
}

/** Comments of a server are text: in a fence nothing of them is markup. */
function asPlainText(lines: string[]): string {
  return `\`\`\`text\n${lines.join('\n').replaceAll('```', "'''")}\n\`\`\``
}
