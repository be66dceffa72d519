import type { AuditEntry } from '../../src-main/audit/contract.ts'

export const auditActionNames = [
  'insert',
  'update',
  'delete',
  'truncate',
  'event',
] as const satisfies AuditEntry['action'][]

/** An entry as one would tell it: `atlas_user changed 2 columns of pipeline.pipelines`. */
export function storyOf(entry: AuditEntry): string {
  const { action, schema, table } = entry
  const who = whoOf(entry)
  const object = `${schema}.${table}`
  if (action === 'insert') return `${who} added a row to ${object}`
  if (action === 'delete') return `${who} deleted a row of ${object}`
  if (action === 'truncate') return `${who} emptied ${object}`
  if (action === 'event') return `${who}: ${table}`
  const columns = changesOf(entry).map(({ column }) => column)
  if (columns.length <= 2)
    return `${who} changed ${columns.join(' and ') || 'nothing that counts'} of ${object}`
  return `${who} changed ${columns.length} columns of ${object}`
}

export function whoOf({ user, actor }: AuditEntry): string {
  return actor ? `${actor} (as ${user})` : user
}

export interface Change {
  column: string
  before: string | undefined
  after: string | undefined
  /** Both are hashes of a personal value, which the log never holds. */
  isPersonal: boolean
}

/**
 * Columns before and after; of an update those that differ, bookkeeping left out. A document that changed is told by the
 * fields of it that did: `config.source`.
 */
export function changesOf({ action, old, new: after }: AuditEntry): Change[] {
  const isUpdate = action === 'update'
  return keysOf(old, after)
    .filter((column) => !isUpdate || column !== 'updated_at')
    .flatMap((column) =>
      isUpdate
        ? differences(column, old?.[column], after?.[column])
        : [toChange(column, old?.[column], after?.[column])],
    )
}

function differences(column: string, before: unknown, after: unknown): Change[] {
  if (!isDocument(before) || !isDocument(after)) return [toChange(column, before, after)]
  return keysOf(before, after)
    .filter((key) => JSON.stringify(before[key]) !== JSON.stringify(after[key]))
    .flatMap((key) => differences(`${column}.${key}`, before[key], after[key]))
}

const keysOf = (before: object | null | undefined, after: object | null | undefined) =>
  [...new Set([...Object.keys(before ?? {}), ...Object.keys(after ?? {})])].sort()

const isDocument = (value: unknown): value is Record<string, unknown> =>
  typeof value === 'object' && value !== null && !Array.isArray(value)

function toChange(column: string, old: unknown, now: unknown): Change {
  const [before, after] = [show(old), show(now)]
  const isPersonal = [before, after].some((value) => value?.startsWith('sha256:'))
  return { column, before, after, isPersonal }
}

function show(value: unknown): string | undefined {
  if (value === undefined) return undefined
  return typeof value === 'string' ? value : JSON.stringify(value)
}

/** `code crm, version 2` */
export function keyText(key: AuditEntry['rowKey']): string {
  return Object.entries(key)
    .map(([name, value]) => `${name} ${show(value)}`)
    .join(', ')
}

export interface Group {
  transactionId: number
  entries: AuditEntry[]
}

/** Entries that follow each other and belong to one transaction, together. */
export function groupByTransaction(entries: AuditEntry[]): Group[] {
  const groups: Group[] = []
  for (const entry of entries) {
    const last = groups.at(-1)
    if (last?.transactionId === entry.transactionId) last.entries.push(entry)
    else groups.push({ transactionId: entry.transactionId, entries: [entry] })
  }
  return groups
}
