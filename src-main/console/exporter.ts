import type { copyOut } from '../adapters/copy.ts'
import type { Database, Session } from '../adapters/postgres.ts'
import type { sendStatement } from '../adapters/statement.ts'
import { AtlasError } from '../errors.ts'
import { breathe, readPath, type WritePiece, writeWhole } from '../exportFile.ts'
import type { JobControl, JobStarter } from '../jobs/contract.ts'
import { sql, trustedStatement } from '../sql.ts'
import { createCsvEncoder } from './csvRows.ts'
import type { FileFormat } from './exchangeContract.ts'
import { createEncoder } from './export.ts'
import { createParquetEncoder } from './parquet.ts'
import { openReadOnlySession } from './readOnlySession.ts'
import { streamRows } from './rowStream.ts'
import type { HeldResult } from './run.ts'
import type { SessionState } from './sessionContract.ts'
import { createXlsxEncoder } from './xlsx.ts'

interface Dependencies {
  db: Pick<Database, 'session' | 'interruptible'>
  jobs: JobStarter
  environmentId: string
  sendStatement: typeof sendStatement
  copyOut: typeof copyOut
  /** How the tab is set up that ran the statement. */
  tab: Pick<SessionState, 'settings' | 'isReadOnly'>
}

interface Request {
  format: FileFormat
  path: string
  isReplacing: boolean
  again: boolean
  hasHeader: boolean
  neutraliseFormulas: boolean
  table?: string | undefined
}

type Row = (string | null)[]
type TakeRows = (rows: Row[]) => Promise<void>
type RowSource = (take: TakeRows, control: JobControl) => Promise<number>

const rowsAtOnce = 2000
const bytesAtOnce = 8 * 1024 ** 2
const rowsAGroup = 50_000
const charactersAGroup = 32 * 1024 ** 2

/** Starts the job that writes a result to a file, in constant memory. */
export function startExport(deps: Dependencies, result: HeldResult, request: Request): { jobId: string } {
  const path = readPath(request.path)
  return deps.jobs.start(
    { environmentId: deps.environmentId, title: `Export to ${path}`, link: '/console', isCancellable: true },
    async (control) => {
      let rows = 0
      const sizeBytes = await writeWhole(path, request.isReplacing, async (write) => {
        if (request.format === 'csv' && !request.neutraliseFormulas) {
          if (!request.again) {
            rows = result.spool.rows
            return writeCsv(result, request, write, control)
          }
          // COPY takes no parameters.
          if (result.values.length === 0)
            return copyAgain(deps, result.text, request.hasHeader, write, control)
        }
        const source = request.again ? runAgain(deps, result) : readHeld(result)
        rows = await encodeRows(source, result, request, write, control)
      })
      const count = rows > 0 ? `${rows.toLocaleString('en-US')} rows, ` : ''
      return `${count}${(sizeBytes / 1024 ** 2).toFixed(1)} MB in ${path}`
    },
  )
}

async function encodeRows(
  source: RowSource,
  { columns }: HeldResult,
  request: Request,
  write: WritePiece,
  control: JobControl,
): Promise<number> {
  if (request.format === 'xlsx') {
    const encoder = await createXlsxEncoder(columns, write, request)
    const rows = await source(encoder.add, control)
    await encoder.end()
    return rows
  }
  if (request.format === 'parquet') {
    const encoder = createParquetEncoder(columns)
    let pending: Row[] = []
    let characters = 0
    const rows = await source(async (batch) => {
      pending.push(...batch)
      for (const row of batch) for (const cell of row) characters += cell?.length ?? 0
      if (pending.length < rowsAGroup && characters < charactersAGroup) return
      await write(encoder.group(pending))
      pending = []
      characters = 0
    }, control)
    await write(encoder.group(pending))
    await write(encoder.end())
    return rows
  }
  const encoder = createEncoder({ ...request, format: request.format }, columns)
  let isFirst = true
  await write(encoder.head)
  const rows = await source(async (batch) => {
    let text = ''
    for (const row of batch) {
      text += encoder.row(row, isFirst)
      isFirst = false
    }
    await write(text)
  }, control)
  await write(encoder.foot)
  return rows
}

function readHeld({ spool }: HeldResult): RowSource {
  return async (take, control) => {
    const total = spool.rows
    // Of wide rows fewer at once.
    const fitting = Math.floor((bytesAtOnce * total) / Math.max(1, spool.sizeBytes))
    const atOnce = Math.max(1, Math.min(rowsAtOnce, fitting))
    for (let from = 0; from < total; from += atOnce) {
      await take(spool.read(from, Math.min(atOnce, total - from)).rows)
      control.report({ detail: `${from.toLocaleString('en-US')} rows`, progress: from / total })
      await breathe(control)
    }
    return total
  }
}

function runAgain(deps: Dependencies, { text, values }: HeldResult): RowSource {
  return async (take, control) => {
    let rows = 0
    await readAgain(deps, text, control.signal, (session) =>
      streamRows(
        deps.sendStatement,
        session,
        text,
        async (batch) => {
          await take(batch.rows)
          rows += batch.rows.length
          control.report({ detail: `${rows.toLocaleString('en-US')} rows` })
          if (control.signal.aborted) throw new AtlasError('CANCELLED', 'The export was cancelled')
        },
        values,
      ),
    )
    return rows
  }
}

/** What is held as CSV, from bytes to bytes. */
async function writeCsv(
  { spool, columns }: HeldResult,
  { hasHeader }: Request,
  write: WritePiece,
  control: JobControl,
): Promise<void> {
  await write(createEncoder({ format: 'csv', hasHeader, neutraliseFormulas: false }, columns).head)
  const encode = createCsvEncoder()
  let doneBytes = 0
  for (const messages of spool.messages()) {
    await write(encode(messages))
    doneBytes += messages.length
    const detail = `${(doneBytes / 1024 ** 2).toFixed(0)} MB`
    control.report({ detail, progress: Math.min(1, doneBytes / spool.sizeBytes) })
    await breathe(control)
  }
}

/** The server writes the CSV itself: byte for byte what psql's `\copy` gives. */
async function copyAgain(
  deps: Dependencies,
  text: string,
  hasHeader: boolean,
  write: WritePiece,
  control: JobControl,
): Promise<void> {
  const options = trustedStatement(hasHeader ? '(format csv, header)' : '(format csv)')
  const statement = sql`copy (${trustedStatement(text)}\n) to stdout ${options}`
  let sizeBytes = 0
  // A file that cannot be written ends the statement too.
  const failed = new AbortController()
  const signal = AbortSignal.any([control.signal, failed.signal])
  let failure: unknown
  const take: WritePiece = async (block) => {
    try {
      await write(block)
    } catch (error) {
      failure = error
      failed.abort()
      throw error
    }
    sizeBytes += block.length
    control.report({ detail: `${(sizeBytes / 1024 ** 2).toFixed(0)} MB` })
  }
  await readAgain(deps, text, signal, (session) => deps.copyOut(session, statement, take)).catch((error) => {
    throw failure ?? error
  })
}

/** What is run again cannot write twice. */
async function readAgain(
  { db, tab }: Dependencies,
  text: string,
  signal: AbortSignal,
  work: (session: Session) => Promise<void>,
): Promise<void> {
  const again = await openReadOnlySession(db, 'export', text, tab)
  try {
    await again.run(signal, work)
  } finally {
    await again.close()
  }
}

const pieceBytes = 1024 ** 2
const hexByte = 2

/** Writes one value as it is; `bytea` (`\x…`) as the bytes that it stands for. */
export async function writeValue(
  { spool, columns }: HeldResult,
  request: { row: number; column: number; path: string; isReplacing: boolean },
): Promise<number> {
  const place = spool.place(request.row, request.column)
  if (!place || place.length < 0) {
    throw new AtlasError('NOT_FOUND', place ? 'The value is NULL' : 'The result has no such value', {
      object: `row ${request.row + 1}, column ${request.column + 1}`,
      saved: 'Nothing was written.',
    })
  }
  const isBytes =
    columns[request.column]?.type === 'bytea' && spool.slice(place.offset, hexByte).toString() === '\\x'
  return writeWhole(readPath(request.path), request.isReplacing, async (write) => {
    const end = place.offset + place.length
    for (let at = place.offset + (isBytes ? hexByte : 0); at < end; at += pieceBytes) {
      const piece = spool.slice(at, Math.min(pieceBytes, end - at))
      await write(isBytes ? Buffer.from(piece.toString('latin1'), 'hex') : piece)
    }
  })
}
