import type { Database, Session } from '../adapters/postgres.ts'
import type { JobControl } from '../jobs/contract.ts'
import { sampleSession } from './lockSql.ts'
import type { PreparedMigration } from './prepare.ts'
import type { RunnerState } from './state.contract.ts'
import { describePhase, describeWait } from './waiting.ts'

/** Follows a run: which statement runs since when, and what its session waits for when that takes long. */
export interface Progress {
  begin(migration: PreparedMigration, attempt: number): void
  /** A statement begins; the time of the one before is kept. */
  statement(index: number): void
  end(): void
  observe(change: Partial<RunnerState>): void
  /** What the session was last seen waiting for. */
  lastWait(): RunnerState['wait']
  stop(): void
}

const sampleEveryMs = 150
const sampleFromMs = 120
const reportEveryMs = 100

export function followRun(
  db: Pick<Database, 'row'>,
  session: Pick<Session, 'processId'>,
  job: Pick<JobControl, 'report'>,
  observe: (change: Partial<RunnerState>) => void,
  prepared: readonly PreparedMigration[],
): Progress {
  const total = prepared.reduce((sum, { statements }) => sum + statements.length, 0)
  let doneBefore = 0
  let current: PreparedMigration | undefined
  let at = 0
  let statementBegun = 0
  let reported = 0
  let durationsMs: number[] = []
  let wait: RunnerState['wait'] = null
  let isSampling = false

  const report = () => {
    if (!current) return
    const now = performance.now()
    if (now - reported < reportEveryMs) return
    reported = now
    const doing = `${current.file.fileName}: statement ${at + 1} of ${current.statements.length}`
    job.report({
      detail: [doing, describeWait(wait) ?? describePhase(wait)].filter(Boolean).join(': '),
      progress: Math.min(1, (doneBefore + at) / Math.max(total, 1)),
    })
    const statementStartedAt = new Date(Date.now() - (now - statementBegun))
    observe({ statement: at + 1, statementStartedAt, durationsMs: [...durationsMs], wait })
  }

  const sample = async () => {
    if (!current || isSampling || performance.now() - statementBegun < sampleFromMs) return
    isSampling = true
    try {
      const statement = `${current.file.version} ${at}`
      const seen = (await db.row(sampleSession(session.processId))) ?? null
      if (!current || statement !== `${current.file.version} ${at}`) return
      wait = seen
      reported = 0
      report()
    } catch {
      // The run itself says what is wrong with the server.
    } finally {
      isSampling = false
    }
  }
  const timer = setInterval(() => void sample(), sampleEveryMs)

  return {
    begin: (migration, attempt) => {
      current = migration
      at = 0
      durationsMs = []
      wait = null
      statementBegun = performance.now()
      reported = attempt === 1 ? reported : 0
      observe({
        phase: 'applying',
        version: migration.file.version,
        fileName: migration.file.fileName,
        statements: migration.statements.length,
        isTransactional: migration.file.options.isTransactional,
        attempt,
        attempts: migration.file.options.lockRetries + 1,
        retryAt: null,
        ...(attempt === 1 ? { fileStartedAt: new Date() } : {}),
      })
      report()
    },
    statement: (index) => {
      const now = performance.now()
      if (index > 0) durationsMs[index - 1] = now - statementBegun
      at = index
      statementBegun = now
      wait = null
      report()
    },
    end: () => {
      doneBefore += current?.statements.length ?? 0
      current = undefined
    },
    observe,
    lastWait: () => wait,
    stop: () => clearInterval(timer),
  }
}
