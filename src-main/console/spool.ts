import { closeSync, mkdirSync, openSync, readSync, rmSync, writeSync } from 'node:fs'
import { join } from 'node:path'

/**
 * Rows of one result on disk, each as a line of JSON, with the offset of every row in memory (8 bytes a row): a
 * result of any size costs the memory of its offsets, and any row is one read away.
 */
export interface Spool {
  readonly rows: number
  readonly sizeBytes: number
  append(rows: (string | null)[][]): void
  read(from: number, count: number): (string | null)[][]
  close(): void
}

const growth = 16_384

/** Opens a spool in a folder that only this user may read. */
export function openSpool(folder: string, name: string): Spool {
  mkdirSync(folder, { recursive: true, mode: 0o700 })
  const path = join(folder, name)
  const file = openSync(path, 'w+', 0o600)
  let offsets = new Float64Array(growth)
  let rows = 0
  let size = 0
  return {
    get rows() {
      return rows
    },
    get sizeBytes() {
      return size
    },
    append: (batch) => {
      let text = ''
      let at = size
      for (const row of batch) {
        if (rows + 1 >= offsets.length) {
          const larger = new Float64Array(offsets.length * 2)
          larger.set(offsets)
          offsets = larger
        }
        const line = `${JSON.stringify(row)}\n`
        text += line
        at += Buffer.byteLength(line)
        offsets[++rows] = at
      }
      const bytes = Buffer.from(text)
      for (let written = 0; written < bytes.length; )
        written += writeSync(file, bytes, written, bytes.length - written, size + written)
      size = at
    },
    read: (from, count) => {
      const last = Math.min(from + count, rows)
      if (from >= last) return []
      const start = offsets[from] ?? 0
      const bytes = Buffer.alloc((offsets[last] ?? 0) - start)
      readSync(file, bytes, 0, bytes.length, start)
      return bytes
        .toString('utf8')
        .trimEnd()
        .split('\n')
        .map((line) => JSON.parse(line) as (string | null)[])
    },
    close: () => {
      closeSync(file)
      rmSync(path, { force: true })
    },
  }
}
