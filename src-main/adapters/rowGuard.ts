import type { Duplex } from 'node:stream'
import type pg from 'pg'
import { AtlasError } from '../errors.ts'

const dataRow = 0x44
const headerBytes = 5
const megabyte = 1024 ** 2
const guarded = new WeakSet<pg.Client>()

/**
 * Ends a connection that begins to send a row of more than `maxBytes`. The driver makes strings of values, and one beyond
 * what a string can hold throws where nothing can catch it: the process would end with every tab in it.
 */
export function refuseGiantRows(client: pg.Client, maxBytes: number): void {
  if (guarded.has(client)) return
  guarded.add(client)
  const { stream } = (client as unknown as { connection: { stream: Duplex } }).connection
  const listeners = stream.listeners('data') as ((chunk: Buffer) => void)[]
  const inspect = createFrameInspector((type, length) => {
    if (type !== dataRow || length <= maxBytes) return true
    stream.destroy(
      new AtlasError('UNSUPPORTED', `A row of ${Math.round(length / megabyte)} MB cannot be read here`, {
        detail: `Rows of up to ${Math.round(maxBytes / megabyte)} MB are read. The session was ended to stop it.`,
        saved: 'What the open transaction had done was rolled back.',
        next: 'Ask for a part of the value, such as left(value, 1000) or length(value).',
      }),
    )
    return false
  })
  stream.removeAllListeners('data')
  stream.on('data', (chunk: Buffer) => {
    if (inspect(chunk)) for (const listen of listeners) listen(chunk)
  })
}

/** Calls `accept` with type and length of each message of a PostgreSQL stream; false as soon as one is not accepted. */
export function createFrameInspector(accept: (type: number, length: number) => boolean) {
  const header = Buffer.alloc(headerBytes)
  let known = 0
  let left = 0
  return (chunk: Buffer): boolean => {
    let at = 0
    while (at < chunk.length) {
      if (left > 0) {
        const passed = Math.min(left, chunk.length - at)
        left -= passed
        at += passed
        continue
      }
      const taken = chunk.copy(header, known, at, at + headerBytes - known)
      known += taken
      at += taken
      if (known < headerBytes) return true
      known = 0
      const length = header.readInt32BE(1)
      if (!accept(header[0] ?? 0, length)) return false
      left = length - 4
    }
    return true
  }
}
