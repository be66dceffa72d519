import { createReadStream, statSync } from 'node:fs'
import { asyncBufferFromFile, parquetMetadataAsync, parquetReadObjects, parquetSchema } from 'hyparquet'
import { AtlasError } from '../errors.ts'
import { measureRecords, splitRecords } from './csvRecords.ts'

export interface FileDescription {
  path: string
  format: 'csv' | 'jsonl' | 'parquet'
  delimiter: string
  hasHeader: boolean
}

/** Records of a file as CSV that COPY takes, whole ones in each piece. */
export interface RecordPiece {
  bytes: Buffer
  /** The line of the file that its first record begins on; of Parquet the row. */
  firstLine: number
  /** How much of the file was read. */
  readBytes: number
}

const pieceBytes = 8 * 1024 ** 2
const groupRows = 20_000

/** Size of a file that is to be read. Throws `FILE_UNREADABLE`. */
export function sizeOf(path: string): number {
  try {
    const found = statSync(path)
    if (found.isFile()) return found.size
  } catch (error) {
    throw unreadable(path, error)
  }
  throw new AtlasError('FILE_UNREADABLE', 'It is no file', { object: path })
}

export function unreadable(path: string, error: unknown): AtlasError {
  const { code, message } = error as NodeJS.ErrnoException
  const what = code === 'ENOENT' ? 'The file does not exist' : `The file cannot be read: ${message}`
  return new AtlasError(
    'FILE_UNREADABLE',
    what,
    {
      object: path,
      sqlState: code,
      saved: 'Nothing was imported.',
      next: 'Check the path; it is one of the machine that Atlas runs on.',
    },
    { cause: error },
  )
}

/** The names of a file's columns. */
export async function readNames(file: FileDescription): Promise<string[]> {
  if (file.format === 'parquet') {
    const buffer = await openParquet(file.path)
    return parquetSchema(await parquetMetadataAsync(buffer)).children.map(({ element }) => element.name)
  }
  for await (const { bytes } of readRaw(file.path)) {
    const first = bytes.subarray(0, splitRecords(bytes).ends[0] ?? bytes.length)
    if (file.format === 'jsonl') return Object.keys(parseLine(first.toString('utf8'), 1, file.path))
    const { parse } = await import('csv-parse/sync')
    const [names = []] = parse(first, { delimiter: file.delimiter, relax_quotes: true }) as string[][]
    return file.hasHeader ? names : names.map((_name, at) => `column_${at + 1}`)
  }
  return []
}

/** A file as pieces of whole CSV records, without its header. Memory holds one piece. */
export async function* readPieces(file: FileDescription, names: string[]): AsyncGenerator<RecordPiece> {
  if (file.format === 'parquet') return yield* readParquet(file.path, names)
  let line = 1
  let isFirst = true
  for await (const { bytes, lines, readBytes } of readRaw(file.path)) {
    const head = isFirst && file.format === 'csv' && file.hasHeader ? splitRecords(bytes) : undefined
    const body = head ? bytes.subarray(head.ends[0] ?? bytes.length) : bytes
    const firstLine = line + (head ? (head.lines[0] ?? 1) : 0)
    yield {
      bytes: file.format === 'jsonl' ? jsonAsCsv(body, names, firstLine, file.path) : body,
      firstLine,
      readBytes,
    }
    line += lines
    isFirst = false
  }
}

async function* readRaw(path: string): AsyncGenerator<{ bytes: Buffer; lines: number; readBytes: number }> {
  let rest = Buffer.alloc(0)
  let readBytes = 0
  try {
    for await (const chunk of createReadStream(path, {
      highWaterMark: pieceBytes,
    }) as AsyncIterable<Buffer>) {
      if (readBytes === 0) refuseUtf16(path, chunk)
      const isMarked = readBytes === 0 && chunk.subarray(0, 3).equals(Buffer.from([0xef, 0xbb, 0xbf]))
      readBytes += chunk.length
      const all = Buffer.concat([rest, isMarked ? chunk.subarray(3) : chunk])
      const { end, lines } = measureRecords(all)
      rest = all.subarray(end)
      if (end > 0) yield { bytes: all.subarray(0, end), lines, readBytes }
    }
  } catch (error) {
    throw error instanceof AtlasError ? error : unreadable(path, error)
  }
  if (rest.length > 0) yield { bytes: rest, lines: 1, readBytes }
}

function refuseUtf16(path: string, chunk: Buffer): void {
  const [first, second] = chunk
  if ((first === 0xff && second === 0xfe) || (first === 0xfe && second === 0xff)) {
    throw new AtlasError('FILE_UNREADABLE', 'The file is UTF-16', {
      object: path,
      saved: 'Nothing was imported.',
      next: 'Save it as UTF-8.',
    })
  }
}

function jsonAsCsv(bytes: Buffer, names: string[], firstLine: number, path: string): Buffer {
  const lines = bytes.toString('utf8').split('\n')
  if (lines.at(-1) === '') lines.pop()
  const text = lines.map((line, at) => {
    if (line.trim() === '') return ''
    const row = parseLine(line, firstLine + at, path)
    return `${names.map((name) => csvCell(row[name])).join(',')}\n`
  })
  return Buffer.from(text.join(''))
}

// A number that would lose digits as one of JavaScript keeps the text that it has in the file.
type RawJson = typeof JSON & { rawJSON(text: string): unknown }
const reviveExact = (_key: string, value: unknown, context?: { source?: string }): unknown =>
  typeof value === 'number' && context?.source && String(value) !== context.source
    ? (JSON as RawJson).rawJSON(context.source)
    : value

function parseLine(line: string, number: number, path: string): Record<string, unknown> {
  try {
    const row: unknown = JSON.parse(line, reviveExact as Parameters<typeof JSON.parse>[1])
    if (typeof row === 'object' && row !== null && !Array.isArray(row)) return row as Record<string, unknown>
  } catch {
    // Told below.
  }
  throw new AtlasError('FILE_UNREADABLE', `Line ${number} is no JSON object`, {
    object: path,
    detail: line.slice(0, 200),
    saved: 'Nothing was imported.',
  })
}

function csvCell(value: unknown): string {
  if (value === null || value === undefined) return ''
  const text =
    value instanceof Date
      ? value.toISOString()
      : value instanceof Uint8Array
        ? `\\x${Buffer.from(value).toString('hex')}`
        : typeof value === 'object'
          ? JSON.stringify(value, (_key, inner) => (typeof inner === 'bigint' ? Number(inner) : inner))
          : String(value)
  return `"${text.replaceAll('"', '""')}"`
}

async function openParquet(path: string) {
  sizeOf(path)
  try {
    return await asyncBufferFromFile(path)
  } catch (error) {
    throw unreadable(path, error)
  }
}

async function* readParquet(path: string, names: string[]): AsyncGenerator<RecordPiece> {
  const file = await openParquet(path)
  const metadata = await parquetMetadataAsync(file)
  const total = Number(metadata.num_rows)
  for (let rowStart = 0; rowStart < total; rowStart += groupRows) {
    const rowEnd = Math.min(total, rowStart + groupRows)
    const rows = (await parquetReadObjects({ file, metadata, rowStart, rowEnd })) as Record<string, unknown>[]
    const text = rows.map((row) => `${names.map((name) => csvCell(row[name])).join(',')}\n`).join('')
    yield {
      bytes: Buffer.from(text),
      firstLine: rowStart + 1,
      readBytes: Math.round((file.byteLength * rowEnd) / total),
    }
  }
}
