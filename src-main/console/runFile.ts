import { isAbsolute } from 'node:path'
import type { copyIn } from '../adapters/copy.ts'
import type { Session } from '../adapters/postgres.ts'
import type { sendStatement } from '../adapters/statement.ts'
import { AtlasError, type Fault } from '../errors.ts'
import type { DescribedError } from '../log.ts'
import { sql, trustedStatement } from '../sql.ts'
import { openFileText } from './fileText.ts'
import { readCommand, unquote } from './psql/command.ts'
import { cutStream, type StreamedPiece } from './scriptStream.ts'

export interface FileRun {
  path: string
  /** Ends at the first error; else the rest is run, and what failed is counted. */
  isStoppedByError: boolean
  /** All or nothing. */
  isOneTransaction: boolean
}

interface FileRunDependencies {
  send: typeof sendStatement
  copyIn: typeof copyIn
  session: Session
  describeError: (error: unknown) => DescribedError
  signal: AbortSignal
  /** Between 0 and 1, and what has been done. */
  report: (progress: number, detail: string) => void
}

export interface FileOutcome {
  statements: number
  /** Rows that COPY brought. */
  copiedRows: number
  failures: { line: number; message: string }[]
  failed: number
}

const keptFailures = 20
const reportEveryMs = 200
const ignored = new Set(['restrict', 'unrestrict', 'echo', 'qecho', 'timing', 'x', 'pset', 'encoding', '.'])

/**
 * Runs a script of any length while it is read; its queries' rows are passed over. An error says at which line it
 * happened, and what of the file stays. `FILE_UNREADABLE` before or at what cannot be read.
 */
export async function runFile(run: FileRun, deps: FileRunDependencies): Promise<FileOutcome> {
  if (!isAbsolute(run.path)) {
    throw new AtlasError('FILE_UNREADABLE', 'The file has to be named with its whole path', {
      object: run.path,
      saved: 'Nothing was run.',
      next: 'Begin the path at the root of the machine on which Atlas runs.',
    })
  }
  const file = await openFileText(run.path)
  const outcome: FileOutcome = { statements: 0, copiedRows: 0, failures: [], failed: 0 }
  const tell = (words: string) =>
    deps.report(file.sizeBytes === 0 ? 1 : file.readBytes() / file.sizeBytes, words)
  let told = 0
  let line = 1
  let isStopped = run.isStoppedByError
  if (run.isOneTransaction) await deps.session.run(sql`begin`)
  try {
    for await (const piece of cutStream(file.chunks)) {
      line = piece.line
      deps.signal.throwIfAborted()
      if (performance.now() - told > reportEveryMs) {
        told = performance.now()
        tell(`${outcome.statements.toLocaleString('en')} statements, line ${line.toLocaleString('en')}`)
      }
      if (piece.kind === 'command') {
        if (/^\\set\s+ON_ERROR_STOP\b/i.test(piece.text)) isStopped ||= !/\b(?:off|0)\s*$/.test(piece.text)
        else refuseCommand(piece, run.path)
        continue
      }
      try {
        outcome.copiedRows += await runPiece(piece, deps)
        outcome.statements++
      } catch (error) {
        if (isStopped || run.isOneTransaction || deps.signal.aborted) throw error
        outcome.failed++
        const { message } = deps.describeError(error)
        if (outcome.failures.length < keptFailures) outcome.failures.push({ line, message })
      }
    }
    if (run.isOneTransaction) await deps.session.run(sql`commit`)
    return outcome
  } catch (error) {
    if (run.isOneTransaction) await deps.session.run(sql`rollback`).catch(() => {})
    const kept = run.isOneTransaction
      ? 'Nothing of the file: its transaction was rolled back.'
      : `${outcome.statements.toLocaleString('en')} statements before it, unless the file rolled them back.`
    throw located(deps.describeError(error), `${run.path}, line ${line}`, kept, error)
  }
}

async function runPiece(
  piece: StreamedPiece,
  { session, send, copyIn, signal }: FileRunDependencies,
): Promise<number> {
  if (piece.isInside) {
    throw new AtlasError('SYNTAX_ERROR', 'A command of psql stands inside of a statement', {
      next: 'End the statement with a semicolon before it.',
    })
  }
  if (!piece.rows) {
    await send(session, piece.text, { onFields: () => undefined })
    return 0
  }
  return copyIn(session, trustedStatement(piece.text), piece.rows, signal)
}

function refuseCommand({ text }: StreamedPiece, path: string): void {
  const { name } = readCommand(text)
  if (ignored.has(name)) return
  throw new AtlasError('UNSUPPORTED', `\\${name} is not run in a file`, {
    object: unquote(path),
    next: 'Remove the command, or run the file with psql.',
  })
}

function located(
  { code, message, data }: DescribedError,
  place: string,
  saved: string,
  cause: unknown,
): AtlasError {
  const fault: Fault = { ...data, object: place, saved, detail: data.detail ?? data.object }
  return new AtlasError(code, message, fault, { cause })
}
