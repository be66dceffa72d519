import { setTimeout as sleep } from 'node:timers/promises'
import { AtlasError } from '../errors.ts'
import { sql, trustedStatement } from '../sql.ts'
import { runnerName } from './acquire.ts'
import { keepLedgerRow } from './eventSql.ts'
import { explainFailure } from './failure.ts'
import { readCompanion } from './files.ts'
import type { PreparedMigration } from './prepare.ts'
import { insertLedger, upsertLedger } from './sql.ts'
import { verifyMigration } from './verify.ts'
import type { Work } from './work.ts'

const firstPauseMs = 200
const longestPauseMs = 5000
const begin = sql`begin`

/**
 * Runs a file, its proof, and its row of the ledger in one transaction. Where a lock is not to be had in time all is
 * rolled back, so that nobody queues behind it, and tried again after a pause that grows and differs from runner to
 * runner. The commit does not wait for the disk: the runner does, once, before it says how it went.
 */
export async function applyInTransaction(work: Work, migration: PreparedMigration): Promise<void> {
  const { lockRetries } = migration.file.options
  for (let attempt = 1; ; attempt++) {
    work.progress.begin(migration, attempt)
    try {
      return await applyOnce(work, migration)
    } catch (error) {
      const isLock = error instanceof AtlasError && error.fault.sqlState === '55P03'
      if (!isLock || attempt > lockRetries) throw error
      await pauseForLock(work, attempt)
    }
  }
}

/** Waits before a lock is tried for again. */
export async function pauseForLock({ progress, signal }: Work, attempt: number): Promise<void> {
  const pauseMs = Math.min(longestPauseMs, firstPauseMs * 1.6 ** (attempt - 1)) * (0.5 + Math.random() / 2)
  progress.observe({ phase: 'retrying', attempt, retryAt: new Date(Date.now() + pauseMs) })
  await sleep(pauseMs, undefined, { signal })
}

async function applyOnce(work: Work, { file, statements, normalisedChecksum }: PreparedMigration) {
  const { session, project, progress } = work
  const { options } = file
  const begun = performance.now()
  let at = 0
  try {
    await work.configure({ ...options, commitsWait: false })
    if (statements.length === 0) await session.run(begin)
    for (const [index, { text }] of statements.entries()) {
      at = index
      progress.statement(index)
      const statement = trustedStatement(text)
      // One message a wait: a thousand small files wait for little else.
      await (index === 0 ? session.runTogether([begin, statement]) : session.run(statement))
    }
    at = statements.length
    progress.statement(at)
    const proof = readCompanion(file, 'verify')
    if (proof !== undefined) {
      progress.observe({ phase: 'verifying' })
      await verifyMigration(session, file, proof)
    }
    if (options.isRepeatable) await keepLedgerRow(session, project, file.version)
    const writeLedger = options.isRepeatable ? upsertLedger : insertLedger
    const row = writeLedger({
      ...file,
      project,
      normalisedChecksum,
      durationMs: Math.round(performance.now() - begun),
      appliedFrom: runnerName,
      outcome: 'applied',
      isRepeatable: options.isRepeatable,
    })
    await session.runTogether([row, sql`commit`])
  } catch (error) {
    await session.run(sql`rollback`).catch(() => 0)
    throw explainFailure(
      error,
      { ...file, statements, index: at },
      'This file was rolled back whole; the files before it stay applied.',
      progress.lastWait(),
    )
  }
}
