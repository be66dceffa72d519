import { randomUUID } from 'node:crypto'
import type { Session } from '../adapters/postgres.ts'
import type { Flow, ResultField, sendStatement } from '../adapters/statement.ts'
import type { DescribedError } from '../log.ts'
import { placeOf, type Statement } from '../sqlText.ts'
import { openSpool, type Spool } from './spool.ts'
import type { ConsoleRun, StatementRun } from './statementContract.ts'

/** A result that can still be read: its rows, and what is known of its columns. */
export interface HeldResult {
  /** The statement that gave it, as it was sent. */
  text: string
  /** Of its parameters. */
  values: readonly (string | null)[]
  columns: StatementRun['columns']
  fields: ResultField[]
  spool: Spool
  /** The rows in another order, or some of them. */
  arrangement?: { id: string; rows: Uint32Array }
}

export interface RunDependencies {
  sendStatement: typeof sendStatement
  nameTypes: (fields: ResultField[]) => Promise<StatementRun['columns']>
  describeError: (error: unknown) => DescribedError
  spoolFolder: string
  /** A result pauses at this size, whatever the number of its rows, until it is told to go on. */
  maxBytes: number
}

export interface RunOptions {
  /** The whole text, which places of errors count in. */
  text: string
  /** 0 is all. */
  maxRows: number
  signal: AbortSignal
  /** Asks the server to end the statement, because its rows cannot be kept. */
  interrupt: () => void
  results: Map<string, HeldResult>
  /** At a turn it is told at once. */
  changed: (isTurn?: boolean) => void
  /** Hands over how to go on after a pause. */
  onPause: (goOn: () => void) => void
}

/** A statement, and what of it is sent where that is not its text: with `$1` for its parameters. */
export interface Sendable extends Statement {
  sent?: string
  values?: readonly (string | null)[]
  /** The offset in the text, of an offset in what was sent. */
  toWritten?: (offset: number) => number
}

/** Runs one statement and keeps its rows; `entry` says how it goes and, at the end, how it went. Never throws. */
export async function runStatement(
  deps: RunDependencies,
  session: Session,
  entry: StatementRun,
  statement: Sendable,
  options: RunOptions,
): Promise<void> {
  const { text, maxRows, signal, changed } = options
  const begun = performance.now()
  const elapsed = () => performance.now() - begun
  const over = new AbortController()
  let held: { spool: Spool; named: Promise<void> } | undefined
  const show = (isTurn = false) => {
    if (!held) return
    entry.rows = held.spool.rows
    entry.sizeBytes = held.spool.sizeBytes
    entry.durationMs = elapsed()
    changed(isTurn && entry.index < shownAtOnce)
  }
  try {
    const outcome = await deps.sendStatement(session, statement.sent ?? statement.text, {
      values: statement.values,
      // One more than wanted tells whether there are more.
      maxRows: maxRows === 0 ? 0 : maxRows + 1,
      onAnswered: () => {
        entry.roundTripMs = elapsed()
      },
      onPlanned: () => {
        entry.planMs = elapsed()
      },
      onFields: (fields, flow) => {
        const kept = keep(deps, entry, statement, fields, options)
        held = kept
        const { maxBytes } = deps
        return boundedSink(kept.spool, entry, flow, {
          ...options,
          maxBytes,
          elapsed,
          show,
          over: over.signal,
        })
      },
    })
    await held?.named
    entry.command = outcome.command
    entry.stopped = outcome.isSuspended ? 'rows' : null
    show()
    if (!held) entry.rows = rowsOf(outcome.command)
    entry.status = 'succeeded'
  } catch (error) {
    await held?.named
    show()
    const described = deps.describeError(error)
    const isCancelled = signal.aborted && described.code === 'STATEMENT_CANCELLED'
    entry.status = isCancelled ? 'cancelled' : 'failed'
    entry.error = { ...described, ...placeOf(text, errorOffset(statement, described.data.position)) }
    // Rows that had come stay, marked as not all.
    entry.stopped = !held ? null : !isCancelled ? 'error' : entry.isPaused ? 'bytes' : 'cancelled'
  }
  over.abort()
  entry.isPaused = false
  entry.isCut = entry.stopped !== null
  entry.durationMs = elapsed()
  changed()
}

/** Opens the spool of a result, and names its columns while rows come. */
function keep(
  deps: RunDependencies,
  entry: StatementRun,
  statement: Sendable,
  fields: ResultField[],
  { maxRows, results, changed }: RunOptions,
): { spool: Spool; named: Promise<void> } {
  const resultId = randomUUID()
  const spool = openSpool(deps.spoolFolder, resultId, maxRows || undefined)
  const named = deps.nameTypes(fields).then((columns) => {
    results.set(resultId, {
      text: statement.sent ?? statement.text,
      values: statement.values ?? [],
      spool,
      fields,
      columns,
    })
    Object.assign(entry, { resultId, columns })
    changed(entry.index < shownAtOnce)
  })
  return { spool, named }
}

interface Bound extends RunOptions {
  maxBytes: number
  elapsed: () => number
  show: (isTurn?: boolean) => void
  /** The statement has ended: a signal that outlives it holds its rows no longer. */
  over: AbortSignal
}

/** Puts rows into a spool, and holds the server back while that is as large as may be without asking. */
function boundedSink(spool: Spool, entry: StatementRun, flow: Flow, bound: Bound) {
  let allowed = bound.maxBytes
  const goOn = () => {
    allowed = spool.sizeBytes + bound.maxBytes
    entry.isPaused = false
    flow.resume()
    bound.changed()
  }
  // A server that waits to send does not hear of a cancel: what is on the way is let through, and dropped.
  bound.signal.addEventListener('abort', () => flow.resume(), { signal: bound.over })
  return {
    row: (sizeBytes: number) => {
      if (!(entry.isPaused && bound.signal.aborted)) spool.row(sizeBytes)
    },
    bytes: (piece: Buffer) => {
      if (entry.isPaused && bound.signal.aborted) return
      try {
        spool.bytes(piece)
      } catch (error) {
        bound.interrupt()
        throw error
      }
      const isFirst = entry.firstRowMs === null
      entry.firstRowMs ??= bound.elapsed()
      if (spool.sizeBytes >= allowed && !entry.isPaused && !bound.signal.aborted) {
        entry.isPaused = true
        flow.pause()
        bound.onPause(goOn)
      }
      bound.show(isFirst)
    },
  }
}

/** The number at the end of a command's tag: `UPDATE 5`, `INSERT 0 5`. */
function rowsOf(command: string | null): number {
  return Number(/ (\d+)$/.exec(command ?? '')?.[1] ?? 0)
}

/** The server counts characters of what was sent from one; a text here counts UTF-16 units. */
function errorOffset(
  { text, start, sent = text, toWritten = (at) => at }: Sendable,
  position: number | undefined,
): number {
  let offset = 0
  for (let character = 1; character < (position ?? 1) && offset < sent.length; character++) {
    offset += (sent.codePointAt(offset) ?? 0) > 0xffff ? 2 : 1
  }
  return start + toWritten(offset)
}

const shownStatements = 200
/** Of a script with many results the first ones are shown as they come. */
const shownAtOnce = 5

/** What crosses: of a script of 10,000 statements those with a result, an error or notices, and the newest. */
export function snapshot(run: ConsoleRun): ConsoleRun {
  const from = run.statements.length - shownStatements
  const shown = run.statements.filter(
    ({ resultId, error, notices }, index) => index >= from || resultId || error || notices.length > 0,
  )
  return {
    ...run,
    statements: shown.map((statement) => ({ ...statement, notices: [...statement.notices] })),
  }
}

/** A statement that is about to run. */
export function newStatement(index: number, { text, line }: Statement): StatementRun {
  return {
    index,
    text: text.slice(0, 500),
    length: text.length,
    line,
    status: 'running',
    command: null,
    rows: 0,
    durationMs: 0,
    roundTripMs: null,
    planMs: null,
    firstRowMs: null,
    columns: [],
    resultId: null,
    isCut: false,
    stopped: null,
    isPaused: false,
    sizeBytes: 0,
    title: null,
    footers: [],
    isExpanded: false,
    opened: null,
    notices: [],
    error: null,
  }
}
