import { activityContract } from './activity/contract.ts'
import { auditContract } from './audit/contract.ts'
import { consoleContract } from './console/contract.ts'
import { containersContract } from './containers/contract.ts'
import { containerFilesContract } from './containers/inside/filesContract.ts'
import { containerShellContract } from './containers/inside/shellContract.ts'
import { checkpointsContract } from './containers/volumes/checkpointContract.ts'
import { volumesContract } from './containers/volumes/volumesContract.ts'
import { draftsContract } from './drafts/contract.ts'
import { environmentsContract } from './environments/contract.ts'
import { healthContract } from './health/contract.ts'
import { jobsContract } from './jobs/contract.ts'
import { libraryContract } from './library/contract.ts'
import { logsContract } from './logs/contract.ts'
import { migrationsContract } from './migrations/contract.ts'
import { overviewContract } from './overview/contract.ts'
import { partitionsContract } from './partitions/contract.ts'
import { pipelinesContract } from './pipelines/contract.ts'
import { schemaContract } from './schema/contract.ts'
import { settingsContract } from './settings/contract.ts'
import { stackContract } from './stack/contract.ts'
import { stackFilesContract } from './stack/filesContract.ts'
import { stackFormContract } from './stack/formContract.ts'
import { verificationContract } from './verification/contract.ts'

/** Every capability's contract under its name. The renderer, the CLI and the HTTP API all speak this. */
export const api = {
  activity: activityContract,
  audit: auditContract,
  checkpoints: checkpointsContract,
  volumes: volumesContract,
  console: consoleContract,
  containers: containersContract,
  containerFiles: containerFilesContract,
  containerShell: containerShellContract,
  drafts: draftsContract,
  environments: environmentsContract,
  health: healthContract,
  jobs: jobsContract,
  library: libraryContract,
  logs: logsContract,
  migrations: migrationsContract,
  overview: overviewContract,
  partitions: partitionsContract,
  pipelines: pipelinesContract,
  schema: schemaContract,
  settings: settingsContract,
  stack: stackContract,
  stackFiles: stackFilesContract,
  stackForm: stackFormContract,
  verification: verificationContract,
}

export type Api = typeof api
