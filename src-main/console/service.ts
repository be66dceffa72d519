import { randomUUID } from 'node:crypto'
import { join } from 'node:path'
import type { AppDb } from '../adapters/appdb.ts'
import type { copyIn, copyOut } from '../adapters/copy.ts'
import type { Database } from '../adapters/postgres.ts'
import type { ResultField, sendStatement } from '../adapters/statement.ts'
import type { ServiceOf } from '../contract.ts'
import { AtlasError } from '../errors.ts'
import type { JobStarter } from '../jobs/contract.ts'
import type { DescribedError } from '../log.ts'
import { writeRowEdits } from '../rowEdits.ts'
import { splitScript } from '../sqlScript.ts'
import { arrange } from './arrangement.ts'
import { measureBlasts } from './blast.ts'
import type { ConsoleRun, consoleContract } from './contract.ts'
import type { TextFormat } from './exchangeContract.ts'
import { explainStatement } from './explain.ts'
import { createEncoder, type ExportColumn, exportRows, type RowEncoder } from './export.ts'
import { startExport, writeValue } from './exporter.ts'
import { suggestPath } from './exportFile.ts'
import { startFileJob } from './fileJob.ts'
import { findDangers, nameToType, requireConfirmation } from './guard.ts'
import { createHistory } from './history.ts'
import { previewFile, startImport } from './importer.ts'
import { inferTypes } from './parameters.ts'
import { readPlan } from './plan.ts'
import { previewWrite } from './preview.ts'
import { streamRows } from './rowStream.ts'
import type { HeldResult } from './run.ts'
import { listParameters, type Runnable, readScript, requireSql, statementAt } from './script.ts'
import { listServerFunctions, typeNames } from './sql.ts'
import { createTab, type Tab } from './tab.ts'
import { applyOnSession, describeEditing } from './tableEdits.ts'

interface Dependencies {
  db: Database
  appDb: AppDb
  jobs: JobStarter
  environmentId: string
  environmentName: string
  isProduction: boolean
  spoolFolder: string
  sendStatement: typeof sendStatement
  copyIn: typeof copyIn
  copyOut: typeof copyOut
  describeError: (error: unknown) => DescribedError
  /** What a driver threw, as an error of the catalogue. */
  translate: (error: unknown) => unknown
  maxResultBytes?: number
  idleMs?: number
}

/** Rows on their way through, with the types of their columns by name. */
export interface NamedBatch {
  columns: ExportColumn[]
  rows: (string | null)[][]
}

export interface Console extends ServiceOf<typeof consoleContract> {
  /** Runs a script and hands its rows on as they come, holding one batch. For the command line. */
  stream(
    text: string,
    onBatch: (batch: NamedBatch) => void | Promise<void>,
    signal?: AbortSignal,
  ): Promise<void>
  /** Writes rows as an export does: exact, in pieces. */
  encoder(format: TextFormat, columns: ExportColumn[]): RowEncoder
  closeAll(): Promise<void>
}

const maxSessions = 24
const defaultMaxBytes = 1024 ** 3
const historyStatements = 50
const shownBytes = 8 * 1024 ** 2

/** SQL sessions, one a tab: statements run one by one, results are spooled to disk and read back by the window. */
export function createConsole(dependencies: Dependencies): Console {
  const { db, appDb, environmentId, environmentName, isProduction, spoolFolder, describeError } = dependencies
  const tabs = new Map<string, Tab>()
  const history = createHistory(appDb, environmentId)
  const knownTypes = new Map<number, string>()

  async function nameTypes(columns: Pick<ResultField, 'name' | 'typeOid'>[]) {
    const unknown = columns.map(({ typeOid }) => typeOid).filter((oid) => !knownTypes.has(oid))
    if (unknown.length > 0) {
      // Where the catalogue cannot be asked, the rows are still worth showing.
      const named = await db.rows(typeNames([...new Set(unknown)])).catch(() => [])
      for (const { oid, name } of named) knownTypes.set(oid, name)
    }
    return columns.map(({ name, typeOid }) => ({ name, type: knownTypes.get(typeOid) ?? `oid ${typeOid}` }))
  }

  /** Each statement with its own time; of a long script only where it ended. */
  const remember = (_text: string, run: ConsoleRun, startedAt: Date) => {
    const sent = run.statements.filter(({ status }) => status !== 'skipped')
    for (const { text, durationMs, rows, error } of run.statements.length <= historyStatements
      ? sent
      : sent.slice(-1)) {
      const said = error && `${error.data.sqlState ?? error.code} ${error.message}`
      history.add({ at: startedAt, text, durationMs, rows, error: said })
    }
  }

  const tabOf = (sessionId: string): Tab => {
    const made =
      tabs.get(sessionId) ??
      createTab({
        db,
        sendStatement: dependencies.sendStatement,
        copyIn: dependencies.copyIn,
        copyOut: dependencies.copyOut,
        nameTypes,
        describeError,
        spoolFolder,
        maxBytes: dependencies.maxResultBytes ?? defaultMaxBytes,
        idleMs: dependencies.idleMs,
        remember,
      })
    tabs.set(sessionId, made)
    return made
  }

  const refuseTooMany = (sessionId: string) => {
    const open = [...tabs.values()].filter(({ isConnected }) => isConnected).length
    if (open < maxSessions || tabs.get(sessionId)?.isConnected) return
    throw new AtlasError('TOO_MANY_CONNECTIONS', `${open} tabs have a session open`, {
      saved: 'Nothing was run.',
      next: 'Close a tab that you do not need, then run again.',
    })
  }

  const resultOf = (resultId: string): HeldResult => {
    for (const { results } of tabs.values()) {
      const result = results.get(resultId)
      if (result) return result
    }
    throw new AtlasError('NOT_FOUND', 'This result is no longer held', {
      object: resultId,
      next: 'Run the statement again.',
    })
  }

  async function closeTab(sessionId: string): Promise<boolean> {
    const tab = tabs.get(sessionId)
    tabs.delete(sessionId)
    await tab?.close()
    return tab !== undefined
  }

  return {
    run: async (
      { sessionId, text, maxRows, isConfirmed, typedName, cursor, range, parameters },
      { signal },
    ) => {
      const statements = readScript(text, { cursor, range, parameters })
      requireConfirmation(await findDangers(sentOf(statements)), {
        isConfirmed,
        typedName,
        isProduction,
        environmentName,
      })
      refuseTooMany(sessionId)
      const tab = tabOf(sessionId)
      const runId = tab.start(text, statements, maxRows)
      return followRun(tab, runId, signal)
    },
    assess: async ({ text, cursor, range, parameters }) => {
      const found = await findDangers(sentOf(readScript(text, { cursor, range, parameters })))
      return {
        blasts: await measureBlasts(db, found),
        nameToType: isProduction && found.length > 0 ? nameToType(found, environmentName) : null,
      }
    },
    watch: async ({ sessionId }, { signal }) => tabOf(sessionId).watch(signal),
    cancel: async ({ sessionId }) => ({ isCancelled: tabs.get(sessionId)?.cancel() ?? false }),
    preview: async ({ sessionId, text, cursor, range }) => {
      const statements = requireSql(readScript(text, { cursor, range }))
      refuseTooMany(sessionId)
      return tabOf(sessionId).use((session, isOpen) =>
        previewWrite({ session, db, send: dependencies.sendStatement }, statements, isOpen),
      )
    },
    describeEditing: async ({ resultId }) => describeEditing(db, resultOf(resultId).fields),
    applyEdits: async ({ sessionId, resultId, edits, isDryRun }) => {
      const { table, reason } = await describeEditing(db, resultOf(resultId).fields)
      if (!table) throw new AtlasError('UNSUPPORTED', `This result cannot be edited: ${reason}`)
      const text = writeRowEdits(table, edits)
      if (isDryRun) return { sql: text, outcome: null }
      const outcome = await tabOf(sessionId).use((session, isOpen) =>
        applyOnSession(session, isOpen, table, edits),
      )
      return { sql: text, outcome }
    },
    setReadOnly: async ({ sessionId, isReadOnly }) => {
      refuseTooMany(sessionId)
      return tabOf(sessionId).setReadOnly(isReadOnly)
    },
    listFunctions: () => db.rows(listServerFunctions()),
    configure: async ({ sessionId, settings }) => {
      await tabOf(sessionId).configure(settings)
      return settings
    },
    listParameters: async ({ sessionId, text, cursor, range }) => {
      const found = listParameters(text, { cursor, range })
      const { searchPath } = tabOf(sessionId).state().settings
      const typed = new Map<string, string | null>()
      for (const statement of new Set(found.map((one) => one.statement))) {
        // Types are nice to have: a server that does not answer keeps nobody from typing values.
        const inferred = await db.transaction((tx) => inferTypes(tx, statement, searchPath)).catch(() => [])
        for (const { name, type } of inferred) if (!typed.get(name)) typed.set(name, type)
      }
      return found.map(({ name }) => ({ name, type: typed.get(name) ?? null }))
    },
    runFile: async (run) => startFileJob(run, dependencies),
    resume: async ({ sessionId }) => ({ isResumed: tabs.get(sessionId)?.resume() ?? false }),
    close: async ({ sessionId }) => ({ isClosed: await closeTab(sessionId) }),

    locate: async ({ text, cursor }) => {
      try {
        const [statement] = statementAt(splitScript(text), cursor)
        return statement ? { start: statement.start, end: statement.end } : null
      } catch {
        return null
      }
    },

    listRows: async ({ resultId, arrangementId, from, count, maxCharacters }) => {
      const { spool, arrangement } = resultOf(resultId)
      if (arrangementId === undefined) return { ...spool.read(from, count, maxCharacters), numbers: [] }
      if (arrangement?.id !== arrangementId) {
        throw new AtlasError('NOT_FOUND', 'This order of the rows is no longer held', {
          object: arrangementId,
          next: 'Sort or filter again.',
        })
      }
      const numbers = [...arrangement.rows.subarray(from, from + count)]
      return { ...spool.readMany(numbers, maxCharacters), numbers }
    },
    arrange: async ({ resultId, arrangement }) => {
      const result = resultOf(resultId)
      const made = { id: randomUUID(), rows: await arrange(result, arrangement) }
      result.arrangement = made
      return { arrangementId: made.id, rows: made.rows.length }
    },
    pin: async ({ resultId, isPinned }) => {
      resultOf(resultId).isPinned = isPinned
      return { isPinned }
    },
    explain: async ({ sessionId, text, cursor, range, isAnalyzed }) => {
      const [statement] = requireSql(readScript(text, { cursor, range }))
      refuseTooMany(sessionId)
      return tabOf(sessionId).use(
        (session, isOpen, isReadOnly) =>
          explainStatement(session, statement?.text ?? '', { isAnalyzed, isOpen, isReadOnly }),
        { writes: false },
      )
    },
    readPlan: async ({ json }) => readPlan(parseJson(json), ''),
    getValue: async ({ resultId, row, column }) => {
      const { spool } = resultOf(resultId)
      const place = spool.place(row, column)
      if (!place) {
        throw new AtlasError('NOT_FOUND', 'The result has no such value', {
          object: `row ${row}, column ${column}`,
        })
      }
      if (place.length < 0) return { value: null, sizeBytes: 0, isCut: false }
      const isCut = place.length > shownBytes
      const bytes = spool.slice(place.offset, Math.min(place.length, shownBytes))
      // A character that the cut divides is left out.
      const value = isCut ? new TextDecoder().decode(bytes, { stream: true }) : bytes.toString('utf8')
      return { value, sizeBytes: place.length, isCut }
    },
    export: async ({ resultId, arrangementId, ...options }) => {
      const { columns, spool, arrangement } = resultOf(resultId)
      const numbers =
        arrangementId !== undefined && arrangement?.id === arrangementId ? arrangement.rows : undefined
      return pieces(
        exportRows(
          {
            columns,
            rowCount: numbers?.length ?? spool.rows,
            rows: (from, count) =>
              numbers
                ? spool.readMany(numbers.subarray(from, from + count)).rows
                : spool.read(from, count).rows,
          },
          options,
        ),
      )
    },

    suggestPath: async ({ name }) => ({ path: suggestPath(name) }),
    exportFile: async ({ resultId, ...request }) => startExport(dependencies, resultOf(resultId), request),
    exportValue: async ({ resultId, ...request }) => ({
      sizeBytes: await writeValue(resultOf(resultId), request),
    }),
    previewFile: async (file) => previewFile(file),
    importFile: async (request) => startImport(dependencies, request),

    listHistory: async ({ search, limit }) => ({
      entries: history.list(search, limit),
      total: history.count(),
    }),
    removeHistory: async ({ id }) => ({ removed: history.remove(id) }),

    stream: async (text, onBatch, signal) => {
      const statements = requireSql(readScript(text, {}))
      const session = await db.session('query')
      try {
        await db.interruptible(session, signal, async () => {
          for (const statement of statements) {
            let named: ExportColumn[] | undefined
            await streamRows(
              dependencies.sendStatement,
              session,
              statement.text,
              async ({ columns, rows }) => {
                named ??= await nameTypes(columns)
                await onBatch({ columns: named, rows })
              },
            )
            if (signal?.aborted) throw new AtlasError('STATEMENT_CANCELLED', 'The statement was cancelled')
          }
        })
      } finally {
        await session.close()
      }
    },
    encoder: (format, columns) =>
      createEncoder({ format, hasHeader: true, neutraliseFormulas: false }, columns),
    closeAll: async () => {
      await Promise.all([...tabs.keys()].map(closeTab))
    },
  }
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return undefined
  }
}

export const spoolFolderOf = (home: string) => join(home, 'spool', String(process.pid))

/** The run until it has ended. Whoever stops listening stops nothing. */
async function* followRun(
  tab: Tab,
  runId: string,
  signal: AbortSignal | undefined,
): AsyncGenerator<ConsoleRun> {
  for await (const { run } of tab.watch(signal)) {
    if (run?.runId !== runId) return
    yield run
    if (run.status !== 'running') return
  }
}

async function* pieces(parts: Generator<string>): AsyncGenerator<string> {
  yield* parts
}

/** The statements as the server would parse them: a command of psql is none. */
const sentOf = (pieces: Runnable[]): Runnable[] =>
  pieces.flatMap((piece) => (piece.kind === 'sql' ? [{ ...piece, text: piece.sent ?? piece.text }] : []))
