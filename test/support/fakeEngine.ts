import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import { pack } from 'tar-stream'
import {
  type FakeContainer,
  imageId,
  inspected,
  listed,
  type Named,
  newId,
  startedAt,
  volumeOf,
} from './fakeEngineViews.ts'

export interface FakeRequest {
  method: string
  /** Without the version of the API. */
  path: string
  query: URLSearchParams
  body: Record<string, unknown> | undefined
}

export interface FakeEngine {
  /** As DOCKER_HOST. */
  address: string
  /** Everything that was asked of it, in order. */
  requests: FakeRequest[]
  containers: Map<string, FakeContainer>
  volumes: Map<string, Named>
  networks: Map<string, Named>
  /** Changes a container's state and tells of it. */
  change(id: string, action: 'start' | 'die' | 'pause' | 'unpause'): void
  /** Answers with an error what matches this, such as `POST /containers/…/pause`. */
  refuse(line: RegExp | undefined): void
  close(): Promise<void>
}

interface Options {
  socket: string
  /** What one container wrote, and writes; nothing where it is left out. */
  writeLog?: (response: ServerResponse, isFollowing: boolean) => void
}

const states = { start: 'running', die: 'exited', pause: 'paused', unpause: 'running' } as const

/**
 * An engine that keeps an inventory and does nothing: it answers what Atlas asks, on a unix socket, and remembers all of it.
 * For what a real engine cannot show: a thousand containers, and every single request.
 */
export async function startFakeEngine({ socket, writeLog }: Options): Promise<FakeEngine> {
  const requests: FakeRequest[] = []
  const containers = new Map<string, FakeContainer>()
  const volumes = new Map<string, Named>()
  const networks = new Map<string, Named>()
  const listeners = new Set<ServerResponse>()
  let refused: RegExp | undefined

  const find = (reference: string) =>
    containers.get(reference) ??
    [...containers.values()].find(
      ({ id, name }) => name === reference || (reference.length >= 12 && id.startsWith(reference)),
    )

  function tell(action: string, { id, name, labels, exitCode }: FakeContainer) {
    const attributes = { ...labels, name, ...(action === 'die' && { exitCode: String(exitCode) }) }
    const message = {
      Type: 'container',
      Action: action,
      Actor: { ID: id, Attributes: attributes },
      timeNano: Date.now() * 1e6,
    }
    for (const response of listeners) response.write(`${JSON.stringify(message)}\n`)
  }

  function change(id: string, action: keyof typeof states) {
    const container = containers.get(id)
    if (!container) return
    container.state = states[action]
    tell(action, container)
  }

  const answers: [RegExp, (parts: string[], request: FakeRequest, response: ServerResponse) => unknown][] = [
    [/^GET \/version$/, () => ({ Version: '99.0', ApiVersion: '1.41', Components: [] })],
    [
      /^GET \/info$/,
      () => ({
        NCPU: 2,
        MemTotal: 8e9,
        OperatingSystem: 'none',
        Containers: containers.size,
        ContainersRunning: [...containers.values()].filter(({ state }) => state === 'running').length,
        Images: 1,
      }),
    ],
    [
      /^GET \/system\/df$/,
      () => ({ Volumes: [...volumes.keys()].map((Name) => ({ Name, UsageData: { Size: 1 } })) }),
    ],
    [
      /^GET \/containers\/json$/,
      (_parts, { query }) =>
        [...containers.values()]
          .filter(({ state }) => state === 'running' || /^(1|true)$/.test(query.get('all') ?? ''))
          .filter(({ labels }) => fits(labels, query))
          .map(listed)
          .filter(({ Mounts }) => mounts(Mounts, query)),
    ],
    [/^GET \/containers\/([^/]+)\/json$/, ([id = '']) => mapOrGone(find(id), inspected)],
    [/^GET \/containers\/([^/]+)\/top$/, () => ({ Titles: ['PID'], Processes: [['1']] })],
    [/^GET \/containers\/([^/]+)\/changes$/, () => []],
    [/^GET \/containers\/([^/]+)\/stats$/, stats],
    [
      /^GET \/containers\/([^/]+)\/logs$/,
      (_parts, { query }, response) => {
        response.flushHeaders()
        const isFollowing = /^(1|true)$/.test(query.get('follow') ?? '')
        if (writeLog) writeLog(response, isFollowing)
        else if (!isFollowing) response.end()
        return left
      },
    ],
    [
      /^HEAD \/containers\/([^/]+)\/archive$/,
      (_parts, _request, response) => {
        const told = JSON.stringify({ mtime: startedAt })
        response.setHeader('x-docker-container-path-stat', Buffer.from(told).toString('base64')).end()
        return left
      },
    ],
    [
      /^GET \/containers\/([^/]+)\/archive$/,
      (_parts, _request, response) => {
        const archive = pack()
        archive.entry({ name: 'file' }, 'x')
        archive.finalize()
        archive.pipe(response)
        return left
      },
    ],
    [/^PUT \/containers\/([^/]+)\/archive$/, () => ({})],
    [/^POST \/containers\/create$/, (_parts, request) => ({ Id: create(request), Warnings: [] })],
    [
      /^POST \/containers\/([^/]+)\/(start|stop|kill|restart|pause|unpause)$/,
      ([id = '', action]) =>
        mapOrGone(find(id), (container) => {
          if (action === 'stop' || action === 'kill' || action === 'restart') change(container.id, 'die')
          if (action !== 'stop' && action !== 'kill')
            change(container.id, action === 'restart' ? 'start' : (action as 'start'))
        }),
    ],
    [/^POST \/containers\/([^/]+)\/wait$/, () => ({ StatusCode: 0 })],
    [
      /^POST \/containers\/([^/]+)\/rename$/,
      ([id = ''], { query }) =>
        mapOrGone(find(id), (container) => {
          container.name = query.get('name') ?? ''
        }),
    ],
    [
      /^POST \/containers\/([^/]+)\/exec$/,
      ([id = '']) => mapOrGone(find(id), (container) => ({ Id: container.id })),
    ],
    [/^POST \/exec\/([^/]+)\/(start|resize)$/, () => ({})],
    [/^GET \/exec\/([^/]+)\/json$/, () => ({ ExitCode: 0 })],
    [
      /^DELETE \/containers\/([^/]+)$/,
      ([id = '']) =>
        mapOrGone(find(id), (container) => {
          containers.delete(container.id)
          tell('destroy', container)
        }),
    ],
    [
      /^GET \/networks$/,
      (_parts, { query }) =>
        [...networks]
          .filter(([, { labels }]) => fits(labels, query))
          .map(([Name, { id, labels }]) => ({ Name, Id: id, Labels: labels })),
    ],
    [/^POST \/networks\/create$/, (_parts, { body }) => ({ Id: keep(networks, body) })],
    [/^POST \/networks\/([^/]+)\/(connect|disconnect)$/, () => ({})],
    [
      /^DELETE \/networks\/([^/]+)$/,
      ([id = '']) => void [...networks].map(([name, one]) => one.id === id && networks.delete(name)),
    ],
    [
      /^GET \/volumes$/,
      (_parts, { query }) => ({
        Volumes: [...volumes].filter(([, { labels }]) => fits(labels, query)).map(volumeOf),
      }),
    ],
    [
      /^GET \/volumes\/([^/]+)$/,
      ([name = '']) => mapOrGone(volumes.get(name), (found) => volumeOf([name, found])),
    ],
    [
      /^POST \/volumes\/create$/,
      (_parts, { body }) => {
        keep(volumes, body)
        return { Name: body?.Name }
      },
    ],
    [/^DELETE \/volumes\/([^/]+)$/, ([name = '']) => void volumes.delete(name)],
    [
      /^GET \/images\/.+\/json$/,
      () => ({ Id: imageId, Os: 'linux', Architecture: 'amd64', Config: {}, RepoDigests: [] }),
    ],
    [/^POST \/(images\/create|build)$/, () => ({ status: 'done', stream: 'done' })],
    [
      /^GET \/events$/,
      (_parts, _request, response) => {
        response.flushHeaders()
        listeners.add(response)
        response.on('close', () => listeners.delete(response))
        return left
      },
    ],
  ]

  function create({ body, query }: FakeRequest): string {
    const { Labels = {}, Image = '', HostConfig = {} } = body ?? {}
    const made: FakeContainer = {
      id: newId(),
      name: query.get('name') ?? newId().slice(0, 12),
      labels: Labels as Record<string, string>,
      state: 'created',
      exitCode: 0,
      image: String(Image),
      hostConfig: HostConfig as Record<string, unknown>,
    }
    containers.set(made.id, made)
    tell('create', made)
    return made.id
  }

  const server = createServer(async (incoming, response) => {
    const request = await read(incoming)
    requests.push(request)
    const line = `${request.method} ${request.path}`
    if (refused?.test(line)) return void response.writeHead(500).end('{"message":"refused"}')
    for (const [pattern, answer] of answers) {
      const match = pattern.exec(line)
      if (!match) continue
      const value = answer(match.slice(1).map(decodeURIComponent), request, response)
      if (value === left) return
      if (value === gone) return void response.writeHead(404).end('{"message":"no such object"}')
      if (value === undefined) return void response.writeHead(204).end()
      return void response.setHeader('content-type', 'application/json').end(JSON.stringify(value))
    }
    response.writeHead(404).end('{"message":"page not found"}')
  })
  // A shell asks for the bare connection.
  server.on('upgrade', (incoming: IncomingMessage, connection) => {
    requests.push({ ...lineOf(incoming), body: undefined })
    connection.end('HTTP/1.1 101 UPGRADED\r\nConnection: Upgrade\r\nUpgrade: tcp\r\n\r\n')
  })
  await new Promise<void>((resolve) => server.listen(socket, resolve))
  return {
    address: `unix://${socket}`,
    requests,
    containers,
    volumes,
    networks,
    change,
    refuse: (line) => {
      refused = line
    },
    close: async () => {
      server.closeAllConnections()
      await new Promise((resolve) => server.close(resolve))
    },
  }
}

/** The answer is written already, or is being written. */
const left = Symbol('left')
const gone = Symbol('gone')

const mapOrGone = <T>(found: T | undefined, map: (found: T) => unknown) => (found ? map(found) : gone)

function lineOf({ method = '', url = '' }: IncomingMessage): Omit<FakeRequest, 'body'> {
  const at = new URL(url, 'http://engine')
  return { method, path: at.pathname.replace(/^\/v[\d.]+/, ''), query: at.searchParams }
}

async function read(incoming: IncomingMessage): Promise<FakeRequest> {
  const chunks: Buffer[] = []
  for await (const chunk of incoming) chunks.push(chunk as Buffer)
  const isJson = incoming.headers['content-type']?.includes('json')
  const text = Buffer.concat(chunks).toString('utf8')
  return { ...lineOf(incoming), body: isJson && text ? JSON.parse(text) : undefined }
}

/** The filter of a list: `{"label":["a=b","c"]}`. */
function fits(labels: Record<string, string>, query: URLSearchParams): boolean {
  const { label = [] } = JSON.parse(query.get('filters') ?? '{}') as { label?: string[] }
  return label.every((wanted) => {
    const [name = '', value] = wanted.split('=')
    return name in labels && (value === undefined || labels[name] === value)
  })
}

/** `{"volume":["name"]}` */
function mounts(mounted: { Name: string }[], query: URLSearchParams): boolean {
  const { volume = [] } = JSON.parse(query.get('filters') ?? '{}') as { volume?: string[] }
  return volume.every((name) => mounted.some(({ Name }) => Name === name))
}

function keep(kept: Map<string, Named>, body: FakeRequest['body']): string {
  const id = newId()
  kept.set(String(body?.Name), { id, labels: (body?.Labels ?? {}) as Record<string, string> })
  return id
}

/** Once where it is asked for once; else an answer that stays open and says nothing. */
function stats(_parts: string[], { query }: FakeRequest, response: ServerResponse) {
  if (/^(1|true)$/.test(query.get('stream') ?? '')) {
    response.flushHeaders()
    return left
  }
  const total = Math.round(process.uptime() * 1e9)
  return {
    read: new Date().toISOString(),
    cpu_stats: { cpu_usage: { total_usage: total / 100 }, system_cpu_usage: total, online_cpus: 2 },
    memory_stats: { usage: 50e6, stats: {} },
    pids_stats: { current: 3 },
  }
}
