import { once } from 'node:events'
import { type AddressInfo, createServer, type Socket } from 'node:net'
import { TLSSocket } from 'node:tls'

/** Something that listens on a free port of loopback; `close` ends it with its connections. */
export interface Listener {
  port: number
  /** What it was sent, in pieces. */
  received: Buffer[]
  close(): Promise<void>
}

async function listen(onConnection: (socket: Socket) => void): Promise<Listener> {
  const sockets = new Set<Socket>()
  const received: Buffer[] = []
  const server = createServer((socket) => {
    sockets.add(socket)
    socket.on('data', (chunk) => received.push(chunk))
    socket.on('error', () => {})
    onConnection(socket)
  })
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  return {
    port: (server.address() as AddressInfo).port,
    received,
    close: async () => {
      for (const socket of sockets) socket.destroy()
      server.close()
      await once(server, 'close')
    },
  }
}

/** A server that takes connections and never says a word, as a firewall that swallows packets seems to. */
export const listenSilently = () => listen(() => {})

/** A server that answers `N` to a request for TLS, as a PostgreSQL that offers none (protocol, 55.2.10). */
export const listenWithoutTls = () => listen((socket) => socket.once('data', () => socket.end('N')))

/** A server that offers TLS with this certificate, and is silent behind it. */
export const listenWithTls = (cert: string, key: string) =>
  listen((socket) =>
    socket.once('data', () => {
      socket.write('S')
      new TLSSocket(socket, { isServer: true, cert, key }).on('error', () => {})
    }),
  )

/**
 * A server of a release, or of a product, that no package of this machine has: it lets everyone in and answers the first
 * query with one row of five columns, what Atlas asks a server about itself (protocol, 55.7: R, K, Z, T, D, C).
 */
export const listenAs = (number: number, version: string, missing = '') =>
  listen((socket) => {
    socket.once('data', () => {
      const key = message('K', int32(4711), int32(1))
      socket.write(Buffer.concat([message('R', int32(0)), key, message('Z', Buffer.from('I'))]))
      socket.once('data', () => {
        const columns = [
          column('number', 23),
          column('version', 25),
          column('product', 25),
          column('processId', 23),
          column('missing', 25),
        ]
        const values = [String(number), version, `PostgreSQL ${version} as told`, '4711', missing].map(
          (text) => [int32(Buffer.byteLength(text)), Buffer.from(text)],
        )
        socket.write(
          Buffer.concat([
            message('T', int16(columns.length), ...columns),
            message('D', int16(values.length), ...values.flat()),
            message('C', Buffer.from('SELECT 1\0')),
            message('Z', Buffer.from('I')),
          ]),
        )
      })
    })
  })

function column(name: string, type: number): Buffer {
  const ends = [int32(0), int16(0), int32(type), int16(-1), int32(-1), int16(0)]
  return Buffer.concat([Buffer.from(`${name}\0`), ...ends])
}

function message(kind: string, ...parts: Buffer[]): Buffer {
  const body = Buffer.concat(parts)
  return Buffer.concat([Buffer.from(kind), int32(body.length + 4), body])
}

function int32(value: number): Buffer {
  const bytes = Buffer.alloc(4)
  bytes.writeInt32BE(value)
  return bytes
}

function int16(value: number): Buffer {
  const bytes = Buffer.alloc(2)
  bytes.writeInt16BE(value)
  return bytes
}
