import { existsSync, mkdirSync, renameSync } from 'node:fs'
import { open } from 'node:fs/promises'
import { homedir } from 'node:os'
import { dirname, isAbsolute, join, resolve } from 'node:path'
import { AtlasError } from './errors.ts'
import type { JobControl } from './jobs/contract.ts'

/** A path that somebody typed, `~` meaning home. */
export function readPath(typed: string): string {
  const path = typed.startsWith('~') ? join(homedir(), typed.slice(1)) : typed
  if (!isAbsolute(path)) {
    throw new AtlasError('INPUT_INVALID', 'The path does not begin at the root', {
      object: typed,
      next: `Write it in full, such as ${resolve(homedir(), typed)}.`,
    })
  }
  return path
}

/** `~/Downloads/name`, or home where there is no such folder; a number is put in if the file exists. */
export function suggestPath(name: string): string {
  const downloads = join(homedir(), 'Downloads')
  const folder = existsSync(downloads) ? downloads : homedir()
  const [, stem = name, extension = ''] = /^(.*?)(\.[^.]*)?$/.exec(name) ?? []
  for (let number = 1; ; number++) {
    const path = join(folder, `${stem}${number > 1 ? `-${number}` : ''}${extension}`)
    if (!existsSync(path)) return path
  }
}

/** Throws `CONFLICT` where there is a file of this name. */
export function refuseExisting(path: string): void {
  if (!existsSync(path)) return
  throw new AtlasError('CONFLICT', 'A file of this name exists', {
    object: path,
    saved: 'It was left as it is.',
    next: 'Choose another name, or replace it.',
  })
}

const bytesASync = 32 * 1024 ** 2

/** Takes the next piece of a file; it is written when the promise resolves. */
export type WritePiece = (piece: string | Uint8Array) => Promise<void>

/**
 * Writes a file under the name `path.partial`, and gives it its own name when it is whole and on disk. What failed keeps the
 * other name and says so. The parent folder is made.
 */
export async function writeWhole(
  path: string,
  isReplacing: boolean,
  write: (piece: WritePiece) => Promise<void>,
): Promise<number> {
  if (!isReplacing) refuseExisting(path)
  const partial = `${path}.partial`
  let sizeBytes = 0
  try {
    mkdirSync(dirname(path), { recursive: true })
    const file = await open(partial, 'w')
    let syncing: Promise<void> | undefined
    let syncedBytes = 0
    let failure: unknown
    try {
      await write(async (piece) => {
        const bytes = typeof piece === 'string' ? Buffer.from(piece) : piece
        await file.writeFile(bytes)
        sizeBytes += bytes.length
        if (failure !== undefined) throw failure
        if (syncing || sizeBytes - syncedBytes < bytesASync) return
        // The disk writes what is here while more comes; else all of it would be waited for at the end.
        syncedBytes = sizeBytes
        syncing = file
          .datasync()
          .catch((error) => {
            failure = error
          })
          .finally(() => {
            syncing = undefined
          })
      })
      await syncing
      if (failure !== undefined) throw failure
      await file.sync()
    } finally {
      await syncing
      await file.close()
    }
    renameSync(partial, path)
    return sizeBytes
  } catch (error) {
    throw explainWriteFailure(error, path, partial)
  }
}

function explainWriteFailure(error: unknown, path: string, partial: string): unknown {
  const saved = existsSync(partial) ? `What was written is in ${partial}.` : 'Nothing was written.'
  if (error instanceof AtlasError) {
    return new AtlasError(
      error.code,
      error.message,
      { object: path, ...error.fault, saved },
      { cause: error },
    )
  }
  const { code, message } = error as NodeJS.ErrnoException
  if (!code) return error
  const isFull = code === 'ENOSPC' || code === 'EDQUOT'
  return new AtlasError(
    isFull ? 'DISK_FULL' : 'FILE_UNREADABLE',
    isFull ? 'The disk is full' : `The file cannot be written: ${message}`,
    {
      object: path,
      sqlState: code,
      saved,
      next: isFull ? 'Free space, or choose another disk.' : 'Choose another place.',
    },
    { cause: error },
  )
}

/** Lets other work of the process go between pieces, and ends where the job was cancelled. */
export async function breathe({ signal }: Pick<JobControl, 'signal'>): Promise<void> {
  await new Promise((next) => setImmediate(next))
  if (signal.aborted) throw new AtlasError('CANCELLED', 'The export was cancelled')
}
