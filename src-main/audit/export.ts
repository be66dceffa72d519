import { createHash } from 'node:crypto'
import type { z } from 'zod'
import type { Queryable } from '../adapters/postgres.ts'
import type { AuditEntry, AuditFilter, exportFormats, manifestSchema } from './contract.ts'
import { readPage, readPlace } from './search.ts'

type Format = (typeof exportFormats)[number]
type Piece =
  | { kind: 'text'; text: string; rows: number }
  | { kind: 'manifest'; manifest: z.infer<typeof manifestSchema> }

const pageEntries = 500
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

/** The filtered log as a file, newest first, a page in memory at a time; then what the file is known by. */
export async function* exportLog(
  db: Pick<Queryable, 'rows' | 'row'>,
  { format, ...filter }: AuditFilter & { format: Format },
  isMasked: boolean,
  signal: AbortSignal | undefined,
): AsyncGenerator<Piece> {
  const hash = createHash('sha256')
  let [rows, sizeBytes] = [0, 0]
  let firstSequence: number | null = null
  let lastSequence: number | null = null
  const piece = (text: string): Piece => {
    hash.update(text)
    sizeBytes += Buffer.byteLength(text)
    return { kind: 'text', text, rows }
  }
  if (format === 'csv') yield piece(`${columns.join(',')}\r\n`)
  let before = readPlace(undefined)
  do {
    signal?.throwIfAborted()
    const page = await readPage(db, filter, { before, limit: pageEntries, isMasked })
    rows += page.entries.length
    lastSequence ??= page.entries[0]?.sequence ?? null
    firstSequence = page.entries.at(-1)?.sequence ?? firstSequence
    if (page.entries.length > 0) yield piece(page.entries.map(format === 'csv' ? csvLine : jsonLine).join(''))
    before = readPlace(page.next ?? undefined)
  } while (before)
  yield {
    kind: 'manifest',
    manifest: {
      format,
      rows,
      sizeBytes,
      sha256: hash.digest('hex'),
      filter,
      isMasked,
      firstSequence,
      lastSequence,
      exportedAt: new Date(),
    },
  }
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
