import { setTimeout as sleep } from 'node:timers/promises'
import type { Database } from '../adapters/postgres.ts'
import type { ServiceOf } from '../contract.ts'
import { AtlasError } from '../errors.ts'
import type { JobControl, JobStarter } from '../jobs/contract.ts'
import { sql } from '../sql.ts'
import type { activityContract } from './contract.ts'
import { createServerLog } from './log.ts'
import {
  finishPrepared,
  listPrepared,
  listSessions,
  listSettings,
  maintain,
  progressOf,
  reloadSettings,
  signal,
} from './sql.ts'

interface Dependencies {
  db: Pick<Database, 'rows' | 'row' | 'run' | 'session' | 'interruptible'>
  jobs: JobStarter
  environmentId: string
  /** The log file of the embedded server, where this is its environment. */
  ownLogFile?: string | undefined
}

const pollMs = 500
const lockTimeoutMs = 5000

/** Who is connected, who waits for whom, and ending either; upkeep of tables as jobs. */
export function createActivity({
  db,
  jobs,
  environmentId,
  ownLogFile,
}: Dependencies): ServiceOf<typeof activityContract> {
  async function send(kind: 'cancel' | 'terminate', processId: number, startedAt: string) {
    const answer = await db.row(signal(kind, processId, startedAt))
    if (answer) return answer
    throw new AtlasError('NOT_FOUND', 'This session is gone', {
      object: `process ${processId}`,
      saved: 'No signal was sent.',
      next: 'It ended by itself; read the list again.',
    })
  }

  return {
    ...createServerLog({ db, ownLogFile }),
    list: () => db.rows(listSessions()),
    cancel: ({ processId, startedAt }) => send('cancel', processId, startedAt),
    terminate: ({ processId, startedAt }) => send('terminate', processId, startedAt),

    prepared: () => db.rows(listPrepared()),
    settings: () => db.rows(listSettings()),
    reload: async () => {
      const answer = await db.row(reloadSettings())
      if (!answer) throw new Error('A function gives one row')
      return answer
    },
    previewFinish: async ({ name, outcome }) => ({ sql: `${finishPrepared(outcome, name).text};` }),
    finishPrepared: async ({ name, transaction, outcome }) => {
      const known = (await db.rows(listPrepared())).find((one) => one.name === name)
      if (known?.transaction !== transaction) {
        throw new AtlasError('NOT_FOUND', 'This prepared transaction is gone', {
          object: name,
          saved: 'Nothing was committed or rolled back.',
          next: 'Somebody else has finished it; read the list again.',
        })
      }
      const statement = finishPrepared(outcome, name)
      await db.run(statement)
      return { statement: statement.text }
    },

    previewMaintain: async ({ action, schema, name, index }) => ({
      sql: `${maintain(action, schema, name, index).text};`,
    }),
    maintain: async ({ action, schema, name, index }) => {
      const verb = `${action.charAt(0).toUpperCase()}${action.slice(1)}`
      const link = `/schema?${new URLSearchParams({ schema, table: name })}`
      return jobs.start(
        { environmentId, title: `${verb} ${schema}.${name}`, link, isCancellable: true },
        async (job) => {
          const session = await db.session(action)
          try {
            // Upkeep may wait for its turn, but not hold up those who come after it.
            await session.run(sql`select set_config('lock_timeout', ${String(lockTimeoutMs)}, false)`)
            const begun = performance.now()
            const work = db.interruptible(session, job.signal, () =>
              session.run(maintain(action, schema, name, index)),
            )
            await followed(work, () => report(job, session.processId))
            return `Done in ${((performance.now() - begun) / 1000).toFixed(1)} s`
          } finally {
            await session.close()
          }
        },
      )
    },
  }

  async function report(job: JobControl, processId: number) {
    const progress = await db.row(progressOf(processId)).catch(() => undefined)
    if (!progress) return
    const { phase, done, total } = progress
    job.report(total > 0 ? { detail: phase, progress: Math.min(1, done / total) } : { detail: phase })
  }
}

/** Looks at work again and again until it has ended; gives what it gives. */
async function followed<Result>(work: Promise<Result>, look: () => Promise<void>): Promise<Result> {
  const ended = new AbortController()
  const watch = (async () => {
    while (!ended.signal.aborted) {
      await look()
      await sleep(pollMs, undefined, { signal: ended.signal }).catch(() => {})
    }
  })()
  try {
    return await work
  } finally {
    ended.abort()
    await watch
  }
}
