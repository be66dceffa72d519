import { createBoundary, createPlaces, type Statement, scanTokens, UnterminatedError } from './sqlText.ts'

/** A piece of a script as psql reads one: a statement, with the rows of its COPY behind it, or a command of psql. */
export interface ScriptPiece extends Statement {
  kind: 'sql' | 'command'
  /** The lines between `COPY … FROM STDIN;` and `\\.`; without an end where the text stops before it. */
  data?: { start: number; end: number | undefined }
  /** A statement that `\\gx` ended: its rows are wanted one below another. */
  isExpanded?: boolean
  /** A statement that was not ended before a command, which is its last part. */
  isInside?: boolean
  /** Behind the piece, its semicolon, and its data. */
  next: number
}

interface CutOptions {
  /** Where to begin: offsets stay those of the whole text, lines count from here. */
  from?: number
  /** More text follows: what might go on is not given out. */
  isPartial?: boolean
  /** What the server says at the beginning; the script may change it. */
  hasStandardStrings?: boolean
}

const copyFromStdin = /^\\copy\s[\s\S]*\bfrom\s+stdin\b/i
// These take the rest of their line as it stands.
const wholeLine = /^\\(?:copy|!|ef|ev|sf|sv)\b/
// PostgreSQL's white space, which is less than JavaScript's: a no-break space is data.
const nothingMore = /^[ \t\r\n\f\v]*$/
const setting = /^set\s+(?:session\s+|local\s+)?standard_conforming_strings\s*(?:=|\bto\b)\s*'?(\w+)/i

/** What `standard_conforming_strings` is behind a statement. */
export function standardStringsAfter(statement: string, before: boolean): boolean {
  const value = setting.exec(statement)?.[1]
  return value === undefined ? before : !/^(?:off|false|no|0|f|n)$/i.test(value)
}

/**
 * Cuts a script where psql cuts it. Between the pieces stand only white space, comments, semicolons and the marks
 * that end data. Throws {@link UnterminatedError}, unless the text is partial: then it stops before what is open.
 */
export function* cutScript(text: string, options: CutOptions = {}): Generator<ScriptPiece> {
  let hasStandardStrings = options.hasStandardStrings ?? true
  let at = options.from ?? 0
  const placeAt = createPlaces(text, at)
  while (at < text.length) {
    const read = readPiece(text, at, options.isPartial ?? false, () => hasStandardStrings)
    if (!read) return
    const { piece } = read
    if (piece) {
      const own = text.slice(piece.start, piece.end)
      hasStandardStrings = standardStringsAfter(own, hasStandardStrings)
      yield { ...piece, text: own, ...placeAt(piece.start) }
    }
    at = read.next
  }
}

/** The pieces of a whole script. */
export const splitScript = (text: string, options: CutOptions = {}): ScriptPiece[] => [
  ...cutScript(text, options),
]

type Piece = Omit<ScriptPiece, 'text' | 'line' | 'column'>
interface Read {
  piece?: Piece
  next: number
}

function readPiece(
  text: string,
  from: number,
  isPartial: boolean,
  hasStandardStrings: () => boolean,
): Read | undefined {
  const boundary = createBoundary()
  let firstWord = ''
  let first: number | undefined
  let last = from
  let isCopyIn = false
  let previous = ''
  const statement = (next: number, rest: Partial<Piece> = {}): Read =>
    first === undefined ? { next } : { piece: { kind: 'sql', start: first, end: last, next, ...rest }, next }
  try {
    for (const { kind, start, end } of scanTokens(text, { from, hasStandardStrings })) {
      if (kind === 'space' || kind === 'comment') continue
      const word = kind === 'code' ? text.slice(start, end).toLowerCase() : ''
      if (kind === 'code' && word === '\\') {
        const command = readCommand(text, start, isPartial)
        if (!command || first === undefined) return command
        const sent = /^\\(gx?)\s*$/.exec(text.slice(start, command.piece.end))?.[1]
        if (sent) return statement(command.next, sent === 'gx' ? { isExpanded: true } : {})
        return statement(command.next, { ...command.piece, kind: 'sql', start: first, isInside: true })
      }
      if (boundary.isEnd(kind, word)) {
        if (!isCopyIn || firstWord !== 'copy') return statement(end)
        const data = readData(text, end, isPartial)
        return data ? statement(data.next, data.isThere ? { data: data.data } : {}) : undefined
      }
      if (first === undefined) firstWord = word
      first ??= start
      last = end
      if (word === 'stdin' && previous === 'from' && boundary.depth === 0) isCopyIn = true
      previous = word
    }
  } catch (error) {
    if (isPartial && error instanceof UnterminatedError) return undefined
    throw error
  }
  return isPartial ? undefined : statement(text.length)
}

/** From the backslash to the end of the line, or to the next backslash outside of quotes. */
function readCommand(text: string, start: number, isPartial: boolean): (Read & { piece: Piece }) | undefined {
  const newline = text.indexOf('\n', start)
  if (newline === -1 && isPartial) return undefined
  const lineEnd = newline === -1 ? text.length : newline
  const line = text.slice(start, lineEnd)
  const length = wholeLine.test(line) ? line.length : argumentsEnd(line)
  const end = start + line.slice(0, length).replace(/[ \t\r\f\v]+$/, '').length
  const isSeparator = line.startsWith('\\\\', length)
  const next = start + length + (isSeparator ? 2 : 0)
  const piece: Piece = { kind: 'command', start, end, next }
  if (!copyFromStdin.test(line)) return { piece, next }
  const data = readData(text, lineEnd, isPartial)
  if (!data) return undefined
  return {
    piece: { ...piece, next: data.next, ...(data.isThere && { data: data.data }) },
    next: data.next,
  }
}

function argumentsEnd(line: string): number {
  let quote = ''
  for (let at = 2; at < line.length; at++) {
    const character = line[at] ?? ''
    if (quote) quote = character === quote ? '' : quote
    else if (character === "'" || character === '"') quote = character
    else if (character === '\\') return at
  }
  return line.length
}

/** The lines behind the end of a COPY, to the line `\\.`: none where only white space follows. */
function readData(
  text: string,
  from: number,
  isPartial: boolean,
): { isThere: boolean; data: { start: number; end: number | undefined }; next: number } | undefined {
  const newline = text.indexOf('\n', from)
  const start = newline === -1 ? text.length : newline + 1
  if (!isPartial && nothingMore.test(text.slice(from))) {
    return { isThere: false, data: { start, end: start }, next: text.length }
  }
  if (newline === -1)
    return isPartial ? undefined : { isThere: true, data: { start, end: start }, next: start }
  const mark = /^\\\.\r?(?:\n|$)/gm
  mark.lastIndex = start
  const found = mark.exec(text)
  if (found && (!isPartial || found[0].endsWith('\n'))) {
    return { isThere: true, data: { start, end: found.index }, next: mark.lastIndex }
  }
  return { isThere: true, data: { start, end: undefined }, next: text.length }
}
