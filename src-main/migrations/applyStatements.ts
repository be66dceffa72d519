import { AtlasError } from '../errors.ts'
import { trustedStatement } from '../sql.ts'
import { runnerName } from './acquire.ts'
import { pauseForLock } from './applyTransaction.ts'
import { keepLedgerRow } from './eventSql.ts'
import { explainFailure } from './failure.ts'
import { readCompanion } from './files.ts'
import { isDone, type LoneStatement, readLoneStatement, refuseLeftovers } from './leftovers.ts'
import type { PreparedMigration } from './prepare.ts'
import { ledgerRow, markStatement, upsertLedger } from './sql.ts'
import { verifyMigration } from './verify.ts'
import type { Work } from './work.ts'

/**
 * Runs a file that asks for no transaction: each statement by itself, recorded before it begins and after it has
 * ended. What was cut off goes on where it stopped; of the statement that was under way the catalogue tells whether it
 * is done, and where nothing can tell, a person decides.
 */
export async function applyStatements(work: Work, migration: PreparedMigration): Promise<void> {
  const { session, project, progress } = work
  const { file, statements, normalisedChecksum } = migration
  const begun = performance.now()
  const entry = {
    ...file,
    project,
    normalisedChecksum,
    appliedFrom: runnerName,
    isRepeatable: file.options.isRepeatable,
  }
  let at = 0
  let isProved = false
  try {
    progress.begin(migration, 1)
    const row = await session.row(ledgerRow(project, file.version))
    at = row?.outcome === 'partial' ? (row.statementsDone ?? 0) : 0
    const cutOff = row?.statementStarted ?? null
    if (row?.outcome !== 'partial') {
      if (row) await keepLedgerRow(session, project, file.version)
      await session.run(upsertLedger({ ...entry, durationMs: 0, outcome: 'partial', statementsDone: 0 }))
    }
    const started = cutOff === null ? undefined : statements[at]
    if (started) {
      const statement = await readLoneStatement(started.text)
      if (await isDone(session, statement, () => outcomeUnknown(migration, at))) at++
    }
    for (; at < statements.length; at++) {
      progress.statement(at)
      await runOne(work, migration, at)
    }
    progress.statement(at)
    isProved = true
    const proof = readCompanion(file, 'verify')
    if (proof !== undefined) {
      progress.observe({ phase: 'verifying' })
      await session.transaction((tx) => verifyMigration(tx, file, proof))
    }
    const durationMs = Math.round(performance.now() - begun)
    await session.run(upsertLedger({ ...entry, durationMs, outcome: 'applied' }))
  } catch (error) {
    throw explainFailure(
      error,
      { ...file, statements, index: at },
      isProved
        ? 'All statements of this file stay done; it is recorded as partial until its proof holds.'
        : `${at} of ${statements.length} statements of this file are done and recorded; applying again goes on with the next one.`,
      progress.lastWait(),
    )
  }
}

async function runOne(work: Work, { file, statements }: PreparedMigration, index: number): Promise<void> {
  const { session, project, progress } = work
  const { text } = statements[index] as { text: string }
  const statement: LoneStatement = await readLoneStatement(text)
  await refuseLeftovers(session, statement)
  const { lockTimeoutMs, statementTimeoutMs, lockRetries } = file.options
  await work.configure({
    lockTimeoutMs: statement.isConcurrent ? 0 : lockTimeoutMs,
    statementTimeoutMs,
    commitsWait: true,
  })
  for (let attempt = 1; ; attempt++) {
    await session.run(markStatement(project, file.version, index, index + 1))
    try {
      await session.run(trustedStatement(text))
      await session.run(markStatement(project, file.version, index + 1, null))
      return
    } catch (error) {
      // The server has answered: the statement is not done. Only an index that is built in steps leaves something.
      if (error instanceof AtlasError && error.code !== 'CONNECTION_LOST')
        await session.run(markStatement(project, file.version, index, null)).catch(() => 0)
      const isLock = error instanceof AtlasError && error.fault.sqlState === '55P03'
      if (isLock && !statement.isConcurrent && attempt <= lockRetries) {
        await pauseForLock(work, attempt)
        progress.observe({ phase: 'applying', attempt: attempt + 1, retryAt: null })
        continue
      }
      await refuseLeftovers(session, statement).catch((left: AtlasError) => {
        throw new AtlasError('MIGRATION_FAILED', (error as Error).message, {
          ...left.fault,
          sqlState: error instanceof AtlasError ? error.fault.sqlState : undefined,
          detail: `${left.message}. ${left.fault.detail}`,
          saved: `${index} of ${statements.length} statements of this file are done and recorded.`,
        })
      })
      throw error
    }
  }
}

function outcomeUnknown({ file, statements }: PreparedMigration, index: number): AtlasError {
  return new AtlasError('MIGRATION_FAILED', 'A statement was cut off, and nothing tells whether it is done', {
    object: `${file.fileName}:${statements[index]?.line}`,
    detail: `Statement ${index + 1} of ${statements.length}: ${statements[index]?.text.slice(0, 200)}`,
    saved: `${index} of ${statements.length} statements of this file are done and recorded.`,
    next: `Look at the object, then \`migrate repair ${file.version} --statement done|again --reason …\`.`,
  })
}
