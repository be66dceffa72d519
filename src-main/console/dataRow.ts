import { readSync } from 'node:fs'

/** Of a DataRow message, before its cells. */
export const headBytes = 7
const windowBytes = 512 * 1024
const bulkBytes = 1024 ** 2

/** Cells of a spooled row: where each value lies in the file, and its length; -1 is NULL. */
export interface CellPlace {
  offset: number
  length: number
}

/**
 * Reads DataRow messages out of a file (protocol 3.0: `D`, int32 length, int16 number of cells, then for each an int32
 * length and its bytes), through a window that slides: rows that lie together cost one read, a giant value costs none
 * until it is asked for.
 */
export function createRowReader(file: number, end: () => number) {
  let window = Buffer.allocUnsafe(windowBytes)
  let start = 0
  let filled = 0

  /** Where bytes of the file lie in the window, which slides there if need be. */
  const reach = (offset: number, length: number): number => {
    if (offset < start || offset + length > start + filled) {
      if (length > window.length) window = Buffer.allocUnsafe(length)
      else if (window.length > windowBytes && length <= windowBytes) window = Buffer.allocUnsafe(windowBytes)
      start = offset
      filled = readSync(file, window, 0, Math.min(window.length, Math.max(0, end() - offset)), offset)
    }
    return offset - start
  }
  /** Bytes of the file; valid until the next call. Fewer where the file ends. */
  const view = (offset: number, length: number): Buffer => {
    const at = reach(offset, length)
    return window.subarray(at, Math.min(at + length, filled))
  }
  /** An integer of four bytes. */
  const integerAt = (offset: number): number => {
    const at = reach(offset, 4)
    return window.readInt32BE(at)
  }

  return {
    view,
    /** Brings bytes of the file into the window as a whole: where they lie in it; valid until the next call. */
    hold: (offset: number, length: number): { bytes: Buffer; at: number } => {
      const at = reach(offset, length)
      return { bytes: window, at }
    },
    /** Bytes of the message at an offset, its head included. */
    sizeAt: (offset: number): number => integerAt(offset + 1) + 1,
    /** Calls `take` with the place of each cell, in order. */
    cells: (offset: number, take: (column: number, at: number, length: number) => void): void => {
      const count = view(offset, headBytes).readUInt16BE(5)
      let at = offset + headBytes
      for (let column = 0; column < count; column++) {
        const length = integerAt(at)
        take(column, at + 4, length)
        at += 4 + Math.max(0, length)
      }
    },
    /** Forgets what was read before the file grew. */
    forget: () => {
      filled = 0
    },
  }
}

export type RowReader = ReturnType<typeof createRowReader>

/** Whole messages of a file between two of their offsets, about a megabyte at a time; each piece is valid until the next. */
export function* readMessages(file: number, from: number, to: number): Generator<Buffer> {
  let buffer = Buffer.allocUnsafe(Math.min(bulkBytes, to - from))
  for (let at = from; at < to; ) {
    const filled = readSync(file, buffer, 0, Math.min(buffer.length, to - at), at)
    let whole = 0
    let size = 0
    while (whole + headBytes <= filled) {
      size = buffer.readInt32BE(whole + 1) + 1
      if (whole + size > filled) break
      whole += size
    }
    if (whole === 0) buffer = Buffer.allocUnsafe(Math.max(size, headBytes))
    else yield buffer.subarray(0, whole)
    at += whole
  }
}
