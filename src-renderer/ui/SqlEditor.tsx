import * as monaco from 'monaco-editor/editor'
import 'monaco-editor/features/register.all'
import EditorWorker from 'monaco-editor/editor/editor.worker?worker'
import { useEffect, useEffectEvent, useRef } from 'react'
import { type CompletionSource, provideCompletion } from './sqlEditorCompletion.ts'
import { defineTheme } from './sqlEditorTheme.ts'
import { sqlLanguage } from './sqlLanguage.ts'
import './sqlEditor.css'

self.MonacoEnvironment = { getWorker: () => new EditorWorker() }

export type RunTarget = { range: { start: number; end: number } } | { cursor: number }

export interface EditorMark {
  line: number
  column: number
  message: string
}

/** Where a statement that ran stands, and how it went. */
export interface EditorOutcome {
  line: number
  status: 'succeeded' | 'failed' | 'running' | 'cancelled' | 'skipped'
}

interface Props {
  /** The model's name: another one is another text with an undo history of its own. */
  name: string
  initialText: string
  onChange: (text: string) => void
  /** Ctrl+Enter: the selection, or the statement at the cursor; offsets in the text. */
  onRun: (target: RunTarget) => void
  /** Ctrl+Shift+Enter. */
  onRunAll: () => void
  mark: EditorMark | undefined
  outcomes: readonly EditorOutcome[]
  /** Finds the statement at an offset, which is shown as what would run. */
  locate: (text: string, offset: number) => Promise<{ start: number; end: number } | null>
  complete: CompletionSource
}

/** Keeps the statement's highlight out of texts where cutting them at every move of the cursor would be felt. */
const locatedCharacters = 200_000

/** Monaco for PostgreSQL, in the colours of the product. Loaded with the view that shows it. */
export function SqlEditor({
  name,
  initialText,
  onChange,
  onRun,
  onRunAll,
  mark,
  outcomes,
  locate,
  complete,
}: Props) {
  const element = useRef<HTMLDivElement>(null)
  const editor = useRef<monaco.editor.IStandaloneCodeEditor>(null)
  const changed = useEffectEvent((text: string) => onChange(text))
  const run = useEffectEvent((target: RunTarget) => onRun(target))
  const find = useEffectEvent(locate)
  const suggest = useEffectEvent<CompletionSource>((text, offset) => complete(text, offset))
  const runAll = useEffectEvent(() => onRunAll())
  const firstText = useEffectEvent(() => initialText)

  // biome-ignore lint/correctness/useExhaustiveDependencies: another name is another editor; its first text is read once
  useEffect(() => {
    if (!element.current) return
    defineTheme()
    const made = monaco.editor.create(element.current, {
      value: firstText(),
      language: sqlLanguage,
      automaticLayout: true,
      minimap: { enabled: false },
      fontFamily: "'JetBrains Mono Variable', monospace",
      fontSize: 12.5,
      lineHeight: 20,
      scrollBeyondLastLine: false,
      renderLineHighlight: 'line',
      padding: { top: 8, bottom: 8 },
      glyphMargin: true,
      folding: false,
      lineNumbersMinChars: 3,
      lineDecorationsWidth: 14,
      occurrencesHighlight: 'off',
      wordBasedSuggestions: 'currentDocument',
      suggest: { showWords: true },
      bracketPairColorization: { enabled: false },
      guides: { indentation: false },
      overviewRulerLanes: 0,
      overviewRulerBorder: false,
      hideCursorInOverviewRuler: true,
      tabSize: 2,
      fixedOverflowWidgets: true,
      unicodeHighlight: { ambiguousCharacters: false },
    })
    editor.current = made
    made.onDidChangeModelContent(() => changed(made.getValue()))
    made.addCommand(monaco.KeyMod.CtrlCmd | monaco.KeyCode.Enter, () => {
      const selection = made.getSelection()
      const model = made.getModel()
      if (!selection || !model) return
      if (selection.isEmpty()) run({ cursor: model.getOffsetAt(selection.getPosition()) })
      else {
        const start = model.getOffsetAt(selection.getStartPosition())
        run({ range: { start, end: model.getOffsetAt(selection.getEndPosition()) } })
      }
    })
    const highlight = made.createDecorationsCollection()
    let timer: ReturnType<typeof setTimeout>
    const showStatement = async () => {
      const model = made.getModel()
      const position = made.getPosition()
      if (!model || !position || model.getValueLength() > locatedCharacters) return highlight.clear()
      const found = await find(model.getValue(), model.getOffsetAt(position)).catch(() => null)
      if (model.isDisposed()) return
      if (!found) return highlight.clear()
      const range = monaco.Range.fromPositions(
        model.getPositionAt(found.start),
        model.getPositionAt(found.end),
      )
      highlight.set([
        {
          range,
          options: {
            isWholeLine: true,
            className: 'is-statement',
            linesDecorationsClassName: 'is-statement-bar',
          },
        },
      ])
    }
    const showSoon = () => {
      clearTimeout(timer)
      timer = setTimeout(() => void showStatement(), 120)
    }
    made.onDidChangeCursorPosition(showSoon)
    made.onDidChangeModelContent(showSoon)
    showSoon()
    const forget = provideCompletion(made, (text, offset) => suggest(text, offset))
    made.focus()
    made.addCommand(monaco.KeyMod.CtrlCmd | monaco.KeyMod.Shift | monaco.KeyCode.Enter, runAll)
    const observer = new MutationObserver(defineTheme)
    observer.observe(document.documentElement, {
      attributes: true,
      attributeFilter: ['data-scheme', 'data-contrast'],
    })
    return () => {
      clearTimeout(timer)
      forget()
      observer.disconnect()
      made.getModel()?.dispose()
      made.dispose()
    }
  }, [name])

  useEffect(() => {
    const model = editor.current?.getModel()
    if (!model) return
    const markers = mark
      ? [
          {
            severity: monaco.MarkerSeverity.Error,
            message: mark.message,
            startLineNumber: mark.line,
            startColumn: mark.column,
            endLineNumber: mark.line,
            endColumn:
              model.getWordAtPosition({
                lineNumber: Math.min(mark.line, model.getLineCount()),
                column: mark.column,
              })?.endColumn ?? mark.column + 1,
          },
        ]
      : []
    monaco.editor.setModelMarkers(model, 'run', markers)
  }, [mark])

  useEffect(() => {
    const marks = editor.current?.createDecorationsCollection(
      outcomes.map(({ line, status }) => ({
        range: new monaco.Range(line, 1, line, 1),
        options: { glyphMarginClassName: `ed-mark ed-mark--${status}`, stickiness: 1 },
      })),
    )
    return () => marks?.clear()
  }, [outcomes])

  return <div ref={element} style={{ height: '100%' }} data-testid="editor" />
}
