import { once } from 'node:events'
import { type AddressInfo, createServer, type Socket } from 'node:net'

/** Something that listens on a free port of loopback; `close` ends it with its connections. */
export interface Listener {
  port: number
  close(): Promise<void>
}

async function listen(onConnection: (socket: Socket) => void): Promise<Listener> {
  const sockets = new Set<Socket>()
  const server = createServer((socket) => {
    sockets.add(socket)
    socket.on('error', () => {})
    onConnection(socket)
  })
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  return {
    port: (server.address() as AddressInfo).port,
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

/**
 * A server of a release that no package of this machine has: it lets everyone in and answers the first query with
 * one row of two columns, its version as a number and in words (protocol, 55.7: R, Z, T, D, C).
 */
export const listenAs = (number: number, version: string) =>
  listen((socket) => {
    socket.once('data', () => {
      socket.write(Buffer.concat([message('R', int32(0)), message('Z', Buffer.from('I'))]))
      socket.once('data', () => {
        const columns = [column('number', 23), column('version', 25)]
        const values = [String(number), version].map((text) => [
          int32(Buffer.byteLength(text)),
          Buffer.from(text),
        ])
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
