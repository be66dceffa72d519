import { cutScript, type ScriptPiece, standardStringsAfter } from './sqlScript.ts'
import { UnterminatedError } from './sqlText.ts'

/** A place between two pieces, where a cut may begin: what `standard_conforming_strings` is there. */
interface Mark {
  at: number
  hasStandardStrings: boolean
}

const charactersAMark = 16 * 1024
/** So much is cut before other work of the process goes on. */
const charactersAStep = 256 * 1024

/**
 * Where a script of any length can be cut from, so that its statement at a place is found without reading it from the
 * beginning. An edit costs what is read anew: from the mark before it to the first old mark that the cut meets again.
 */
export interface ScriptIndex {
  /** Characters at an offset were replaced. Before the next `locate`. */
  edited(offset: number, length: number, addedLength: number): void
  /**
   * The statement that a cursor is in; undefined where there is none, or where the text was edited meanwhile. Throws
   * `UnterminatedError`.
   */
  locate(text: string, cursor: number): Promise<LocatedPiece | undefined>
}

/** A statement with what belongs to it: `next` is behind its semicolon and its data. */
export type LocatedPiece = Pick<ScriptPiece, 'start' | 'end' | 'next'>

/** An index of a text that nobody has cut yet. */
export function createScriptIndex(): ScriptIndex {
  const begin: Mark = { at: 0, hasStandardStrings: true }
  /** In the order of the text; all before the last one has been cut as it is now. */
  let marks = [begin]
  /** Behind an edit: valid again from the first one that a cut meets. */
  let later: Mark[] = []
  let edits = 0

  const cutFrom = (text: string, { at: from, ...strings }: Mark): void => {
    let { hasStandardStrings } = strings
    let marked = from
    for (const { text: own, next } of cutScript(text, { from, hasStandardStrings })) {
      hasStandardStrings = standardStringsAfter(own, hasStandardStrings)
      // What the text's end ended may go on with the next edit.
      if (next >= text.length) return
      while (later[0] && later[0].at < next) later.shift()
      if (later[0]?.at === next && later[0].hasStandardStrings === hasStandardStrings) {
        marks.push(...later)
        later = []
        return
      }
      if (next - marked >= charactersAMark) {
        marks.push({ at: next, hasStandardStrings })
        marked = next
      }
      if (next - from >= charactersAStep) return
    }
  }

  /** Cuts on until the marks reach beyond an offset. False where the text was edited meanwhile. */
  const reach = async (text: string, offset: number): Promise<boolean> => {
    const seen = edits
    for (let last = marks.at(-1) ?? begin; last.at <= offset; last = marks.at(-1) ?? begin) {
      try {
        cutFrom(text, last)
      } catch (error) {
        // What is not closed ends the marks; a statement before it can still be found.
        if (!(error instanceof UnterminatedError)) throw error
      }
      if (marks.at(-1) === last) return true
      await new Promise((resolve) => setImmediate(resolve))
      if (edits !== seen) return false
    }
    return true
  }

  return {
    edited: (offset, length, addedLength) => {
      edits++
      // A command of psql ends with its line: what is typed there goes on with it.
      // The beginning of the text stays the beginning, whatever is typed before it.
      const kept =
        Math.max(
          0,
          marks.findLastIndex(({ at }) => at < offset),
        ) + 1
      const beyond = [...marks.slice(kept), ...later]
      marks = marks.slice(0, kept)
      later = beyond
        .filter(({ at }) => at >= offset + length)
        .map((mark) => ({ ...mark, at: mark.at + addedLength - length }))
    },
    locate: async (text, cursor) => {
      if (!(await reach(text, cursor))) return undefined
      // From a mark earlier than need be: the statement before owns its semicolon, and the space behind it.
      const near = marks.findLastIndex(({ at }) => at <= cursor)
      const { at: from, hasStandardStrings } = marks[Math.max(0, near - 1)] ?? begin
      const pieces: LocatedPiece[] = []
      for (const { start, end, next } of cutScript(text, { from, hasStandardStrings })) {
        pieces.push({ start, end, next })
        if (cursor <= end) break
      }
      return statementAt(pieces, cursor)[0]
    },
  }
}

/** The statement that a cursor is in: at the end of one, and in the space behind it on its line, it is still that one. */
export function statementAt<Piece extends { start: number; end: number }>(
  statements: Piece[],
  cursor: number,
): Piece[] {
  const following = statements.findIndex(({ end }) => cursor <= end)
  const candidate = statements[following === -1 ? statements.length - 1 : following]
  if (!candidate) return []
  const previous = following > 0 ? statements[following - 1] : undefined
  // Between two: the one before owns its semicolon, what follows belongs to the next.
  if (previous && cursor < candidate.start && cursor <= previous.end + 1) return [previous]
  return [candidate]
}
