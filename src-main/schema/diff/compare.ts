import { commentStatement, type Definition, type Definitions } from '../ddl/definition.ts'
import { isRoutine } from '../ddl/definitions.ts'
import type { TableShape } from '../ddl/table.ts'
import type { Ignored } from './contract.ts'

export type Ignore = ReadonlySet<Ignored>

/** Two definitions of one object; undefined on the side where it is not. */
export interface Pair {
  key: string
  now: Definition | undefined
  wanted: Definition | undefined
}

// Objects of these kinds share their names.
const families: [string, RegExp][] = [
  ['relation', /^(table|partitioned table|foreign table|view|materialized view)$/],
  ['type', /^(enum|domain|composite type|range type)$/],
]

/** The same for one object on every database. */
export function keyOf({ kind, name }: Pick<Definition, 'kind' | 'name'>): string {
  const family = isRoutine(kind) ? 'routine' : families.find(([, pattern]) => pattern.test(kind))?.[0]
  return `${family ?? kind} ${name}`
}

/** Puts the definitions of two databases side by side. */
export function pairsOf(now: Definitions, wanted: Definitions): Pair[] {
  const pairs = new Map<string, Pair>()
  for (const definition of now.all)
    pairs.set(keyOf(definition), { key: keyOf(definition), now: definition, wanted: undefined })
  for (const definition of wanted.all) {
    const key = keyOf(definition)
    const pair = pairs.get(key)
    if (pair) pair.wanted = definition
    else pairs.set(key, { key, now: undefined, wanted: definition })
  }
  return [...pairs.values()]
}

// Atlas keeps its ledger there: a database that no migration made has none.
const ledger = /^public\.schema_migration(s|_events)\b/

/** Leaves out what is not to be compared: the ledger of the migrations and, where asked, partitions, with what they hold. */
export function comparable({ all, needs }: Definitions, ignore: Ignore): Definitions {
  const leftOut = new Set(
    all.flatMap((definition) => {
      const isPartition = definition.shape?.type === 'table' && definition.shape.table.partitionOf
      const isLedger = definition.shape?.type === 'table' && ledger.test(definition.name)
      return isLedger || (isPartition && ignore.has('partitions')) ? [definition.address] : []
    }),
  )
  const isOfLedger = ({ kind, name }: Definition) => kind === 'sequence' && ledger.test(name)
  return {
    all: all.filter(
      (definition) =>
        !leftOut.has(definition.address) &&
        !(definition.holder && leftOut.has(definition.holder)) &&
        !isOfLedger(definition),
    ),
    needs,
  }
}

/** Whether two definitions of an object say the same; of what is attached to it, what is not ignored. */
export function isSame(one: Definition, other: Definition, ignore: Ignore): boolean {
  return isSameObject(one, other, ignore) && isSameBeside(one, other, ignore)
}

/**
 * The object itself, without comments and grants. The order of columns and attributes counts for nothing: no statement
 * changes it.
 */
export function isSameObject(one: Definition, other: Definition, ignore: Ignore): boolean {
  if (one.kind !== other.kind) return false
  const [a, b] = [one.shape, other.shape]
  if (a?.type === 'table' && b?.type === 'table')
    return JSON.stringify(canonical(a.table, ignore)) === JSON.stringify(canonical(b.table, ignore))
  if (a?.type === 'composite' && b?.type === 'composite')
    return JSON.stringify(byName(a.attributes)) === JSON.stringify(byName(b.attributes))
  if (a?.type === 'part' && b?.type === 'part' && ignore.has('partitions'))
    return textOf(withoutAttach(one), ignore) === textOf(withoutAttach(other), ignore)
  return textOf(one.statements, ignore) === textOf(other.statements, ignore)
}

/** Whether what two tables or composite types both have stands in another order. */
export function hasOtherOrder(one: Definition, other: Definition): boolean {
  const namesOf = ({ shape }: Definition) => {
    if (shape?.type === 'composite') return shape.attributes.map(({ name }) => name)
    return shape?.type === 'table' && !shape.table.view ? shape.table.columns.map(({ name }) => name) : []
  }
  const [a, b] = [namesOf(one), namesOf(other)]
  const both = (names: string[], others: string[]) => names.filter((name) => others.includes(name))
  return JSON.stringify(both(a, b)) !== JSON.stringify(both(b, a))
}

const withoutAttach = ({ statements, shape }: Definition) =>
  shape?.type === 'part' && shape.attachedTo ? statements.slice(0, -1) : statements

export function isSameBeside(one: Definition, other: Definition, ignore: Ignore): boolean {
  const comments = ({ comments: own }: Definition) => own.map(commentStatement).sort()
  const same = (a: string[], b: string[]) => JSON.stringify(a) === JSON.stringify(b)
  return (
    (ignore.has('comments') || same(comments(one), comments(other))) &&
    same(grantsOf(one, ignore).sort(), grantsOf(other, ignore).sort())
  )
}

const isOwner = (statement: string) => statement.startsWith('alter ')

/** The statements of owner and privileges that count. */
export function grantsOf({ grants }: Definition, ignore: Ignore): string[] {
  return grants
    .map(({ statement }) => statement)
    .filter((statement) => !ignore.has(isOwner(statement) ? 'owners' : 'grants'))
}

function textOf(statements: string[], ignore: Ignore): string {
  const text = statements.join(';\n')
  return ignore.has('white space') ? text.replace(/\s+/g, ' ').trim() : text
}

/** A table by what can be altered, in an order of its own. */
function canonical(table: TableShape, ignore: Ignore) {
  const { name: _name, hasParentsOrder: _order, columns, view, tablespace, options, ...rest } = table
  const isPartition = table.partitionOf !== undefined
  return {
    ...rest,
    tablespace: ignore.has('tablespaces') ? undefined : tablespace,
    options: [...options].sort(),
    view: view && {
      ...view,
      query: ignore.has('white space') ? view.query.replace(/\s+/g, ' ') : view.query,
    },
    columns: columns
      .map((column) => {
        // No statement says again which columns come from a parent alone; of a partition the parent says the rest.
        const {
          parentsDefault: _from,
          isParentsNotNull: _not,
          notNullName: _constraint,
          isLocal: _local,
          ...own
        } = column
        const { name, default: value, isNotNull, storage, statisticsTarget, options: set } = own
        return isPartition
          ? { name, default: value, isNotNull, storage, statisticsTarget, options: set }
          : own
      })
      .sort(compareNames),
  }
}

const compareNames = (a: { name: string }, b: { name: string }) => (a.name < b.name ? -1 : 1)

const byName = <Named extends { name: string }>(list: Named[]) => list.toSorted(compareNames)
