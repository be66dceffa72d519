import type { AppDb } from '../adapters/appdb.ts'
import type { PostgresTarget } from '../adapters/postgres.ts'
import type { Config } from '../config.ts'
import { AtlasError } from '../errors.ts'
import type { Environment } from './contract.ts'

/** Where one environment's services are, with the secrets: never leaves the backend. */
export interface EnvironmentTarget {
  environment: Environment
  locatePostgres: () => Promise<PostgresTarget>
  redisUrl: string | undefined
}

interface Dependencies {
  config: Pick<Config, 'databaseUrl' | 'redisUrl'>
  db: AppDb
  startEmbedded: () => Promise<PostgresTarget>
}

export const embeddedId = 'embedded'
const variablesId = 'variables'

/** Which platforms this Atlas administers. The first is the embedded one, or what `ATLAS_DATABASE_URL` names. */
export function createEnvironments({ config, startEmbedded }: Dependencies) {
  const embedded: Environment = {
    id: embeddedId,
    name: 'Local (embedded)',
    kind: 'local',
    postgres: { type: 'embedded' },
    redisUrl: config.redisUrl,
    hasPassword: false,
    hasRedisPassword: false,
    isFromVariables: false,
  }

  function fromVariables(): EnvironmentTarget | undefined {
    if (!config.databaseUrl) return undefined
    const url = new URL(config.databaseUrl)
    const target: PostgresTarget = {
      host: url.hostname || 'localhost',
      port: Number(url.port || 5432),
      database: decodeURIComponent(url.pathname.slice(1)) || 'postgres',
      user: decodeURIComponent(url.username) || 'postgres',
      password: decodeURIComponent(url.password),
    }
    return {
      environment: {
        ...embedded,
        id: variablesId,
        name: 'From ATLAS_DATABASE_URL',
        postgres: {
          type: 'server',
          host: target.host,
          port: target.port,
          database: target.database,
          user: target.user,
          tls: 'disable',
        },
        isFromVariables: true,
      },
      locatePostgres: async () => target,
      redisUrl: config.redisUrl,
    }
  }

  const all = (): EnvironmentTarget[] => {
    const variables = fromVariables()
    return [
      ...(variables ? [variables] : []),
      { environment: embedded, locatePostgres: startEmbedded, redisUrl: config.redisUrl },
    ]
  }

  return {
    list: async () => all().map(({ environment }) => environment),
    /** The target with this id or name; without one, the first. */
    resolve: (idOrName: string | undefined): EnvironmentTarget => {
      const found = all().find(
        ({ environment }) =>
          idOrName === undefined || environment.id === idOrName || environment.name === idOrName,
      )
      if (!found) throw new AtlasError('NOT_FOUND', 'There is no such environment', { object: idOrName })
      return found
    },
  }
}
