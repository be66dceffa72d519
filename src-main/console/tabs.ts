import type { AppDb } from '../adapters/appdb.ts'
import type { copyIn, copyOut } from '../adapters/copy.ts'
import type { Database } from '../adapters/postgres.ts'
import type { ResultField, sendStatement } from '../adapters/statement.ts'
import { AtlasError } from '../errors.ts'
import type { JobStarter } from '../jobs/contract.ts'
import type { DescribedError } from '../log.ts'
import type { LocatedPiece } from '../scriptIndex.ts'
import type { createHistory } from './history.ts'
import { createPins } from './pins.ts'
import type { HeldResult, RunDependencies } from './run.ts'
import { createSetups } from './setups.ts'
import { createSnapshots } from './snapshots.ts'
import { typeNames } from './sql.ts'
import type { ConsoleRun } from './statementContract.ts'
import { createTab, type Tab } from './tab.ts'

/** A text at one version. `locate` finds the statement that a cursor is in, and throws where it is not closed. */
export interface TabText {
  text: string
  locate(cursor: number): Promise<LocatedPiece | undefined>
}

/** What the console works with. */
export interface ConsoleDependencies {
  db: Database
  appDb: AppDb
  jobs: JobStarter
  environmentId: string
  environmentName: string
  isProduction: boolean
  spoolFolder: string
  /** Where the rows of pinned results stay over a restart. */
  pinFolder: string
  /** Where what statements gave before lies. */
  snapshotFolder: string
  /** A tab's own text. `CONFLICT` where it is at another version. */
  readDraft: (sessionId: string, version: number) => TabText
  sendStatement: typeof sendStatement
  copyIn: typeof copyIn
  copyOut: typeof copyOut
  describeError: (error: unknown) => DescribedError
  /** What a driver threw, as an error of the catalogue. */
  translate: (error: unknown) => unknown
  maxResultBytes?: number
  idleMs?: number
  silentMs?: number
}

const maxSessions = 24
const defaultMaxBytes = 1024 ** 3
const historyStatements = 50
/** Of one run. */
const snapshotResults = 10

/** The tabs by their session's id, made with the first call about them, and the results that they hold. */
export function createTabs(
  dependencies: ConsoleDependencies,
  history: Pick<ReturnType<typeof createHistory>, 'add'>,
) {
  const { db, spoolFolder, describeError } = dependencies
  const tabs = new Map<string, Tab>()
  const setups = createSetups(dependencies.appDb, dependencies.environmentId)
  const pins = createPins(dependencies.appDb, dependencies.environmentId, dependencies.pinFolder)
  const snapshots = createSnapshots({ ...dependencies, folder: dependencies.snapshotFolder })
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
  const remember = (run: ConsoleRun, startedAt: Date) => {
    const sent = run.statements.filter(({ status }) => status !== 'skipped')
    for (const { text, durationMs, rows, error } of run.statements.length <= historyStatements
      ? sent
      : sent.slice(-1)) {
      const said = error && `${error.data.sqlState ?? error.code} ${error.message}`
      history.add({ at: startedAt, text, durationMs, rows, error: said })
    }
  }

  const runs: RunDependencies = {
    sendStatement: dependencies.sendStatement,
    nameTypes,
    describeError,
    spoolFolder,
    maxBytes: dependencies.maxResultBytes ?? defaultMaxBytes,
  }

  const tabOf = (sessionId: string): Tab => {
    const made =
      tabs.get(sessionId) ??
      createTab({
        ...runs,
        db,
        copyIn: dependencies.copyIn,
        copyOut: dependencies.copyOut,
        idleMs: dependencies.idleMs,
        silentMs: dependencies.silentMs,
        remember: (run, startedAt) => {
          remember(run, startedAt)
          for (const statement of run.statements
            .filter(({ resultId }) => resultId !== null)
            .slice(0, snapshotResults))
            snapshots.add(
              statement,
              () => tabs.get(sessionId)?.results.get(statement.resultId ?? ''),
              startedAt,
            )
        },
        setup: setups.of(sessionId),
        pins: {
          add: (pin) => pins.add(sessionId, pin),
          remove: pins.remove,
          rename: pins.rename,
          open: () => pins.open(sessionId),
        },
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

  const holderOf = (resultId: string): { tab: Tab; result: HeldResult } => {
    for (const tab of tabs.values()) {
      const result = tab.results.get(resultId)
      if (result) return { tab, result }
    }
    throw new AtlasError('NOT_FOUND', 'This result is no longer held', {
      object: resultId,
      next: 'Run the statement again.',
    })
  }

  async function closeTab(sessionId: string): Promise<boolean> {
    const tab = tabs.get(sessionId)
    tabs.delete(sessionId)
    setups.remove(sessionId)
    tab?.forgetPins()
    await tab?.close()
    return tab !== undefined
  }

  return {
    of: tabOf,
    find: (sessionId: string): Tab | undefined => tabs.get(sessionId),
    /** Throws `TOO_MANY_CONNECTIONS` where this tab would open a session too many. */
    refuseTooMany,
    /** Throws `NOT_FOUND` where no tab holds it any more. */
    resultOf: (resultId: string) => holderOf(resultId).result,
    /** The tab too that holds it. */
    holderOf,
    nameTypes,
    snapshots,
    /** The pinned result of whatever tab that has a name. */
    named: (name: string): HeldResult | undefined => {
      const found = pins.named(name)
      return found && tabOf(found.sessionId).results.get(found.id)
    },
    /** What running a statement takes, on whatever session. */
    runs,
    /** Ends a tab for good: what it has pinned is let go. */
    close: closeTab,
    closeAll: async () => {
      await Promise.all([...tabs.values()].map((tab) => tab.close()))
      await snapshots.settled()
      tabs.clear()
    },
  }
}

export type Tabs = ReturnType<typeof createTabs>
