import { setTimeout as sleep } from 'node:timers/promises'
import { AtlasError } from '../errors.ts'
import { trustedStatement } from '../sql.ts'
import { runnerName } from './acquire.ts'
import { keepLedgerRow } from './eventSql.ts'
import { explainFailure } from './failure.ts'
import { readCompanion } from './files.ts'
import type { PreparedMigration } from './prepare.ts'
import { upsertLedger } from './sql.ts'
import { verifyMigration } from './verify.ts'
import type { Work } from './work.ts'

const firstPauseMs = 200
const longestPauseMs = 5000

/**
 * Runs a file, its proof, and its row of the ledger in one transaction. Where a lock is not to be had in time all is
 * rolled back, so that nobody queues behind it, and tried again after a pause that grows and differs from runner to
 * runner.
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
    await work.setTimeouts(options.lockTimeoutMs, options.statementTimeoutMs)
    await session.transaction(async (tx) => {
      for (const [index, statement] of statements.entries()) {
        at = index
        progress.statement(index)
        await tx.run(trustedStatement(statement.text))
      }
      at = statements.length
      progress.statement(at)
      const proof = readCompanion(file, 'verify')
      if (proof !== undefined) {
        progress.observe({ phase: 'verifying' })
        await verifyMigration(tx, file, proof)
      }
      if (options.isRepeatable) await keepLedgerRow(tx, project, file.version)
      const written = await tx.run(
        upsertLedger({
          ...file,
          project,
          normalisedChecksum,
          durationMs: Math.round(performance.now() - begun),
          appliedFrom: runnerName,
          outcome: 'applied',
          isRepeatable: options.isRepeatable,
        }),
      )
      if (written === 0) throw appliedMeanwhile(file.fileName)
    })
  } catch (error) {
    throw explainFailure(
      error,
      { ...file, statements, index: at },
      'This file was rolled back whole; the files before it stay applied.',
      progress.lastWait(),
    )
  }
}

function appliedMeanwhile(fileName: string): AtlasError {
  return new AtlasError('CONFLICT', 'The migration was applied meanwhile', { object: fileName })
}
