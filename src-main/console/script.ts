import { AtlasError } from '../errors.ts'
import { placeOf, type Statement, scanTokens, splitStatements, UnterminatedError } from '../sqlText.ts'

/** What of the editor's text is to run. */
export interface Selection {
  range?: { start: number; end: number } | undefined
  cursor?: number | undefined
}

/**
 * Cuts what is to run into statements, placed in the whole text. Throws before anything is sent: `INPUT_INVALID` for
 * U+0000 and for nothing to run, `SYNTAX_ERROR` for what is opened and not closed, `UNSUPPORTED` for psql commands.
 */
export function readScript(text: string, { range, cursor }: Selection): Statement[] {
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
  const statements = cut(part, at)
  const chosen = cursor === undefined ? statements : statementAt(statements, cursor)
  for (const { start, end } of chosen) refuseCommands(part, start, end, at)
  if (chosen.length === 0) {
    throw new AtlasError('INPUT_INVALID', 'There is no statement to run', {
      next: 'Write one, or put the cursor into one.',
    })
  }
  if (from === 0) return chosen
  return chosen.map((statement) => ({
    ...statement,
    ...placeOf(text, from + statement.start),
    start: from + statement.start,
    end: from + statement.end,
  }))
}

/** The statement that a cursor is in: at the end of one, and in the space behind it on its line, it is still that one. */
export function statementAt(statements: Statement[], cursor: number): Statement[] {
  const following = statements.findIndex(({ end }) => cursor <= end)
  const candidate = statements[following === -1 ? statements.length - 1 : following]
  if (!candidate) return []
  const previous = following > 0 ? statements[following - 1] : undefined
  // Between two: the one before owns its semicolon, what follows belongs to the next.
  if (previous && cursor < candidate.start && cursor <= previous.end + 1) return [previous]
  return [candidate]
}

function cut(text: string, at: (offset: number) => string): Statement[] {
  try {
    return splitStatements(text)
  } catch (error) {
    if (!(error instanceof UnterminatedError)) throw error
    const lines = text.split('\n').slice(0, error.line - 1)
    const offset = lines.reduce((sum, line) => sum + line.length + 1, 0) + error.column - 1
    throw new AtlasError('SYNTAX_ERROR', error.message.replace(/line \d+, column \d+/, at(offset)), {
      object: at(offset),
      saved: 'Nothing was sent.',
      next: 'Close it, then run again.',
    })
  }
}

function refuseCommands(text: string, start: number, end: number, at: (offset: number) => string): void {
  const part = text.slice(start, end)
  for (const token of scanTokens(part)) {
    if (token.kind !== 'code' || part[token.start] !== '\\') continue
    const command = /^\\\S*/.exec(part.slice(token.start))?.[0] ?? '\\'
    const where = at(start + token.start)
    throw new AtlasError('UNSUPPORTED', `${command} at ${where} is a command of psql`, {
      object: where,
      saved: 'Nothing was sent.',
      next: 'Remove it, or run the script with psql.',
    })
  }
}
