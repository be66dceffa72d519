import { createReadStream } from 'node:fs'
import { open } from 'node:fs/promises'
import { AtlasError } from '../errors.ts'

const chunkBytes = 256 * 1024

/** A text file on its way: its pieces, and how far it has been read. */
export interface FileText {
  sizeBytes: number
  encoding: 'utf-8' | 'utf-16le' | 'utf-16be'
  readBytes: () => number
  chunks: AsyncIterable<string>
}

const marks = [
  { encoding: 'utf-8', bytes: [0xef, 0xbb, 0xbf] },
  { encoding: 'utf-16le', bytes: [0xff, 0xfe] },
  { encoding: 'utf-16be', bytes: [0xfe, 0xff] },
] as const

/**
 * Opens a text file that is read in pieces: UTF-8, or UTF-16 that its byte order mark tells. Throws `FILE_UNREADABLE`
 * where there is none, where it is not text, and, while it is read, where its bytes are not of its encoding.
 */
export async function openFileText(path: string): Promise<FileText> {
  const unreadable = (message: string, sqlState?: string, next?: string) =>
    new AtlasError('FILE_UNREADABLE', message, {
      object: path,
      sqlState,
      next: next ?? 'Name a file of the machine on which Atlas runs, with its whole path.',
    })
  const file = await open(path).catch((error: NodeJS.ErrnoException) => {
    throw unreadable(
      error.code === 'ENOENT' ? 'The file does not exist' : 'The file cannot be read',
      error.code,
    )
  })
  let head: Buffer
  let sizeBytes: number
  try {
    const about = await file.stat()
    if (!about.isFile()) throw unreadable('This is not a file')
    sizeBytes = about.size
    const { buffer, bytesRead } = await file.read(Buffer.alloc(4096), 0, 4096, 0)
    head = buffer.subarray(0, bytesRead)
  } finally {
    await file.close()
  }
  const encoding =
    marks.find(({ bytes }) => bytes.every((byte, at) => head[at] === byte))?.encoding ?? 'utf-8'
  if (encoding === 'utf-8' && head.includes(0)) {
    const isWide = head[1] === 0 || head[0] === 0
    throw unreadable(
      isWide
        ? 'The file looks like UTF-16 without a byte order mark'
        : 'The file holds bytes of zero: it is no text',
      undefined,
      isWide
        ? 'Save it as UTF-8, or with a byte order mark.'
        : 'A dump in the custom format is loaded by pg_restore.',
    )
  }
  let bytes = 0
  async function* chunks(): AsyncGenerator<string> {
    const decoder = new TextDecoder(encoding, { fatal: true })
    let line = 1
    const decode = (chunk: Buffer | undefined) => {
      try {
        return chunk ? decoder.decode(chunk, { stream: true }) : decoder.decode()
      } catch {
        throw unreadable(
          `Bytes behind line ${line} are not ${encoding.toUpperCase()}`,
          undefined,
          'Save the file as UTF-8, then run it again.',
        )
      }
    }
    for await (const chunk of createReadStream(path, {
      highWaterMark: chunkBytes,
    }) as AsyncIterable<Buffer>) {
      const text = decode(chunk)
      bytes += chunk.length
      line += text.split('\n').length - 1
      yield text
    }
    decode(undefined)
  }
  return { sizeBytes, encoding, readBytes: () => bytes, chunks: chunks() }
}
