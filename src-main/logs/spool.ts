import type { FileHandle } from 'node:fs/promises'
import { mkdir, open, rm, unlink } from 'node:fs/promises'
import { join } from 'node:path'
import { type Batch, recordBytes } from './batch.ts'

/** An entry of the index: where a line stands, and what can be asked of it without reading it. */
export interface IndexEntry {
  line: number
  at: number
  source: number
  service: number
  level: number
  isError: boolean
  offset: number
  length: number
}

interface Segment {
  firstLine: number
  lines: number
  bytes: number
  text: FileHandle
  index: FileHandle
  textPath: string
  indexPath: string
}

const defaults = { segmentBytes: 128 * 1024 ** 2, keptBytes: 2 * 1024 ** 3 }

export type Spool = Awaited<ReturnType<typeof openSpool>>

/**
 * Lines on disk: their text in one file, and 24 bytes an entry in another, so that any line is found by its number and
 * filters read no text. Files are cut at `segmentBytes`; past `keptBytes` the oldest goes, which `firstLine` says.
 */
export async function openSpool(folder: string, { segmentBytes, keptBytes } = defaults) {
  await mkdir(folder, { recursive: true })
  const segments: Segment[] = []
  let lines = 0
  let bytes = 0
  let made = 0

  async function addSegment(): Promise<Segment> {
    const [textPath, indexPath] = [join(folder, `${made}.log`), join(folder, `${made}.index`)]
    made += 1
    const [text, index] = await Promise.all([open(textPath, 'w+', 0o600), open(indexPath, 'w+', 0o600)])
    const segment = { firstLine: lines, lines: 0, bytes: 0, text, index, textPath, indexPath }
    segments.push(segment)
    return segment
  }

  async function dropOldest(): Promise<void> {
    const segment = segments.shift()
    if (!segment) return
    bytes -= segment.bytes
    await closeSegment(segment)
  }

  const segmentOf = (line: number) => segments.findLast(({ firstLine }) => firstLine <= line)

  async function readIndexOf(segment: Segment, from: number, count: number): Promise<IndexEntry[]> {
    const buffer = Buffer.allocUnsafe(count * recordBytes)
    const { bytesRead } = await segment.index.read(buffer, 0, buffer.length, from * recordBytes)
    return Array.from({ length: Math.floor(bytesRead / recordBytes) }, (_, at): IndexEntry => {
      const start = at * recordBytes
      return {
        line: segment.firstLine + from + at,
        at: buffer.readDoubleLE(start),
        offset: buffer.readUInt32LE(start + 8),
        length: buffer.readUInt32LE(start + 12),
        source: buffer.readUInt16LE(start + 16),
        service: buffer.readUInt16LE(start + 18),
        level: buffer.readUInt8(start + 20),
        isError: buffer.readUInt8(start + 21) === 1,
      }
    })
  }

  return {
    get lines() {
      return lines
    },
    get firstLine() {
      return segments[0]?.firstLine ?? lines
    },
    get bytes() {
      return bytes
    },

    /** Appends a batch; calls must not overlap, and the batch must not change meanwhile. */
    async append(batch: Pick<Batch, 'count' | 'encode'>, isByTime = false): Promise<void> {
      if (batch.count === 0) return
      const last = segments.at(-1)
      const segment = last && last.bytes < segmentBytes ? last : await addSegment()
      const { text, index } = batch.encode(segment.bytes, isByTime)
      await segment.text.write(text, 0, text.length, segment.bytes)
      await segment.index.write(index, 0, index.length, segment.lines * recordBytes)
      // Readers see the lines only now that both files hold them.
      segment.bytes += text.length
      segment.lines += batch.count
      bytes += text.length
      lines += batch.count
      while (bytes > keptBytes && segments.length > 1) await dropOldest()
    },

    /** The index of at most `count` lines from `from` on, all of one file: ask again from the last. */
    async readIndex(from: number, count: number): Promise<IndexEntry[]> {
      const first = Math.max(from, segments[0]?.firstLine ?? 0)
      const segment = segmentOf(first)
      if (!segment) return []
      const within = first - segment.firstLine
      const wanted = Math.min(count, segment.lines - within)
      return wanted > 0 ? readIndexOf(segment, within, wanted) : []
    },

    /** The texts of entries that follow each other in one file, as `readIndex` answers them. */
    async readTexts(entries: readonly IndexEntry[]): Promise<string[]> {
      const [first, last] = [entries[0], entries.at(-1)]
      if (!first || !last) return []
      const segment = segmentOf(first.line)
      if (!segment) return entries.map(() => '')
      const buffer = Buffer.allocUnsafe(last.offset + last.length - first.offset)
      await segment.text.read(buffer, 0, buffer.length, first.offset)
      return entries.map(({ offset, length }) =>
        buffer.toString('utf8', offset - first.offset, offset - first.offset + length),
      )
    },

    async close(): Promise<void> {
      await Promise.all(segments.splice(0).map(closeSegment))
      await rm(folder, { recursive: true, force: true })
    },
  }
}

async function closeSegment({ text, index, textPath, indexPath }: Segment): Promise<void> {
  await Promise.all([text.close(), index.close()])
  await Promise.all([unlink(textPath), unlink(indexPath)]).catch(() => {})
}
