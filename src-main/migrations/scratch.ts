import type { Database, Session } from '../adapters/postgres.ts'
import type { Scratch } from '../adapters/scratch.ts'
import { AtlasError } from '../errors.ts'
import type { JobControl } from '../jobs/contract.ts'
import { chooseFiles, compareFolder } from './compare.ts'
import { type MigrationsDependencies, placeOfSource } from './context.ts'
import { replay } from './rehearse.ts'
import { ledgerKind, replayTexts } from './sql.ts'
import type { Source } from './state.contract.ts'

/** Roles and the like are made for the whole server, wherever the statement stands. */
export const reachesServer =
  /\b(create|alter|drop)\s+(role|user|group|database|tablespace)\b|\balter\s+system\b/i

/** What the ledger says was applied, in its order. */
export async function readLedger(db: Pick<Database, 'row' | 'rows'>) {
  const kind = (await db.row(ledgerKind()))?.kind
  const texts = kind === 'own' ? await db.rows(replayTexts()) : []
  return texts.filter(({ outcome, text }) => outcome !== 'partial' && text.trim() !== '')
}

/** Does work in a throw-away database, which goes afterwards; a cancel reaches what it runs. */
export async function inScratch<Result>(
  openScratch: MigrationsDependencies['openScratch'],
  job: JobControl,
  isIsolated: boolean,
  work: (session: Session, scratch: Scratch) => Promise<Result>,
): Promise<Result> {
  if (!openScratch) throw new AtlasError('UNSUPPORTED', 'No throw-away database can be made here')
  job.report({ detail: 'Making a throw-away database' })
  const scratch = await openScratch(isIsolated)
  try {
    const session = await scratch.db.session('rehearsal')
    try {
      return await scratch.db.interruptible(session, job.signal, () => work(session, scratch))
    } finally {
      await session.close()
    }
  } finally {
    await scratch.close()
  }
}

type Dependencies = Pick<MigrationsDependencies, 'db' | 'folder' | 'openScratch'>

/**
 * Does work in a throw-away database that the ledger and the pending files of a folder have made. Throws
 * `MIGRATION_EDITED` where the two contradict each other, `MIGRATION_FAILED` where a text does not run.
 */
export async function inMigrated<Result>(
  { db, folder, openScratch }: Dependencies,
  source: Source,
  job: JobControl,
  work: (scratch: Scratch) => Promise<Result>,
): Promise<Result> {
  const files = chooseFiles(await compareFolder(db, placeOfSource(folder, source)), undefined, true)
  const texts = await readLedger(db)
  const isIsolated = files.some(({ text }) => reachesServer.test(text))
  return inScratch(openScratch, job, isIsolated, async (session, scratch) => {
    await replay(session, [...texts, ...files], job)
    return work(scratch)
  })
}
