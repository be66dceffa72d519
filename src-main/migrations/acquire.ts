import { hostname } from 'node:os'
import { setTimeout as sleep } from 'node:timers/promises'
import type { Database, Session } from '../adapters/postgres.ts'
import { AtlasError } from '../errors.ts'
import type { JobControl } from '../jobs/contract.ts'
import { backendProcess, lockHolder, tryRunnerLock, tryWorkLock, watchClient } from './lockSql.ts'
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
 * begins before it has. Throws `UNSUPPORTED` behind a pooler that shares sessions.
 */
export async function acquireRunner(
  db: Pick<Database, 'session'>,
  job: Pick<JobControl, 'signal' | 'report'>,
  observe: (change: Partial<RunnerState>) => void,
): Promise<Runner> {
  const lock = await db.session(`migrations lock ${runnerName}`)
  let session: Session | undefined
  try {
    const isPooled = (await backendOf(lock)) !== lock.processId
    if (isPooled) await refuseSharing(db, lock)
    await poll(lock, 'runner', job, observe)
    session = await db.session('migrations')
    // A pooler makes up the number that a connection begins with: cancelling needs the server's own.
    const held: Session = isPooled ? { ...session, processId: await backendOf(session) } : session
    // Not every platform can watch a connection; there the end of a killed runner's statement is waited for.
    await held.run(watchClient()).catch(() => 0)
    await poll(held, 'work', job, observe)
    observe({ holder: null })
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

const probes = 10

/**
 * A pooler that gives a connection to the server for a session does; one that gives it for a transaction does not: the
 * lock, and what a file has set, would belong to whoever gets the connection next. It gives itself away: a second
 * client's transaction meets the process of the first, or the first is answered by another. Where others use the pool
 * too, one try may miss that.
 */
async function refuseSharing(db: Pick<Database, 'session'>, lock: Session): Promise<void> {
  const first = await backendOf(lock)
  const other = await db.session('migrations probe')
  try {
    for (let probe = 0; probe < probes; probe++) {
      const second = await other.transaction(backendOf).catch((error) => {
        // One that shares by statement refuses to begin a transaction, as a violation of the protocol.
        if (error instanceof AtlasError && error.fault.sqlState === '08P01') return first
        throw error
      })
      if (second === first || (await backendOf(lock)) !== first) throw sharedConnection()
    }
  } finally {
    await other.close()
  }
}

/** The server's process that answers a session now. */
async function backendOf(session: Pick<Session, 'row'>): Promise<number> {
  return (await session.row(backendProcess()))?.processId ?? 0
}

function sharedConnection(): AtlasError {
  return new AtlasError('UNSUPPORTED', 'This address is a connection pooler that shares sessions', {
    detail: 'It gives a connection to the server for a transaction or a statement, not for a session.',
    saved: 'Nothing was applied.',
    next: 'Give the address of PostgreSQL itself, or of a pool in session mode: the lock of the runner belongs to a session.',
  })
}
