import type { Queryable } from '../adapters/postgres.ts'
import { AtlasError } from '../errors.ts'
import { describeTies } from './detailSql.ts'
import {
  describeMember,
  describeParent,
  listColumns,
  listDeleteTriggers,
  nameTables,
  weighMember,
  weighParent,
} from './subjectSql.ts'
import type { Relation } from './table.contract.ts'

type Db = Pick<Queryable, 'rows' | 'row'>

const missing = (relation: Relation, what: string) =>
  new AtlasError('NOT_FOUND', `There is no such ${what}`, {
    object: `${relation.schema}.${relation.name}`,
    saved: 'Nothing was changed.',
    next: 'Read the partitions again: somebody may have changed them.',
  })

/** A partitioned table (or partition that is partitioned) as its changes need to know it. */
export interface Parent extends Relation {
  id: number
  rootId: number
  strategy: 'range' | 'list' | 'hash'
  /** Names of the key's columns; an expression is null. */
  keyColumns: (string | null)[]
  /** Type of the key where it is one column. */
  keyType: string | null
  /** Columns that can be written, in the order of the table. */
  columns: string[]
  defaultPartition: Relation | null
  defaultTriggers: { name: string; enabled: string }[]
  isReferenced: boolean
  hasPolicies: boolean
  estimatedRows: number
  leaves: number
}

/** Four statements; fails with `NOT_FOUND`. */
export async function findParent(db: Db, table: Relation): Promise<Parent> {
  const found = await db.row(describeParent(table))
  if (!found) throw missing(table, 'partitioned table')
  const { defaultId, keyNumbers, isSecured, ...parent } = found
  const targets = [parent.id, parent.rootId, ...(defaultId === null ? [] : [defaultId])]
  const [columns, triggers, weight] = await Promise.all([
    db.rows(listColumns(parent.id)),
    defaultId === null ? [] : db.rows(listDeleteTriggers(defaultId)),
    db.row(weighParent(parent.id, targets)),
  ])
  if (!weight) throw missing(table, 'partitioned table')
  const keys = keyNumbers.map((number) => columns.find((column) => column.number === number))
  const spare = triggers[0]
  return {
    ...parent,
    ...weight,
    keyColumns: keys.map((column) => column?.name ?? null),
    keyType: (keys.length === 1 && keys[0]?.type) || null,
    columns: columns.flatMap(({ name, isGenerated }) => (isGenerated ? [] : name)),
    defaultPartition: spare ? { schema: spare.schema, name: spare.name } : null,
    defaultTriggers: triggers.flatMap(({ trigger, enabled }) =>
      trigger !== null && enabled !== null ? { name: trigger, enabled } : [],
    ),
    hasPolicies: isSecured || weight.hasPolicies,
  }
}

/** A partition with its parent, and what hangs on it. */
export interface Member extends Relation {
  bound: string
  parent: Relation
  root: Relation
  isDetaching: boolean
  hasDefault: boolean
  /** Another partition of the same table whose detach is half done. */
  pendingSibling: string | null
  estimatedRows: number
  sizeBytes: number
  indexes: number
  dependents: string[]
  isReferenced: boolean
  /** Sessions that hold or want a lock on it. */
  readers: number
}

/** Four statements; fails with `NOT_FOUND`. */
export async function findMember(db: Db, partition: Relation): Promise<Member> {
  const found = await db.row(describeMember(partition))
  if (!found) throw missing(partition, 'partition')
  const { id, parentId, rootId, ...member } = found
  const [names, ties, weight] = await Promise.all([
    db.rows(nameTables([parentId, rootId])),
    db.row(describeTies(id)),
    db.row(weighMember(id, parentId)),
  ])
  const nameOf = (table: number) => names.find((one) => one.id === table)
  const [parent, root] = [nameOf(parentId), nameOf(rootId)]
  if (!ties || !weight || !parent || !root) throw missing(partition, 'partition')
  return {
    ...member,
    ...weight,
    parent: { schema: parent.schema, name: parent.name },
    root: { schema: root.schema, name: root.name },
    indexes: ties.indexes,
    dependents: ties.dependents,
  }
}
