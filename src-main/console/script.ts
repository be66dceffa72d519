import { AtlasError } from '../errors.ts'
import { statementAt } from '../scriptIndex.ts'
import { createSlices } from '../slices.ts'
import { cutScript, type ScriptPiece } from '../sqlScript.ts'
import { createPlaces, placeOf, UnterminatedError } from '../sqlText.ts'
import { bindParameters, findParameters } from './parameters.ts'
import type { Sendable } from './run.ts'
import type { ParameterValue } from './statementContract.ts'

/** What of the editor's text is to run. */
export interface Selection {
  range?: { start: number; end: number } | undefined
  cursor?: number | undefined
  parameters?: Record<string, ParameterValue> | undefined
}

/** A piece of the editor's text that can run: a statement, with the rows of its COPY, or a command of psql. */
export interface Runnable extends ScriptPiece, Sendable {
  /** The rows that stand behind a `COPY … FROM STDIN`. */
  rows?: string
}

/**
 * Cuts what is to run into statements and commands, placed in the whole text; other work of the process goes on meanwhile.
 * Throws before anything is sent: `INPUT_INVALID` for U+0000 and half characters, for a parameter without a value, and for
 * nothing to run, `SYNTAX_ERROR` for what is opened and not closed.
 */
export async function readScript(text: string, selection: Selection): Promise<Runnable[]> {
  const { chosen, part, from } = await choose(text, selection)
  const placeAt = createPlaces(text)
  const slices = createSlices()
  const runnable: Runnable[] = []
  for (const piece of chosen) {
    if (slices.isOver()) await slices.next()
    const bound =
      piece.kind === 'sql' && /:[A-Za-z_]/.test(piece.text)
        ? bindParameters(piece.text, selection.parameters ?? {})
        : undefined
    runnable.push({
      ...piece,
      ...(from > 0 && placeAt(from + piece.start)),
      start: from + piece.start,
      end: from + piece.end,
      ...(piece.data && { rows: part.slice(piece.data.start, piece.data.end) }),
      ...(bound &&
        bound.values.length > 0 && { sent: bound.text, values: bound.values, toWritten: bound.toWritten }),
    })
  }
  return runnable
}

/** The names of the parameters in what is to run, each once, with the statement that names it first. */
export async function listParameters(
  text: string,
  selection: Selection,
): Promise<{ name: string; statement: string }[]> {
  if (!/:[A-Za-z_]/.test(text)) return []
  const found = new Map<string, string>()
  const slices = createSlices()
  for (const { kind, text: statement } of (await choose(text, selection)).chosen) {
    if (slices.isOver()) await slices.next()
    if (kind !== 'sql' || !/:[A-Za-z_]/.test(statement)) continue
    for (const { name } of findParameters(statement)) if (!found.has(name)) found.set(name, statement)
  }
  return [...found].map(([name, statement]) => ({ name, statement }))
}

/** Where only SQL can run. Throws `UNSUPPORTED` for a command of psql. */
export function requireSql(pieces: Runnable[]): Runnable[] {
  const command = pieces.find(({ kind }) => kind === 'command')
  if (!command) return pieces
  throw new AtlasError('UNSUPPORTED', `${/^\S+/.exec(command.text)?.[0]} is a command of psql`, {
    object: `line ${command.line}, column ${command.column}`,
    saved: 'Nothing was sent.',
    next: 'Run it in the console, or with psql.',
  })
}

/** A surrogate without its other half. */
const halfCharacter = /[\ud800-\udbff](?![\udc00-\udfff])|(?<![\ud800-\udbff])[\udc00-\udfff]/

async function choose(text: string, { range, cursor }: Selection) {
  const from = range?.start ?? 0
  const part = range ? text.slice(range.start, range.end) : text
  const at = (offset: number) => {
    const { line, column } = placeOf(text, from + offset)
    return `line ${line}, column ${column}`
  }
  const nul = part.indexOf('\0')
  if (nul !== -1) {
    throw new AtlasError('INPUT_INVALID', `The text holds U+0000 at ${at(nul)}`, {
      object: at(nul),
      saved: 'Nothing was sent.',
      next: 'Remove the character; PostgreSQL cannot hold it.',
    })
  }
  const half = part.isWellFormed() ? -1 : part.search(halfCharacter)
  if (half !== -1) {
    throw new AtlasError('INPUT_INVALID', `The text holds half a character at ${at(half)}`, {
      object: at(half),
      saved: 'Nothing was sent.',
      next: 'Remove it: it stands for nothing in UTF-8, and would be stored as another one.',
    })
  }
  const pieces = await cut(part, at)
  const chosen = cursor === undefined ? pieces : statementAt(pieces, cursor)
  for (const piece of chosen) refuseOpen(piece, at)
  if (chosen.length === 0) {
    throw new AtlasError('INPUT_INVALID', 'There is no statement to run', {
      next: 'Write one, or put the cursor into one.',
    })
  }
  return { chosen, part, from }
}

async function cut(text: string, at: (offset: number) => string): Promise<ScriptPiece[]> {
  const pieces: ScriptPiece[] = []
  const slices = createSlices()
  try {
    for (const piece of cutScript(text)) {
      pieces.push(piece)
      if (slices.isOver()) await slices.next()
    }
    return pieces
  } catch (error) {
    if (!(error instanceof UnterminatedError)) throw error
    const lines = text.split('\n').slice(0, error.line - 1)
    const offset = lines.reduce((sum, line) => sum + line.length + 1, 0) + error.column - 1
    throw notClosed(error.message.replace(/line \d+, column \d+/, at(offset)), at(offset))
  }
}

function refuseOpen(piece: ScriptPiece, at: (offset: number) => string): void {
  if (piece.data && piece.data.end === undefined) {
    throw notClosed(
      `The data of the COPY at ${at(piece.start)} has no end`,
      at(piece.start),
      'End it with a line \\.',
    )
  }
  if (piece.isInside) {
    const where = at(piece.start)
    throw new AtlasError('SYNTAX_ERROR', `A command of psql stands inside of the statement at ${where}`, {
      object: where,
      saved: 'Nothing was sent.',
      next: 'End the statement with a semicolon before it.',
    })
  }
}

const notClosed = (message: string, object: string, next = 'Close it, then run again.') =>
  new AtlasError('SYNTAX_ERROR', message, { object, saved: 'Nothing was sent.', next })
