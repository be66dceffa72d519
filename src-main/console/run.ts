import { randomUUID } from 'node:crypto'
import type { Batch, readStatement } from '../adapters/cursor.ts'
import type { Session } from '../adapters/postgres.ts'
import type { DescribedError } from '../log.ts'
import { placeOf, type Statement } from '../sqlText.ts'
import type { ConsoleRun, StatementRun } from './contract.ts'
import { openSpool, type Spool } from './spool.ts'

const batchSize = 1000

export interface HeldResult {
  columns: StatementRun['columns']
  spool: Spool
}

export interface RunDependencies {
  readStatement: typeof readStatement
  nameTypes: (columns: Batch['columns']) => Promise<StatementRun['columns']>
  describeError: (error: unknown) => DescribedError
  spoolFolder: string
  /** A result stops at this size, whatever the number of its rows. */
  maxBytes: number
}

interface RunOptions {
  /** The whole text, which places of errors count in. */
  text: string
  maxRows: number
  signal: AbortSignal
  results: Map<string, HeldResult>
  changed: () => void
}

/** Runs one statement and keeps its rows; `entry` says how it goes and, at the end, how it went. Never throws. */
export async function runStatement(
  deps: RunDependencies,
  session: Session,
  entry: StatementRun,
  statement: Statement,
  { text, maxRows, signal, results, changed }: RunOptions,
): Promise<void> {
  const begun = performance.now()
  let spool: Spool | undefined
  let received = 0
  try {
    for await (const batch of deps.readStatement(session, statement.text, batchSize)) {
      entry.durationMs = performance.now() - begun
      if (batch.columns.length > 0 && !spool) {
        entry.resultId = randomUUID()
        spool = openSpool(deps.spoolFolder, entry.resultId)
        entry.columns = await deps.nameTypes(batch.columns)
        results.set(entry.resultId, { spool, columns: entry.columns })
        entry.firstRowMs = entry.durationMs
      }
      received += batch.rows.length
      spool?.append(batch.rows.slice(0, maxRows - spool.rows))
      entry.rows = spool ? spool.rows : batch.rowCount
      entry.sizeBytes = spool?.sizeBytes ?? 0
      entry.command = commandOf(batch, spool) ?? entry.command
      entry.stopped = received > maxRows ? 'rows' : stopOf(batch, entry.sizeBytes, deps.maxBytes, signal)
      changed()
      if (entry.stopped || batch.isLast) break
    }
    entry.status = entry.stopped === 'cancelled' ? 'cancelled' : 'succeeded'
  } catch (error) {
    const described = deps.describeError(error)
    const isCancelled = signal.aborted && described.code === 'STATEMENT_CANCELLED'
    entry.status = isCancelled ? 'cancelled' : 'failed'
    entry.error = { ...described, ...placeOf(text, errorOffset(statement, described.data.position)) }
    // Rows that had come stay, marked as not all.
    entry.stopped = spool ? (isCancelled ? 'cancelled' : 'error') : null
  }
  entry.isCut = entry.stopped !== null
  entry.durationMs = performance.now() - begun
  changed()
}

function commandOf(batch: Batch, spool: Spool | undefined): string | undefined {
  if (!batch.command) return undefined
  if (!batch.isLast || !/^(?:SELECT|INSERT|UPDATE|DELETE|MERGE|FETCH|MOVE|COPY)$/.test(batch.command)) {
    return batch.command
  }
  return `${batch.command} ${spool ? spool.rows : batch.rowCount}`
}

function stopOf(
  batch: Batch,
  sizeBytes: number,
  maxBytes: number,
  signal: AbortSignal,
): StatementRun['stopped'] {
  if (batch.isLast) return null
  if (signal.aborted) return 'cancelled'
  return sizeBytes >= maxBytes ? 'bytes' : null
}

/** The server counts characters of the statement from one; a text here counts UTF-16 units. */
function errorOffset({ text, start }: Statement, position: number | undefined): number {
  let offset = 0
  for (let character = 1; character < (position ?? 1) && offset < text.length; character++) {
    offset += (text.codePointAt(offset) ?? 0) > 0xffff ? 2 : 1
  }
  return start + offset
}

const shownStatements = 200

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
    line,
    status: 'running',
    command: null,
    rows: 0,
    durationMs: 0,
    firstRowMs: null,
    columns: [],
    resultId: null,
    isCut: false,
    stopped: null,
    sizeBytes: 0,
    notices: [],
    error: null,
  }
}
