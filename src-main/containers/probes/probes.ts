import type Docker from 'dockerode'
import type { PostgresTarget } from '../../adapters/postgres.ts'
import { AtlasError } from '../../errors.ts'
import type { Kind, ReadinessStep } from '../contract.ts'
import type { Probed } from '../live/state.ts'
import { healthOf, timeOf } from '../live/state.ts'
import { type Engine, modifiedAt, runInside } from '../own.ts'
import { variablesOf } from './kinds.ts'
import { postgresTargetOf, publishedAt } from './postgresTarget.ts'
import { askHttp } from './probesHttp.ts'

/** What a database that answers says of itself. */
export interface PostgresAnswer {
  version: string
  isInRecovery: boolean
  /** The newest migration of the platform; null where it is not deployed. */
  migration: string | null
}

export interface ProbeDependencies {
  engine: Engine
  /** Throws errors of the catalogue, such as `AUTHENTICATION_FAILED`. */
  askPostgres: (target: PostgresTarget) => Promise<PostgresAnswer>
  /** PING with the password, then the section of `INFO` that tells of loading. */
  askRedis: (url: string) => Promise<{ version: string; isLoading: boolean }>
}

/** One step: what it is called, and how it is asked. It answers a few words, or throws. */
interface Ask {
  label: string
  ask: () => Promise<string>
}

export interface ProbeResult extends Probed {
  /** What a client of the database was told, where it was not let in. */
  authentication: string
}

/** Who is asked for the first time so soon after its start has just become ready. */
const freshMs = 1500

/**
 * Asks a running container whether it is ready: its health check as the engine knows it, then what fits its kind. Steps after
 * one that fails are queued: they need it. `readyAt` stays what it was while everything still succeeds.
 */
export async function probe(
  dependencies: ProbeDependencies,
  inspect: Docker.ContainerInspectInfo,
  kind: Kind,
  before: Probed | undefined,
): Promise<ProbeResult> {
  const startedAt = timeOf(inspect.State.StartedAt)?.getTime() ?? 0
  const { check, asks } = asksOf(dependencies, inspect, kind)
  const steps: ReadinessStep[] = [{ label: 'Container runs', status: 'succeeded', detail: '' }]
  let authentication = ''
  let checkMs: number | null = null
  let isOpen = true
  for (const { label, ask } of asks) {
    if (!isOpen) {
      steps.push({ label, status: 'queued', detail: '' })
      continue
    }
    const begun = performance.now()
    try {
      const detail = await ask()
      checkMs ??= performance.now() - begun
      steps.push({ label, status: 'succeeded', detail })
    } catch (error) {
      isOpen = false
      if (error instanceof AtlasError && error.code === 'AUTHENTICATION_FAILED')
        authentication = error.fault.detail ?? error.message
      steps.push({ label, status: isFinal(error) ? 'failed' : 'running', detail: wordsOf(error) })
    }
  }
  const health = healthStep(inspect)
  if (health) {
    steps.push(health)
    isOpen &&= health.status === 'succeeded'
  }
  const keptAt = before?.readyAt && before.readyAt >= startedAt ? before.readyAt : null
  const isWitnessed = before?.isWitnessed || !isOpen || Date.now() - startedAt < freshMs
  return {
    check,
    checkMs,
    steps,
    authentication,
    isWitnessed,
    readyAt: isOpen ? (keptAt ?? Date.now()) : keptAt,
  }
}

function healthStep({
  State: state,
  Config: config,
}: Docker.ContainerInspectInfo): ReadinessStep | undefined {
  const health = healthOf({ State: state } as Docker.ContainerInspectInfo)
  if (health === 'none') return undefined
  const retries = (config as { Healthcheck?: { Retries?: number } }).Healthcheck?.Retries || 3
  const last = state.Health?.Log?.at(-1)?.Output?.trim().split('\n').at(-1) ?? ''
  const streak = state.Health?.FailingStreak ?? 0
  const label = 'Health check says healthy'
  if (health === 'healthy')
    return { label, status: 'succeeded', detail: streak > 0 ? `${streak} of ${retries} failed` : '' }
  if (health === 'unhealthy') return { label, status: 'failed', detail: last || `failed ${streak} times` }
  return { label, status: 'running', detail: streak > 0 ? `${streak} of ${retries} failed` : 'not asked yet' }
}

function asksOf(
  { engine, askPostgres, askRedis }: ProbeDependencies,
  inspect: Docker.ContainerInspectInfo,
  kind: Kind,
): { check: string; asks: Ask[] } {
  const variables = variablesOf(inspect.Config.Env)
  const published = (port: number) => publishedAt(inspect, port)
  switch (kind) {
    case 'postgres': {
      const user = variables.get('POSTGRES_USER') || 'postgres'
      const database = variables.get('POSTGRES_DB') || user
      const target = postgresTargetOf(inspect)
      const asked = () => (target ? askPostgres(target) : askPostgresInside(engine, inspect, user, database))
      let answer: Promise<PostgresAnswer> | undefined
      const once = () => {
        answer ??= asked()
        return answer
      }
      return {
        check: 'query',
        asks: [
          { label: 'Answers a query', ask: async () => `PostgreSQL ${(await once()).version.split(' ')[0]}` },
          {
            label: 'Recovery is over',
            ask: async () => {
              if ((await once()).isInRecovery) throw new Error('still replays its log')
              return ''
            },
          },
          {
            label: 'Schema version',
            ask: async () => {
              const { migration } = await once()
              return migration === null ? 'the platform is not deployed' : `migration ${migration}`
            },
          },
        ],
      }
    }
    case 'redis': {
      const port = published(6379)
      const password = redisPasswordOf(inspect, variables)
      const credentials = password ? `:${encodeURIComponent(password)}@` : ''
      const ask = () =>
        port
          ? askRedis(`redis://${credentials}${port.host}:${port.port}`)
          : askRedisInside(engine, inspect.Id, password)
      let answer: ReturnType<typeof ask> | undefined
      const once = () => {
        answer ??= ask()
        return answer
      }
      return {
        check: 'PING',
        asks: [
          {
            label: password ? 'Answers PING with its password' : 'Answers PING',
            ask: async () => `Redis ${(await once()).version}`,
          },
          {
            label: 'Its data is loaded',
            ask: async () => {
              if ((await once()).isLoading) throw new Error('still reads its file')
              return ''
            },
          },
        ],
      }
    }
    case 'worker': {
      const file = variables.get('ATLAS_WORKER_HEARTBEAT_FILE') ?? '/data/heartbeat'
      return {
        check: 'heartbeat',
        asks: [{ label: 'Beats', ask: () => heartbeatOf(engine, inspect.Id, file) }],
      }
    }
    case 'minio':
    case 'marquez':
    case 'prefect':
    case 'api':
      return askHttp(kind, published, variables)
    case 'other':
      return { check: healthOf(inspect) === 'none' ? 'runs' : 'health check', asks: [] }
  }
}

/** The password of a Redis container: of its variables, else of its command, which may be a shell's. */
export function redisPasswordOf(
  inspect: Docker.ContainerInspectInfo,
  variables: ReadonlyMap<string, string>,
): string | undefined {
  const command = [...[inspect.Config.Entrypoint ?? []].flat(), ...[inspect.Config.Cmd ?? []].flat()]
  const at = command.indexOf('--requirepass')
  const fromCommand = at >= 0 ? command[at + 1] : /--requirepass[ =]+(\S+)/.exec(command.join(' '))?.[1]
  return variables.get('REDIS_PASSWORD') || fromCommand
}

/**
 * Asks a database whose port is not published by its own psql: over its address, where its images ask for the password, and
 * else by its socket, where they ask for none.
 */
async function askPostgresInside(
  engine: Engine,
  inspect: Docker.ContainerInspectInfo,
  user: string,
  database: string,
): Promise<PostgresAnswer> {
  const statement =
    "select current_setting('server_version'), pg_is_in_recovery(), to_regclass('public.schema_migrations') is not null"
  const ask = (place: string[], variables: string[]) =>
    runInside(
      engine,
      inspect.Id,
      ['psql', ...place, '-X', '-A', '-t', '-w', '-F', '|', '-U', user, '-d', database, '-c', statement],
      { variables },
    )
  const password = variablesOf(inspect.Config.Env).get('POSTGRES_PASSWORD')
  const networks = Object.values(inspect.NetworkSettings?.Networks ?? {})
  const address = networks.find(({ IPAddress }) => IPAddress)?.IPAddress
  const byAddress = address && password ? await ask(['-h', address], [`PGPASSWORD=${password}`]) : undefined
  const refused = byAddress?.output.match(/password authentication failed for user [^\n]*/)?.[0]
  if (refused)
    throw new AtlasError('AUTHENTICATION_FAILED', 'The server does not accept the password', {
      detail: refused,
    })
  const { output, exitCode } = byAddress?.exitCode === 0 ? byAddress : await ask([], [])
  if (exitCode !== 0) throw new Error(output.trim().split('\n').at(-1) || `psql ended with ${exitCode}`)
  const [version = '', isInRecovery] = output.trim().split('|')
  return { version, isInRecovery: isInRecovery === 't', migration: null }
}

async function askRedisInside(engine: Engine, id: string, password: string | undefined) {
  const { output, exitCode } = await runInside(engine, id, ['redis-cli', 'info'], {
    // In the variables and not among the arguments, which every process of the machine may read.
    variables: password ? [`REDISCLI_AUTH=${password}`] : [],
  })
  const version = /redis_version:(\S+)/.exec(output)?.[1]
  if (exitCode !== 0 || !version)
    throw new Error(output.trim().split('\n').at(-1) || `redis-cli ended with ${exitCode}`)
  return { version, isLoading: /^loading:1/m.test(output) }
}

const heartbeatLimitMs = 30_000

async function heartbeatOf(engine: Engine, id: string, path: string): Promise<string> {
  const beat = await modifiedAt(engine, id, path)
  if (!beat) throw new Error('the engine does not tell when it was')
  const ageMs = Date.now() - beat.getTime()
  if (ageMs >= heartbeatLimitMs) throw new Error(`last ${Math.round(ageMs / 1000)} s ago`)
  return `${Math.max(0, Math.round(ageMs / 1000))} s ago`
}

/** A refusal that waiting does not mend. */
function isFinal(error: unknown): boolean {
  return error instanceof AtlasError && ['AUTHENTICATION_FAILED', 'DATABASE_NOT_FOUND'].includes(error.code)
}

function wordsOf(error: unknown): string {
  if (error instanceof AtlasError)
    return error.fault.sqlState ? `${error.message} (${error.fault.sqlState})` : error.message
  return error instanceof Error ? error.message : String(error)
}
