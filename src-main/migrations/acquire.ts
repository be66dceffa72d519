import { hostname } from 'node:os'
import { setTimeout as sleep } from 'node:timers/promises'
import type { Database, Session } from '../adapters/postgres.ts'
import { AtlasError } from '../errors.ts'
import type { JobControl } from '../jobs/contract.ts'
import { trustedStatement } from '../sql.ts'
import { lockHolder, tryRunnerLock, tryWorkLock, watchClient } from './lockSql.ts'
import type { RunnerState } from './state.contract.ts'

const holderPollMs = 200

/** Who applies: host and process of this Atlas. */
export const runnerName = `${hostname()} ${process.pid}`

export interface Runner {
  /** Does the work. It holds a lock of its own, which ends with what it last began. */
  session: Session
  close(): Promise<void>
}

/**
 * Becomes the one runner of a database, waiting for another and saying who it is. The lock is held by a session that
 * is idle otherwise; it is tried and never waited for in the server, so it stands in no statement's way. The session
 * that works takes a second one: of a runner that was killed the server may still end the last statement, and nothing
 * begins before it has. Throws `UNSUPPORTED` behind a transaction pooler.
 */
export async function acquireRunner(
  db: Pick<Database, 'session'>,
  job: Pick<JobControl, 'signal' | 'report'>,
  observe: (change: Partial<RunnerState>) => void,
): Promise<Runner> {
  const lock = await db.session(`migrations lock ${runnerName}`)
  let session: Session | undefined
  try {
    await refusePooler(lock)
    await poll(lock, 'runner', job, observe)
    session = await db.session('migrations')
    // Not every platform can watch a connection; there the end of a killed runner's statement is waited for.
    await session.run(watchClient()).catch(() => 0)
    await poll(session, 'work', job, observe)
    observe({ holder: null })
    const held = session
    return {
      session: held,
      close: async () => {
        await held.close()
        await lock.close()
      },
    }
  } catch (error) {
    await session?.close()
    await lock.close()
    throw error
  }
}

async function poll(
  session: Session,
  which: 'runner' | 'work',
  job: Pick<JobControl, 'signal' | 'report'>,
  observe: (change: Partial<RunnerState>) => void,
) {
  const attempt = which === 'runner' ? tryRunnerLock : tryWorkLock
  while (!(await session.row(attempt()))?.isHeld) {
    job.signal.throwIfAborted()
    const holder = await session.row(lockHolder(which))
    if (holder) {
      observe({ phase: 'waiting', holder })
      const place = `${holder.application} at ${holder.address}, server process ${holder.processId}, since ${Math.round(holder.ageSeconds)} s`
      job.report({
        detail:
          which === 'runner'
            ? `Another runner is at work: ${place}`
            : `The last statement of another runner still ends: ${place}`,
      })
    }
    await sleep(holderPollMs, undefined, { signal: job.signal })
  }
}

/**
 * Behind a pooler a session lock belongs to whoever gets the connection next. It gives itself away: the process that
 * answers is not the one that the connection was made with. (PgBouncer in session mode, which would do, looks the same.)
 */
async function refusePooler(lock: Session) {
  const first = await lock.client.query(trustedStatement('select pg_backend_pid() as pid').text)
  if (Number(first.rows[0]?.pid) === lock.processId) return
  throw new AtlasError('UNSUPPORTED', 'This address is a connection pooler', {
    saved: 'Nothing was applied.',
    next: 'Give the address of PostgreSQL itself: the lock of the runner belongs to a session, and a pooler shares them.',
  })
}
