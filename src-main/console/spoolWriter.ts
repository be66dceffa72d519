import { fstatSync, statfsSync, writeSync } from 'node:fs'
import { dirname } from 'node:path'
import { AtlasError } from '../errors.ts'
import type { RowIndex } from './rowIndex.ts'

const bufferBytes = 1024 ** 2
/** What a result leaves free on the disk, for everything else that writes there: so much, or a twentieth of a small disk. */
const reserveBytes = 256 * 1024 ** 2
const reserveShare = 1 / 20

/** Writes the bytes of a spool to the end of its file, about a megabyte at a time; `flushed` is called after each. */
export function createSpoolWriter(
  path: string,
  file: number,
  index: Pick<RowIndex, 'rowsBefore'>,
  flushed: () => void,
) {
  let buffer: Buffer | undefined
  let buffered = 0
  let written = fstatSync(file).size
  let kept: number | undefined

  /** Nothing more is taken; whole rows that were written stay readable. */
  const fail = (why: string, code: string | undefined, isFull: boolean, cause?: unknown) => {
    kept = index.rowsBefore(written)
    buffered = 0
    const folder = dirname(path)
    return new AtlasError(
      isFull ? 'DISK_FULL' : 'FILE_UNREADABLE',
      `The result cannot be kept: ${why}`,
      {
        object: folder,
        sqlState: code,
        saved: `${kept.toLocaleString('en-US')} rows are kept.`,
        next: `Free space in ${folder}, ask for fewer rows, or export the query to a file on another disk.`,
      },
      { cause },
    )
  }
  const append = (bytes: Buffer) => {
    try {
      for (let at = 0; at < bytes.length; ) {
        const count = writeSync(file, bytes, at, bytes.length - at, written)
        at += count
        written += count
      }
    } catch (error) {
      const { code, message } = error as NodeJS.ErrnoException
      const isFull = code === 'ENOSPC' || code === 'EDQUOT'
      throw fail(isFull ? 'the disk is full' : message, code, isFull, error)
    }
  }
  /** Stops before the disk does: other programs, and this one's own database, need room too. */
  const requireRoom = () => {
    const { bavail, blocks, bsize } = statfsSync(dirname(path))
    const free = bavail * bsize
    const reserve = Math.min(reserveBytes, blocks * bsize * reserveShare)
    if (free < reserve + bufferBytes)
      throw fail(
        `${megabytes(free)} are free on the disk, of which ${megabytes(reserve)} stay so`,
        'ENOSPC',
        true,
      )
  }
  const flush = () => {
    if (buffered === 0 || !buffer) return
    const bytes = buffer.subarray(0, buffered)
    buffered = 0
    append(bytes)
    flushed()
  }

  return {
    /** Bytes that are in the file. */
    get written() {
      return written
    },
    /** The same, and those that are still to be written. */
    get sizeBytes() {
      return written + buffered
    },
    /** After a failure: so many rows are in the file as a whole. */
    get kept() {
      return kept
    },
    /** Takes the next bytes. Throws `DISK_FULL` where the disk has no room for them beside what is left free. */
    write: (piece: Buffer): void => {
      if (buffered + piece.length > bufferBytes) {
        flush()
        requireRoom()
      }
      if (piece.length > bufferBytes) append(piece)
      else {
        buffer ??= Buffer.allocUnsafe(bufferBytes)
        buffered += piece.copy(buffer, buffered)
      }
    },
    flush,
  }
}

const megabytes = (bytes: number) => `${(bytes / 1024 ** 2).toFixed(1)} MB`
