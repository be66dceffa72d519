import { type ParsedBound, readBound } from './bounds.ts'
import { coverageOf, stepOf } from './coverage.ts'
import type { ListedMember, Members } from './members.ts'
import type { TableRow } from './sql.ts'
import type { Partition, PartitionedTable, Relation } from './table.contract.ts'

/** A table with its partitions, before anybody judges it. */
export type Tree = Omit<PartitionedTable, 'findings' | 'retention'> & {
  partitions: Partition[]
  analyzedRows: number
}

/** What a policy says of a table: partitions that end before `keptFrom` may go. */
export interface Keep extends Relation {
  keptFrom: Date
}

/** What stands between a partition and its table, and all that is below it. */
export interface Relatives {
  above: Relation[]
  below: (Relation & { bound: string })[]
}

/** The relatives of the partition at a place in the order of its tree. */
export function relativesAt({ partitions }: Pick<Tree, 'partitions'>, at: number): Relatives {
  const level = partitions[at]?.level ?? 0
  const above: Relation[] = []
  for (let index = at, wanted = level - 1; wanted > 0 && index >= 0; index--) {
    const one = partitions[index]
    if (one?.level !== wanted) continue
    above.push(one)
    wanted--
  }
  let end = at + 1
  while (level > 0 && (partitions[end]?.level ?? 0) > level) end++
  return { above, below: partitions.slice(at + 1, end) }
}

const soon = 30 * 86_400_000

/** Puts the rows of the catalogue together: each table with its partitions in the order of their bounds, depth first. */
export function growTrees({ tables, rows, isSizeEstimated }: Members, keeps: Keep[], now: number): Tree[] {
  const byRoot = Map.groupBy(rows, ({ rootId }) => rootId)
  const inner = new Map(tables.map((table) => [table.id, table]))
  return tables
    .filter(({ parentId }) => parentId === null)
    .map(
      ({
        parentId: _parent,
        members: _members,
        indexes: _indexes,
        keyColumn: _,
        isKeyScaled: __,
        ...table
      }) => {
        const own = (byRoot.get(table.id) ?? []).map((row) => ({
          row,
          bound: boundOf(row.bound, inner.get(row.parentId)?.isKeyScaled ?? true),
        }))
        const keptFrom = keeps.find(
          ({ schema, name }) => schema === table.schema && name === table.name,
        )?.keptFrom
        const partitions = inOrder(table.id, own, inner, (row, bound) => stateOf(row, bound, now, keptFrom))
        const first = partitions.filter(({ level }) => level === 1)
        const ranges = first.filter(({ from, to }) => from !== null || to !== null)
        const scale =
          own.find(({ row, bound }) => row.level === 1 && bound.scale !== 'none')?.bound.scale ?? 'none'
        const { gaps } = coverageOf(ranges, now)
        // What is half detached keeps its bound from others and takes no rows any more.
        const { coveredUntil } = coverageOf(
          ranges.filter(({ state }) => state !== 'detaching'),
          now,
        )
        const isTime = scale === 'time'
        const sum = (of: (partition: Partition) => number) => first.reduce((total, one) => total + of(one), 0)
        return {
          ...table,
          scale,
          step: isTime ? stepOf(ranges) : 'other',
          partitions,
          partitionCount: own.filter(({ row }) => row.isLeaf).length,
          levels: own.reduce((deepest, { row }) => Math.max(deepest, row.level), 0),
          estimatedRows: sum(({ estimatedRows }) => estimatedRows),
          sizeBytes: sum(({ sizeBytes }) => sizeBytes),
          isSizeEstimated,
          gaps: scale === 'none' ? [] : gaps,
          coveredUntil: isTime && coveredUntil !== null ? new Date(Math.min(coveredUntil, farthest)) : null,
          defaultRows: sum(({ state, estimatedRows }) => (state === 'default' ? estimatedRows : 0)),
        }
      },
    )
}

/** Texts lie in the order of their collation, whatever number or day they look like. */
function boundOf(text: string, isScaled: boolean): ParsedBound {
  const bound = readBound(text)
  return isScaled ? bound : { ...bound, scale: 'none', from: null, to: null }
}

/** What a date can hold. */
const farthest = 8.64e15

function inOrder(
  root: number,
  rows: { row: ListedMember; bound: ParsedBound }[],
  inner: Map<number, TableRow>,
  state: (row: ListedMember, bound: ParsedBound) => Partition['state'],
): Partition[] {
  const byParent = Map.groupBy(rows, ({ row }) => row.parentId)
  const ordered: Partition[] = []
  const visit = (parent: number) => {
    const own = (byParent.get(parent) ?? []).sort(
      (a, b) =>
        orderOf(a.bound) - orderOf(b.bound) || a.row.name.localeCompare(b.row.name, 'en', { numeric: true }),
    )
    let [estimatedRows, deadRows, sizeBytes] = [0, 0, 0]
    for (const { row, bound } of own) {
      const below = inner.get(row.id)
      const partition: Partition = {
        schema: row.schema,
        name: row.name,
        id: row.id,
        parentId: row.parentId,
        level: row.level,
        bound: row.bound,
        from: bound.from,
        to: bound.to,
        values: bound.values,
        state: state(row, bound),
        strategy: row.isLeaf ? null : (below?.strategy ?? null),
        key: row.isLeaf ? null : (below?.key ?? null),
        estimatedRows: Math.max(row.analyzedRows, row.liveRows, 0),
        deadRows: row.deadRows,
        vacuumedAt: row.vacuumedAt,
        analyzedAt: row.analyzedAt,
        sizeBytes: row.sizeBytes,
        isNeverAnalyzed: row.isLeaf && row.analyzedRows < 0,
        missingIndexes: row.missingIndexes,
      }
      ordered.push(partition)
      if (!row.isLeaf) Object.assign(partition, visit(row.id))
      estimatedRows += partition.estimatedRows
      deadRows += partition.deadRows
      sizeBytes += partition.sizeBytes
    }
    return { estimatedRows, deadRows, sizeBytes }
  }
  visit(root)
  return ordered
}

function orderOf({ kind, from, remainder }: ParsedBound): number {
  if (kind === 'default') return Number.POSITIVE_INFINITY
  return from ?? remainder ?? Number.MIN_SAFE_INTEGER
}

function stateOf(
  { isDetaching }: ListedMember,
  { kind, scale, from, to }: ParsedBound,
  now: number,
  keptFrom: Date | undefined,
): Partition['state'] {
  if (isDetaching) return 'detaching'
  if (kind === 'default') return 'default'
  if (scale !== 'time') return 'attached'
  if (from !== null && from > now) return 'premade'
  if (to === null || to > now) return 'current'
  return keptFrom && to <= keptFrom.getTime() + soon ? 'due' : 'cold'
}
