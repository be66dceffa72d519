import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { openAppDb } from '../../src-main/adapters/appdb.ts'
import { type Database, openPostgres } from '../../src-main/adapters/postgres.ts'
import { openScratch } from '../../src-main/adapters/scratch.ts'
import { createJobs, type Jobs } from '../../src-main/jobs/service.ts'
import { createLogger } from '../../src-main/log.ts'
import { createMigrations } from '../../src-main/migrations/service.ts'
import { readCatalogue } from '../../src-main/schema/define.ts'
import { createTestDatabase, type TestDatabase } from '../support/database.ts'
import { targetOf } from '../support/target.ts'

/** An empty database, a folder of migrations, and the service on both. */
export interface MigrationsBench {
  database: TestDatabase
  db: Database
  jobs: Jobs
  folder: string
  migrations: ReturnType<typeof createMigrations>
  write(name: string, text: string): Promise<void>
  remove(name: string): Promise<void>
  apply(to?: string): ReturnType<Jobs['finished']>
  /** `001 applied`, in order. */
  states(): Promise<string[]>
  /** Waits for the job of a call. */
  done(started: Promise<{ jobId: string }>): ReturnType<Jobs['finished']>
  close(): Promise<void>
}

/** By default an empty database and a folder of its own; a folder that is given stays. */
export async function openMigrationsBench({
  template = 'empty',
  folder: given,
}: {
  template?: 'empty' | 'migrated'
  folder?: string
} = {}): Promise<MigrationsBench> {
  const database = await createTestDatabase({ template })
  const locate = async () => targetOf(database.url)
  const db = openPostgres(locate, { applicationName: 'Atlas test' })
  const folder = given ?? (await mkdtemp(join(tmpdir(), 'atlas-migrations-')))
  const state = await mkdtemp(join(tmpdir(), 'atlas-state-'))
  const appDb = openAppDb(state)
  const jobs = createJobs(appDb, createLogger('silent').describe)
  const migrations = createMigrations({
    db,
    jobs,
    environmentId: 'test',
    folder,
    partitionHorizonMonths: 3,
    readCatalogue: () => readCatalogue(db),
    openScratch: () => openScratch(locate, 'Atlas test scratch'),
  })
  const done: MigrationsBench['done'] = async (started) => jobs.finished((await started).jobId)
  return {
    database,
    db,
    jobs,
    folder,
    migrations,
    write: (name, text) => writeFile(join(folder, name), text),
    remove: (name) => rm(join(folder, name)),
    apply: (to) => done(migrations.apply({ to }, {})),
    states: async () =>
      (await migrations.status(undefined, {})).migrations.map(({ version, state: is }) => `${version} ${is}`),
    done,
    close: async () => {
      await jobs.close()
      await db.close()
      appDb.close()
      await database.drop()
      if (given === undefined) await rm(folder, { recursive: true })
      await rm(state, { recursive: true })
    },
  }
}
