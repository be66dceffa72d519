import { join } from 'node:path'
import type { ServiceOf } from '../contract.ts'
import { AtlasError } from '../errors.ts'
import { createAlerts } from './alerts.ts'
import { createComparisons } from './comparisons.ts'
import type { consoleContract } from './contract.ts'
import { createExchange } from './exchange.ts'
import type { TextFormat } from './exchangeContract.ts'
import { createEncoder, type ExportColumn, type RowEncoder } from './export.ts'
import { createHistory } from './history.ts'
import { createRepeats } from './repeat.ts'
import { createResults } from './results.ts'
import { streamRows } from './rowStream.ts'
import { readScript, requireSql } from './script.ts'
import { createSessions } from './sessions.ts'
import { createStatements } from './statements.ts'
import { type ConsoleDependencies, createTabs } from './tabs.ts'

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

/** SQL sessions, one a tab: statements run one by one, results are spooled to disk and read back by the window. */
export function createConsole(dependencies: ConsoleDependencies): Console {
  const { db } = dependencies
  const history = createHistory(dependencies.appDb, {
    id: dependencies.environmentId,
    name: dependencies.environmentName,
  })
  const tabs = createTabs(dependencies, history)
  const comparisons = createComparisons(dependencies, tabs)
  const { startAlert, endAlerts } = createAlerts(dependencies, tabs)
  return {
    ...createSessions(tabs),
    ...createStatements(dependencies, tabs),
    ...createResults(dependencies, tabs),
    ...comparisons,
    ...createRepeats(dependencies, tabs, comparisons),
    startAlert,
    ...createExchange(dependencies, tabs),

    listHistory: async ({ search, limit, scope }) => ({
      entries: history.list(search, limit, scope),
      total: history.count(scope),
    }),
    removeHistory: async ({ id, scope }) => ({ removed: history.remove(id, scope) }),

    stream: async (text, onBatch, signal) => {
      const statements = requireSql(await readScript(text, {}))
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
                named ??= await tabs.nameTypes(columns)
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
      endAlerts()
      await tabs.closeAll()
    },
  }
}

export const spoolFolderOf = (home: string) => join(home, 'spool', String(process.pid))
export const pinFolderOf = (home: string) => join(home, 'pins')
