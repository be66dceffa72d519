import { createHash } from 'node:crypto'
import { createReadStream } from 'node:fs'
import { stat } from 'node:fs/promises'
import { basename } from 'node:path'
import { Transform } from 'node:stream'
import { pipeline } from 'node:stream/promises'
import { CsvError, parse } from 'csv-parse'
import { z } from 'zod'
import type { Session } from '../adapters/postgres.ts'
import { AtlasError } from '../errors.ts'
import { query, sql } from '../sql.ts'

export interface LandRequest {
  path: string
  /** Code of the source; registered when it is new. */
  source: string
  owner: string
  runId: string | null
  signal?: AbortSignal | undefined
  onProgress?: (rows: number) => void
}

export interface Landed {
  batchId: string
  /** Rows of the file. */
  rows: number
  /** Rows that this landing added: none where the same content had landed before. */
  added: number
}

const registerSource = (code: string, owner: string) =>
  query(
    z.object({ sourceId: z.string(), classification: z.string() }),
    sql`insert into explore.source_systems (code, name, kind, owner)
        values (${code}, ${code.replaceAll('_', ' ')}, 'file', ${owner})
        on conflict (code) do update set last_landed_at = clock_timestamp()
        returning source_id as "sourceId", classification`,
  )

/** The first landing of a content makes its batch; every later one finds it, and waits for one that is under way. */
const registerContent = (
  sourceId: string,
  file: string,
  digest: string,
  sizeBytes: number,
  runId: string | null,
) =>
  query(
    z.object({ batchId: z.string(), rows: z.number(), isComplete: z.boolean(), ingestedAt: z.string() }),
    sql`insert into pipeline.checkpoints (kind, source_id, checkpoint_key, content_sha256, batch_id, size_bytes, run_id)
        values ('content', ${sourceId}, ${file}, ${digest}, public.atlas_uuid_v7(), ${sizeBytes}, ${runId})
        on conflict (source_id, content_sha256) do update set checkpoint_key = excluded.checkpoint_key
        returning batch_id as "batchId", rows_done as rows, status = 'complete' as "isComplete",
                  to_char(explore.batch_time(batch_id) at time zone 'UTC', 'YYYY-MM-DD HH24:MI:SS.MS"+00"') as "ingestedAt"`,
  )

/** The batch's own month and the next; nothing is made, and no lock taken, where both are there. */
const ensurePartitions = (ingestedAt: string) => sql`
  select from public.atlas_ensure_partitions(
    'explore.raw_data_template', ${ingestedAt}::timestamptz, greatest(${ingestedAt}::timestamptz, now()) + interval '1 month'
  )`

const completeContent = (batchId: string, rows: number) => sql`
  update pipeline.checkpoints
  set status = 'complete', rows_done = ${rows}, completed_at = clock_timestamp()
  where batch_id = ${batchId}`

const copyRows = sql`
  copy explore.raw_data_template
    (ingested_at, source_id, batch_id, run_id, source_row, source_file, classification, payload, checksum)
  from stdin`

/**
 * Lands a CSV file as it is, one row a record, inside the transaction of `tx`. Landing the same content again adds no
 * row: its digest is registered with the batch that it became. Memory does not grow with the file.
 * Throws `FILE_UNREADABLE` with the line of what cannot be read.
 */
export async function landFile(tx: Session, request: LandRequest): Promise<Landed> {
  const { path, source, owner, runId, signal } = request
  const file = basename(path)
  const { digest, sizeBytes } = await digestFile(path, signal)
  const registered = await tx.row(registerSource(source, owner))
  if (!registered) throw new Error('The source was not registered')
  const content = await tx.row(registerContent(registered.sourceId, file, digest, sizeBytes, runId))
  if (!content) throw new Error('The content was not registered')
  if (content.isComplete) return { batchId: content.batchId, rows: content.rows, added: 0 }
  await tx.run(ensurePartitions(content.ingestedAt))

  const columns = [content.ingestedAt, registered.sourceId, content.batchId, runId ?? '\\N']
  const tail = [escapeCopy(file), registered.classification]
  const encoder = createRowEncoder(columns.join('\t'), tail.join('\t'), file, request.onProgress)
  try {
    await pipeline(
      createReadStream(path, { highWaterMark: 256 * 1024 }),
      createUtf8Check(file),
      parse({ bom: true, skip_empty_lines: true }),
      encoder.stream,
      tx.copyFrom(copyRows),
      { signal },
    )
  } catch (error) {
    throw explainCsv(error, file)
  }
  if (encoder.rows() === 0)
    throw unreadable(file, 'The file holds no record', 'Check that the file is complete.')
  await tx.run(completeContent(content.batchId, encoder.rows()))
  return { batchId: content.batchId, rows: encoder.rows(), added: encoder.rows() }
}

/** Turns records into lines of COPY's text format; the first record names the columns. */
function createRowEncoder(head: string, tail: string, file: string, onProgress?: (rows: number) => void) {
  let keys: { json: string; index: number }[] | undefined
  let rows = 0
  let buffer = ''
  const stream = new Transform({
    writableObjectMode: true,
    transform(record: string[], _encoding, done) {
      if (!keys) {
        const twice = record.find((name, index) => record.indexOf(name) !== index)
        if (twice !== undefined)
          return done(unreadable(`${file}:1`, `Two columns are called ${twice}`, 'Rename one of them.'))
        keys = sortLikeJsonb(record)
        return done()
      }
      rows++
      const payload = encodePayload(keys, record)
      if (payload.includes('\\u0000')) {
        return done(
          unreadable(
            `${file}, record ${rows}`,
            'A value holds U+0000',
            'Remove the character: PostgreSQL cannot store it.',
          ),
        )
      }
      const checksum = createHash('sha256').update(payload).digest('hex')
      buffer += `${head}\t${rows}\t${tail}\t${escapeCopy(payload)}\t${checksum}\n`
      if (rows % 5000 === 0) onProgress?.(rows)
      if (buffer.length < 64 * 1024) return done()
      const chunk = buffer
      buffer = ''
      done(null, chunk)
    },
    flush(done) {
      done(null, buffer)
    },
  })
  return { stream, rows: () => rows }
}

/** jsonb orders keys by length in bytes, then by bytes: the checksum is taken over the text that it will print. */
function sortLikeJsonb(names: string[]) {
  return names
    .map((name, index) => ({ bytes: Buffer.from(name), json: `${JSON.stringify(name)}: `, index }))
    .sort((a, b) => a.bytes.length - b.bytes.length || Buffer.compare(a.bytes, b.bytes))
}

function encodePayload(keys: { json: string; index: number }[], record: string[]): string {
  let text = '{'
  for (const [position, { json, index }] of keys.entries()) {
    text += `${position === 0 ? '' : ', '}${json}${JSON.stringify(record[index])}`
  }
  return `${text}}`
}

/** COPY's text format (manual, COPY): backslash, tab and line ends are escaped. JSON holds the last three only escaped. */
function escapeCopy(text: string): string {
  return text.includes('\\') || /[\t\n\r]/.test(text)
    ? text.replaceAll('\\', '\\\\').replaceAll('\t', '\\t').replaceAll('\n', '\\n').replaceAll('\r', '\\r')
    : text
}

function createUtf8Check(file: string) {
  const decoder = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true })
  let bytes = 0
  return new Transform({
    transform(chunk: Buffer, _encoding, done) {
      try {
        decoder.decode(chunk, { stream: true })
        bytes += chunk.length
        done(null, chunk)
      } catch {
        done(unreadable(`${file}, after byte ${bytes}`, 'The file is not UTF-8', 'Save it as UTF-8.'))
      }
    },
  })
}

async function digestFile(path: string, signal: AbortSignal | undefined) {
  const hash = createHash('sha256')
  try {
    const { size } = await stat(path)
    await pipeline(createReadStream(path), hash, { signal })
    return { digest: hash.digest('hex'), sizeBytes: size }
  } catch (cause) {
    const { code } = cause as NodeJS.ErrnoException
    if (signal?.aborted || code === undefined) throw cause
    throw new AtlasError(
      'FILE_UNREADABLE',
      code === 'ENOENT' ? 'The file does not exist' : 'The file cannot be read',
      {
        object: path,
        sqlState: code,
        saved: 'Nothing was landed.',
        next: 'Check the path and the rights of the file.',
      },
      { cause },
    )
  }
}

function explainCsv(error: unknown, file: string): unknown {
  if (!(error instanceof CsvError)) return error
  const line = typeof error.lines === 'number' ? error.lines : undefined
  return unreadable(
    line === undefined ? file : `${file}:${line}`,
    error.message,
    'Correct the record and land the file again.',
  )
}

function unreadable(object: string, message: string, next: string): AtlasError {
  return new AtlasError('FILE_UNREADABLE', message, {
    object,
    saved: 'No row of this file was landed.',
    next,
  })
}
