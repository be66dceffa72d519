import { join } from 'node:path'
import { openAppDb } from './adapters/appdb.ts'
import { pingDocker } from './adapters/docker.ts'
import { createEmbeddedPostgres } from './adapters/embedded.ts'
import { openPostgres } from './adapters/postgres.ts'
import { openRedis } from './adapters/redis.ts'
import { openSecrets } from './adapters/secrets.ts'
import type { Api } from './api.ts'
import type { Config } from './config.ts'
import type { ServiceOf } from './contract.ts'
import { createEnvironments, type EnvironmentTarget } from './environments/service.ts'
import { createHealth } from './health/service.ts'
import { createJobs } from './jobs/service.ts'
import type { Logger } from './log.ts'
import { createMigrations } from './migrations/service.ts'
import { createSettings } from './settings/service.ts'
import { createVerification } from './verification/service.ts'

/** Every capability of one environment, under the names of the contract. */
export type Services = { [Name in keyof Api]: ServiceOf<Api[Name]> }

export type App = Awaited<ReturnType<typeof openApp>>

/** What all environments share: the desktop's own database, jobs, settings, and the environments themselves. */
export async function openApp(config: Config, host: 'electron' | 'server' | 'worker' | 'cli', log: Logger) {
  const db = openAppDb(config.home)
  const embedded = createEmbeddedPostgres(config.home, 'atlas_pipeline')
  const jobs = createJobs(db, log.describe)
  const secrets = await openSecrets(config.home)
  const open = new Map<string, ReturnType<typeof createServices>>()
  const environments = createEnvironments({
    config,
    db,
    secrets,
    startEmbedded: embedded.start,
    openPostgres: (locate) =>
      openPostgres(locate, { applicationName: 'Atlas Desktop', maxConnections: 1, connectTimeoutMs: 4000 }),
    openRedis,
    onChange: async (id) => {
      const services = open.get(id)
      open.delete(id)
      await services?.close()
    },
  })
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

  return {
    config,
    db,
    jobs,
    settings,
    environments,
    /** The services of an environment, named by id or name; made on first use. Nothing connects yet. */
    services(idOrName?: string): Services {
      const target = environments.resolve(idOrName)
      const { id } = target.environment
      let services = open.get(id)
      if (!services) {
        services = createServices(this, target)
        open.set(id, services)
      }
      return services.services
    },
    /** Closes in order: work, environments, the embedded server, the desktop's own database. */
    async close() {
      await jobs.close()
      await Promise.all([...open.values()].map((services) => services.close()))
      await embedded.close()
      db.close()
    },
  }
}

/** Composes the services of one environment. The one place that knows every slice. */
function createServices(
  app: Pick<App, 'config' | 'jobs' | 'settings' | 'environments'>,
  target: EnvironmentTarget,
) {
  const db = openPostgres(target.locatePostgres, {
    applicationName: 'Atlas Desktop',
    ...app.config.postgres,
  })
  const redisUrl = target.redisUrl()
  const redis = redisUrl ? openRedis(redisUrl) : undefined

  const services: Services = {
    environments: { ...app.environments, current: async () => target.environment },
    health: createHealth({
      db,
      postgresAddress: async () => {
        const { host, port, database } = await target.locatePostgres()
        return `${host}:${port}/${database}`
      },
      pingRedis: async () => redis?.ping(),
      pingDocker,
    }),
    jobs: app.jobs,
    migrations: createMigrations({
      db,
      jobs: app.jobs,
      environmentId: target.environment.id,
      folder: join(app.config.root, 'migrations'),
      partitionHorizonMonths: app.config.partitionHorizonMonths,
    }),
    settings: app.settings,
    verification: createVerification({
      db,
      redis,
      apiUrl: app.config.apiUrl,
      environmentName: target.environment.name,
    }),
  }

  return {
    services,
    close: async () => {
      await redis?.close()
      await db.close()
    },
  }
}
