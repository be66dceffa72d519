import { createReadStream, statSync } from 'node:fs'
import { asyncBufferFromFile, parquetMetadataAsync, parquetReadObjects, parquetSchema } from 'hyparquet'
import { AtlasError } from '../errors.ts'
import { measureRecords, splitRecords } from './csvRecords.ts'
import { uniqueNames } from './export.ts'
import { csvCell, jsonAsCsv, keysOfLines } from './importJson.ts'
import type { RefusedRecord } from './importRejects.ts'

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
  /** The line of each record, where they do not follow from its bytes. */
  lines?: number[]
  /** Records that are not even tried. */
  refused?: RefusedRecord[]
  /** How much of the file was read. */
  readBytes: number
}

const pieceBytes = 8 * 1024 ** 2
const groupRows = 20_000
const mostRecordBytes = 256 * 1024 ** 2

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

/** The names of a file's columns, each once; of JSON the keys in its first megabytes. Throws `FILE_UNREADABLE`. */
export async function readNames(file: FileDescription): Promise<string[]> {
  if (file.format === 'parquet') {
    const buffer = await openParquet(file.path)
    return parquetSchema(await parquetMetadataAsync(buffer)).children.map(({ element }) => element.name)
  }
  for await (const { bytes } of readRaw(file)) {
    if (file.format === 'jsonl') return keysOfLines(bytes, file.path)
    const first = bytes.subarray(0, splitRecords(bytes).ends[0] ?? bytes.length)
    const { parse } = await import('csv-parse/sync')
    const [names = []] = parse(first, { delimiter: file.delimiter, relax_quotes: true }) as string[][]
    return file.hasHeader
      ? uniqueNames(names.map((name, at) => name.trim() || `column_${at + 1}`))
      : names.map((_name, at) => `column_${at + 1}`)
  }
  throw new AtlasError('FILE_UNREADABLE', 'The file is empty', {
    object: file.path,
    saved: 'Nothing was imported.',
    next: 'Choose another file.',
  })
}

/** A file as pieces of whole CSV records, without its header. Memory holds one piece. */
export async function* readPieces(file: FileDescription, names: string[]): AsyncGenerator<RecordPiece> {
  if (file.format === 'parquet') return yield* readParquet(file.path, names)
  let line = 1
  let isFirst = true
  for await (const { bytes, lines, readBytes } of readRaw(file)) {
    const head = isFirst && file.format === 'csv' && file.hasHeader ? splitRecords(bytes) : undefined
    const body = head ? bytes.subarray(head.ends[0] ?? bytes.length) : bytes
    const firstLine = line + (head ? (head.lines[0] ?? 1) : 0)
    if (file.format === 'jsonl')
      yield { ...jsonAsCsv(body, names, firstLine, file.path), firstLine, readBytes }
    else yield { bytes: quoteEndMarks(body), firstLine, readBytes }
    line += lines
    isFirst = false
  }
}

async function* readRaw({
  path,
  format,
}: FileDescription): AsyncGenerator<{ bytes: Buffer; lines: number; readBytes: number }> {
  let rest = Buffer.alloc(0)
  let readBytes = 0
  let line = 1
  try {
    for await (const chunk of createReadStream(path, {
      highWaterMark: pieceBytes,
    }) as AsyncIterable<Buffer>) {
      if (readBytes === 0) refuseForeign(path, chunk)
      const isMarked = readBytes === 0 && chunk.subarray(0, 3).equals(Buffer.from([0xef, 0xbb, 0xbf]))
      readBytes += chunk.length
      const all = Buffer.concat([rest, isMarked ? chunk.subarray(3) : chunk])
      const { end, lines } = format === 'jsonl' ? measureLines(all) : measureRecords(all)
      rest = all.subarray(end)
      if (rest.length > mostRecordBytes) throw endless(path, line)
      line += lines
      if (end > 0) yield { bytes: all.subarray(0, end), lines, readBytes }
    }
  } catch (error) {
    throw error instanceof AtlasError ? error : unreadable(path, error)
  }
  if (rest.length > 0) yield { bytes: rest, lines: 1, readBytes }
}

/** Where the last whole line ends, and how many there are: a quote in JSON, which may be escaped, means nothing here. */
function measureLines(bytes: Buffer): { end: number; lines: number } {
  let lines = 0
  let end = 0
  for (let at = bytes.indexOf(10); at !== -1; at = bytes.indexOf(10, at + 1)) {
    lines++
    end = at + 1
  }
  return { end, lines }
}

const endless = (path: string, line: number) =>
  new AtlasError(
    'FILE_UNREADABLE',
    `A record behind line ${line} has not ended after ${mostRecordBytes / 1024 ** 2} MB`,
    { object: path, saved: 'Nothing was imported.', next: 'Look for a quote that is not closed.' },
  )

function refuseForeign(path: string, chunk: Buffer): void {
  const [first, second] = chunk
  if (chunk.includes('\r') && !chunk.includes('\n')) {
    throw new AtlasError('FILE_UNREADABLE', 'The lines end with CR alone', {
      object: path,
      saved: 'Nothing was imported.',
      next: 'Save the file with LF or CRLF as line ends.',
    })
  }
  if ((first === 0xff && second === 0xfe) || (first === 0xfe && second === 0xff)) {
    throw new AtlasError('FILE_UNREADABLE', 'The file is UTF-16', {
      object: path,
      saved: 'Nothing was imported.',
      next: 'Save it as UTF-8.',
    })
  }
}

/** `\\.` alone on a line ended the data in old releases, and silently what comes behind it: in quotes it is a value. */
function quoteEndMarks(bytes: Buffer): Buffer {
  if (!bytes.includes('\\.')) return bytes
  const { ends } = splitRecords(bytes)
  if (ends.at(-1) !== bytes.length) ends.push(bytes.length)
  let from = 0
  const parts = ends.map((end) => {
    const record = bytes.subarray(from, end)
    from = end
    const text = record.length < 5 ? record.toString('latin1') : ''
    return /^\\\.\r?\n?$/.test(text) ? Buffer.from(text.replace('\\.', '"\\."')) : record
  })
  return Buffer.concat(parts)
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
      lines: rows.map((_row, at) => rowStart + at + 1),
      readBytes: Math.round((file.byteLength * rowEnd) / total),
    }
  }
}
