import type { Database } from './adapters/postgres.ts'
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
  environments: Pick<Environments, 'visit'>
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
    return environments.visit(other.id, (side, { name }) => work(side, name))
  }
  return {
    ...createSchema({ db }),
    ...createDiff({ db, jobs, environmentId: environment.id, environmentName: environment.name, withSide }),
  }
}
