import * as monaco from 'monaco-editor/editor'
import { useEffect, useEffectEvent, useRef } from 'react'
import { codeOptions, followTheme } from './monacoSetup.ts'
import { closeDocument, keepViewState, openDocument } from './sqlDocuments.ts'
import { provideKnowledge, type SqlKnowledge } from './sqlEditorCompletion.ts'
import { type EditorOutcome, showOutcomes } from './sqlEditorOutcomes.ts'
import './sqlEditor.css'

export { closeDocument, type EditorOutcome }

export type RunTarget = { range: { start: number; end: number } } | { cursor: number }

export interface EditorMark {
  line: number
  column: number
  message: string
}

export interface EditorEdit {
  offset: number
  length: number
  text: string
}

/** What a view does with the text of an editor that is open. */
export interface EditorHandle {
  text: () => string
  /** Of the text, in UTF-16 units: the text is not built for it. */
  size: () => number
  target: () => RunTarget
  /** Replaces the selection, or all of it; it can be undone. */
  replace: (change: (text: string) => string) => void
  focus: () => void
  /** Where somebody is: kept, and given back as `initialView`. */
  view: () => { line: number; column: number; scrollTop: number }
}

interface Props {
  /** The document's name: another one is another text with an undo history of its own. */
  name: string
  initialText: string
  initialView: { line: number; column: number; scrollTop: number } | undefined
  /** What was typed, as pieces; the whole text is never built for it. */
  onEdit: (name: string, edits: EditorEdit[]) => void
  onView: (name: string, view: { line: number; column: number; scrollTop: number }) => void
  onReady: (handle: EditorHandle) => void
  /** Ctrl+Enter: the selection, or the statement at the cursor; offsets in the text. */
  onRun: (target: RunTarget) => void
  /** Ctrl+Shift+Enter. */
  onRunAll: () => void
  mark: EditorMark | undefined
  outcomes: readonly EditorOutcome[]
  /** Finds the statement at an offset, which is shown as what would run. */
  locate: (offset: number) => Promise<{ start: number; end: number } | null>
  knowledge: SqlKnowledge
}

/** Monaco for PostgreSQL, in the colours of the product. Loaded with the view that shows it. */
export function SqlEditor(props: Props) {
  const { name, mark, outcomes, knowledge } = props
  const element = useRef<HTMLDivElement>(null)
  const editor = useRef<monaco.editor.IStandaloneCodeEditor>(null)
  const edited = useEffectEvent((edits: EditorEdit[]) => props.onEdit(name, edits))
  const moved = useEffectEvent((view: ReturnType<EditorHandle['view']>) => props.onView(name, view))
  const ready = useEffectEvent((handle: EditorHandle) => props.onReady(handle))
  const run = useEffectEvent((target: RunTarget) => props.onRun(target))
  const runAll = useEffectEvent(() => props.onRunAll())
  const find = useEffectEvent((offset: number) => props.locate(offset))
  const open = useEffectEvent(() => ({
    ...openDocument(name, props.initialText),
    place: props.initialView,
  }))

  useEffect(() => {
    if (!element.current) return
    const unfollow = followTheme()
    const made = monaco.editor.create(element.current, {
      ...codeOptions,
      model: null,
      renderLineHighlight: 'line',
      glyphMargin: true,
      lineDecorationsWidth: 14,
      suggest: { showWords: false, showStatusBar: false },
      overviewRulerLanes: 0,
      tabSize: 2,
    })
    editor.current = made
    made.onDidChangeModelContent(({ changes }) =>
      edited(
        changes.map(({ rangeOffset, rangeLength, text }) => ({
          offset: rangeOffset,
          length: rangeLength,
          text,
        })),
      ),
    )
    // Who runs a text has chosen: what was still offered goes.
    const hideSuggestions = () => made.trigger('atlas', 'hideSuggestWidget', null)
    made.addCommand(monaco.KeyMod.CtrlCmd | monaco.KeyCode.Enter, () => {
      hideSuggestions()
      run(targetOf(made))
    })
    made.addCommand(monaco.KeyMod.CtrlCmd | monaco.KeyMod.Shift | monaco.KeyCode.Enter, () => {
      hideSuggestions()
      runAll()
    })
    const stopHighlight = highlightStatement(made, find)
    let timer: ReturnType<typeof setTimeout>
    const keepPlace = () => {
      clearTimeout(timer)
      timer = setTimeout(() => made.getModel() && moved(viewOf(made)), 300)
    }
    made.onDidChangeCursorPosition(keepPlace)
    made.onDidScrollChange(keepPlace)
    const forget = provideKnowledge(made, knowledge)
    return () => {
      clearTimeout(timer)
      stopHighlight()
      forget()
      unfollow()
      made.dispose()
    }
  }, [knowledge])

  // biome-ignore lint/correctness/useExhaustiveDependencies: another name is another document; its first text is read once
  useEffect(() => {
    const made = editor.current
    if (!made) return
    const document = open()
    made.setModel(document.model)
    if (document.view) made.restoreViewState(document.view)
    else if (document.place) {
      const { line, column, scrollTop } = document.place
      made.setPosition({ lineNumber: line, column })
      made.setScrollTop(scrollTop)
    }
    made.focus()
    ready({
      text: () => document.model.getValue(),
      size: () => document.model.getValueLength(),
      target: () => targetOf(made),
      replace: (change) => replaceText(made, change),
      focus: () => made.focus(),
      view: () => viewOf(made),
    })
    return () => keepViewState(name, made.saveViewState())
  }, [name, knowledge])

  // biome-ignore lint/correctness/useExhaustiveDependencies: another name shows another model
  useEffect(() => {
    const model = editor.current?.getModel()
    if (model) monaco.editor.setModelMarkers(model, 'run', mark ? [markerOf(model, mark)] : [])
  }, [mark, name])

  // biome-ignore lint/correctness/useExhaustiveDependencies: another name shows another model
  useEffect(() => {
    if (editor.current) return showOutcomes(editor.current, outcomes)
  }, [outcomes, name])

  return <div ref={element} style={{ height: '100%' }} data-testid="editor" />
}

function targetOf(editor: monaco.editor.IStandaloneCodeEditor): RunTarget {
  const selection = editor.getSelection()
  const model = editor.getModel()
  if (!selection || !model) return { cursor: 0 }
  if (selection.isEmpty()) return { cursor: model.getOffsetAt(selection.getPosition()) }
  return {
    range: {
      start: model.getOffsetAt(selection.getStartPosition()),
      end: model.getOffsetAt(selection.getEndPosition()),
    },
  }
}

function viewOf(editor: monaco.editor.IStandaloneCodeEditor) {
  const position = editor.getPosition() ?? { lineNumber: 1, column: 1 }
  return { line: position.lineNumber, column: position.column, scrollTop: editor.getScrollTop() }
}

function replaceText(editor: monaco.editor.IStandaloneCodeEditor, change: (text: string) => string): void {
  const model = editor.getModel()
  const selection = editor.getSelection()
  if (!model) return
  const range = selection && !selection.isEmpty() ? selection : model.getFullModelRange()
  const before = model.getValueInRange(range)
  const after = change(before)
  if (after === before) return
  editor.pushUndoStop()
  editor.executeEdits('atlas', [{ range, text: after, forceMoveMarkers: true }])
  editor.pushUndoStop()
}

const mostLinesApart = 1000

/** What a range holds on each line, without the space before and behind it; of a very long one all in one. */
function wordsOf(model: monaco.editor.ITextModel, range: monaco.Range): monaco.Range[] {
  const { startLineNumber, endLineNumber, startColumn, endColumn } = range
  if (endLineNumber - startLineNumber >= mostLinesApart) return [range]
  return Array.from({ length: endLineNumber - startLineNumber + 1 }, (_, at) => {
    const line = startLineNumber + at
    return new monaco.Range(
      line,
      line === startLineNumber ? startColumn : model.getLineFirstNonWhitespaceColumn(line),
      line,
      line === endLineNumber ? endColumn : model.getLineLastNonWhitespaceColumn(line),
    )
  }).filter((words) => !words.isEmpty())
}

/** Underlines and underlays the statement that Ctrl+Enter would run; returns how to stop. */
function highlightStatement(editor: monaco.editor.IStandaloneCodeEditor, find: Props['locate']): () => void {
  const highlight = editor.createDecorationsCollection()
  let timer: ReturnType<typeof setTimeout>
  const show = async () => {
    const model = editor.getModel()
    const position = editor.getPosition()
    if (!model || !position) return highlight.clear()
    const version = model.getVersionId()
    const found = await find(model.getOffsetAt(position)).catch(() => null)
    if (model !== editor.getModel() || model.isDisposed() || model.getVersionId() !== version) return
    if (!found) return highlight.clear()
    const range = monaco.Range.fromPositions(model.getPositionAt(found.start), model.getPositionAt(found.end))
    highlight.set([
      {
        range,
        options: {
          isWholeLine: true,
          className: 'is-statement',
          linesDecorationsClassName: 'is-statement-bar',
        },
      },
      ...wordsOf(model, range).map((words) => ({
        range: words,
        options: { inlineClassName: 'is-statement-text' },
      })),
    ])
  }
  const showSoon = () => {
    clearTimeout(timer)
    timer = setTimeout(() => void show(), 120)
  }
  editor.onDidChangeCursorPosition(showSoon)
  editor.onDidChangeModelContent(showSoon)
  editor.onDidChangeModel(showSoon)
  return () => clearTimeout(timer)
}

function markerOf(model: monaco.editor.ITextModel, { line, column, message }: EditorMark) {
  const lineNumber = Math.min(line, model.getLineCount())
  return {
    severity: monaco.MarkerSeverity.Error,
    message,
    startLineNumber: lineNumber,
    startColumn: column,
    endLineNumber: lineNumber,
    endColumn: model.getWordAtPosition({ lineNumber, column })?.endColumn ?? column + 1,
  }
}
