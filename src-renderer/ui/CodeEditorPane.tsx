import * as monaco from 'monaco-editor/editor'
import { useEffect, useEffectEvent, useRef } from 'react'
import type { CodeEditorProps, CodeMarker } from './code.ts'
import { codeOptions, followTheme, languageIds } from './monacoSetup.ts'

const severities = {
  error: monaco.MarkerSeverity.Error,
  warning: monaco.MarkerSeverity.Warning,
  info: monaco.MarkerSeverity.Info,
}
const noMarkers: readonly CodeMarker[] = []

/** The editor behind {@link CodeEditorProps}. */
export function CodeEditorPane({
  label,
  text,
  language,
  isReadOnly = false,
  markers = noMarkers,
  line,
  onChange,
}: CodeEditorProps) {
  const element = useRef<HTMLDivElement>(null)
  const editor = useRef<monaco.editor.IStandaloneCodeEditor>(null)
  // Typed texts that have not come back as `text` yet: rendering may lag behind the keyboard.
  const typed = useRef<string[]>([])
  const changed = useEffectEvent((value: string) => {
    if (!onChange) return
    typed.current.push(value)
    onChange(value)
  })
  const first = useEffectEvent(() => ({ value: text, ariaLabel: label, readOnly: isReadOnly }))

  useEffect(() => {
    if (!element.current) return
    const stopFollowing = followTheme()
    const made = monaco.editor.create(element.current, {
      ...codeOptions,
      ...first(),
      language: languageIds[language],
      glyphMargin: false,
      tabSize: 2,
    })
    editor.current = made
    made.onDidChangeModelContent(() => changed(made.getValue()))
    return () => {
      stopFollowing()
      made.getModel()?.dispose()
      made.dispose()
    }
  }, [language])

  useEffect(() => {
    const made = editor.current
    const echo = typed.current.lastIndexOf(text)
    if (echo >= 0) typed.current.splice(0, echo + 1)
    else if (made && made.getValue() !== text) {
      made.setValue(text)
      typed.current = []
    }
  }, [text])

  useEffect(() => {
    editor.current?.updateOptions({ readOnly: isReadOnly, ariaLabel: label })
  }, [isReadOnly, label])

  // biome-ignore lint/correctness/useExhaustiveDependencies: a new text moves the words that markers end with
  useEffect(() => {
    const model = editor.current?.getModel()
    if (!model) return
    monaco.editor.setModelMarkers(
      model,
      'code',
      markers.map(({ severity, message, ...place }) => ({
        severity: severities[severity],
        message,
        startLineNumber: place.line,
        startColumn: place.column,
        endLineNumber: place.line,
        endColumn: place.endColumn ?? wordEnd(model, place.line, place.column),
      })),
    )
  }, [markers, text])

  useEffect(() => {
    if (line === undefined) return
    editor.current?.revealLineInCenterIfOutsideViewport(line)
    editor.current?.setPosition({ lineNumber: line, column: 1 })
  }, [line])

  return <div ref={element} style={{ height: '100%' }} data-testid="code-editor" />
}

function wordEnd(model: monaco.editor.ITextModel, line: number, column: number): number {
  const lineNumber = Math.min(line, model.getLineCount())
  return model.getWordAtPosition({ lineNumber, column })?.endColumn ?? column + 1
}
