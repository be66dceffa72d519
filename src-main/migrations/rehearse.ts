import type { Session } from '../adapters/postgres.ts'
import { AtlasError } from '../errors.ts'
import type { JobControl } from '../jobs/contract.ts'
import { trustedStatement } from '../sql.ts'
import type { Statement } from '../sqlText.ts'
import { summarise } from './analyse.ts'
import { type MigrationFile, readCompanion } from './files.ts'
import { compareFingerprints, takeFingerprint } from './fingerprint.ts'
import { invalidIndexes, resetSession } from './lockSql.ts'
import { readOptions } from './options.ts'
import { cutScript } from './prepare.ts'
import { ownLocks, relationFiles } from './rehearseSql.ts'
import type { Rehearsal, RehearsedStatement } from './report.contract.ts'
import { verifyMigration } from './verify.ts'

type FileReport = Rehearsal['files'][number]

export interface ReplayText {
  version: string
  name: string
  text: string
}

/** Runs again, in an empty database, what a ledger says was applied. Throws `MIGRATION_FAILED` naming the text. */
export async function replay(
  session: Session,
  texts: readonly ReplayText[],
  job: Pick<JobControl, 'signal' | 'report'>,
): Promise<void> {
  for (const [index, { version, name, text }] of texts.entries()) {
    job.signal.throwIfAborted()
    const fileName = `${version}_${name}`
    job.report({ detail: `Replaying ${fileName}`, progress: (index / texts.length) * 0.4 })
    try {
      await runScript(session, text, fileName)
      await session.run(resetSession())
    } catch (error) {
      if (!(error instanceof AtlasError)) throw error
      throw new AtlasError('MIGRATION_FAILED', `The ledger cannot be replayed: ${error.message}`, {
        ...error.fault,
        object: fileName,
        saved: 'Only the throw-away database was touched.',
        next: 'What this text needs was not made by a migration, or was changed by hand.',
      })
    }
  }
}

/** Tries files on a copy of the schema: forward, proof, back, forward again. Stops at the first that fails forward. */
export async function rehearseFiles(
  session: Session,
  files: readonly MigrationFile[],
  job: Pick<JobControl, 'signal' | 'report'>,
): Promise<FileReport[]> {
  const reports: FileReport[] = []
  for (const [index, file] of files.entries()) {
    job.signal.throwIfAborted()
    job.report({ detail: `Rehearsing ${file.fileName}`, progress: 0.4 + (index / files.length) * 0.6 })
    const isStopped = reports.at(-1)?.status === 'failed'
    reports.push(isStopped ? skipped(file) : await rehearseFile(session, file))
    await session.run(resetSession())
  }
  return reports
}

async function rehearseFile(session: Session, file: MigrationFile): Promise<FileReport> {
  const report: FileReport = { ...skipped(file), status: 'passed' }
  const before = await takeFingerprint(session, { withPartitions: true })
  try {
    await runUp(session, file, report)
  } catch (error) {
    if (!(error instanceof AtlasError)) throw error
    report.status = 'failed'
    report.error = [error.message, error.fault.object].filter(Boolean).join(' · ')
    return report
  }
  report.invalidIndexes = (await session.rows(invalidIndexes())).map(
    ({ schema, name }) => `${schema}.${name}`,
  )
  if (report.invalidIndexes.length > 0) report.status = 'failed'
  const down = readCompanion(file, 'down')
  if (down === undefined) return report
  const after = await takeFingerprint(session, { withPartitions: true })
  try {
    await runScript(session, down, file.fileName)
    const left = compareFingerprints(before, await takeFingerprint(session, { withPartitions: true }))
    await runScript(session, file.text, file.fileName)
    const again = compareFingerprints(after, await takeFingerprint(session, { withPartitions: true }))
    report.differences = [...left, ...again].slice(0, 200)
    report.down = report.differences.length === 0 ? 'passed' : 'failed'
  } catch (error) {
    if (!(error instanceof AtlasError)) throw error
    report.down = 'failed'
    report.error = `The way back: ${error.message}`
  }
  if (report.down === 'failed') report.status = 'failed'
  return report
}

async function runUp(session: Session, file: MigrationFile, report: FileReport): Promise<void> {
  const statements = cutScript(file.text, file.fileName)
  const proof = readCompanion(file, 'verify')
  const prove = async (tx: Session) => {
    if (proof === undefined) return
    report.verify = 'failed'
    await verifyMigration(tx, file, proof)
    report.verify = 'passed'
  }
  const known = new Map((await session.rows(relationFiles())).map(({ id, ...relation }) => [id, relation]))
  if (file.options.isTransactional) {
    await session.transaction(async (tx) => {
      const held = new Set<string>()
      for (const statement of statements) await measure(tx, statement, report, known, held)
      await prove(tx)
    })
  } else {
    for (const statement of statements) await measure(session, statement, report, known, new Set())
    await session.transaction(prove)
  }
}

const mayRewrite = /^(alter|cluster|vacuum|truncate|refresh|reindex|do|select|call)\b/i

async function measure(
  tx: Session,
  { text, line }: Statement,
  report: FileReport,
  known: Map<number, { name: string; file: number }>,
  held: Set<string>,
): Promise<void> {
  const row: RehearsedStatement = {
    line,
    summary: summarise(text),
    durationMs: 0,
    locks: [],
    rewrites: [],
    error: null,
  }
  report.up.push(row)
  const begun = performance.now()
  try {
    await tx.run(trustedStatement(text))
  } catch (error) {
    row.error = (error as Error).message
    throw error
  } finally {
    row.durationMs = performance.now() - begun
  }
  for (const { id, object, mode } of await tx.rows(ownLocks())) {
    if (held.has(`${id} ${mode}`)) continue
    held.add(`${id} ${mode}`)
    row.locks.push({ object, mode, isNew: !known.has(id) })
  }
  if (!mayRewrite.test(text)) return
  for (const { id, name, file } of await tx.rows(relationFiles())) {
    const before = known.get(id)
    if (before && before.file !== file) {
      row.rewrites.push(name)
      before.file = file
    }
  }
}

async function runScript(session: Session, text: string, fileName: string): Promise<void> {
  const statements = cutScript(text, fileName)
  const run = async (on: Session) => {
    for (const statement of statements) await on.run(trustedStatement(statement.text))
  }
  await (readOptions(text, fileName).isTransactional ? session.transaction(run) : run(session))
}

function skipped({ version, fileName }: MigrationFile): FileReport {
  return {
    version,
    fileName,
    status: 'skipped',
    up: [],
    verify: 'none',
    down: 'none',
    differences: [],
    invalidIndexes: [],
    error: null,
  }
}
