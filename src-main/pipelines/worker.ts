import { hostname } from 'node:os'
import type { Database, Queryable, Session } from '../adapters/postgres.ts'
import { AtlasError } from '../errors.ts'
import type { DescribedError } from '../log.ts'
import type { Task } from './definition.ts'
import {
  type ClaimedTask,
  claimTask,
  completeTask,
  failTask,
  insertLog,
  markRunStarted,
  reclaimExpired,
  releaseTask,
  renewLease,
  reportProgress,
} from './leaseSql.ts'
import {
  cancelWaiting,
  lockRun,
  markReady,
  markUpstreamFailed,
  notify,
  platformExists,
  settleRun,
} from './sql.ts'
import { runTask } from './tasks.ts'

interface Dependencies {
  db: Database
  samplesFolder: string
  leaseMs: number
  pollMs: number
  concurrency: number
  describeError: (error: unknown) => DescribedError
  /** Called after every turn of the loop: a worker that hangs falls silent. */
  onTurn?: () => void
  /** Only tasks of this run, for a command that waits for it. */
  onlyRun?: string
}

export interface Worker {
  /** Looks for work now. */
  wake(): void
  /** Stops taking tasks, gives back those that it holds, and waits until nothing runs. */
  stop(): Promise<void>
}

/**
 * Takes ready tasks one by one and does them. A task is held by a lease that is renewed while it runs; its writes and
 * the record that it is done are one transaction, which commits only under the token of that lease. So a worker may die
 * or sleep at any moment: another takes the task again, and nothing is lost or doubled.
 */
export function startWorker(dependencies: Dependencies): Worker {
  const { db, leaseMs, pollMs, concurrency, describeError, onTurn, onlyRun } = dependencies
  const owner = `${hostname()} ${process.pid}`
  const stopping = new AbortController()
  const running = new Set<Promise<void>>()
  let wake = () => {}

  const loop = async () => {
    while (!stopping.signal.aborted) {
      const found = await turn().catch(() => false)
      onTurn?.()
      if (!found && !stopping.signal.aborted) await rest()
    }
  }

  /** One turn: takes back what others dropped, then one task. False where there was none, or no room for it. */
  async function turn(): Promise<boolean> {
    if (!(await db.row(platformExists()))?.exists) return false
    for (const lost of await db.rows(reclaimExpired())) {
      const message = `${lost.owner} fell silent; ${lost.status === 'ready' ? 'the task starts again' : 'no attempt is left'}`
      await db.run(insertLog(lost.runId, lost.taskRunId, 0, 'warning', message))
      await settle(db, lost.runId)
    }
    if (running.size >= concurrency) return false
    const claimed = await db.row(claimTask(owner, leaseMs, onlyRun ?? null))
    if (!claimed) return false
    const work = perform(claimed).finally(() => {
      running.delete(work)
      wake()
    })
    running.add(work)
    return true
  }

  function rest(): Promise<void> {
    return new Promise((resolve) => {
      const timer = setTimeout(resolve, pollMs)
      wake = () => {
        clearTimeout(timer)
        resolve()
      }
    })
  }

  async function perform(claimed: ClaimedTask) {
    const { runId, taskRunId, attempt } = claimed
    const abort = new AbortController()
    let reason: 'cancelled' | 'lost' | 'stopping' | 'timeout' | undefined
    const interrupt = (why: NonNullable<typeof reason>) => {
      reason ??= why
      abort.abort()
    }
    const log = (level: 'info' | 'warning' | 'error', message: string) =>
      void db.run(insertLog(runId, taskRunId, attempt, level, message)).then(
        () => db.run(notify(runId)),
        () => {},
      )
    const stop = () => interrupt('stopping')
    // It may have been asked to stop while the claim was on its way.
    if (stopping.signal.aborted) stop()
    stopping.signal.addEventListener('abort', stop)
    const deadline = setTimeout(() => interrupt('timeout'), claimed.timeoutSeconds * 1000)
    const heartbeat = setInterval(
      async () => {
        const lease = await db.row(renewLease(claimed, leaseMs)).catch(() => ({ isCancelRequested: false }))
        if (!lease) interrupt('lost')
        else if (lease.isCancelRequested) interrupt('cancelled')
      },
      Math.min(leaseMs / 3, 1000),
    )

    try {
      await db.run(markRunStarted(runId))
      await db.run(notify(runId))
      log('info', attempt > 1 ? `Attempt ${attempt} begins` : 'Begins')
      await runInTransaction(claimed, abort.signal, log)
    } catch (error) {
      await settleFailure(claimed, error, reason, log).catch(() => {})
    } finally {
      clearInterval(heartbeat)
      clearTimeout(deadline)
      stopping.signal.removeEventListener('abort', stop)
    }
  }

  async function runInTransaction(
    claimed: ClaimedTask,
    signal: AbortSignal,
    log: (level: 'info' | 'warning', message: string) => void,
  ) {
    const session = await db.session('pipelines')
    try {
      await db.interruptible(session, signal, () =>
        session.transaction((tx) => workIn(tx, claimed, signal, log)),
      )
    } finally {
      await session.close()
    }
  }

  /** The task's writes, the record that it is done, and what may go on after it. */
  async function workIn(
    tx: Session,
    claimed: ClaimedTask,
    signal: AbortSignal,
    log: (level: 'info' | 'warning', message: string) => void,
  ) {
    const result = await runTask(claimed.config as Task, {
      tx,
      claimed,
      signal,
      samplesFolder: dependencies.samplesFolder,
      log,
      progress: (progress) =>
        void db.run(reportProgress(claimed, progress)).then(
          () => db.run(notify(claimed.runId)),
          () => {},
        ),
    })
    if ((await tx.run(completeTask(claimed, result))) === 0) {
      throw new AtlasError('LEASE_LOST', 'Another worker has taken the task', {
        object: claimed.task,
        saved: 'What this worker wrote was rolled back.',
      })
    }
    await advance(tx, claimed.runId)
  }

  async function settleFailure(
    claimed: ClaimedTask,
    error: unknown,
    reason: string | undefined,
    log: (level: 'warning' | 'error', message: string) => void,
  ) {
    if (reason === 'lost') return
    if (reason === 'stopping') {
      await db.run(releaseTask(claimed))
      await db.run(notify(claimed.runId))
      return
    }
    const { code, message, data } =
      reason === 'timeout'
        ? describeError(
            new AtlasError('STATEMENT_TIMEOUT', `The task took longer than ${claimed.timeoutSeconds} s`, {
              object: claimed.task,
              saved: 'What it had written was rolled back.',
              next: 'Raise timeoutSeconds, or give it less to do.',
            }),
          )
        : describeError(error)
    const failure =
      reason === 'cancelled'
        ? 'cancelled'
        : isWorthRetrying(code) && claimed.attempt < claimed.maxAttempts
          ? 'retry'
          : 'failed'
    log(
      failure === 'failed' ? 'error' : 'warning',
      failure === 'cancelled' ? 'Cancelled; what it had written was rolled back' : `${message} (${code})`,
    )
    await db.transaction(async (tx) => {
      await tx.run(
        failTask(claimed, failure, {
          saved: 'What the task had written was rolled back.',
          ...data,
          code,
          message,
        }),
      )
      await advance(tx, claimed.runId)
    })
  }

  const done = loop()
  return {
    wake: () => wake(),
    stop: async () => {
      stopping.abort()
      wake()
      await done
      await Promise.all(running)
    },
  }
}

const transient = new Set([
  'CONFLICT',
  'CONNECTION_LOST',
  'CONNECTION_REFUSED',
  'CONNECTION_TIMEOUT',
  'DISK_FULL',
  'HOST_NOT_FOUND',
  'LOCK_TIMEOUT',
  'SERVER_STARTING',
  'STATEMENT_CANCELLED',
  'TOO_MANY_CONNECTIONS',
])

/** A lost connection may come back; a file that is broken stays broken. */
function isWorthRetrying(code: string): boolean {
  return transient.has(code)
}

/** Lets go on what can, and ends the run when nothing is left. The run's row serialises tasks that end at once. */
async function advance(tx: Pick<Queryable, 'run'>, runId: string, isCancelled = false) {
  await tx.run(lockRun(runId))
  if (isCancelled) await tx.run(cancelWaiting(runId))
  await tx.run(markReady(runId))
  await tx.run(markUpstreamFailed(runId))
  await tx.run(settleRun(runId))
  await tx.run(notify(runId))
}

/** Settles a run whose tasks changed outside of a worker: a cancel, or a lease that ran out. */
export const settle = (db: Pick<Database, 'transaction'>, runId: string, isCancelled = false) =>
  db.transaction((tx) => advance(tx, runId, isCancelled))
