import type { ObjectSummary, TableSummary } from '../../src-main/schema/objects/contract.ts'

export interface TreeData {
  schemas: { name: string; comment: string | null }[]
  tables: TableSummary[]
  objects: ObjectSummary[]
}

export interface PartitionRow {
  schema: string
  name: string
  bound: string
  estimatedRows: number
  partitions: number
}

/** One line of the tree. `key` says what is opened or closed; `depth` how far it stands in. */
export type TreeRow = { key: string; depth: number } & (
  | { type: 'schema'; name: string; comment: string | null; count: number; isOpen: boolean }
  | { type: 'group'; label: string; count: number; isOpen: boolean }
  | { type: 'table'; table: TableSummary; isOpen: boolean }
  | { type: 'partition'; partition: PartitionRow; isOpen: boolean }
  | { type: 'object'; object: ObjectSummary }
)

const schemaGroups: [string, ObjectSummary['kind'][]][] = [
  ['Functions', ['function', 'procedure', 'aggregate', 'window function']],
  ['Types', ['enum', 'domain', 'composite type', 'range type']],
  ['Sequences', ['sequence']],
  ['Operators', ['operator']],
  ['Collations', ['collation']],
  ['Text search', ['text search configuration', 'text search dictionary']],
]

const databaseGroups: [string, ObjectSummary['kind'][]][] = [
  ['Extensions', ['extension']],
  ['Publications', ['publication']],
  ['Event triggers', ['event trigger']],
  ['Casts', ['cast']],
  ['Foreign servers', ['server', 'foreign data wrapper']],
  ['Roles', ['role']],
]

export const tableKey = ({ schema, name }: { schema: string; name: string }) => `table ${schema}\0${name}`

/** The lines that are in sight when some are open. Partitions that have not come yet are left out. */
export function rowsOfTree(
  { schemas, tables, objects }: TreeData,
  isOpen: (key: string) => boolean,
  partitionsOf: (table: { schema: string; name: string }) => PartitionRow[] | undefined,
): TreeRow[] {
  const rows: TreeRow[] = []
  const tablesBySchema = Map.groupBy(tables, ({ schema }) => schema)
  const objectsBySchema = Map.groupBy(objects, ({ schema, kind }) => (kind === 'extension' ? null : schema))

  const addGroups = (groups: typeof schemaGroups, own: ObjectSummary[], prefix: string, depth: number) => {
    for (const [label, kinds] of groups) {
      const members = own.filter(({ kind }) => kinds.includes(kind))
      if (members.length === 0) continue
      const key = `group ${prefix}\0${label}`
      rows.push({ type: 'group', key, depth, label, count: members.length, isOpen: isOpen(key) })
      if (!isOpen(key)) continue
      for (const object of members) {
        const id = `${object.kind} ${object.schema}\0${object.name}(${object.signature})`
        rows.push({ type: 'object', key: id, depth: depth + 1, object })
      }
    }
  }
  const addPartitions = (parent: { schema: string; name: string }, depth: number) => {
    for (const partition of partitionsOf(parent) ?? []) {
      const key = tableKey(partition)
      rows.push({ type: 'partition', key, depth, partition, isOpen: isOpen(key) })
      if (partition.partitions > 0 && isOpen(key)) addPartitions(partition, depth + 1)
    }
  }

  for (const { name, comment } of schemas) {
    const own = tablesBySchema.get(name) ?? []
    const others = objectsBySchema.get(name) ?? []
    const key = `schema ${name}`
    rows.push({ type: 'schema', key, depth: 0, name, comment, count: own.length, isOpen: isOpen(key) })
    if (!isOpen(key)) continue
    for (const table of own) {
      const id = tableKey(table)
      rows.push({ type: 'table', key: id, depth: 1, table, isOpen: isOpen(id) })
      if (table.partitions > 0 && isOpen(id)) addPartitions(table, 2)
    }
    addGroups(schemaGroups, others, name, 1)
  }
  addGroups(databaseGroups, objectsBySchema.get(null) ?? [], '', 0)
  return rows
}
