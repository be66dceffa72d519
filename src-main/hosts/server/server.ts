import { randomBytes, timingSafeEqual } from 'node:crypto'
import type { IncomingMessage } from 'node:http'
import { join, sep } from 'node:path'
import fastifyStatic from '@fastify/static'
import { OpenAPIGenerator } from '@orpc/openapi'
import { OpenAPIHandler } from '@orpc/openapi/node'
import { RPCHandler } from '@orpc/server/ws'
import { ZodToJsonSchemaConverter } from '@orpc/zod/zod4'
import Fastify from 'fastify'
import { WebSocketServer } from 'ws'
import { api } from '../../api.ts'
import { AtlasError } from '../../errors.ts'
import type { Logger } from '../../log.ts'
import { createRouter } from '../../router.ts'
import type { App } from '../../services.ts'

export interface ServerOptions {
  host: string
  port: number
  /** Shown to nobody but the user who starts the server: it opens the session. */
  token?: string | undefined
  /** Further names by which the server may be called, such as `atlas.example:8000`. */
  allowedHosts?: string[]
}

const cookieName = 'atlas_session'
/** A token of one session that nobody took for so long opens nothing any more. */
const onceLifeMs = 300_000
const assets = `${sep}assets${sep}`
const contentSecurityPolicy = [
  "default-src 'self'",
  "script-src 'self'",
  "style-src 'self' 'unsafe-inline'",
  "font-src 'self' data:",
  "img-src 'self' data:",
  "worker-src 'self' blob:",
  "connect-src 'self'",
  "object-src 'none'",
  "base-uri 'none'",
  "form-action 'none'",
  "frame-ancestors 'none'",
].join('; ')

/**
 * Serves the browser edition, the HTTP API and the WebSocket on one address. Every request passes three doors:
 * the Host must be one of ours (DNS rebinding), the Origin must be ours (other sites), and the session cookie
 * or bearer token must be this launch's.
 */
export async function startServer(app: App, options: ServerOptions, log: Logger) {
  const token = options.token ?? randomBytes(32).toString('base64url')
  const session = randomBytes(32).toString('base64url')
  const onceTokens = new Set<string>()
  const router = createRouter(log)
  const fastify = Fastify({ logger: false, forceCloseConnections: true })
  const hosts = new Set<string>(options.allowedHosts)

  const isHostAllowed = (request: IncomingMessage) => hosts.has(request.headers.host ?? '')
  const isOriginAllowed = (request: IncomingMessage) => {
    const { origin } = request.headers
    return origin === undefined || (URL.canParse(origin) && hosts.has(new URL(origin).host))
  }
  const isSignedIn = (request: IncomingMessage) => {
    const cookie = request.headers.cookie
      ?.split(/;\s*/)
      .find((part) => part.startsWith(`${cookieName}=`))
      ?.slice(cookieName.length + 1)
    return (cookie !== undefined && isSame(cookie, session)) || hasToken(request)
  }
  const hasToken = (request: IncomingMessage) => {
    const bearer = /^Bearer (.+)$/.exec(request.headers.authorization ?? '')?.[1]
    return bearer !== undefined && isSame(bearer, token)
  }
  const mintOnce = () => {
    const once = randomBytes(32).toString('base64url')
    onceTokens.add(once)
    setTimeout(() => onceTokens.delete(once), onceLifeMs).unref()
    return once
  }

  fastify.addHook('onRequest', async (request, reply) => {
    reply.header('content-security-policy', contentSecurityPolicy)
    reply.header('x-content-type-options', 'nosniff')
    reply.header('referrer-policy', 'no-referrer')
    reply.header('cross-origin-opener-policy', 'same-origin')
    reply.header('cross-origin-resource-policy', 'same-origin')
    if (!isHostAllowed(request.raw))
      return reply.code(403).send({ code: 'HOST_REFUSED', message: 'Unknown host' })
    if (!isOriginAllowed(request.raw))
      return reply.code(403).send({ code: 'ORIGIN_REFUSED', message: 'Unknown origin' })
  })

  fastify.get('/health', async () => ({ status: 'ok', version: app.config.version }))

  fastify.post<{ Body: { token?: unknown } }>('/session', async (request, reply) => {
    const given = request.body?.token
    if (typeof given !== 'string' || !(onceTokens.delete(given) || isSame(given, token))) {
      return reply
        .code(401)
        .send({ code: 'TOKEN_REFUSED', message: 'The token is not the one of this launch' })
    }
    return reply
      .header('set-cookie', `${cookieName}=${session}; HttpOnly; SameSite=Strict; Path=/`)
      .code(204)
      .send()
  })

  // For a command line that opens a browser: only who has the token gets one, and no page of a session does.
  fastify.post('/session/once', async (request, reply) =>
    hasToken(request.raw)
      ? { token: mintOnce() }
      : reply.code(401).send({ code: 'NOT_SIGNED_IN', message: 'Sign in first' }),
  )

  // The OpenAPI handler reads the body itself.
  await fastify.register(async (scope) => {
    scope.removeAllContentTypeParsers()
    scope.addContentTypeParser('*', (_request, _payload, done) => done(null))
    scope.addHook('onRequest', async (request, reply) => {
      if (!isSignedIn(request.raw))
        return reply.code(401).send({ code: 'NOT_SIGNED_IN', message: 'Sign in first' })
    })
    const openApi = new OpenAPIHandler(router)
    const generator = new OpenAPIGenerator({ schemaConverters: [new ZodToJsonSchemaConverter()] })
    scope.get('/api/openapi.json', async () =>
      generator.generate(api, {
        info: { title: 'Atlas Desktop', version: app.config.version },
        servers: [{ url: '/api' }],
      }),
    )
    scope.all('/api/*', async (request, reply) => {
      const environment = request.headers['x-atlas-environment']
      reply.hijack()
      const { matched } = await openApi.handle(request.raw, reply.raw, {
        prefix: '/api',
        context: { services: () => app.services(typeof environment === 'string' ? environment : undefined) },
      })
      if (!matched) {
        reply.raw.writeHead(404, { 'content-type': 'application/json' })
        reply.raw.end(JSON.stringify({ code: 'NOT_FOUND', message: 'There is no such call' }))
      }
    })
  })

  await fastify.register(fastifyStatic, {
    root: join(app.config.root, 'out', 'renderer'),
    wildcard: false,
    cacheControl: false,
    // The name of an asset has the hash of what is in it: it is asked for once and never again.
    setHeaders: (reply, path) =>
      void reply.header('cache-control', path.includes(assets) ? 'max-age=31536000, immutable' : 'no-cache'),
  })
  fastify.setNotFoundHandler((request, reply) =>
    request.method === 'GET' && !request.url.split('?', 1)[0]?.includes('.')
      ? reply.sendFile('index.html')
      : reply.code(404).send({ code: 'NOT_FOUND', message: 'There is no such page' }),
  )

  const rpc = new RPCHandler(router)
  const sockets = new WebSocketServer({ noServer: true, maxPayload: 64 * 1024 * 1024 })
  fastify.server.on('upgrade', (request, socket, head) => {
    const url = new URL(request.url ?? '/', 'http://localhost')
    const status =
      url.pathname !== '/rpc'
        ? '404 Not Found'
        : !isHostAllowed(request) || request.headers.origin === undefined || !isOriginAllowed(request)
          ? '403 Forbidden'
          : !isSignedIn(request)
            ? '401 Unauthorized'
            : undefined
    if (status) return socket.end(`HTTP/1.1 ${status}\r\nConnection: close\r\nContent-Length: 0\r\n\r\n`)
    const environment = url.searchParams.get('environment') ?? undefined
    sockets.handleUpgrade(request, socket, head, (webSocket) => {
      void rpc.upgrade(webSocket, { context: { services: () => app.services(environment) } })
    })
  })

  await fastify.listen({ host: options.host, port: options.port }).catch((error: NodeJS.ErrnoException) => {
    throw new AtlasError(
      'CONFLICT',
      'The address cannot be listened on',
      {
        object: `${options.host}:${options.port}`,
        sqlState: error.code,
        saved: 'Nothing was started.',
        next: 'End what holds it, or choose another with --port (0 takes a free one).',
      },
      { cause: error },
    )
  })
  const address = fastify.server.address()
  const port = typeof address === 'object' && address ? address.port : options.port
  for (const name of ['127.0.0.1', 'localhost', '[::1]', options.host]) hosts.add(`${name}:${port}`)

  return {
    port,
    token,
    /** The address to open: the token stands in the fragment, which no server and no log ever sees. */
    url: `http://127.0.0.1:${port}/#token=${token}`,
    /** An address whose token opens one session and is void then: fit for a process argument, which others can read. */
    mintUrl: () => `http://127.0.0.1:${port}/#token=${mintOnce()}`,
    async close() {
      for (const client of sockets.clients) client.terminate()
      await fastify.close()
    },
  }
}

function isSame(given: string, expected: string): boolean {
  const a = Buffer.from(given)
  const b = Buffer.from(expected)
  return a.length === b.length && timingSafeEqual(a, b)
}
