import type { Database } from '../../src-main/adapters/postgres.ts'
import { chooseFiles, compareFolder } from '../../src-main/migrations/compare.ts'
import { applyMigrations } from '../../src-main/migrations/runner.ts'

/** Applies what is pending in a folder, without a job around it. */
export function applyFolder(db: Database, folder: string, signal = new AbortController().signal) {
  return applyMigrations(
    db,
    async (session) => chooseFiles(await compareFolder(session, { folder, project: 'platform' }), undefined),
    { signal, report: () => {} },
  )
}
