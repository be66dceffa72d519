import { randomUUID } from 'node:crypto'
import { join } from 'node:path'
import type { AppDb } from '../adapters/appdb.ts'
import type { Batch, readStatement } from '../adapters/cursor.ts'
import type { Database, Session } from '../adapters/postgres.ts'
import type { ServiceOf } from '../contract.ts'
import { AtlasError } from '../errors.ts'
import type { DescribedError } from '../log.ts'
import { placeOf, type Statement, splitStatements, UnterminatedError } from '../sqlText.ts'
import type { ConsoleRun, consoleContract, StatementRun } from './contract.ts'
import { dangerOf, metaCommandOf } from './guard.ts'
import { createHistory } from './history.ts'
import { openSpool, type Spool } from './spool.ts'
import { typeNames } from './sql.ts'

interface Dependencies {
  db: Database
  appDb: AppDb
  environmentId: string
  isProduction: boolean
  spoolFolder: string
  readStatement: typeof readStatement
  describeError: (error: unknown) => DescribedError
}

export interface Console extends ServiceOf<typeof consoleContract> {
  /** Runs one statement and hands its rows on as they come, holding one batch. For the command line. */
  stream(text: string, onBatch: (batch: Batch) => void | Promise<void>, signal?: AbortSignal): Promise<void>
  closeAll(): Promise<void>
}

interface Tab {
  session: Promise<Session> | undefined
  results: Map<string, Spool>
  running: AbortController | undefined
  notices: string[]
}

const batchSize = 1000
/** A result stops here, whatever the number of its rows. */
const maxBytes = 1024 ** 3
const maxCharacters = 65_536

/** SQL sessions, one a tab: statements run one by one, results are spooled to disk and read back by the window. */
export function createConsole(dependencies: Dependencies): Console {
  const { db, appDb, environmentId, isProduction, spoolFolder, describeError } = dependencies
  const tabs = new Map<string, Tab>()
  const history = createHistory(appDb, environmentId)
  const knownTypes = new Map<number, string>()

  function tabOf(sessionId: string): Tab {
    let tab = tabs.get(sessionId)
    if (!tab) {
      tab = { session: undefined, results: new Map(), running: undefined, notices: [] }
      tabs.set(sessionId, tab)
    }
    return tab
  }

  /** The session of a tab, opened with the first run and anew after it was lost. */
  async function sessionOf(tab: Tab): Promise<Session> {
    tab.session ??= db.session('console').then((session) => {
      session.client.on('notice', ({ severity, message }) => tab.notices.push(`${severity}: ${message}`))
      session.client.on('end', () => {
        tab.session = undefined
      })
      return session
    })
    try {
      return await tab.session
    } catch (error) {
      tab.session = undefined
      throw error
    }
  }

  async function nameTypes(columns: Batch['columns']) {
    const unknown = columns.map(({ typeOid }) => typeOid).filter((oid) => !knownTypes.has(oid))
    if (unknown.length > 0) {
      for (const { oid, name } of await db.rows(typeNames([...new Set(unknown)]))) knownTypes.set(oid, name)
    }
    return columns.map(({ name, typeOid }) => ({ name, type: knownTypes.get(typeOid) ?? String(typeOid) }))
  }

  function split(text: string, isConfirmed: boolean): Statement[] {
    const nul = text.indexOf('\0')
    if (nul !== -1) {
      const { line, column } = placeOf(text, nul)
      throw refused(
        'INPUT_INVALID',
        'The text holds U+0000',
        `line ${line}, column ${column}`,
        'Remove the character.',
      )
    }
    const statements = splitOrExplain(text)
    for (const statement of statements) {
      const meta = metaCommandOf(statement.text)
      if (meta) {
        const place = `line ${statement.line}, column ${statement.column}`
        throw refused(
          'UNSUPPORTED',
          `\\${meta} is a command of psql, not SQL`,
          place,
          'Write it as SQL; the schema view shows what \\d shows.',
        )
      }
    }
    if (isProduction && !isConfirmed) {
      const dangerous = statements
        .map((statement) => ({ statement, danger: dangerOf(statement) }))
        .filter(({ danger }) => danger)
      const [first] = dangerous
      if (first) {
        throw new AtlasError('CONFIRMATION_NEEDED', `This ${first.danger}`, {
          object: `line ${first.statement.line}: ${first.statement.text.slice(0, 200)}`,
          detail: dangerous.length > 1 ? `So do ${dangerous.length - 1} more statements.` : undefined,
          saved: 'Nothing was run.',
          next: 'Confirm it to run it on production.',
        })
      }
    }
    return statements
  }

  async function* execute(
    tab: Tab,
    text: string,
    statements: Statement[],
    maxRows: number,
  ): AsyncGenerator<ConsoleRun> {
    const begun = performance.now()
    const abort = new AbortController()
    tab.running = abort
    forgetResults(tab)
    const run: ConsoleRun = {
      runId: randomUUID(),
      status: 'running',
      transaction: 'idle',
      durationMs: 0,
      statements: [],
    }
    const snapshot = (): ConsoleRun => ({
      ...run,
      durationMs: performance.now() - begun,
      statements: run.statements.map((statement) => ({ ...statement })),
    })
    let session: Session | undefined
    const cancel = () => void (session && db.cancel(session.processId).catch(() => {}))
    abort.signal.addEventListener('abort', cancel)
    try {
      session = await sessionOf(tab)
      for (const [index, statement] of statements.entries()) {
        const entry = newStatement(index, statement)
        run.statements.push(entry)
        yield snapshot()
        for await (const _change of runStatement(tab, session, entry, statement, text, maxRows, abort.signal))
          yield snapshot()
        if (entry.status !== 'succeeded') break
      }
      run.transaction = transactionOf(session)
      const last = run.statements.at(-1)
      run.status =
        !last || last.status === 'succeeded'
          ? 'succeeded'
          : last.status === 'running'
            ? 'cancelled'
            : last.status
    } finally {
      abort.signal.removeEventListener('abort', cancel)
      tab.running = undefined
      const failed = run.statements.find(({ error }) => error)
      const rows = run.statements.reduce((sum, statement) => sum + statement.rows, 0)
      history.add({
        at: new Date(),
        text,
        durationMs: performance.now() - begun,
        rows,
        error: failed?.error?.message ?? null,
      })
    }
    yield snapshot()
  }

  async function* runStatement(
    tab: Tab,
    session: Session,
    entry: StatementRun,
    statement: Statement,
    text: string,
    maxRows: number,
    signal: AbortSignal,
  ): AsyncGenerator<void> {
    const begun = performance.now()
    tab.notices = []
    let spool: Spool | undefined
    try {
      for await (const batch of dependencies.readStatement(session, statement.text, batchSize)) {
        entry.durationMs = performance.now() - begun
        if (batch.columns.length > 0 && !spool) {
          const resultId = randomUUID()
          spool = openSpool(spoolFolder, resultId)
          tab.results.set(resultId, spool)
          entry.resultId = resultId
          entry.columns = await nameTypes(batch.columns)
          entry.firstRowMs = entry.durationMs
        }
        spool?.append(batch.rows.slice(0, maxRows - spool.rows))
        entry.rows = spool ? spool.rows : batch.rowCount
        entry.command = batch.command
          ? `${batch.command}${batch.isLast && !spool ? ` ${batch.rowCount}` : ''}`
          : entry.command
        entry.notices = [...tab.notices]
        if (spool && !batch.isLast && (spool.rows >= maxRows || spool.sizeBytes >= maxBytes)) {
          entry.isCut = true
          break
        }
        if (!batch.isLast) yield
        if (signal.aborted) break
      }
      entry.status = signal.aborted && !entry.command ? 'cancelled' : 'succeeded'
    } catch (error) {
      const described = describeError(error)
      const place = placeOf(text, statement.start + (described.data.position ?? 1) - 1)
      entry.status = signal.aborted && described.code === 'STATEMENT_CANCELLED' ? 'cancelled' : 'failed'
      entry.error = { ...described, ...place }
      // Rows that had come stay, marked as not all.
      entry.isCut = spool !== undefined
    }
    entry.notices = [...tab.notices]
    entry.durationMs = performance.now() - begun
    yield
  }

  function forgetResults(tab: Tab) {
    for (const spool of tab.results.values()) spool.close()
    tab.results.clear()
  }

  async function closeTab(sessionId: string): Promise<boolean> {
    const tab = tabs.get(sessionId)
    if (!tab) return false
    tabs.delete(sessionId)
    tab.running?.abort()
    const session = await tab.session?.catch(() => undefined)
    await session?.close()
    forgetResults(tab)
    return true
  }

  return {
    run: async ({ sessionId, text, maxRows, isConfirmed }) => {
      const tab = tabOf(sessionId)
      if (tab.running) {
        throw refused('CONFLICT', 'This tab still runs a statement', sessionId, 'Cancel it, or wait for it.')
      }
      return execute(tab, text, split(text, isConfirmed), maxRows)
    },
    cancel: async ({ sessionId }) => {
      const running = tabs.get(sessionId)?.running
      running?.abort()
      return { isCancelled: running !== undefined }
    },
    listRows: async ({ resultId, from, count }) => {
      for (const { results } of tabs.values()) {
        const rows = results.get(resultId)?.read(from, count)
        if (rows) return { rows: rows.map((row) => row.map((value) => value?.slice(0, maxCharacters))) }
      }
      throw refused('NOT_FOUND', 'This result is no longer held', resultId, 'Run the statement again.')
    },
    close: async ({ sessionId }) => ({ isClosed: await closeTab(sessionId) }),
    listHistory: async ({ search, limit }) => history.list(search, limit),

    stream: async (text, onBatch, signal) => {
      const session = await db.session('query')
      const cancel = () => void db.cancel(session.processId).catch(() => {})
      signal?.addEventListener('abort', cancel)
      try {
        for (const statement of split(text, true)) {
          for await (const batch of dependencies.readStatement(session, statement.text, batchSize))
            await onBatch(batch)
        }
      } finally {
        signal?.removeEventListener('abort', cancel)
        await session.close()
      }
    },
    closeAll: async () => {
      await Promise.all([...tabs.keys()].map(closeTab))
    },
  }
}

export const spoolFolderOf = (home: string) => join(home, 'spool', String(process.pid))

function newStatement(index: number, { text, line }: Statement): StatementRun {
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
    notices: [],
    error: null,
  }
}

function splitOrExplain(text: string): Statement[] {
  try {
    return splitStatements(text)
  } catch (cause) {
    if (!(cause instanceof UnterminatedError)) throw cause
    throw refused(
      'SYNTAX_ERROR',
      cause.message,
      `line ${cause.line}, column ${cause.column}`,
      'Close it and run again.',
    )
  }
}

function refused(
  code: 'INPUT_INVALID' | 'UNSUPPORTED' | 'SYNTAX_ERROR' | 'CONFLICT' | 'NOT_FOUND',
  message: string,
  object: string,
  next: string,
) {
  return new AtlasError(code, message, { object, saved: 'Nothing was run.', next })
}

function transactionOf({ client }: Session): ConsoleRun['transaction'] {
  const status = (
    client as typeof client & { getTransactionStatus?: () => string | null }
  ).getTransactionStatus?.()
  return status === 'T' ? 'open' : status === 'E' ? 'failed' : 'idle'
}
