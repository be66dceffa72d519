import type { Duplex } from 'node:stream'
import type pg from 'pg'

const dataRow = 0x44
const copyData = 0x64
const headerBytes = 5

/** Takes the rows of a statement as the server sends them: whole DataRow messages, header and all, in pieces of any size. */
export interface RowSink {
  /** A row of so many bytes begins. */
  row(sizeBytes: number): void
  /** The next bytes of the rows that have begun. Valid during the call only. */
  bytes(piece: Buffer): void
}

/** Takes what a COPY TO STDOUT sends, without the messages around it. Valid during the call only. */
export type CopySink = (piece: Buffer) => void

interface Sinks {
  sink: RowSink | undefined
  copySink?: CopySink | undefined
}

/**
 * Parts a PostgreSQL stream (protocol 3.0, message formats): DataRow messages go to `sink` while there is one, the payload
 * of CopyData messages to `copySink`, those of one chunk together, all others to `forward`. Nothing is decoded, and nothing
 * copied but headers that a chunk cuts and, within its chunk, the payload of CopyData.
 */
export function createRowSplitter(sinks: Sinks, forward: CopySink) {
  const header = Buffer.alloc(headerBytes)
  let known = 0
  let left = 0
  let sink: CopySink | undefined
  let isCopy = false

  /** A header has been read: to whom the message goes. */
  const begin = (type: number, length: number) => {
    const rows = type === dataRow ? sinks.sink : undefined
    const copy = type === copyData ? sinks.copySink : undefined
    isCopy = copy !== undefined
    sink = rows?.bytes ?? copy
    left = length + 1 - headerBytes
    rows?.row(length + 1)
  }

  return (chunk: Buffer): void => {
    let at = 0
    // Between here and `to` are bytes that go to the same taker; what lay between them is closed up.
    let from = 0
    let to = 0
    let taker = sink
    const flush = () => {
      if (to > from) (taker ?? forward)(chunk.subarray(from, to))
      from = at
      to = at
    }
    const pass = (length: number) => {
      if (to !== at) chunk.copyWithin(to, at, at + length)
      at += length
      to += length
    }
    while (at < chunk.length) {
      if (left > 0) {
        const passed = Math.min(left, chunk.length - at)
        left -= passed
        pass(passed)
        continue
      }
      if (known === 0 && chunk.length - at >= headerBytes) {
        const type = chunk[at] ?? 0
        const length = chunk.readInt32BE(at + 1)
        // What came before goes first: it may be what sets the sink.
        if (!taker || type !== (isCopy ? copyData : dataRow)) flush()
        begin(type, length)
        if (sink !== taker) flush()
        taker = sink
        if (!isCopy) pass(headerBytes)
        else {
          at += headerBytes
          if (to === from) flush()
        }
        continue
      }
      // A header that the end of a chunk cuts is put together first.
      flush()
      const taken = chunk.copy(header, known, at, at + headerBytes - known)
      known += taken
      at += taken
      from = at
      to = at
      if (known < headerBytes) return
      known = 0
      begin(header[0] ?? 0, header.readInt32BE(1))
      taker = sink
      if (!isCopy) (taker ?? forward)(Buffer.from(header))
    }
    flush()
  }
}

/** The place on a connection where the rows of the statement under way can be taken before the driver sees them. */
export interface RowTap extends Sinks {
  /** Stops reading: the server waits as soon as the buffers on the way are full. */
  pause(): void
  resume(): void
}

const taps = new WeakMap<pg.Client, RowTap>()

/**
 * The tap of a connection, set between its socket and the driver's parser with the first call, which comes while
 * nothing is under way. The driver makes a string of every value, one that no string can hold ends the process; a sink
 * takes rows of any size as bytes.
 */
export function tapRows(client: pg.Client): RowTap {
  const known = taps.get(client)
  if (known) return known
  const { stream } = (client as unknown as { connection: { stream: Duplex } }).connection
  const listeners = stream.listeners('data') as ((chunk: Buffer) => void)[]
  const tap: RowTap = { sink: undefined, pause: () => stream.pause(), resume: () => stream.resume() }
  const split = createRowSplitter(tap, (bytes) => {
    for (const listen of listeners) listen(bytes)
  })
  stream.removeAllListeners('data')
  stream.on('data', split)
  taps.set(client, tap)
  return tap
}
