import { statSync } from 'node:fs'
import { join } from 'node:path'
import { AtlasError } from '../errors.ts'
import type { ComposeModel, ServiceModel } from './compose/model.ts'
import { startOrder } from './compose/order.ts'
import type { LoadedStack, LoadStack } from './compose/project.ts'
import type { Selection } from './contract.ts'
import { publishedPorts } from './states.ts'

/** Where a stack's own database and Redis answer on this machine, with their secrets. */
export interface StackConnection {
  postgres: { host: string; port: number; database: string; user: string; password: string | undefined }
  /** With its password. */
  redisUrl: string | undefined
}

/**
 * Reads from the files of the chosen stack how to connect to it. Undefined where they are not valid yet (a secret is not
 * set), or publish no PostgreSQL. Nothing is kept but in memory: when a file changes it is read anew.
 */
export function createConnectionReader(
  load: LoadStack,
  select: () => Selection,
): () => StackConnection | undefined {
  let known: { key: string; stack: LoadedStack; connection: StackConnection | undefined } | undefined
  return () => {
    const selection = select()
    const key = (stack: LoadedStack) =>
      JSON.stringify([
        selection,
        [...stack.files, ...stack.envFiles, join(stack.folder, '.env')].map(changedAt),
      ])
    if (known && known.key === key(known.stack)) return known.connection
    try {
      const stack = load(selection)
      known = { key: key(stack), stack, connection: stack.model && connectionOf(stack.model) }
      return known.connection
    } catch (error) {
      if (error instanceof AtlasError) return undefined
      throw error
    }
  }
}

function changedAt(path: string): number {
  return statSync(path, { throwIfNoEntry: false })?.mtimeMs ?? 0
}

function connectionOf(model: ComposeModel): StackConnection | undefined {
  const services = startOrder(model).flatMap((name) => model.services[name] ?? [])
  // The platform's own database comes before those of other programs, which stand behind a profile.
  const ordered = [...services].sort((a, b) => (a.profiles?.length ?? 0) - (b.profiles?.length ?? 0))
  const postgres = publishing(ordered, 5432, /postgres|postgis|timescale|pgvector/)
  if (!postgres) return undefined
  const { POSTGRES_USER, POSTGRES_DB, POSTGRES_PASSWORD } = postgres.service.environment ?? {}
  const user = POSTGRES_USER || 'postgres'
  const redis = publishing(ordered, 6379, /redis|valkey/)
  return {
    postgres: {
      ...postgres.address,
      user,
      database: POSTGRES_DB || user,
      password: POSTGRES_PASSWORD ?? undefined,
    },
    redisUrl: redis && redisUrlOf(redis.service, redis.address),
  }
}

function publishing(services: ServiceModel[], port: number, image: RegExp) {
  for (const service of services) {
    const published = publishedPorts(service).find(({ containerPort }) => containerPort === port)
    if (!published?.hostPort || !image.test(service.image ?? '')) continue
    const host = /^(0\.0\.0\.0|::)?$/.test(published.hostIp) ? '127.0.0.1' : published.hostIp
    return { service, address: { host, port: published.hostPort } }
  }
  return undefined
}

/** The password stands in a variable of the container, or in the command. */
function redisUrlOf(
  { environment, command }: ServiceModel,
  { host, port }: { host: string; port: number },
): string {
  const at = command?.indexOf('--requirepass') ?? -1
  const password = environment?.REDIS_PASSWORD ?? (at >= 0 ? command?.[at + 1] : undefined)
  const database = environment?.REDIS_DATABASE ?? '0'
  return `redis://${password ? `:${encodeURIComponent(password)}@` : ''}${host}:${port}/${database}`
}
