import type { Queryable } from '../adapters/postgres.ts'
import type { DescribedError } from '../log.ts'
import { ensureAll, keeperExists } from './sql.ts'

interface Dependencies {
  db: Pick<Queryable, 'rows' | 'row'>
  horizonMonths: number
  describeError: (error: unknown) => DescribedError
  intervalMs?: number
}

const sixHours = 6 * 3_600_000

/**
 * Keeps partitions ready ahead of time while a process does the platform's work: now, and every six hours, since a
 * process may run for longer than a horizon. A failure is logged and tried again; deployment and landing make what
 * they need themselves.
 */
export function keepPartitions({ db, horizonMonths, describeError, intervalMs = sixHours }: Dependencies): {
  stop(): Promise<void>
} {
  const ensure = async () => {
    try {
      if ((await db.row(keeperExists()))?.exists) await db.rows(ensureAll(horizonMonths))
    } catch (error) {
      describeError(error)
    }
  }
  let turn = ensure()
  const timer = setInterval(() => {
    turn = turn.then(ensure)
  }, intervalMs)
  timer.unref()
  return {
    stop: async () => {
      clearInterval(timer)
      await turn
    },
  }
}
