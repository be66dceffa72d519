import { z } from 'zod'
import type { Kind } from '../contract.ts'

type Published = (port: number) => { host: string; port: number } | undefined

const timeoutMs = 3000
const workerSeenMs = 60_000

/** The services that answer over HTTP. One whose port is not published is known by its health check alone. */
export function askHttp(
  kind: Extract<Kind, 'minio' | 'marquez' | 'prefect' | 'api'>,
  published: Published,
  variables: ReadonlyMap<string, string>,
): { check: string; asks: { label: string; ask: () => Promise<string> }[] } {
  const at = (port: number) => {
    const place = published(port)
    return place && `http://${place.host}:${place.port}`
  }
  switch (kind) {
    case 'minio': {
      const base = at(9000)
      if (!base) return { check: 'health check', asks: [] }
      return {
        check: '/minio/health/live',
        asks: [
          { label: 'Answers', ask: () => askMinio(`${base}/minio/health/live`) },
          { label: 'Can be written to', ask: () => askMinioCluster(`${base}/minio/health/cluster`) },
        ],
      }
    }
    case 'marquez': {
      const [api, admin] = [at(5000), at(5001)]
      const asks = [
        ...(api
          ? [
              {
                label: 'Its API answers',
                ask: async () => {
                  await askJson(`${api}/api/v1/namespaces?limit=1`, namespacesSchema)
                  return ''
                },
              },
            ]
          : []),
        ...(admin
          ? [{ label: 'Its database answers', ask: () => askDropwizard(`${admin}/healthcheck`) }]
          : []),
      ]
      return { check: asks.length > 0 ? '/healthcheck' : 'health check', asks }
    }
    case 'prefect': {
      const base = at(4200)
      if (!base) return { check: 'health check', asks: [] }
      const credentials = variables.get('PREFECT_SERVER_API_AUTH_STRING')
      const headers: Record<string, string> = credentials
        ? { authorization: `Basic ${Buffer.from(credentials).toString('base64')}` }
        : {}
      return {
        check: '/api/health',
        asks: [
          {
            label: 'Its API answers',
            ask: async () => {
              await askJson(`${base}/api/health`, z.literal(true), { headers })
              return ''
            },
          },
          { label: 'A worker polls', ask: () => askPrefectWorkers(base, headers) },
        ],
      }
    }
    case 'api': {
      const base = at(8000)
      if (!base) return { check: 'health check', asks: [] }
      const host = variables.get('ATLAS_ALLOWED_HOSTS')?.split(',')[0]
      return {
        check: '/health',
        asks: [
          {
            label: 'Answers',
            ask: async () => {
              const headers: Record<string, string> = host ? { host } : {}
              const { version } = await askJson(`${base}/health`, atlasSchema, { headers })
              return `Atlas ${version}`
            },
          },
        ],
      }
    }
  }
}

async function answer(url: string, init: RequestInit = {}): Promise<Response> {
  try {
    return await fetch(url, { ...init, signal: AbortSignal.timeout(timeoutMs), redirect: 'manual' })
  } catch (error) {
    const { cause, name } = error as Error & { cause?: { code?: string } }
    throw new Error(
      name === 'TimeoutError' ? `no answer in ${timeoutMs / 1000} s` : (cause?.code ?? 'no answer'),
    )
  }
}

async function expectOk(url: string, init: RequestInit = {}): Promise<Response> {
  const response = await answer(url, init)
  const text = response.ok ? '' : (await response.text()).slice(0, 200).replaceAll(/\s+/g, ' ')
  if (!response.ok) throw new Error(`${response.status}${text ? `: ${text}` : ''}`)
  return response
}

/**
 * MinIO's health pages have no body: their status says it (docs.min.io, "Healthcheck API"). A server that has not found its
 * drives yet answers 200 as well, with `offline` in X-Minio-Server-Status.
 */
async function askMinio(url: string): Promise<string> {
  const { status, headers, body } = await expectOk(url)
  await body?.cancel()
  const state = headers.get('x-minio-server-status')
  if (state) throw new Error(`${status}, and its server is ${state}`)
  return String(status)
}

/** 200 where enough drives take writes; MinIO alone says how many have to, in X-Minio-Write-Quorum. */
async function askMinioCluster(url: string): Promise<string> {
  const { status, headers, body } = await expectOk(url)
  await body?.cancel()
  const quorum = headers.get('x-minio-write-quorum')
  if (quorum === null) throw new Error(`${status}, but not what this program answers`)
  return `write quorum ${quorum}`
}

/** An answer in the shape of the program that is meant: a port may be held by another, which answers everything with 200. */
async function askJson<T>(url: string, schema: z.ZodType<T>, init: RequestInit = {}): Promise<T> {
  const response = await expectOk(url, init)
  const parsed = schema.safeParse(await response.json().catch(() => undefined))
  if (parsed.success) return parsed.data
  throw new Error(`${response.status}, but not what this program answers`)
}

const namespacesSchema = z.object({ namespaces: z.array(z.unknown()) })
const atlasSchema = z.object({ status: z.literal('ok'), version: z.string() })

const dropwizardSchema = z.record(
  z.string(),
  z.object({ healthy: z.boolean(), message: z.string().nullish() }),
)

/** Dropwizard's health checks by name, 500 where one fails: dropwizard.io, "Health checks". */
async function askDropwizard(url: string): Promise<string> {
  const response = await answer(url)
  const checks = dropwizardSchema.safeParse(await response.json().catch(() => undefined))
  if (!checks.success) throw new Error(`${response.status}, not a health report`)
  const failing = Object.entries(checks.data).filter(([, { healthy }]) => !healthy)
  if (failing.length === 0) return `${Object.keys(checks.data).length} checks`
  throw new Error(failing.map(([name, { message }]) => `${name}${message ? `: ${message}` : ''}`).join('; '))
}

const poolsSchema = z.array(z.object({ name: z.string() }))
const workersSchema = z.array(z.object({ name: z.string(), last_heartbeat_time: z.string().nullish() }))

/** A server without a worker takes runs that nobody does: Prefect's REST API, work pools and their workers. */
async function askPrefectWorkers(base: string, headers: Record<string, string>): Promise<string> {
  const post = {
    method: 'POST',
    headers: { ...headers, 'content-type': 'application/json' },
    body: '{}',
  }
  const pools = await askJson(`${base}/api/work_pools/filter`, poolsSchema, post)
  for (const { name } of pools) {
    const path = `/api/work_pools/${encodeURIComponent(name)}/workers/filter`
    const workers = await askJson(`${base}${path}`, workersSchema, post)
    const fresh = workers.filter(
      ({ last_heartbeat_time: at }) => at && Date.now() - Date.parse(at) < workerSeenMs,
    )
    if (fresh.length > 0) return `${fresh.length} in ${name}`
  }
  throw new Error(pools.length === 0 ? 'there is no work pool' : 'no worker has polled in the last minute')
}
