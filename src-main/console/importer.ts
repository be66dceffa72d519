import { once } from 'node:events'
import { finished } from 'node:stream/promises'
import type { Database, Session } from '../adapters/postgres.ts'
import { AtlasError } from '../errors.ts'
import { readPath } from '../exportFile.ts'
import type { JobControl, JobStarter } from '../jobs/contract.ts'
import { identifier, join, literal, type Sql, sql, trustedStatement } from '../sql.ts'
import { splitRecords } from './csvRecords.ts'
import type { FilePreview } from './exchangeContract.ts'
import { guessTypes } from './guessTypes.ts'
import { type FileDescription, type RecordPiece, readNames, readPieces, sizeOf } from './importFile.ts'
import { createRejects, type Rejects } from './importRejects.ts'

interface Dependencies {
  db: Pick<Database, 'session' | 'interruptible'>
  jobs: JobStarter
  environmentId: string
  translate: (error: unknown) => unknown
}

interface Request extends FileDescription {
  schema: string
  table: string
  mapping: (string | null)[]
  createWith?: string[] | undefined
  maxRejects: number
}

const previewRows = 200
const shownRows = 50
/** `bad_copy_file_format` of PostgreSQL. */
const badCopyFormat = '22P04'

/** What a file holds: its columns with types that fit, and its first rows. */
export async function previewFile(description: FileDescription): Promise<FilePreview> {
  const file = { ...description, path: readPath(description.path) }
  const sizeBytes = sizeOf(file.path)
  const names = await readNames(file)
  const rows: (string | null)[][] = []
  for await (const { bytes } of readPieces(file, names)) {
    rows.push(...(await parseCsv(bytes, file, previewRows)))
    if (rows.length > 0) break
  }
  const types = guessTypes(names.length, rows)
  return {
    sizeBytes,
    columns: names.map((name, at) => ({ name, type: types[at] ?? 'text' })),
    rows: rows.slice(0, shownRows),
  }
}

/** Starts the job that copies a file into a table, in one transaction. */
export function startImport(deps: Dependencies, request: Request): { jobId: string } {
  const path = readPath(request.path)
  const target = `${request.schema}.${request.table}`
  sizeOf(path)
  return deps.jobs.start(
    {
      environmentId: deps.environmentId,
      title: `Import into ${target}`,
      link: '/console',
      isCancellable: true,
    },
    async (control) => {
      const session = await deps.db.session('import')
      try {
        return await deps.db.interruptible(session, control.signal, () =>
          session.transaction(() => importInto(deps, session, { ...request, path }, control)),
        )
      } finally {
        await session.close()
      }
    },
  )
}

async function importInto(
  deps: Dependencies,
  session: Session,
  request: Request,
  control: JobControl,
): Promise<string> {
  const names = await readNames(request)
  const mapped = request.mapping.flatMap((name, at) => (name === null ? [] : [{ name, at }]))
  if (mapped.length === 0) throw new AtlasError('INPUT_INVALID', 'No column of the file is mapped')
  const columns = mapped.map(({ name }) => identifier(name))
  const table = identifier(request.schema, request.table)
  if (request.createWith) {
    const made = mapped.map(
      ({ name }, at) => sql`${identifier(name)} ${trustedStatement(request.createWith?.[at] ?? 'text')}`,
    )
    await session.run(sql`create table ${table} (${join(made)})`)
  }
  const delimiter = delimiterOf(request)
  const copy: Sql = sql`copy ${table} (${join(columns)}) from stdin (format csv, delimiter ${literal(delimiter)})`
  const isWhole = mapped.length === names.length
  const total = sizeOf(request.path)
  const rejects = createRejects(session, request)
  let rows = 0
  for await (const piece of ahead(readPieces(request, names))) {
    const taken = isWhole
      ? piece
      : await pickColumns(
          piece,
          request,
          names.length,
          mapped.map(({ at }) => at),
        )
    for (const refused of taken.refused ?? []) await rejects.add(refused)
    rows += await copyPiece(deps, session, copy, taken, rejects)
    control.report({
      detail: `${rows.toLocaleString('en-US')} rows`,
      progress: Math.min(1, piece.readBytes / total),
    })
    if (control.signal.aborted) throw new AtlasError('CANCELLED', 'The import was cancelled')
  }
  const refused =
    rejects.count > 0 ? `, ${rejects.count.toLocaleString('en-US')} refused: see ${rejects.name}` : ''
  return `${rows.toLocaleString('en-US')} rows${refused}`
}

/** The next piece is read while the server works on the one before. */
async function* ahead<Piece>(pieces: AsyncGenerator<Piece>): AsyncGenerator<Piece> {
  let next = pieces.next()
  for (;;) {
    const { done, value } = await next
    if (done) return
    next = pieces.next()
    // Its error is met when its turn has come.
    next.catch(() => {})
    yield value
  }
}

/** Copies records; those that the server refuses are found, set aside, and the others copied without them. */
async function copyPiece(
  deps: Dependencies,
  session: Session,
  copy: Sql,
  piece: RecordPiece,
  rejects: Rejects,
): Promise<number> {
  const attempt = async (bytes: Buffer): Promise<number> => {
    await session.run(sql`savepoint atlas_import`)
    const stream = session.copyFrom(copy)
    const done = finished(stream)
    done.catch(() => {})
    try {
      if (!stream.write(bytes)) await Promise.race([once(stream, 'drain'), done])
      stream.end()
      await done
    } catch (error) {
      await session.run(sql`rollback to savepoint atlas_import`)
      throw error
    }
    await session.run(sql`release savepoint atlas_import`)
    return (stream as unknown as { rowCount: number }).rowCount
  }
  try {
    return await attempt(piece.bytes)
  } catch (error) {
    refuseUnlessOfRow(error, deps.translate)
  }
  const { ends, lines } = splitRecords(piece.bytes)
  if ((ends.at(-1) ?? 0) < piece.bytes.length) {
    ends.push(piece.bytes.length)
    lines.push(1)
  }
  const lineOf = [piece.firstLine]
  for (const [at, count] of lines.entries()) lineOf.push((lineOf[at] ?? 0) + count)
  const part = (from: number, to: number) =>
    piece.bytes.subarray(from === 0 ? 0 : ends[from - 1], to === 0 ? 0 : ends[to - 1])
  let rows = 0
  const parts: [number, number][] = [[0, ends.length]]
  for (let next = parts.pop(); next; next = parts.pop()) {
    const [from, to] = next
    if (from >= to) continue
    try {
      rows += await attempt(part(from, to))
    } catch (error) {
      refuseUnlessOfRow(error, deps.translate)
      if (to - from === 1) {
        const { code: sqlState, message } = error as { code: string; message: string }
        const record = part(from, to).toString('utf8')
        await rejects.add({ line: piece.lines?.[from] ?? lineOf[from] ?? 0, sqlState, message, record })
        continue
      }
      const named = badRecord(error, from, to, lineOf)
      if (named === undefined) {
        // A foreign key, checked at the end, names no line.
        const middle = Math.floor((from + to) / 2)
        parts.push([middle, to], [from, middle])
        continue
      }
      // It may be a record off behind line ends in quotes: the neighbours are tried one by one, the rest together.
      const first = Math.max(from, named - 1)
      const last = Math.min(to, named + 2)
      parts.push([last, to])
      for (let record = last - 1; record >= first; record--) parts.push([record, record + 1])
      parts.push([from, first])
    }
  }
  return rows
}

/** The record that COPY names: its context counts lines of what it was given. */
function badRecord(error: unknown, from: number, to: number, lineOf: number[]): number | undefined {
  const place = /^COPY .*?, line (\d+)/.exec((error as { where?: string }).where ?? '')?.[1]
  if (!place) return undefined
  const line = (lineOf[from] ?? 0) + Number(place) - 1
  for (let record = from; record < to; record++) if ((lineOf[record + 1] ?? 0) > line) return record
  return undefined
}

/** Data (22), constraints (23) and what a row's trigger raises (P0) are of a row; everything else ends the import. */
function refuseUnlessOfRow(error: unknown, translate: (error: unknown) => unknown): void {
  const { code = '' } = error as { code?: string }
  if (!/^(?:22|23|P0)/.test(code)) throw translate(error)
}

const delimiterOf = ({ format, delimiter }: FileDescription) => (format === 'csv' ? delimiter : ',')

/** Records with NULL told from the empty text, as COPY tells them. */
async function parseCsv(bytes: Buffer, file: FileDescription, count?: number): Promise<(string | null)[][]> {
  const { parse } = await import('csv-parse/sync')
  try {
    return parse(bytes, {
      delimiter: delimiterOf(file),
      relax_column_count: true,
      relax_quotes: true,
      ...(count === undefined ? {} : { to: count }),
      cast: (value: string, { quoting }: { quoting: boolean }) => (value === '' && !quoting ? null : value),
    }) as unknown as (string | null)[][]
  } catch (error) {
    throw new AtlasError(
      'FILE_UNREADABLE',
      'The file is no CSV',
      {
        object: file.path,
        detail: (error as Error).message,
        saved: 'Nothing was imported.',
        next: 'Look for a quote that is not closed, or choose another delimiter.',
      },
      { cause: error },
    )
  }
}

/** The wanted cells of each record; one with more or fewer than the head has is refused, as COPY would. */
async function pickColumns(
  piece: RecordPiece,
  file: FileDescription,
  columnCount: number,
  wanted: number[],
): Promise<RecordPiece> {
  const delimiter = delimiterOf(file)
  const rows = await parseCsv(piece.bytes, file)
  const taken = splitRecords(piece.bytes).lines
  const lines: number[] = []
  const refused = [...(piece.refused ?? [])]
  const cell = (value: string | null | undefined) =>
    value === null || value === undefined ? '' : `"${value.replaceAll('"', '""')}"`
  let counted = piece.firstLine
  let text = ''
  for (const [at, row] of rows.entries()) {
    const line = piece.lines?.[at] ?? counted
    counted += taken[at] ?? 1
    if (row.length === columnCount) {
      text += `${wanted.map((column) => cell(row[column])).join(delimiter)}\n`
      lines.push(line)
    } else {
      const message = `the record has ${row.length} values, the head has ${columnCount}`
      refused.push({ line, sqlState: badCopyFormat, message, record: row.map(cell).join(delimiter) })
    }
  }
  return { ...piece, bytes: Buffer.from(text), lines, refused }
}
