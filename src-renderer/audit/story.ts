import type { AuditEntry } from '../../src-main/audit/contract.ts'

/** An entry as one would tell it: `atlas_user changed 2 columns of pipeline.pipelines`. */
export function storyOf({ user, actor, action, schema, table, new: after }: AuditEntry): string {
  const who = actor ? `${actor} (as ${user})` : user
  const object = `${schema}.${table}`
  if (action === 'insert') return `${who} added a row to ${object}`
  if (action === 'delete') return `${who} deleted a row of ${object}`
  if (action === 'truncate') return `${who} emptied ${object}`
  if (action === 'event') return `${who}: ${table}`
  const columns = Object.keys(after ?? {}).filter((column) => column !== 'updated_at')
  if (columns.length <= 2)
    return `${who} changed ${columns.join(' and ') || 'nothing that counts'} of ${object}`
  return `${who} changed ${columns.length} columns of ${object}`
}
