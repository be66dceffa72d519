import type { Queryable } from '../adapters/postgres.ts'
import { listBeside, listPartitioned, listPartitions, type PartitionRow, type TableRow } from './sql.ts'
import type { Relation } from './table.contract.ts'

/** A partition where it stands below its table. */
export interface ListedMember extends PartitionRow {
  rootId: number
  /** 1 below the table, 2 below a partition that is partitioned, … */
  level: number
  sizeBytes: number
  missingIndexes: number
}

export interface Members {
  tables: TableRow[]
  rows: ListedMember[]
  /** Sizes come from the statistics: asking the files of 10,000 partitions takes seconds. */
  isSizeEstimated: boolean
}

const measuredPartitions = 1000

/** Partitioned tables of every level and their partitions, of one table where it is named: three statements. */
export async function listMembers(db: Pick<Queryable, 'rows'>, of?: Relation): Promise<Members> {
  const all = await db.rows(listPartitioned())
  const byId = new Map(all.map((table) => [table.id, table]))
  const places = new Map(all.map((table) => [table.id, placeOf(table, byId)]))
  const root =
    of &&
    all.find(({ parentId, schema, name }) => parentId === null && schema === of.schema && name === of.name)
  const tables = of ? all.filter(({ id }) => root && places.get(id)?.rootId === root.id) : all
  const isSizeEstimated = tables.reduce((sum, { members }) => sum + members, 0) > measuredPartitions
  const parents = tables.map(({ id }) => id)
  if (parents.length === 0) return { tables, rows: [], isSizeEstimated }
  const [rows, beside] = await Promise.all([
    db.rows(listPartitions(parents, !isSizeEstimated)),
    db.rows(listBeside(parents)),
  ])
  const besideOf = new Map(beside.map((one) => [one.id, one]))
  const listed: ListedMember[] = []
  for (const row of rows) {
    const parent = byId.get(row.parentId)
    const place = places.get(row.parentId)
    if (!parent || !place) continue
    const { attached, bytes } = besideOf.get(row.id) ?? { attached: 0, bytes: 0 }
    listed.push({
      ...row,
      rootId: place.rootId,
      level: place.level + 1,
      sizeBytes: row.isLeaf ? (row.measuredBytes ?? row.heapBytes + bytes) : 0,
      missingIndexes: Math.max(0, parent.indexes - attached),
    })
  }
  return { tables, rows: listed, isSizeEstimated }
}

/** How deep a table lies below which; a parent that is not among them (it came meanwhile) ends the way up. */
function placeOf(table: TableRow, byId: Map<number, TableRow>): { rootId: number; level: number } {
  let [top, level] = [table, 0]
  for (let above = byId.get(top.parentId ?? 0); above; above = byId.get(above.parentId ?? 0)) {
    top = above
    level++
  }
  return { rootId: top.id, level }
}
