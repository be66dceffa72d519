import * as monaco from 'monaco-editor/editor'

/** How a statement that ran went: where it stood, and a few words behind its first line. */
export interface EditorOutcome {
  line: number
  /** The statement, or the beginning of a long one, as it ran; all of it takes `length` UTF-16 units. */
  text: string
  length: number
  status: 'succeeded' | 'failed' | 'running' | 'cancelled' | 'skipped'
  note: string
}

/** Marks each statement that still reads as it ran, until it is edited; returns how to take the marks away. */
export function showOutcomes(
  editor: monaco.editor.IStandaloneCodeEditor,
  outcomes: readonly EditorOutcome[],
): () => void {
  const model = editor.getModel()
  if (!model) return () => {}
  const { AlwaysGrowsWhenTypingAtEdges, NeverGrowsWhenTypingAtEdges } = monaco.editor.TrackedRangeStickiness
  const marked = outcomes.flatMap(({ line, text, length, status, note }) => {
    const range = placeOf(model, line, text, length)
    if (!range) return []
    const first = range.startLineNumber
    const end = model.getLineMaxColumn(first)
    return {
      text,
      length: model.getValueLengthInRange(range),
      // Grows with what is typed into the statement; the mark itself hangs on its first line.
      tracked: editor.createDecorationsCollection([
        { range, options: { stickiness: AlwaysGrowsWhenTypingAtEdges } },
      ]),
      mark: editor.createDecorationsCollection([
        {
          range: new monaco.Range(first, end, first, end),
          options: {
            showIfCollapsed: true,
            glyphMarginClassName: `ed-mark ed-mark--${status}`,
            stickiness: NeverGrowsWhenTypingAtEdges,
            ...(note && { after: { content: `   ${note}`, inlineClassName: 'ed-note' } }),
          },
        },
      ]),
    }
  })
  const dropEdited = editor.onDidChangeModelContent(() => {
    for (const { text, length, tracked, mark } of marked) {
      const range = tracked.getRange(0)
      if (mark.length > 0 && !(range && isSame(model, range, text, length))) mark.clear()
    }
  })
  return () => {
    dropEdited.dispose()
    for (const { tracked, mark } of marked) {
      tracked.clear()
      mark.clear()
    }
  }
}

/** Space around a statement is not of it. Of a long one the rest is told by its length: it is not read with every key. */
function isSame(model: monaco.editor.ITextModel, range: monaco.Range, text: string, length: number): boolean {
  const found = model.getValueLengthInRange(range)
  if (length > text.length && found !== length) return false
  return length > text.length
    ? textAt(model, model.getOffsetAt(range.getStartPosition()), text.length) === text
    : model.getValueInRange(range).trim() === text
}

const textAt = (model: monaco.editor.ITextModel, offset: number, length: number) =>
  model.getValueInRange(rangeOf(model, offset, length))

const rangeOf = (model: monaco.editor.ITextModel, offset: number, length: number) =>
  monaco.Range.fromPositions(model.getPositionAt(offset), model.getPositionAt(offset + length))

/** Where the statement begins on its line as it ran; undefined where that reads otherwise by now. */
function placeOf(
  model: monaco.editor.ITextModel,
  line: number,
  text: string,
  length: number,
): monaco.Range | undefined {
  if (line > model.getLineCount()) return undefined
  const begin = model.getOffsetAt({ lineNumber: line, column: 1 })
  const width = model.getLineLength(line)
  const column = textAt(model, begin, width + text.length).indexOf(text)
  return column < 0 || column > width ? undefined : rangeOf(model, begin + column, length)
}
