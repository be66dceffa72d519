import type { SearchHit } from '../../src-main/schema/contract.ts'
import type { Place } from './place.ts'

const tabOf: Partial<Record<SearchHit['kind'], string>> = {
  column: 'columns',
  index: 'indexes',
  trigger: 'rules',
  policy: 'rules',
  'constraint trigger': 'rules',
  'foreign key': 'relations',
}

/** Where a hit leads: what belongs to a table to its tab. */
export function placeOfHit({ kind, schema, parent, name, signature }: SearchHit): Place {
  const space = schema ?? undefined
  if (kind === 'schema') return { kind, name }
  if (kind === 'partition') return { schema: space, table: name }
  if (parent !== null) return { schema: space, table: parent, tab: tabOf[kind] ?? 'constraints' }
  if (kind.includes('table') || kind.includes('view')) return { schema: space, table: name }
  return { kind, schema: space, name, signature: signature || undefined }
}
