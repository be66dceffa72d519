import * as monaco from 'monaco-editor/editor'
import { sqlLanguage } from './sqlLanguage.ts'

export interface Suggestion {
  label: string
  /** What is typed for it, quoted where the name needs it. */
  insert: string
  detail: string
  kind: 'schema' | 'table' | 'column' | 'keyword'
}

/** What may stand at an offset of a text. */
export type CompletionSource = (text: string, offset: number) => Promise<Suggestion[]>

const kinds = {
  schema: monaco.languages.CompletionItemKind.Module,
  table: monaco.languages.CompletionItemKind.Struct,
  column: monaco.languages.CompletionItemKind.Field,
  keyword: monaco.languages.CompletionItemKind.Keyword,
}

/** Offers what `source` knows in one editor; returns how to stop. */
export function provideCompletion(
  editor: monaco.editor.IStandaloneCodeEditor,
  source: CompletionSource,
): () => void {
  const provider = monaco.languages.registerCompletionItemProvider(sqlLanguage, {
    triggerCharacters: ['.'],
    provideCompletionItems: async (model, position) => {
      if (model !== editor.getModel()) return { suggestions: [] }
      const { startColumn, endColumn } = model.getWordUntilPosition(position)
      const range = new monaco.Range(position.lineNumber, startColumn, position.lineNumber, endColumn)
      const found = await source(model.getValue(), model.getOffsetAt(position)).catch(() => [])
      return {
        suggestions: found.map(({ label, insert, detail, kind }, at) => ({
          label,
          insertText: insert,
          detail,
          kind: kinds[kind],
          range,
          sortText: String(at).padStart(5, '0'),
        })),
      }
    },
  })
  return () => provider.dispose()
}
