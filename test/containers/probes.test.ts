import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { PassThrough } from 'node:stream'
import type Docker from 'dockerode'
import { afterEach, expect, test } from 'vitest'
import { readConfig } from '../../src-main/config.ts'
import type { Kind } from '../../src-main/containers/contract.ts'
import type { Engine } from '../../src-main/containers/own.ts'
import { probe } from '../../src-main/containers/probes/probes.ts'
import { startServer } from '../../src-main/hosts/server/server.ts'
import { createLogger } from '../../src-main/log.ts'
import { openApp } from '../../src-main/services.ts'
import { makeHome, removeHome } from '../support/atlas.ts'

/** What a path answers: a status and a body; `hang` never answers. */
type Answers = Record<string, { status?: number; body?: unknown; headers?: Record<string, string> } | 'hang'>
type Ports = Record<number, number>

const open: Server[] = []
afterEach(() => {
  for (const server of open.splice(0)) {
    server.closeAllConnections()
    server.close()
  }
})

/** A program that speaks the documented paths. What it was asked with is noted. */
async function serve(answers: Answers, seen: IncomingMessage[] = []): Promise<number> {
  const server = createServer((request: IncomingMessage, response: ServerResponse) => {
    seen.push(request)
    const answer = answers[(request.url ?? '').split('?')[0] ?? ''] ?? { status: 404, body: 'not found' }
    if (answer === 'hang') return
    const { status = 200, body = '', headers } = answer
    response.writeHead(status, { 'content-type': 'application/json', ...headers })
    response.end(typeof body === 'string' ? body : JSON.stringify(body))
  })
  open.push(server)
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  return (server.address() as AddressInfo).port
}

/** The last step that the probe came to, and whether all is ready. */
async function ask(kind: Kind, ports: Ports, variables: string[] = [], engine = {} as Engine) {
  const inspect = {
    Id: 'c'.repeat(64),
    State: { Status: 'running', StartedAt: new Date(Date.now() - 60_000).toISOString() },
    Config: { Env: variables, Cmd: [] },
    NetworkSettings: {
      Ports: Object.fromEntries(
        Object.entries(ports).map(([inside, outside]) => [
          `${inside}/tcp`,
          [{ HostIp: '0.0.0.0', HostPort: String(outside) }],
        ]),
      ),
    },
  } as unknown as Docker.ContainerInspectInfo
  const never = () => Promise.reject(new Error('not asked here'))
  const result = await probe({ engine, askPostgres: never, askRedis: never }, inspect, kind, undefined)
  const last = result.steps.findLast(({ status }) => status !== 'queued')
  return { ...last, isReady: result.readyAt !== null }
}

const closed = async () => {
  const port = await serve({})
  const server = open.pop()
  await new Promise((resolve) => server?.close(resolve))
  return port
}

const prefect: Answers = {
  '/api/health': { body: true },
  '/api/work_pools/filter': { body: [{ name: 'default pool' }] },
  '/api/work_pools/default%20pool/workers/filter': {
    body: [{ name: 'w1', last_heartbeat_time: new Date().toISOString() }],
  },
}
const dropwizard = (isHealthy: boolean) => ({
  status: isHealthy ? 200 : 500,
  body: {
    deadlocks: { healthy: true },
    postgresql: { healthy: isHealthy, ...(!isHealthy && { message: 'connection refused' }) },
  },
})
const quorum = { headers: { 'x-minio-write-quorum': '1' } }
const html = { body: '<html>Welcome to nginx!</html>' }

test.each([
  [
    'minio',
    9000,
    { '/minio/health/live': {}, '/minio/health/cluster': quorum },
    'Can be written to',
    'write quorum 1',
  ],
  [
    'minio',
    9000,
    { '/minio/health/live': html, '/minio/health/cluster': html },
    'Can be written to',
    'not what this program answers',
  ],
  [
    'minio',
    9000,
    { '/minio/health/live': { headers: { 'x-minio-server-status': 'offline' } } },
    'Answers',
    '200, and its server is offline',
  ],
  [
    'minio',
    9000,
    { '/minio/health/live': {}, '/minio/health/cluster': { ...quorum, status: 503 } },
    'Can be written to',
    '503',
  ],
  ['minio', 9000, { '/minio/health/live': { status: 403, body: 'denied' } }, 'Answers', '403: denied'],
  ['marquez', 5000, { '/api/v1/namespaces': { body: { namespaces: [] } } }, 'Its API answers', ''],
  ['marquez', 5000, { '/api/v1/namespaces': html }, 'Its API answers', 'not what this program answers'],
  ['marquez', 5001, { '/healthcheck': dropwizard(true) }, 'Its database answers', '2 checks'],
  [
    'marquez',
    5001,
    { '/healthcheck': dropwizard(false) },
    'Its database answers',
    'postgresql: connection refused',
  ],
  ['marquez', 5001, { '/healthcheck': html }, 'Its database answers', 'not a health report'],
  ['prefect', 4200, prefect, 'A worker polls', '1 in default pool'],
  ['prefect', 4200, { ...prefect, '/api/health': html }, 'Its API answers', 'not what this program answers'],
  ['prefect', 4200, { ...prefect, '/api/work_pools/filter': { body: [] } }, 'A worker polls', 'no work pool'],
  [
    'prefect',
    4200,
    { ...prefect, '/api/work_pools/default%20pool/workers/filter': { body: { detail: 'odd' } } },
    'A worker polls',
    'not what this program answers',
  ],
  [
    'prefect',
    4200,
    {
      ...prefect,
      '/api/work_pools/default%20pool/workers/filter': {
        body: [{ name: 'w1', last_heartbeat_time: '2020-01-01T00:00:00Z' }],
      },
    },
    'A worker polls',
    'no worker has polled',
  ],
  ['prefect', 4200, { '/api/health': { status: 401 } }, 'Its API answers', '401'],
  ['api', 8000, { '/health': html }, 'Answers', 'not what this program answers'],
  ['api', 8000, { '/health': { status: 503, body: 'starts' } }, 'Answers', '503: starts'],
] as [Kind, number, Answers, string, string][])(
  '%s on %i: step %#',
  async (kind, port, answers, label, detail) => {
    const step = await ask(kind, { [port]: await serve(answers) })
    expect(step.label).toBe(label)
    expect(step.detail).toContain(detail)
    const isGood = ['write quorum 1', '', '2 checks', '1 in default pool'].includes(detail)
    expect(step.status).toBe(isGood ? 'succeeded' : 'running')
    expect(step.isReady).toBe(isGood)
  },
)

test('a port that nobody holds and a program that hangs are told apart', async () => {
  const ports = { minio: 9000, marquez: 5000, prefect: 4200, api: 8000 } as const
  for (const [kind, port] of Object.entries(ports) as [Kind, number][])
    expect(await ask(kind, { [port]: await closed() })).toMatchObject({
      status: 'running',
      detail: 'ECONNREFUSED',
    })
  const hangs = await serve({ '/health': 'hang' })
  expect(await ask('api', { 8000: hangs })).toMatchObject({ status: 'running', detail: 'no answer in 3 s' })
}, 30_000)

test('Prefect is asked with the credentials of its own variables', async () => {
  const seen: IncomingMessage[] = []
  await ask('prefect', { 4200: await serve(prefect, seen) }, [
    'PREFECT_SERVER_API_AUTH_STRING=admin:pass word',
  ])
  expect(seen.length).toBeGreaterThan(2)
  for (const { headers } of seen)
    expect(headers.authorization).toBe(`Basic ${Buffer.from('admin:pass word').toString('base64')}`)
})

test('a service whose port is not published is known by its health check alone', async () => {
  expect(await ask('minio', {})).toMatchObject({ label: 'Container runs', isReady: true })
})

test('the real Atlas is ready, with its version', async () => {
  const home = makeHome()
  const log = createLogger('silent')
  const config = readConfig({ ATLAS_HOME: home, ATLAS_DATABASE_URL: 'postgres://nobody@127.0.0.1:1/none' })
  const app = await openApp(config, 'cli', log)
  const server = await startServer(app, { host: '127.0.0.1', port: 0 }, log)
  try {
    expect(await ask('api', { 8000: server.port })).toMatchObject({
      status: 'succeeded',
      detail: `Atlas ${config.version}`,
      isReady: true,
    })
  } finally {
    await server.close()
    await app.close()
    await removeHome(home)
  }
}, 30_000)

test.each([
  ['2 s ago', 2000, 'succeeded'],
  ['last 90 s ago', 90_000, 'running'],
] as const)('a worker that beat %s is %s', async (detail, ageMs, status) => {
  const stat = { mtime: new Date(Date.now() - ageMs).toISOString() }
  const answer = Object.assign(new PassThrough(), {
    headers: { 'x-docker-container-path-stat': Buffer.from(JSON.stringify(stat)).toString('base64') },
  })
  const engine = {
    call: (_name: string, work: (docker: unknown) => unknown) =>
      work({ getContainer: () => ({ infoArchive: async () => answer }) }),
  } as unknown as Engine
  expect(await ask('worker', {}, [], engine)).toMatchObject({ status, detail })
  // Nobody reads it: it must not hold its connection.
  expect(answer.destroyed).toBe(true)
})
