import { closeSync, copyFileSync, fstatSync, linkSync, mkdirSync, openSync, readSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import type { RowSink } from '../adapters/rowTap.ts'
import { AtlasError } from '../errors.ts'
import { type CellPlace, createRowReader, headBytes, readMessages } from './dataRow.ts'
import { createRowIndex, type RowIndex } from './rowIndex.ts'
import { createSpoolWriter } from './spoolWriter.ts'

export interface SpooledRows {
  rows: (string | null)[][]
  /** The values that were cut: row of this answer, column, bytes in full. */
  cuts: [number, number, number][]
}

/**
 * Rows of one result on disk, byte for byte as the server sent them, with the place of every 64th row in memory: a result
 * of any size costs an eighth of a byte a row, any row is one read away, and cells are decoded when they are shown.
 */
export interface Spool extends RowSink {
  /** Rows that are here as a whole. */
  readonly rows: number
  readonly sizeBytes: number
  /** Rows as exact text, longer values cut to so many UTF-16 units. */
  read(from: number, count: number, maxCharacters?: number): SpooledRows
  /** The same of rows in any order. */
  readMany(rows: ArrayLike<number>, maxCharacters?: number): SpooledRows
  /**
   * Calls `take` with where each cell of the rows lies in some bytes, in order, `length` -1 for NULL, and `end` behind each
   * row. Nothing is made for a cell: that is for passes over all of a large result.
   */
  walk(
    take: (column: number, bytes: Buffer, at: number, length: number) => void,
    end: (row: number) => void,
    from: number,
    to: number,
  ): void
  /** Calls `take` with the bytes of the wanted columns of each row, in order; undefined is NULL. They are valid during the call. */
  scan(
    columns: readonly number[],
    take: (row: number, cells: (Buffer | undefined)[]) => void,
    from?: number,
    to?: number,
  ): void
  /** All rows as the server sent them: whole DataRow messages, about a megabyte at a time; each is valid until the next. */
  messages(): Generator<Buffer>
  /** Where a value lies; undefined where there is none. */
  place(row: number, column: number): CellPlace | undefined
  /** Bytes of a value, or of a part of it. */
  slice(offset: number, length: number): Buffer
  /** Gives the rows, which are all here, a second name that `reopenSpool` takes; on one disk it costs no room. */
  keep(folder: string, name: string): void
  close(): void
}

// A string of JavaScript holds 512 Mi units.
const mostDecoded = 256 * 1024 ** 2

/** Opens a spool in a folder that only this user may read. Rows beyond `maxRows` are not told of. */
export function openSpool(folder: string, name: string, maxRows = Number.POSITIVE_INFINITY): Spool {
  mkdirSync(folder, { recursive: true, mode: 0o700 })
  const path = join(folder, name)
  return createSpool(path, openSync(path, 'w+', 0o600), createRowIndex(), maxRows)
}

/** The rows that `keep` gave a name, to read. Throws where they are gone or not whole. Closing removes nothing. */
export function reopenSpool(folder: string, name: string, rows: number): Spool {
  const index = createRowIndex(indexPath(folder, name))
  const path = join(folder, name)
  const file = openSync(path, 'r')
  if (fstatSync(file).size >= index.end) {
    const spool = createSpool(path, file, index, rows)
    return { ...spool, rows: spool.rows, sizeBytes: spool.sizeBytes, close: () => closeSync(file) }
  }
  closeSync(file)
  throw new Error('The rows are not whole')
}

/** Removes what `keep` wrote. */
export function removeKept(folder: string, name: string): void {
  rmSync(join(folder, name), { force: true })
  rmSync(indexPath(folder, name), { force: true })
}

const indexPath = (folder: string, name: string) => join(folder, `${name}.index`)

function createSpool(path: string, file: number, index: RowIndex, maxRows: number): Spool {
  let isClosed = false
  const writer = createSpoolWriter(path, file, index, () => reader.forget())
  const reader = createRowReader(file, () => writer.written)

  const offsetOf = (row: number): number => {
    if (row === index.begun) return index.end
    const step = index.stepOf(row)
    let { offset } = step
    for (let at = step.row; at < row; at++) offset += reader.sizeAt(offset)
    return offset
  }

  /** Calls `take` with the row's place, for `count` rows from `from`. */
  const walk = (from: number, count: number, take: (row: number, offset: number) => void) => {
    if (isClosed) {
      // Its number may be another file's by now.
      throw new AtlasError('NOT_FOUND', 'This result is no longer held', { next: 'Run the statement again.' })
    }
    writer.flush()
    const last = Math.min(from + count, spool.rows)
    if (from >= last) return
    const step = index.stepOf(from)
    let { offset } = step
    for (let { row } = step; row < last; row++) {
      const size = reader.sizeAt(offset)
      if (row >= from) take(row, offset)
      offset += size
    }
  }
  const decode = (
    at: number,
    length: number,
    maxCharacters: number,
  ): { text: string | null; isCut: boolean } => {
    if (length < 0) return { text: null, isCut: false }
    if (Math.min(length, maxCharacters) > mostDecoded) {
      throw new AtlasError(
        'UNSUPPORTED',
        `A value of ${Math.round(length / 1024 ** 2)} MB is too long to be one text`,
        {
          next: 'Write CSV, which takes its bytes as they are, or save the value to a file.',
        },
      )
    }
    // A UTF-16 unit takes at most three bytes of UTF-8.
    const text = reader.view(at, Math.min(length, 3 * maxCharacters + 3)).toString('utf8')
    if (text.length <= maxCharacters) return { text, isCut: false }
    return { text: cutText(text, maxCharacters), isCut: true }
  }
  const decodeRow = (offset: number, into: SpooledRows, maxCharacters: number) => {
    const cells: (string | null)[] = []
    reader.cells(offset, (column, at, length) => {
      const { text, isCut } = decode(at, length, maxCharacters)
      cells.push(text)
      if (isCut) into.cuts.push([into.rows.length, column, length])
    })
    into.rows.push(cells)
  }

  const spool: Spool = {
    get rows() {
      if (writer.kept !== undefined) return writer.kept
      return Math.min(maxRows, writer.sizeBytes >= index.end ? index.begun : index.begun - 1)
    },
    get sizeBytes() {
      return writer.sizeBytes
    },
    row: index.add,
    bytes: writer.write,
    read: (from, count, maxCharacters = Number.MAX_SAFE_INTEGER / 4) => {
      const answer: SpooledRows = { rows: [], cuts: [] }
      walk(from, count, (_row, offset) => decodeRow(offset, answer, maxCharacters))
      return answer
    },
    readMany: (rows, maxCharacters = Number.MAX_SAFE_INTEGER / 4) => {
      const answer: SpooledRows = { rows: [], cuts: [] }
      for (let at = 0; at < rows.length; at++)
        walk(rows[at] ?? 0, 1, (_row, offset) => decodeRow(offset, answer, maxCharacters))
      return answer
    },
    walk: (take, end, from, to) =>
      walk(from, to - from, (row, offset) => {
        const { bytes, at: begin } = reader.hold(offset, reader.sizeAt(offset))
        const count = bytes.readUInt16BE(begin + headBytes - 2)
        let at = begin + headBytes
        for (let column = 0; column < count; column++) {
          const length = bytes.readInt32BE(at)
          take(column, bytes, at + 4, length)
          at += 4 + Math.max(0, length)
        }
        end(row)
      }),
    scan: (columns, take, from = 0, to = Number.POSITIVE_INFINITY) => {
      const wanted = new Map(columns.map((column, at) => [column, at]))
      let cells = new Array<Buffer | undefined>(columns.length)
      spool.walk(
        (column, bytes, at, length) => {
          const slot = wanted.get(column)
          if (slot !== undefined && length >= 0) cells[slot] = bytes.subarray(at, at + length)
        },
        (row) => {
          take(row, cells)
          cells = new Array(columns.length)
        },
        from,
        to,
      )
    },
    messages: () => {
      writer.flush()
      return readMessages(file, 0, offsetOf(spool.rows))
    },
    place: (row, column) => {
      let found: CellPlace | undefined
      walk(row, 1, (_row, rowOffset) =>
        reader.cells(rowOffset, (at, offset, length) => {
          if (at === column) found = { offset, length }
        }),
      )
      return found
    },
    slice: (offset, length) => {
      writer.flush()
      const bytes = Buffer.allocUnsafe(length)
      return bytes.subarray(0, readSync(file, bytes, 0, length, offset))
    },
    keep: (into, name) => {
      writer.flush()
      mkdirSync(into, { recursive: true, mode: 0o700 })
      const kept = join(into, name)
      try {
        linkSync(path, kept)
      } catch {
        copyFileSync(path, kept)
      }
      index.save(indexPath(into, name))
    },
    close: () => {
      if (isClosed) return
      isClosed = true
      closeSync(file)
      rmSync(path, { force: true })
    },
  }
  return spool
}

/** Never cuts between the halves of a character. */
function cutText(text: string, length: number): string {
  const last = text.charCodeAt(length - 1)
  return text.slice(0, last >= 0xd800 && last <= 0xdbff ? length - 1 : length)
}
