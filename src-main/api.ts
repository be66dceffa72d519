import { environmentsContract } from './environments/contract.ts'
import { healthContract } from './health/contract.ts'
import { jobsContract } from './jobs/contract.ts'
import { migrationsContract } from './migrations/contract.ts'
import { settingsContract } from './settings/contract.ts'
import { verificationContract } from './verification/contract.ts'

/** Every capability's contract under its name. The renderer, the CLI and the HTTP API all speak this. */
export const api = {
  environments: environmentsContract,
  health: healthContract,
  jobs: jobsContract,
  migrations: migrationsContract,
  settings: settingsContract,
  verification: verificationContract,
}

export type Api = typeof api
