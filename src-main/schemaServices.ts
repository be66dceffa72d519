import { type Database, openPostgres } from './adapters/postgres.ts'
import type { Scratch } from './adapters/scratch.ts'
import type { ServiceOf } from './contract.ts'
import type { Environment } from './environments/contract.ts'
import type { Environments } from './environments/service.ts'
import type { JobStarter } from './jobs/contract.ts'
import { inMigrated } from './migrations/scratch.ts'
import type { schemaContract } from './schema/contract.ts'
import { createDiff, type WithSide } from './schema/diff/service.ts'
import { createSchema } from './schema/service.ts'

interface Dependencies {
  db: Database
  jobs: JobStarter
  environment: Pick<Environment, 'id' | 'name'>
  environments: Pick<Environments, 'resolve'>
  migrationsFolder: string
  openScratch: (isIsolated: boolean) => Promise<Scratch>
}

/** The schema of one environment, with what it can be held against: other environments, and what migrations make. */
export function createSchemaServices({
  db,
  jobs,
  environment,
  environments,
  migrationsFolder,
  openScratch,
}: Dependencies): ServiceOf<typeof schemaContract> {
  const withSide: WithSide = async (other, job, work) => {
    if (other.type === 'migrations')
      return inMigrated({ db, folder: migrationsFolder, openScratch }, other, job, (scratch) =>
        work(scratch.db, 'the migrations'),
      )
    const side = environments.resolve(other.id)
    const open = openPostgres(side.locatePostgres, { applicationName: 'Atlas Desktop', maxConnections: 1 })
    return work(open, side.environment.name).finally(() => open.close())
  }
  return {
    ...createSchema({ db }),
    ...createDiff({ db, jobs, environmentId: environment.id, environmentName: environment.name, withSide }),
  }
}
