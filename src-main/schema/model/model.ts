import type { Sql } from '../../sql.ts'
import { listColumns, listOthers, listParts, listRelations } from './sql.ts'

export const relationKinds = {
  r: 'table',
  p: 'partitioned table',
  v: 'view',
  m: 'materialized view',
  f: 'foreign table',
  S: 'sequence',
} as const

export type RelationKind = (typeof relationKinds)[keyof typeof relationKinds]

export interface Column {
  /** Its number in the table: what constraints and indexes name it by. */
  number: number
  name: string
  type: string
  isNullable: boolean
  hasDefault: boolean
  isIdentity: boolean
  isGenerated: boolean
  comment: string | null
}

export interface Part {
  kind:
    | 'index'
    | 'primary key'
    | 'unique'
    | 'foreign key'
    | 'check'
    | 'exclusion'
    | 'constraint trigger'
    | 'trigger'
    | 'policy'
  name: string
  /** The relation that a foreign key leads to. */
  target: Relation | undefined
  /** Numbers of columns; 0 is an expression. */
  columns: number[]
  targetColumns: number[]
  /** No two rows have the same values in its columns: a primary key, a unique constraint, or such an index over all rows. */
  isKey: boolean
  comment: string | null
}

export interface Relation {
  oid: number
  schema: string
  name: string
  kind: RelationKind
  estimatedRows: number
  sizeBytes: number
  /** The table that it is a partition of. */
  parent: Relation | undefined
  /** Its partitions, one level down. */
  children: Relation[]
  bound: string | null
  columnCount: number
  owner: string
  hasRowSecurity: boolean
  comment: string | null
  columns: Column[]
  parts: Part[]
}

export interface OtherObject {
  kind: string
  oid: number
  schema: string | null
  name: string
  /** The types of a function's arguments. */
  signature: string
  detail: string
  owner: string
  comment: string | null
}

/** The catalogue in memory, as of one revision: relations with what belongs to them, and everything beside them. */
export interface Model {
  revision: string
  relations: Map<number, Relation>
  others: OtherObject[]
}

type Flat = (string | null)[][]
type ReadFlat = (statement: Sql) => Promise<Flat>

const text = (value: string | null | undefined) => value ?? ''

/** Relations and what stands beside them: enough for the tree. */
export async function readTop(flat: ReadFlat, revision: string): Promise<Model> {
  const [relations, others] = await Promise.all([flat(listRelations()), flat(listOthers())])
  return { revision, relations: relationsOf(relations), others: others.map(otherOf) }
}

/** Gives every relation of a model its columns and parts. */
export async function readInside(flat: ReadFlat, { relations }: Model): Promise<void> {
  const [columns, parts] = await Promise.all([flat(listColumns()), flat(listParts())])
  // A type's name is one string however many columns have it.
  const types = new Map<string, string>()
  for (const [relation, number, name, type, notNull, hasDefault, identity, generated, comment] of columns) {
    const shared = types.get(text(type)) ?? text(type)
    types.set(shared, shared)
    relations.get(Number(relation))?.columns.push({
      number: Number(number),
      name: text(name),
      type: shared,
      isNullable: notNull === 'f',
      hasDefault: hasDefault === 't',
      isIdentity: identity !== '',
      isGenerated: generated !== '',
      comment: comment ?? null,
    })
  }
  for (const [kind, relation, name, target, own, targets, isKey, comment] of parts) {
    relations.get(Number(relation))?.parts.push({
      kind: text(kind) as Part['kind'],
      name: text(name),
      target: target ? relations.get(Number(target)) : undefined,
      columns: numbersOf(own),
      targetColumns: numbersOf(targets),
      isKey: isKey === 't',
      comment: comment ?? null,
    })
  }
}

function relationsOf(rows: Flat): Map<number, Relation> {
  const relations = new Map<number, Relation>()
  const parents = new Map<number, number>()
  for (const row of rows) {
    const [
      oid,
      schema,
      name,
      kind,
      estimated,
      bytes,
      parent,
      columns,
      owner,
      bound,
      hasRowSecurity,
      comment,
    ] = row
    relations.set(Number(oid), {
      oid: Number(oid),
      schema: text(schema),
      name: text(name),
      kind: relationKinds[kind as keyof typeof relationKinds],
      estimatedRows: Number(estimated),
      sizeBytes: Number(bytes),
      parent: undefined,
      children: [],
      bound: bound ?? null,
      columnCount: Number(columns),
      owner: text(owner),
      hasRowSecurity: hasRowSecurity === 't',
      comment: comment ?? null,
      columns: [],
      parts: [],
    })
    if (parent) parents.set(Number(oid), Number(parent))
  }
  for (const [oid, parentOid] of parents) {
    const [child, parent] = [relations.get(oid), relations.get(parentOid)]
    if (!child || !parent) continue
    child.parent = parent
    parent.children.push(child)
  }
  return relations
}

function otherOf([kind, oid, schema, name, signature, detail, owner, comment]: Flat[number]): OtherObject {
  return {
    kind: text(kind),
    oid: Number(oid),
    schema: schema ?? null,
    name: text(name),
    signature: text(signature),
    detail: text(detail),
    owner: text(owner),
    comment: comment ?? null,
  }
}

const numbersOf = (value: string | null | undefined) => (value ? value.split(' ').map(Number) : [])

/** The leaves below a partitioned table, at any depth. */
export function leavesOf(relation: Relation): Relation[] {
  return relation.children.flatMap((child) => (child.children.length > 0 ? leavesOf(child) : [child]))
}

/** The relations that hold the rows of one: its partitions, or itself. */
export const holdersOf = (relation: Relation): Relation[] =>
  relation.kind === 'partitioned table' ? leavesOf(relation) : [relation]

/** The table that a partition is in the end one of; of any other relation itself. */
export const rootOf = (relation: Relation): Relation => (relation.parent ? rootOf(relation.parent) : relation)
