import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { openAppDb } from '../../src-main/adapters/appdb.ts'
import { type Database, openPostgres } from '../../src-main/adapters/postgres.ts'
import { createJobs, type Jobs } from '../../src-main/jobs/service.ts'
import { createLogger } from '../../src-main/log.ts'
import { createTestDatabase, type TestDatabase } from './database.ts'
import { targetOf } from './target.ts'

/** What most slices stand on: a database of its own, a pool on it, jobs, and a folder that goes with the test. */
export interface TestServices {
  database: TestDatabase
  db: Database
  jobs: Jobs
  folder: string
  describeError: ReturnType<typeof createLogger>['describe']
  close(): Promise<void>
}

export async function openTestServices(): Promise<TestServices> {
  const database = await createTestDatabase()
  const db = openPostgres(async () => targetOf(database.url), { applicationName: 'Atlas test' })
  const folder = mkdtempSync(join(tmpdir(), 'atlas-test-'))
  const appDb = openAppDb(folder)
  const describeError = createLogger('silent').describe
  const jobs = createJobs(appDb, describeError)
  return {
    database,
    db,
    jobs,
    folder,
    describeError,
    async close() {
      await jobs.close()
      await db.close()
      appDb.close()
      await database.drop()
      rmSync(folder, { recursive: true, force: true })
    },
  }
}
