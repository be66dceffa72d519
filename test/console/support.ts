import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { openAppDb } from '../../src-main/adapters/appdb.ts'
import { copyIn, copyOut } from '../../src-main/adapters/copy.ts'
import { openPostgres } from '../../src-main/adapters/postgres.ts'
import { translateQueryError } from '../../src-main/adapters/postgresErrors.ts'
import { sendStatement } from '../../src-main/adapters/statement.ts'
import { type Console, createConsole } from '../../src-main/console/service.ts'
import type { SessionState } from '../../src-main/console/sessionContract.ts'
import type { ParameterValue } from '../../src-main/console/statementContract.ts'
import { createDrafts } from '../../src-main/drafts/service.ts'
import type { Job } from '../../src-main/jobs/contract.ts'
import { createJobs } from '../../src-main/jobs/service.ts'
import { createLogger } from '../../src-main/log.ts'
import type { TestDatabase } from '../support/database.ts'

interface Input {
  parameters?: Record<string, ParameterValue>
  maxRows?: number
  isConfirmed?: boolean
  typedName?: string | undefined
  cursor?: number
}

/** A console on a test database, with one tab `t` unless told otherwise. */
export function openTestConsole(
  database: TestDatabase,
  options: Partial<Parameters<typeof createConsole>[0]> = {},
) {
  const home = mkdtempSync(join(tmpdir(), 'atlas-console-'))
  const url = new URL(database.url)
  const db = openPostgres(
    async () => ({
      host: url.hostname,
      port: Number(url.port),
      database: url.pathname.slice(1),
      user: url.username,
    }),
    { applicationName: 'Atlas Desktop' },
  )
  const appDb = openAppDb(home)
  const describeError = createLogger('silent').describe
  const alerts: Job[] = []
  const jobs = createJobs(appDb, describeError, (job) => alerts.push(job))
  const drafts = createDrafts({ db: appDb, environmentId: 'test' })
  const parts = {
    db,
    sendStatement,
    copyIn,
    copyOut,
    translate: translateQueryError,
    jobs,
    appDb,
    environmentId: 'test',
    environmentName: 'test',
    isProduction: false,
    spoolFolder: join(home, 'spool'),
    pinFolder: join(home, 'pins'),
    snapshotFolder: join(home, 'snapshots'),
    readDraft: drafts.at,
    describeError,
    ...options,
  }
  const service = createConsole(parts)

  return {
    service,
    jobs,
    /** That have happened. */
    alerts,
    drafts,
    db,
    appDb,
    home,
    ...drive(service),
    /** The console as it is when the same data folder is opened anew. */
    restart: () => {
      const reopened = createConsole(parts)
      return { service: reopened, ...drive(reopened) }
    },
    close: async () => {
      await jobs.close()
      await service.closeAll()
      await db.close()
      appDb.close()
      rmSync(home, { recursive: true, force: true })
    },
  }
}

/** What tests do with a console. */
function drive(service: Console) {
  const until = async (isReached: (state: SessionState) => boolean, sessionId = 't') => {
    const abort = new AbortController()
    for await (const state of (await service.watch(
      { sessionId },
      { signal: abort.signal },
    )) as AsyncIterable<SessionState>) {
      if (isReached(state)) {
        abort.abort()
        return state
      }
    }
    throw new Error('The feed ended')
  }

  const start = async (text: string, input: Input = {}, sessionId = 't') => {
    await service.run({ sessionId, text, maxRows: 500_000, isConfirmed: false, ...input }, {})
  }

  return {
    until,
    /** Begins a script in the tab. */
    start,
    /** Runs a script in the tab and waits for its end. */
    run: async (text: string, input: Input = {}, sessionId = 't') => {
      await start(text, input, sessionId)
      const state = await until(({ isRunning }) => !isRunning, sessionId)
      return { ...state, statements: state.run?.statements ?? [] }
    },
  }
}
