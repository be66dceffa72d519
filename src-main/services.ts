import { rmSync } from 'node:fs'
import { userInfo } from 'node:os'
import { join } from 'node:path'
import { createActivity } from './activity/service.ts'
import { openAppDb } from './adapters/appdb.ts'
import { copyIn, copyOut } from './adapters/copy.ts'
import { type DockerEngine, openDocker, pingDocker } from './adapters/docker.ts'
import { createEmbeddedPostgres, embeddedLogOf } from './adapters/embedded.ts'
import { openPostgres, type PostgresTarget } from './adapters/postgres.ts'
import { translateQueryError } from './adapters/postgresErrors.ts'
import { openRedis } from './adapters/redis.ts'
import { openScratchFor } from './adapters/scratch.ts'
import { openSecrets } from './adapters/secrets.ts'
import { sendStatement } from './adapters/statement.ts'
import type { Api } from './api.ts'
import { createAudit } from './audit/service.ts'
import type { Config } from './config.ts'
import { forgetPinsOf } from './console/pins.ts'
import { type Console, createConsole, pinFolderOf, spoolFolderOf } from './console/service.ts'
import { forgetSnapshotsOf, snapshotFolderOf } from './console/snapshots.ts'
import type { ServiceOf } from './contract.ts'
import { leaveDrafts, listForsaken } from './drafts/removed.ts'
import { createDrafts } from './drafts/service.ts'
import {
  createEnvironments,
  type Environments,
  type EnvironmentTarget,
  ownEnvironments,
} from './environments/service.ts'
import { createHealth } from './health/service.ts'
import type { Job } from './jobs/contract.ts'
import { createJobs, type Jobs } from './jobs/service.ts'
import { createLibrary } from './library/service.ts'
import type { Logger } from './log.ts'
import { createMigrations } from './migrations/service.ts'
import { createOverview } from './overview/service.ts'
import { keepPartitions } from './partitions/keeper.ts'
import { createPartitions } from './partitions/service.ts'
import { createPipelines, type Pipelines } from './pipelines/service.ts'
import { startWorker, type Worker } from './pipelines/worker.ts'
import { readCatalogue } from './schema/define.ts'
import { createSchemaServices } from './schemaServices.ts'
import { createSettings } from './settings/service.ts'
import { createLoader, type LoadStack } from './stack/compose/project.ts'
import { createConnectionReader } from './stack/connection.ts'
import { createSelectionStore, openStackFolder, type SelectionStore } from './stack/selection.ts'
import { createStackServices } from './stackServices.ts'
import { createVerification } from './verification/service.ts'

/** Every capability of one environment, under the names of the contract. */
export type Services = { [Name in keyof Api]: ServiceOf<Api[Name]> } & {
  console: Console
  jobs: Jobs
  pipelines: Pipelines
}

export type Host = 'electron' | 'server' | 'worker' | 'cli'
export type App = Awaited<ReturnType<typeof openApp>>

/** The embedded server of a data folder. Nothing starts yet. */
export const createEmbedded = ({ home }: Pick<Config, 'home'>) =>
  createEmbeddedPostgres(home, 'atlas_pipeline')

/** What all environments share: the desktop's own database, jobs, settings, and the environments themselves. */
export async function openApp(config: Config, host: Host, log: Logger, onAlert?: (job: Job) => void) {
  const db = openAppDb(config.home)
  const embedded = createEmbedded(config)
  const jobs = createJobs(db, log.describe, onAlert)
  const secrets = await openSecrets(config.home)
  const docker = openDocker()
  const open = new Map<string, ReturnType<typeof createServices>>()
  const loadStack = createLoader(
    join(config.root, 'resources', 'schemas', 'compose-spec.json'),
    process.env,
    config.root,
  )
  const stackFolder = openStackFolder(join(config.root, 'resources', 'stack'), join(config.home, 'stack'))
  const stackSelection = createSelectionStore(db, stackFolder)
  const environments = createEnvironments({
    config,
    db,
    secrets,
    startEmbedded: embedded.start,
    readStack: createConnectionReader(loadStack, stackSelection.get),
    openPostgres: (locate) =>
      openPostgres(locate, { applicationName: 'Atlas Desktop', maxConnections: 1, connectTimeoutMs: 4000 }),
    openRedis,
    onChange: async (id) => {
      const services = open.get(id)
      open.delete(id)
      await services?.close()
    },
    onRemoved: ({ id, name }) => {
      forgetPinsOf(db, id, pinFolderOf(config.home))
      forgetSnapshotsOf(db, id, snapshotFolderOf(config.home))
      leaveDrafts(db, id, `Tabs of ${name.replaceAll('/', '-')}`)
    },
  })
  for (const id of listForsaken(db, ownEnvironments)) leaveDrafts(db, id, 'Tabs of a removed environment')
  const settings = createSettings({
    db,
    about: () => ({
      version: config.version,
      home: config.home,
      host,
      node: process.versions.node,
      secretsKey: secrets.place,
      secretsKeyDetail: secrets.placeDetail,
    }),
  })
  const shared = {
    config,
    db,
    jobs,
    settings,
    environments,
    docker,
    loadStack,
    stackSelection,
    host,
    log,
    startEmbedded: embedded.start,
    secrets,
  }

  const environment = (idOrName?: string) => {
    const target = environments.resolve(idOrName)
    const { id } = target.environment
    const made = open.get(id) ?? createServices(shared, target)
    open.set(id, made)
    return made
  }

  return {
    config,
    jobs,
    /** The services of an environment, named by id or name; made on first use. Nothing connects yet. */
    services: (idOrName?: string): Services => environment(idOrName).services,
    /** Begins to do the pipeline tasks of an environment in this process; of one run alone where `onlyRun` is given. */
    startWorker: (idOrName?: string, options: { onlyRun?: string; onTurn?: () => void } = {}): Worker =>
      environment(idOrName).startWorker(options),
    /** Closes in order: work, environments, the embedded server, the desktop's own database. */
    async close() {
      await jobs.close()
      await Promise.all([...open.values()].map((services) => services.close()))
      rmSync(spoolFolderOf(config.home), { recursive: true, force: true })
      await embedded.close()
      db.close()
    },
  }
}

type Shared = Pick<App, 'config' | 'jobs'> & {
  db: ReturnType<typeof openAppDb>
  settings: Services['settings']
  environments: Environments
  docker: DockerEngine
  loadStack: LoadStack
  stackSelection: SelectionStore
  host: Host
  log: Logger
  startEmbedded: () => Promise<PostgresTarget>
  secrets: Awaited<ReturnType<typeof openSecrets>>
}

/** Composes the services of one environment. The one place that knows every slice. */
function createServices(
  {
    config,
    db: appDb,
    jobs,
    settings,
    environments,
    docker,
    loadStack,
    stackSelection,
    host,
    log,
    secrets,
    startEmbedded,
  }: Shared,
  target: EnvironmentTarget,
) {
  const { environment } = target
  const environmentId = environment.id
  const db = openPostgres(target.locatePostgres, { applicationName: 'Atlas Desktop', ...config.postgres })
  const redis = environment.redisUrl ? openRedis(target.redisUrl) : undefined
  const workers = new Set<Worker>()
  const pipelines = createPipelines({
    db,
    jobs,
    environmentId,
    definitionsFolder: join(config.root, 'resources', 'pipelines'),
    trigger: host === 'cli' ? 'cli' : 'manual',
    requestedBy: userInfo().username,
  })
  const drafts = createDrafts({ db: appDb, environmentId })
  const console = createConsole({
    db,
    appDb,
    jobs,
    environmentId,
    environmentName: environment.name,
    isProduction: environment.kind === 'production',
    spoolFolder: spoolFolderOf(config.home),
    pinFolder: pinFolderOf(config.home),
    snapshotFolder: snapshotFolderOf(config.home),
    readDraft: drafts.at,
    sendStatement,
    copyIn,
    copyOut,
    translate: translateQueryError,
    describeError: log.describe,
  })

  const stack = createStackServices({
    docker,
    appDb,
    jobs,
    secrets,
    environment,
    home: config.home,
    load: loadStack,
    selection: stackSelection,
  })

  const verification = createVerification({
    db,
    redis,
    apiUrl: config.apiUrl,
    environmentName: environment.name,
  })

  const migrationsFolder = join(config.root, 'migrations')
  const openScratch = (isIsolated: boolean) =>
    openScratchFor(target.locatePostgres, startEmbedded, isIsolated)

  const services: Services = {
    ...stack.services,
    activity: createActivity({
      db,
      jobs,
      environmentId,
      ownLogFile: environment.postgres.type === 'embedded' ? embeddedLogOf(config.home) : undefined,
    }),
    audit: createAudit({ db, jobs, environmentId }),
    console,
    drafts,
    environments: { ...environments, current: async () => environment },
    health: createHealth({
      db,
      postgresAddress: async () => {
        const { host: name, port, database } = await target.locatePostgres()
        return `${name}:${port}/${database}`
      },
      pingRedis: async () => redis?.ping(),
      pingDocker: () => pingDocker(docker),
    }),
    jobs,
    library: createLibrary({ db: appDb }),
    migrations: createMigrations({
      db,
      jobs,
      environmentId,
      folder: migrationsFolder,
      partitionHorizonMonths: config.partitionHorizonMonths,
      elsewhere: {
        list: () => environments.list(undefined, {}),
        visit: environments.visit,
        describeError: log.describe,
      },
      openScratch,
      readCatalogue: () => readCatalogue(db),
      verifyPlatform: () => verification.run(undefined, {}),
    }),
    overview: createOverview({ db }),
    partitions: createPartitions({ db, jobs, environmentId, horizonMonths: config.partitionHorizonMonths }),
    pipelines,
    schema: createSchemaServices({
      db,
      jobs,
      environment,
      environments,
      migrationsFolder,
      openScratch,
    }),
    settings,
    verification,
  }

  const startOwnWorker = (options: { onlyRun?: string; onTurn?: () => void } = {}): Worker => {
    const worker = startWorker({
      db,
      samplesFolder: join(config.root, 'resources', 'samples'),
      ...config.pipelines,
      describeError: log.describe,
      ...options,
    })
    const unsubscribe = pipelines.onChange(worker.wake)
    const keeper = keepPartitions({
      db,
      horizonMonths: config.partitionHorizonMonths,
      describeError: log.describe,
    })
    const own: Worker = {
      wake: worker.wake,
      stop: async () => {
        unsubscribe()
        workers.delete(own)
        await Promise.all([worker.stop(), keeper.stop()])
      },
    }
    workers.add(own)
    return own
  }

  // The app does the tasks of local environments itself. Elsewhere workers do: a desktop that merely looks at
  // production must not begin to work there.
  if ((host === 'electron' || host === 'server') && environment.kind === 'local') startOwnWorker()

  return {
    services,
    startWorker: startOwnWorker,
    close: async () => {
      await Promise.all([...workers].map((worker) => worker.stop()))
      await console.closeAll()
      drafts.close()
      await stack.close()
      await pipelines.close()
      await redis?.close()
      await db.close()
    },
  }
}
