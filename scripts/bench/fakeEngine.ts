import { createServer, type ServerResponse } from 'node:http'

/** An engine with one container that writes a log as fast as it is told to. Answers what Atlas asks, on a unix socket. */
export interface FakeEngine {
  address: string
  /** The container begins to write. */
  begin(): void
  /** Resolves when the last line was handed over. */
  finished: Promise<void>
  close(): Promise<void>
}

const id = 'f'.repeat(64)
const labels = {
  'com.docker.compose.project': 'bench',
  'com.docker.compose.service': 'writer',
  'com.docker.compose.container-number': '1',
  'com.docker.compose.oneoff': 'False',
}
const startedAt = new Date().toISOString()
const state = {
  Status: 'running',
  Running: true,
  Paused: false,
  ExitCode: 0,
  Error: '',
  OOMKilled: false,
  StartedAt: startedAt,
  FinishedAt: '0001-01-01T00:00:00Z',
}
const inspection = {
  Id: id,
  Name: '/bench-writer-1',
  Created: startedAt,
  RestartCount: 0,
  State: state,
  Image: `sha256:${id}`,
  Config: { Image: 'writer:1', Env: [], Cmd: ['write'], Labels: labels, Tty: false },
  HostConfig: { Memory: 0, PortBindings: {} },
  NetworkSettings: { Ports: {}, Networks: {} },
  Mounts: [],
}
const listed = {
  Id: id,
  Names: ['/bench-writer-1'],
  Image: 'writer:1',
  ImageID: `sha256:${id}`,
  Labels: labels,
  State: 'running',
  Status: 'Up',
  Mounts: [],
  Ports: [],
  Created: 0,
}

export async function startFakeEngine(
  socket: string,
  linesPerS: number,
  seconds: number,
): Promise<FakeEngine> {
  let written = 0
  let finish = () => {}
  let begin = () => {}
  const hasBegun = new Promise<void>((resolve) => {
    begin = resolve
  })
  const finished = new Promise<void>((resolve) => {
    finish = resolve
  })

  async function write(response: ServerResponse): Promise<void> {
    const batchMs = 20
    const linesAtOnce = (linesPerS * batchMs) / 1000
    const total = linesPerS * seconds
    await hasBegun
    const begun = Date.now()
    while (written < total) {
      const due = Math.min(total, Math.floor(((Date.now() - begun) / 1000) * linesPerS))
      while (written < due) {
        const count = Math.min(linesAtOnce, due - written)
        if (!response.write(batch(begun, written, count, linesPerS)))
          await new Promise((resolve) => response.once('drain', resolve))
        written += count
      }
      await new Promise((resolve) => setTimeout(resolve, batchMs))
    }
    finish()
  }

  const server = createServer((request, response) => {
    const path = (request.url ?? '').replace(/^\/v[\d.]+/, '')
    const json = (value: unknown) =>
      response.setHeader('content-type', 'application/json').end(JSON.stringify(value))
    if (path.startsWith('/version')) return json({ Version: '99.0', ApiVersion: '1.41', Components: [] })
    if (path.startsWith('/info'))
      return json({
        NCPU: 2,
        MemTotal: 8e9,
        OperatingSystem: 'none',
        Containers: 1,
        ContainersRunning: 1,
        Images: 1,
      })
    if (path.startsWith('/containers/json')) return json([listed])
    if (path.startsWith(`/containers/${id}/json`)) return json(inspection)
    if (path.startsWith('/volumes')) return json({ Volumes: [] })
    if (path.startsWith('/system/df')) return json({ Volumes: [] })
    if (path.startsWith(`/containers/${id}/logs`)) {
      response.flushHeaders()
      if (!path.includes('follow=true') && !path.includes('follow=1')) return response.end()
      return void write(response)
    }
    // Events and numbers: an answer that stays open and says nothing.
    if (/\/(events|stats)/.test(path)) return response.flushHeaders()
    response.statusCode = 404
    return json({ message: 'not here' })
  })
  await new Promise<void>((resolve) => server.listen(socket, resolve))
  return {
    address: `unix://${socket}`,
    begin,
    finished,
    close: async () => {
      server.closeAllConnections()
      await new Promise((resolve) => server.close(resolve))
    },
  }
}

/** Frames of the engine's stream: eight bytes of header before each line. */
function batch(begun: number, from: number, count: number, linesPerS: number): Buffer {
  const lines: Buffer[] = []
  for (let line = from; line < from + count; line++) {
    const at = begun + (line / linesPerS) * 1000
    const nanoseconds = String(Math.floor((at % 1000) * 1e6)).padStart(9, '0')
    const stamp = `${new Date(at).toISOString().slice(0, 19)}.${nanoseconds}Z`
    const level = line % 1000 === 0 ? 'ERROR' : 'INFO'
    const payload = Buffer.from(
      `${stamp} ${level} request ${line} of the load took ${line % 97} ms and answered 200\n`,
    )
    const header = Buffer.alloc(8)
    header[0] = 1
    header.writeUInt32BE(payload.length, 4)
    lines.push(header, payload)
  }
  return Buffer.concat(lines)
}
