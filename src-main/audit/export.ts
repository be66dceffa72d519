import { createHash } from 'node:crypto'
import { basename } from 'node:path'
import type { Database, Session } from '../adapters/postgres.ts'
import { breathe, readPath, refuseExisting, type WritePiece, writeWhole } from '../exportFile.ts'
import type { JobControl, JobStarter } from '../jobs/contract.ts'
import { query, sql, trustedStatement } from '../sql.ts'
import { type AuditEntry, type AuditFilter, auditEntrySchema, type exportFormats } from './contract.ts'
import { listEntries } from './sql.ts'

interface Dependencies {
  db: Pick<Database, 'session' | 'interruptible'>
  jobs: JobStarter
  environmentId: string
}

interface Request {
  filter: AuditFilter
  format: (typeof exportFormats)[number]
  path: string
  isReplacing: boolean
}

/** What an export holds, and by which a copy of it is known again. */
interface Manifest {
  file: string
  format: Request['format']
  rows: number
  sizeBytes: number
  /** Of the whole file, in hexadecimal. */
  sha256: string
  filter: AuditFilter
  /** Personal values were masked for the role that exported. */
  isMasked: boolean
  firstSequence: number | null
  lastSequence: number | null
  exportedAt: Date
}

const pageEntries = 1000
const counted = (rows: number) => `${rows.toLocaleString('en-US')} ${rows === 1 ? 'entry' : 'entries'}`
const columns = [
  'sequence',
  'occurredAt',
  'action',
  'schema',
  'table',
  'rowKey',
  'old',
  'new',
  'user',
  'role',
  'actor',
  'application',
  'address',
  'transactionId',
] as const satisfies (keyof AuditEntry)[]

/** Starts the job that writes the filtered log to a file, a page in memory at a time, and its manifest beside it. */
export function startExport(
  { db, jobs, environmentId }: Dependencies,
  request: Request,
  isMasked: boolean,
): { jobId: string } {
  const path = readPath(request.path)
  const manifestPath = `${path}.manifest.json`
  return jobs.start(
    { environmentId, title: `Export the audit log to ${path}`, link: '/audit', isCancellable: true },
    async (control) => {
      if (!request.isReplacing) refuseExisting(manifestPath)
      let manifest: Manifest | undefined
      await writeWhole(path, request.isReplacing, async (write) => {
        const written = await writeLog(db, request, isMasked, write, control)
        manifest = { file: basename(path), ...written }
        // Before the file has its name: an export that has no manifest is not whole.
        const text = `${JSON.stringify(manifest, null, 2)}\n`
        await writeWhole(manifestPath, request.isReplacing, (writeManifest) => writeManifest(text))
      })
      const { rows = 0, sha256 = '' } = manifest ?? {}
      return `${counted(rows)}, SHA-256 ${sha256.slice(0, 12)}…, in ${path}`
    },
  )
}

async function writeLog(
  db: Dependencies['db'],
  { filter, format }: Request,
  isMasked: boolean,
  write: WritePiece,
  control: JobControl,
): Promise<Omit<Manifest, 'file'>> {
  const hash = createHash('sha256')
  let [rows, sizeBytes] = [0, 0]
  let firstSequence: number | null = null
  let lastSequence: number | null = null
  const add = async (text: string) => {
    hash.update(text)
    sizeBytes += Buffer.byteLength(text)
    await write(text)
  }
  if (format === 'csv') await add(`${columns.join(',')}\r\n`)
  const pastPart = partOf(filter)
  const session = await db.session('export')
  try {
    await db.interruptible(session, control.signal, () =>
      session.transaction(async (tx) => {
        for await (const entries of readLog(tx, filter, isMasked)) {
          rows += entries.length
          lastSequence ??= entries[0]?.sequence ?? null
          firstSequence = entries.at(-1)?.sequence ?? firstSequence
          await add(entries.map(format === 'csv' ? csvLine : jsonLine).join(''))
          control.report({ detail: counted(rows), progress: pastPart(entries.at(-1)?.occurredAt ?? '') })
          await breathe(control)
        }
      }),
    )
  } finally {
    await session.close()
  }
  return {
    format,
    rows,
    sizeBytes,
    sha256: hash.digest('hex'),
    filter,
    isMasked,
    firstSequence,
    lastSequence,
    exportedAt: new Date(),
  }
}

/**
 * The log as of one moment, a page at a time, by a cursor: one plan for all pages. Asked for page by page, a log that was
 * never analysed is sorted anew for each, as the server takes the window for a few rows.
 */
async function* readLog(tx: Session, filter: AuditFilter, isMasked: boolean): AsyncGenerator<AuditEntry[]> {
  const { statement } = listEntries({ filter, before: undefined, until: undefined, limit: null, isMasked })
  await tx.run(sql`declare entries no scroll cursor for ${statement}`)
  const next = query(auditEntrySchema, trustedStatement(`fetch ${pageEntries} from entries`))
  for (;;) {
    const entries = await tx.rows(next)
    if (entries.length > 0) yield entries
    if (entries.length < pageEntries) return
  }
}

/** How much of the window lies behind a time, read from its end; what has not come yet is not counted. */
function partOf({ from, to }: AuditFilter): (time: string) => number {
  const end = Math.min(to.getTime(), Date.now())
  const length = Math.max(1, end - from.getTime())
  return (time) => Math.min(1, Math.max(0, (end - Date.parse(time)) / length))
}

const jsonLine = (entry: AuditEntry) => `${JSON.stringify(entry)}\n`

/** RFC 4180; null is empty, an empty text is quoted. Values stay what they are: this is evidence, no spreadsheet. */
function csvLine(entry: AuditEntry): string {
  const cells = columns.map((name) => {
    const value = entry[name]
    if (value === null) return ''
    const text = typeof value === 'object' ? JSON.stringify(value) : String(value)
    return text === '' || /[",\r\n]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text
  })
  return `${cells.join(',')}\r\n`
}
