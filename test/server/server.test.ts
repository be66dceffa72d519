import { mkdtempSync, rmSync } from 'node:fs'
import { request } from 'node:http'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createORPCClient, isDefinedError, safe } from '@orpc/client'
import { RPCLink } from '@orpc/client/websocket'
import type { ContractRouterClient } from '@orpc/contract'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { WebSocket } from 'ws'
import type { Api } from '../../src-main/api.ts'
import { readConfig } from '../../src-main/config.ts'
import { startServer } from '../../src-main/hosts/server/server.ts'
import { createLogger } from '../../src-main/log.ts'
import { type App, openApp } from '../../src-main/services.ts'

const home = mkdtempSync(join(tmpdir(), 'atlas-server-'))
let app: App
let server: Awaited<ReturnType<typeof startServer>>

beforeAll(async () => {
  process.env.DOCKER_HOST = 'unix:///nowhere/docker.sock'
  const log = createLogger('silent')
  // A database that nothing serves: what is tested here needs none.
  const config = readConfig({ ATLAS_HOME: home, ATLAS_DATABASE_URL: 'postgres://nobody@127.0.0.1:1/none' })
  app = await openApp(config, 'cli', log)
  server = await startServer(app, { host: '127.0.0.1', port: 0 }, log)
})

afterAll(async () => {
  await server.close()
  await app.close()
  rmSync(home, { recursive: true, force: true })
})

interface Answer {
  status: number
  headers: Record<string, string | string[] | undefined>
  body: string
}

/** Node's own client: unlike fetch it sends any Host and any Origin. */
function call(
  path: string,
  options: { method?: string; headers?: Record<string, string>; body?: string } = {},
): Promise<Answer> {
  return new Promise((resolve, reject) => {
    const sent = request(
      {
        host: '127.0.0.1',
        port: server.port,
        path,
        method: options.method ?? 'GET',
        headers: options.headers ?? {},
      },
      (answer) => {
        let body = ''
        answer.on('data', (chunk) => {
          body += chunk
        })
        answer.on('end', () => resolve({ status: answer.statusCode ?? 0, headers: answer.headers, body }))
      },
    )
    sent.on('error', reject)
    sent.end(options.body)
  })
}

test('an address that another holds is named, and nothing is started', async () => {
  await expect(
    startServer(app, { host: '127.0.0.1', port: server.port }, createLogger('silent')),
  ).rejects.toMatchObject({
    code: 'CONFLICT',
    fault: { object: `127.0.0.1:${server.port}`, sqlState: 'EADDRINUSE' },
  })
})

const json = { 'content-type': 'application/json' }
const bearer = () => ({ authorization: `Bearer ${server.token}` })
const signIn = (token: unknown, headers = {}) =>
  call('/session', { method: 'POST', headers: { ...json, ...headers }, body: JSON.stringify({ token }) })

async function cookie(): Promise<string> {
  const { headers } = await signIn(server.token)
  return String(headers['set-cookie']).split(';')[0] ?? ''
}

function openSocket(headers: Record<string, string>, path = '/rpc'): Promise<WebSocket | number> {
  return new Promise((resolve) => {
    const socket = new WebSocket(`ws://127.0.0.1:${server.port}${path}`, { headers })
    socket.once('open', () => resolve(socket))
    socket.once('unexpected-response', (_request, answer) => resolve(answer.statusCode ?? 0))
    socket.once('error', () => {})
  })
}

const origin = () => `http://127.0.0.1:${server.port}`

describe('the doors of the server', () => {
  test('the right token is exchanged for a cookie that no script reads and no other site sends', async () => {
    const { status, headers } = await signIn(server.token)
    expect(status).toBe(204)
    expect(String(headers['set-cookie'])).toMatch(/HttpOnly; SameSite=Strict/)
    expect(String(headers['set-cookie'])).not.toContain(server.token)
    expect((await call('/api/about', { headers: { cookie: await cookie() } })).status).toBe(200)
  })

  test('a minted address opens one session, then it is void', async () => {
    const once = server.mintUrl().split('#token=')[1]
    expect((await signIn(once)).status).toBe(204)
    expect((await signIn(once)).status).toBe(401)
    expect((await call('/api/about', { headers: { authorization: `Bearer ${once}` } })).status).toBe(401)
  })

  test('who has the token gets an address for one session; a session alone gets none', async () => {
    const once = (headers: Record<string, string>) => call('/session/once', { method: 'POST', headers })
    expect((await once({})).status).toBe(401)
    expect((await once({ cookie: await cookie() })).status).toBe(401)
    const { token } = JSON.parse((await once(bearer())).body) as { token: string }
    expect((await signIn(token)).status).toBe(204)
    expect((await signIn(token)).status).toBe(401)
  })

  test.each(['', 'wrong', 'x'.repeat(43), undefined, 7, ['x']])('the token %j is refused', async (token) => {
    expect((await signIn(token)).status).toBe(401)
  })

  test.each(['evil.example', '127.0.0.1:1', 'localhost', '127.0.0.1'])(
    'the host %j is refused',
    async (host) => {
      expect((await call('/health', { headers: { host } })).status).toBe(403)
      expect((await signIn(server.token, { host })).status).toBe(403)
    },
  )

  test.each(['http://evil.example', 'null', 'https://127.0.0.1', 'file://'])(
    'the origin %j is refused',
    async (foreign) => {
      expect((await call('/api/about', { headers: { ...bearer(), origin: foreign } })).status).toBe(403)
      expect((await signIn(server.token, { origin: foreign })).status).toBe(403)
    },
  )

  test.each(['/api/about', '/api/openapi.json', '/api/environments'])('%s needs a session', async (path) => {
    expect((await call(path)).status).toBe(401)
    expect((await call(path, { headers: { cookie: 'atlas_session=guess' } })).status).toBe(401)
    expect((await call(path, { headers: { authorization: 'Bearer guess' } })).status).toBe(401)
    expect((await call(path, { headers: bearer() })).status).toBe(200)
  })

  test.each(['PUT', 'DELETE', 'PATCH', 'TRACE'])('the method %s opens nothing', async (method) => {
    for (const path of ['/session', '/api/about', '/overview']) {
      expect((await call(path, { method, headers: bearer() })).status).toBeGreaterThanOrEqual(400)
    }
  })

  test.each(['/../package.json', '/%2e%2e/package.json', '/..%2fpackage.json', '/assets/../../main/cli.js'])(
    '%s leads out of nowhere',
    async (path) => {
      const { body } = await call(path)
      expect(body).not.toContain('atlas-desktop')
      expect(body).not.toContain('import ')
    },
  )

  test.each(['{', '[]', '"x"', 'null', '{"token":{"a":1}}'])(
    'the body %s ends in a refusal',
    async (body) => {
      const { status } = await call('/session', { method: 'POST', headers: json, body })
      expect([400, 401]).toContain(status)
      expect((await call('/health')).status).toBe(200)
    },
  )

  test('a body without end is cut off', async () => {
    const answer = await call('/session', {
      method: 'POST',
      headers: json,
      body: `{"token":"${'x'.repeat(3_000_000)}"}`,
    }).catch(() => ({ status: 413 }))
    expect(answer.status).toBe(413)
  })

  test('every page forbids foreign script, frames and sniffing', async () => {
    const { headers } = await call('/health')
    expect(headers['content-security-policy']).toContain("script-src 'self'")
    expect(headers['content-security-policy']).not.toMatch(/script-src[^;]*unsafe/)
    expect(headers['content-security-policy']).toContain("frame-ancestors 'none'")
    expect(headers['x-content-type-options']).toBe('nosniff')
  })
})

describe('the WebSocket', () => {
  test('opens for a session of our own page alone', async () => {
    const session = await cookie()
    expect(await openSocket({ cookie: session })).toBe(403)
    expect(await openSocket({ cookie: session, origin: 'http://evil.example' })).toBe(403)
    expect(await openSocket({ origin: origin() })).toBe(401)
    expect(await openSocket({ origin: origin(), cookie: 'atlas_session=guess' })).toBe(401)
    expect(await openSocket({ origin: origin(), cookie: session, host: 'evil.example' })).toBe(403)
    expect(await openSocket({ origin: origin(), cookie: session }, '/other')).toBe(404)
    const socket = await openSocket({ origin: origin(), cookie: session })
    expect(socket).toBeInstanceOf(WebSocket)
    if (socket instanceof WebSocket) socket.terminate()
  })

  const connect = async (path = '/rpc') => {
    const socket = await openSocket({ origin: origin(), cookie: await cookie() }, path)
    if (!(socket instanceof WebSocket)) throw new Error(`refused with ${socket}`)
    const client: ContractRouterClient<Api> = createORPCClient(new RPCLink({ websocket: socket as never }))
    return { socket, client }
  }

  test('answers calls, with typed errors', async () => {
    const { client, socket } = await connect()
    expect((await client.settings.about()).version).toBe(app.config.version)
    const result = await safe(client.jobs.get({ id: 'nowhere' }))
    expect(isDefinedError(result.error) && [result.error.code, result.error.data.object]).toEqual([
      'NOT_FOUND',
      'nowhere',
    ])
    const invalid = await safe(client.environments.create({ name: '' } as never))
    expect(invalid.error).toMatchObject({ code: 'INPUT_INVALID', data: { saved: 'Nothing was changed.' } })
    const down = await safe(client.migrations.status())
    expect(down.error).toMatchObject({ code: 'CONNECTION_REFUSED', data: { object: '127.0.0.1:1' } })
    socket.terminate()
  })

  test('follows a feed, and its end reaches the server', async () => {
    const { client, socket } = await connect()
    const abort = new AbortController()
    const feed = await client.jobs.watch(undefined, { signal: abort.signal })
    const first = await feed.next()
    expect(first.value).toEqual([])
    const next = feed.next()
    abort.abort()
    await expect(next).rejects.toBeDefined()
    socket.terminate()
  })

  test('a feed that fails tells of it as a call does', async () => {
    const { client, socket } = await connect()
    const read = async () => {
      for await (const _event of await client.containerShell.open({ id: 'web', columns: 80, rows: 24 }));
    }
    const { error } = await safe(read())
    expect(error).toMatchObject({
      code: 'DOCKER_UNAVAILABLE',
      data: { next: expect.stringContaining('DOCKER_HOST') },
    })
    socket.terminate()
  })

  test('survives frames that are no calls', async () => {
    const { client, socket } = await connect()
    for (const frame of ['', '{', '[1,2', '{"i":{}}', '\u0000']) socket.send(frame)
    socket.send(Buffer.from([0xff, 0x00, 0x13]))
    const again = await connect()
    expect((await again.client.settings.about()).host).toBe('cli')
    socket.terminate()
    again.socket.terminate()
    expect(client).toBeDefined()
  })

  test('an environment that does not exist fails the call, not the connection', async () => {
    const { client, socket } = await connect('/rpc?environment=nowhere')
    expect((await safe(client.settings.about())).error).toMatchObject({ code: 'NOT_FOUND' })
    expect(
      (await call('/api/about', { headers: { ...bearer(), 'x-atlas-environment': 'nowhere' } })).status,
    ).toBe(404)
    socket.terminate()
  })
})
