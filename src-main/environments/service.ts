import type { AppDb } from '../adapters/appdb.ts'
import type { Database, PostgresTarget } from '../adapters/postgres.ts'
import type { RedisConnection } from '../adapters/redis.ts'
import type { Secrets } from '../adapters/secrets.ts'
import type { Config } from '../config.ts'
import type { ServiceOf } from '../contract.ts'
import { AtlasError } from '../errors.ts'
import type { Environment, EnvironmentInput, environmentsContract } from './contract.ts'
import { probeServer } from './sql.ts'
import { createEnvironmentStore, type StoredEnvironment } from './store.ts'
import { isRemote, joinRedisUrl, parsePostgresUrl, splitRedisUrl, targetOf } from './target.ts'

/** Where one environment's services are, with the secrets: never leaves the backend. */
export interface EnvironmentTarget {
  environment: Environment
  locatePostgres: () => Promise<PostgresTarget>
  /** With its password; undefined where the environment has no Redis. */
  redisUrl: () => string | undefined
}

interface Dependencies {
  config: Pick<Config, 'databaseUrl' | 'redisUrl'>
  db: AppDb
  secrets: Secrets
  startEmbedded: () => Promise<PostgresTarget>
  /** How the local stack is reached, from its own files; undefined where they do not say it. */
  readStack: () => { postgres: Omit<PostgresTarget, 'tls'>; redisUrl: string | undefined } | undefined
  openPostgres: (locate: () => Promise<PostgresTarget>) => Database
  openRedis: (locate: () => string | undefined) => RedisConnection
  /** Called after an environment was changed or removed: what is open for it is no longer right. */
  onChange: (id: string) => Promise<void>
  /** Called when nothing is open any more for an environment that was removed. */
  onRemoved: (environment: { id: string; name: string }) => void
}

type Trial = Awaited<ReturnType<ServiceOf<typeof environmentsContract>['test']>>['postgres']

export interface Environments extends Omit<ServiceOf<typeof environmentsContract>, 'current'> {
  /** The target with this id or name; without one, the first. Throws `NOT_FOUND`. */
  resolve(idOrName: string | undefined): EnvironmentTarget
  /** Works on the database of another environment for a moment, over one connection of its own. */
  visit<Result>(
    id: string,
    work: (db: Database, environment: Environment) => Promise<Result>,
  ): Promise<Result>
}

/** Those that nobody makes here: one that is away now may be back with the next start. */
export const ownEnvironments = ['embedded', 'variables', 'stack'] as const

const oldestServer = 150_000
const poolerWarning =
  'A connection pooler answers here. Where it shares sessions (transaction or statement mode), migrations are refused, and what a console tab sets, locks or listens to may end with each statement. Give the address of PostgreSQL itself, or of a pool in session mode.'
const plainWarning =
  'TLS is off: passwords and rows cross the network for everyone to read. Choose a TLS mode, verify-full where you can.'

/** Which platforms this Atlas administers: what the variables define, the embedded one, then those the user made. */
export function createEnvironments(dependencies: Dependencies): Environments {
  const { config, secrets, startEmbedded, onChange } = dependencies
  const store = createEnvironmentStore(dependencies.db, secrets)

  const embedded = (): EnvironmentTarget => ({
    environment: {
      id: 'embedded',
      name: 'Local (embedded)',
      kind: 'local',
      postgres: { type: 'embedded' },
      ...shownRedis(config.redisUrl),
      hasPassword: false,
      isFromVariables: false,
    },
    locatePostgres: startEmbedded,
    redisUrl: () => config.redisUrl,
  })

  const fromVariables = (): EnvironmentTarget[] => {
    if (!config.databaseUrl) return []
    const { server, password } = parsePostgresUrl(config.databaseUrl)
    return [
      {
        environment: {
          id: 'variables',
          name: 'From ATLAS_DATABASE_URL',
          kind: 'local',
          postgres: server,
          ...shownRedis(config.redisUrl),
          hasPassword: password !== undefined,
          isFromVariables: true,
        },
        locatePostgres: async () => targetOf(server, password),
        redisUrl: () => config.redisUrl,
      },
    ]
  }

  /** The secrets stay in the stack's own files: they are read when a connection is made, and kept nowhere else. */
  const fromStack = (): EnvironmentTarget[] => {
    const found = dependencies.readStack()
    if (!found) return []
    const { host, port, database, user } = found.postgres
    return [
      {
        environment: {
          id: 'stack',
          name: 'Local (stack)',
          kind: 'local',
          postgres: { type: 'server', host, port, database, user, tls: 'disable' },
          ...shownRedis(found.redisUrl),
          hasPassword: found.postgres.password !== undefined,
          isFromVariables: false,
        },
        locatePostgres: async () => {
          const now = dependencies.readStack() ?? found
          return { ...now.postgres, tls: false }
        },
        redisUrl: () => dependencies.readStack()?.redisUrl,
      },
    ]
  }

  const fromStore = ({ id, definition, sealed }: StoredEnvironment): EnvironmentTarget => ({
    environment: {
      ...definition,
      id,
      hasPassword: sealed.password !== undefined,
      hasRedisPassword: sealed.redisPassword !== undefined,
      isFromVariables: false,
    },
    locatePostgres: async () =>
      definition.postgres.type === 'embedded'
        ? startEmbedded()
        : targetOf(definition.postgres, sealed.password && secrets.unseal(sealed.password)),
    redisUrl: () =>
      joinRedisUrl(definition.redisUrl, sealed.redisPassword && secrets.unseal(sealed.redisPassword)),
  })

  const all = () => [...fromVariables(), embedded(), ...fromStack(), ...store.list().map(fromStore)]

  const findStored = (id: string): StoredEnvironment => {
    const stored = store.list().find((candidate) => candidate.id === id)
    if (stored) return stored
    throw new AtlasError('NOT_FOUND', 'This environment cannot be changed', {
      object: id,
      saved: 'Nothing was saved.',
      next: 'Only environments that were added here can be changed or removed.',
    })
  }

  async function tryPostgres(input: EnvironmentInput, kept: StoredEnvironment | undefined): Promise<Trial> {
    const { postgres } = input
    // Unsealed when the connection is made: a key that is gone fails the trial as a wrong password does.
    const password = () => input.password ?? (kept?.sealed.password && secrets.unseal(kept.sealed.password))
    const db = dependencies.openPostgres(
      postgres.type === 'embedded' ? startEmbedded : async () => targetOf(postgres, password()),
    )
    const object = postgres.type === 'embedded' ? 'embedded' : `${postgres.host}:${postgres.port}`
    return trial(async () => {
      const begun = performance.now()
      const session = await db.session('trial')
      const { isEncrypted } = session
      const server = await session.row(probeServer()).finally(session.close)
      const latencyMs = performance.now() - begun
      if (!server || server.number < oldestServer) {
        throw new AtlasError('SERVER_TOO_OLD', `PostgreSQL ${server?.version} is too old`, {
          object,
          detail: server?.product,
          saved: 'Nothing was saved.',
          next: 'Atlas needs PostgreSQL 15 or newer.',
        })
      }
      if (server.missing) {
        throw new AtlasError('UNSUPPORTED', 'This server is not PostgreSQL, although it speaks as one', {
          object,
          detail: `It lacks ${server.missing}. It calls itself ${server.product}.`,
          saved: 'Nothing was saved.',
          next: 'Atlas needs PostgreSQL 15 or newer itself; extensions such as TimescaleDB are fine.',
        })
      }
      const warnings = [
        ...(server.processId === session.processId ? [] : [poolerWarning]),
        ...(postgres.type === 'server' && !isEncrypted && isRemote(postgres.host) ? [plainWarning] : []),
      ]
      return { version: server.version, latencyMs, ...(warnings.length > 0 && { warnings }) }
    }).finally(() => db.close())
  }

  async function tryRedis(input: EnvironmentInput, kept: StoredEnvironment | undefined): Promise<Trial> {
    if (!input.redisUrl) return { status: 'absent' }
    const redis = dependencies.openRedis(() =>
      joinRedisUrl(
        input.redisUrl,
        input.redisPassword ?? (kept?.sealed.redisPassword && secrets.unseal(kept.sealed.redisPassword)),
      ),
    )
    return trial(async () => {
      const begun = performance.now()
      const { version } = await redis.ping()
      return { version, latencyMs: performance.now() - begun }
    }).finally(() => redis.close())
  }

  const shown = (stored: StoredEnvironment) => fromStore(stored).environment

  function resolve(idOrName: string | undefined): EnvironmentTarget {
    const found = all().find(
      ({ environment }) =>
        idOrName === undefined || environment.id === idOrName || environment.name === idOrName,
    )
    if (found) return found
    throw new AtlasError('NOT_FOUND', 'There is no such environment', {
      object: idOrName,
      next: 'Choose one of the list of environments.',
    })
  }

  return {
    list: async () => all().map(({ environment }) => environment),
    resolve,
    visit: async (id, work) => {
      const { environment, locatePostgres } = resolve(id)
      const db = dependencies.openPostgres(locatePostgres)
      return work(db, environment).finally(() => db.close())
    },
    create: async (input) => shown(store.save(withoutRedisPassword(input))),
    update: async ({ id, ...input }) => {
      findStored(id)
      const stored = store.save(withoutRedisPassword(input), id)
      await onChange(id)
      return shown(stored)
    },
    remove: async ({ id }) => {
      const { definition } = findStored(id)
      store.remove(id)
      await onChange(id)
      dependencies.onRemoved({ id, name: definition.name })
      return { id }
    },
    test: async ({ id, ...given }) => {
      const input = withoutRedisPassword(given)
      const kept = id === undefined ? undefined : findStored(id)
      const [postgres, redis] = await Promise.all([tryPostgres(input, kept), tryRedis(input, kept)])
      return { postgres, redis }
    },
  }
}

async function trial(work: () => Promise<Pick<Trial, 'version' | 'latencyMs' | 'warnings'>>): Promise<Trial> {
  try {
    return { status: 'ready', ...(await work()) }
  } catch (error) {
    if (!(error instanceof AtlasError)) throw error
    return { status: 'failing', code: error.code, message: error.message, fault: error.fault }
  }
}

function shownRedis(text: string | undefined): Pick<Environment, 'redisUrl' | 'hasRedisPassword'> {
  const { url: redisUrl, password } = splitRedisUrl(text)
  return { ...(redisUrl && { redisUrl }), hasRedisPassword: password !== undefined }
}

/** A password that was typed into the address of Redis goes where passwords go. */
function withoutRedisPassword(input: EnvironmentInput): EnvironmentInput {
  const { url, password } = splitRedisUrl(input.redisUrl)
  return password === undefined ? input : { ...input, redisUrl: url, redisPassword: password }
}
