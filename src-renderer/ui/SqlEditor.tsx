import * as monaco from 'monaco-editor/editor'
import 'monaco-editor/features/register.all'
import 'monaco-editor/languages/definitions/pgsql/register'
import EditorWorker from 'monaco-editor/editor/editor.worker?worker'
import { useEffect, useEffectEvent, useRef } from 'react'

self.MonacoEnvironment = { getWorker: () => new EditorWorker() }

export interface EditorMark {
  line: number
  column: number
  message: string
}

interface Props {
  /** The model's name: another one is another text with an undo history of its own. */
  name: string
  initialText: string
  onChange: (text: string) => void
  /** Ctrl+Enter: the selection, or the offset of the cursor. */
  onRun: (target: { selection: string } | { offset: number }) => void
  /** Ctrl+Shift+Enter. */
  onRunAll: () => void
  mark: EditorMark | undefined
}

/** Monaco for PostgreSQL, in the colours of the product. Loaded with the view that shows it. */
export function SqlEditor({ name, initialText, onChange, onRun, onRunAll, mark }: Props) {
  const element = useRef<HTMLDivElement>(null)
  const editor = useRef<monaco.editor.IStandaloneCodeEditor>(null)
  const changed = useEffectEvent((text: string) => onChange(text))
  const run = useEffectEvent((target: Parameters<Props['onRun']>[0]) => onRun(target))
  const runAll = useEffectEvent(() => onRunAll())
  const firstText = useEffectEvent(() => initialText)

  // biome-ignore lint/correctness/useExhaustiveDependencies: another name is another editor; its first text is read once
  useEffect(() => {
    if (!element.current) return
    defineThemes()
    const made = monaco.editor.create(element.current, {
      value: firstText(),
      language: 'pgsql',
      automaticLayout: true,
      minimap: { enabled: false },
      fontFamily: "'JetBrains Mono Variable', monospace",
      fontSize: 12.5,
      lineHeight: 20,
      scrollBeyondLastLine: false,
      renderLineHighlight: 'line',
      padding: { top: 8, bottom: 8 },
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
      if (selection.isEmpty()) run({ offset: model.getOffsetAt(selection.getPosition()) })
      else run({ selection: model.getValueInRange(selection) })
    })
    made.addCommand(monaco.KeyMod.CtrlCmd | monaco.KeyMod.Shift | monaco.KeyCode.Enter, runAll)
    const observer = new MutationObserver(defineThemes)
    observer.observe(document.documentElement, { attributes: true, attributeFilter: ['data-scheme'] })
    return () => {
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

  return <div ref={element} style={{ height: '100%' }} data-testid="editor" />
}

/** The product's tokens as a theme, read from the page so that there is one list of colours. */
function defineThemes() {
  const isDark = document.documentElement.dataset.scheme === 'dark'
  const style = getComputedStyle(document.documentElement)
  // Monaco wants six digits; the build shortens what it can.
  const color = (token: string) =>
    style
      .getPropertyValue(token)
      .trim()
      .replace(/^#(.)(.)(.)$/, '#$1$1$2$2$3$3')
  const bare = (token: string) => color(token).replace('#', '')
  monaco.editor.defineTheme('atlas', {
    base: isDark ? 'vs-dark' : 'vs',
    inherit: true,
    rules: [
      { token: 'keyword', foreground: bare('--syntax-keyword') },
      { token: 'string', foreground: bare('--syntax-string') },
      { token: 'number', foreground: bare('--syntax-number') },
      { token: 'comment', foreground: bare('--syntax-comment') },
      { token: 'predefined', foreground: bare('--syntax-function') },
      { token: 'operator', foreground: bare('--syntax-operator') },
    ],
    colors: {
      'editor.background': color('--surface-panel'),
      'editor.foreground': color('--text-1'),
      'editorLineNumber.foreground': color('--text-3'),
      'editorCursor.foreground': color('--accent-text'),
      'editor.lineHighlightBackground': color('--surface-inset'),
      'editor.lineHighlightBorder': color('--surface-inset'),
      'editor.selectionBackground': color('--surface-selected'),
    },
  })
  monaco.editor.setTheme('atlas')
}
