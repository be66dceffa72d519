import { randomUUID } from 'node:crypto'
import type { Queryable } from '../adapters/postgres.ts'
import type { ServiceOf } from '../contract.ts'
import { AtlasError } from '../errors.ts'
import type { Check, Report, verificationContract } from './contract.ts'
import {
  expectedPartitions,
  expectedSeeds,
  expectedTables,
  foreignLayerNames,
  type PlatformSchema,
} from './expected.ts'
import { renderReport } from './render.ts'
import { presentPartitions, presentSchemas, presentTables, seedRows, serverFacts } from './sql.ts'

interface Redis {
  ping(): Promise<{ version: string; address: string }>
  roundTrip(key: string, value: string): Promise<{ read: string | null; deleted: number }>
}

interface Dependencies {
  db: Pick<Queryable, 'rows' | 'row'>
  redis: Redis | undefined
  /** The base address of a running Atlas API, where the environment names one. */
  apiUrl: string | undefined
  environmentName: string
  request?: typeof fetch
}

type Outcome = { status: Check['status']; detail: string }

const passed = (detail: string): Outcome => ({ status: 'passed', detail })
const failed = (detail: string): Outcome => ({ status: 'failed', detail })
const skipped = (detail: string): Outcome => ({ status: 'skipped', detail })

const schemas = Object.keys(expectedTables) as PlatformSchema[]
const layers = ['explore', 'chart', 'navigate'] as const

/** The platform's acceptance run: 15 checks in 8 categories, each a few catalogue reads. */
export function createVerification({
  db,
  redis,
  apiUrl,
  environmentName,
  request = fetch,
}: Dependencies): ServiceOf<typeof verificationContract> {
  let newest: Report | undefined

  const checks: { category: Check['category']; name: string; run: () => Promise<Outcome> }[] = [
    {
      category: 'connections',
      name: 'PostgreSQL connection',
      run: async () => {
        const facts = await db.row(serverFacts())
        return facts
          ? passed(`PostgreSQL ${facts.version}, database ${facts.database} as ${facts.user}`)
          : failed('The server answered no row')
      },
    },
    {
      category: 'connections',
      name: 'Redis connection',
      run: async () => {
        if (!redis) return skipped('This environment names no Redis')
        const { version, address } = await redis.ping()
        return passed(`Redis ${version} at ${address}, authenticated`)
      },
    },
    {
      category: 'schemas',
      name: 'All 7 schemas exist',
      run: async () => {
        const found = await db.rows(presentSchemas(schemas))
        return listMissing(schemas, new Set(found.map(({ name }) => name)), 'schema')
      },
    },
    ...schemas.map((schema) => ({
      category: 'tables' as const,
      name: `Tables of ${schema}`,
      run: async () => {
        const found = await db.rows(presentTables([schema]))
        return listMissing(expectedTables[schema], new Set(found.map(({ name }) => name)), 'table')
      },
    })),
    {
      category: 'layer names',
      name: 'Layers are explore, chart, navigate',
      run: async () => {
        const found = new Set(
          (await db.rows(presentSchemas([...layers, ...foreignLayerNames]))).map(({ name }) => name),
        )
        const foreign = foreignLayerNames.filter((name) => found.has(name))
        return foreign.length > 0
          ? failed(`Foreign layer names: ${foreign.join(', ')}`)
          : listMissing(layers, found, 'layer')
      },
    },
    { category: 'partitions', name: 'Partitions of raw_data, fact and audit_log', run: checkPartitions },
    {
      category: 'seed data',
      name: 'Quality dimensions, PII patterns, classification levels',
      run: checkSeeds,
    },
    {
      category: 'redis operations',
      name: 'Redis set, get, delete',
      run: async () => {
        if (!redis) return skipped('This environment names no Redis')
        const value = randomUUID()
        const { read, deleted } = await redis.roundTrip(`atlas:verification:${value}`, value)
        return read === value && deleted === 1
          ? passed('A key was written, read and deleted')
          : failed(`Read ${read === null ? 'nothing' : 'another value'}, deleted ${deleted}`)
      },
    },
    {
      category: 'api',
      name: 'API health',
      run: async () => {
        if (!apiUrl) return skipped('This environment names no API')
        const answer = await request(new URL('/health', apiUrl), { signal: AbortSignal.timeout(3000) }).catch(
          (error: Error) => error,
        )
        if (answer instanceof Error) return failed(`${apiUrl} does not answer: ${answer.message}`)
        return answer.ok
          ? passed(`${apiUrl} answers ${answer.status}`)
          : failed(`${apiUrl} answers ${answer.status}`)
      },
    },
  ]

  async function checkPartitions(): Promise<Outcome> {
    const found = await db.rows(presentPartitions(schemas))
    const names = new Set(found.map(({ parent, name }) => `${parent} ${name}`))
    const expected = Object.entries(expectedPartitions).flatMap(([parent, children]) =>
      children.map((child) => `${parent} ${child}`),
    )
    const missing = expected.filter((name) => !names.has(name))
    if (missing.length > 0) return failed(`Missing: ${missing.map((name) => name.split(' ')[1]).join(', ')}`)
    const counts = Object.keys(expectedPartitions).map(
      (parent) => `${parent} ${found.filter((partition) => partition.parent === parent).length}`,
    )
    return passed(counts.join(', '))
  }

  async function checkSeeds(): Promise<Outcome> {
    const short: string[] = []
    const counts: string[] = []
    for (const { table, rows } of expectedSeeds) {
      const [schema = '', name = ''] = table.split('.')
      const count = (await db.row(seedRows(schema, name)))?.rows ?? 0
      counts.push(`${count} ${name}`)
      if (count < rows) short.push(`${table} has ${count} of ${rows} rows`)
    }
    return short.length > 0 ? failed(short.join('; ')) : passed(counts.join(', '))
  }

  return {
    run: async () => {
      const startedAt = new Date()
      const results: Check[] = []
      for (const { category, name, run } of checks) {
        const begun = performance.now()
        const outcome = await run().catch(explain)
        results.push({ category, name, ...outcome, durationMs: performance.now() - begun })
      }
      const count = (status: Check['status']) => results.filter((check) => check.status === status).length
      newest = {
        environment: environmentName,
        server: results[0]?.detail ?? '',
        startedAt,
        passed: count('passed'),
        failed: count('failed'),
        skipped: count('skipped'),
        checks: results,
      }
      return newest
    },
    get: async () => newest ?? null,
    export: async ({ format }) => {
      if (!newest) {
        throw new AtlasError('NOT_FOUND', 'There is no report yet', { next: 'Run the verification first.' })
      }
      return renderReport(newest, format)
    },
  }
}

function listMissing(expected: readonly string[], found: Set<string>, noun: string): Outcome {
  const missing = expected.filter((name) => !found.has(name))
  if (missing.length > 0)
    return failed(`Missing ${noun}${missing.length > 1 ? 's' : ''}: ${missing.join(', ')}`)
  return passed(expected.length > 4 ? `${expected.length} ${noun}s` : expected.join(', '))
}

/** A check whose service does not answer has failed; the report says which error and what to do. */
function explain(error: unknown): Outcome {
  if (!(error instanceof AtlasError)) throw error
  const { object, sqlState, next } = error.fault
  const place = [object, sqlState].filter(Boolean).join(', ')
  return failed(`${error.message}${place ? ` (${place})` : ''}.${next ? ` ${next}` : ''}`)
}
