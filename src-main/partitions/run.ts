import { z } from 'zod'
import type { Database, Session } from '../adapters/postgres.ts'
import { AtlasError } from '../errors.ts'
import type { JobControl } from '../jobs/contract.ts'
import { query } from '../sql.ts'
import { analyzeProgress } from './actionSql.ts'
import { type ActionPlan, counted, type PlannedStep, type PlannedTransaction } from './plan.ts'

type Db = Pick<Database, 'session' | 'interruptible' | 'row'>

const attempts = 4
const pauseMs = 1000
const progressMs = 500
const countedRows = z.object({ rows: z.number() })

/**
 * Runs a plan on a session of its own: transaction after transaction, each whole or not at all. One that does not get its
 * lock in time is tried again. Resolves to the outcome in a few words; an error says how much of the plan is committed.
 */
export async function runPlan(
  db: Db,
  plan: ActionPlan,
  job: Pick<JobControl, 'signal' | 'report'>,
): Promise<string> {
  const session = await db.session('partitions')
  let [committed, moved] = [0, 0]
  try {
    await db.interruptible(session, job.signal, async () => {
      for (const transaction of plan.transactions) {
        moved += await retried(db, session, transaction, job, (detail) =>
          job.report({ detail, progress: committed / plan.transactions.length }),
        )
        committed++
        job.report({ progress: committed / plan.transactions.length })
      }
    })
    return plan.outcome(moved)
  } catch (error) {
    if (!(error instanceof AtlasError)) throw error
    const saved =
      committed === 0
        ? 'Nothing was changed.'
        : `${committed} of ${plan.transactions.length} transactions are committed; the one that failed changed nothing.`
    throw new AtlasError(error.code, error.message, { ...error.fault, saved }, { cause: error })
  } finally {
    await session.close()
  }
}

async function retried(
  db: Db,
  session: Session,
  transaction: PlannedTransaction,
  job: Pick<JobControl, 'signal' | 'report'>,
  say: (detail: string) => void,
): Promise<number> {
  for (let attempt = 1; ; attempt++) {
    job.signal.throwIfAborted()
    try {
      if (!transaction.isTransaction) {
        for (const one of transaction.steps) await runAlone(db, session, one, job)
        return 0
      }
      return await session.transaction((tx) => runSteps(tx, transaction.steps, job, say))
    } catch (error) {
      const isLocked = error instanceof AtlasError && error.code === 'LOCK_TIMEOUT'
      if (!isLocked || attempt === attempts || job.signal.aborted) throw error
      say(`Somebody holds the lock; trying again (${attempt + 1} of ${attempts})`)
      await new Promise((resolve) => setTimeout(resolve, pauseMs * attempt))
    }
  }
}

/** A statement that runs outside a transaction; an ANALYZE tells how far it is. */
async function runAlone(
  db: Db,
  session: Session,
  { statement }: PlannedStep,
  job: Pick<JobControl, 'report'>,
) {
  if (!statement.text.startsWith('analyze')) {
    job.report({ detail: statement.text.slice(0, 100) })
    await session.run(statement)
    return
  }
  const look = async () => {
    const now = await db.row(analyzeProgress(session.processId)).catch(() => undefined)
    if (now)
      job.report({
        detail: `${now.table}: ${now.phase}`,
        ...(now.total > 0 && { progress: now.done / now.total }),
      })
  }
  const timer = setInterval(() => void look(), progressMs)
  try {
    await session.run(statement)
  } finally {
    clearInterval(timer)
  }
}

async function runSteps(
  tx: Session,
  steps: PlannedStep[],
  job: Pick<JobControl, 'signal' | 'report'>,
  say: (detail: string) => void,
): Promise<number> {
  let [before, moved] = [0, 0]
  for (const { statement, role } of steps) {
    job.signal.throwIfAborted()
    if (role === 'count') before = (await tx.row(query(countedRows, statement)))?.rows ?? 0
    else if (role === 'move') {
      for (let rows = await tx.run(statement); rows > 0; rows = await tx.run(statement)) {
        moved += rows
        say(`${counted(moved)} of ${counted(Math.max(before, moved))} rows moved`)
        job.signal.throwIfAborted()
      }
    } else if (role === 'check') {
      const after = (await tx.row(query(countedRows, statement)))?.rows
      if (after !== moved)
        throw new AtlasError(
          'CONFLICT',
          `${counted(moved)} rows were moved, but ${counted(after ?? 0)} arrived`,
          {
            next: 'Look for a trigger or a rule on the partition that changes or drops rows.',
          },
        )
    } else await tx.run(statement)
  }
  return moved
}
