import { identifier, inlined, join, literal, type Sql, sql } from '../sql.ts'
import type { BoundInput } from './action.contract.ts'
import { named } from './actionSql.ts'
import { inTransaction, type PlannedStep, type PlannedTransaction, step } from './plan.ts'
import type { Parent } from './subjects.ts'
import type { Relation } from './table.contract.ts'

/** `for values …` as PostgreSQL reads it. MINVALUE and MAXVALUE are words, everything else is a literal. */
export function boundClause(bound: BoundInput): Sql {
  if (bound.kind === 'default') return sql`default`
  if (bound.kind === 'hash')
    return inlined(sql`for values with (modulus ${bound.modulus}, remainder ${bound.remainder})`)
  if (bound.kind === 'list') return sql`for values in (${join(bound.values.map(literal), ', ')})`
  return sql`for values from (${end(bound.from)}) to (${end(bound.to)})`
}

function end(text: string): Sql {
  if (text === 'MINVALUE') return sql`minvalue`
  if (text === 'MAXVALUE') return sql`maxvalue`
  return literal(text)
}

/** A bound as a user reads it. */
export function describeBound(bound: BoundInput): string {
  if (bound.kind === 'range') return `from ${bound.from} to ${bound.to}`
  if (bound.kind === 'list') return bound.values.join(', ')
  return bound.kind === 'hash' ? `modulus ${bound.modulus}, remainder ${bound.remainder}` : 'default'
}

/** Which rows a bound takes; undefined where the key is no single column or the bound is of a hash. */
export function rowsOf(parent: Parent, bound: BoundInput): Sql | undefined {
  const [column, ...others] = parent.keyColumns
  if (!column || others.length > 0) return undefined
  const key = identifier(column)
  if (bound.kind === 'list') return sql`${key} in (${join(bound.values.map(literal), ', ')})`
  if (bound.kind !== 'range') return undefined
  const parts = [
    ...(bound.from === 'MINVALUE' ? [] : [sql`${key} >= ${literal(bound.from)}`]),
    ...(bound.to === 'MAXVALUE' ? [] : [sql`${key} < ${literal(bound.to)}`]),
  ]
  return parts.length === 0 ? sql`${key} is not null` : join(parts, ' and ')
}

/** A table like its parent to be, beside it and not yet a part of it: making it locks nothing that exists. */
export const createLike = (parent: Parent, partition: Relation): PlannedStep =>
  step(
    sql`create table ${named(partition)} (like ${named(parent)} including all excluding identity)`,
    'access share',
    parent,
  )

export const attach = (parent: Parent, partition: Relation, bound: BoundInput): PlannedStep =>
  step(
    sql`alter table ${named(parent)}
          attach partition ${named(partition)} ${boundClause(bound)}`,
    'share update exclusive',
    parent,
    parent.defaultPartition
      ? `${parent.defaultPartition.name} is locked (access exclusive) and read, to see that no row of it belongs here`
      : null,
  )

/** What the platform wants of each of its partitions beside: row-level policies and guards. */
export const secure = (parent: Parent, partition: Relation): PlannedStep =>
  step(
    sql`select public.atlas_secure_partition(${regclass(partition)}, ${regclass(parent)})`,
    'access exclusive',
    partition,
    'row-level policies and guards are not inherited',
  )

/** A name that is looked up when the statement runs. */
export const regclass = (relation: Relation): Sql => sql`${literal(named(relation).text)}::regclass`

/**
 * Moves the rows of a bound out of the default partition into a new one, in one transaction: everybody else sees each row
 * where it was until the commit, and a cancel moves nothing. The strong lock comes at the end, for what arrived meanwhile.
 */
export function splitOut(
  parent: Parent,
  partition: Relation,
  bound: BoundInput,
  condition: Sql,
  batchRows: number,
  isSecured: boolean,
): PlannedTransaction {
  const spare = parent.defaultPartition
  if (!spare) return inTransaction([createLike(parent, partition), attach(parent, partition, bound)])
  const columns = join(
    parent.columns.map((name) => identifier(name)),
    ', ',
  )
  const move = (note: string): PlannedStep => ({
    ...step(
      sql`with moved as (
            delete from only ${named(spare)}
            where ctid = any (array(select ctid from only ${named(spare)} where ${condition} limit ${literal(String(batchRows))}::int))
            returning ${columns}
          )
          insert into ${named(partition)} (${columns}) select ${columns} from moved`,
      'row exclusive',
      spare,
      note,
    ),
    role: 'move',
  })
  const guards = parent.defaultTriggers.map(({ name, enabled }) => ({
    off: step(
      sql`alter table ${named(spare)} disable trigger ${identifier(name)}`,
      'share row exclusive',
      spare,
      'a move changes no row, so that no trigger is to hear of it',
    ),
    on: step(
      sql`alter table ${named(spare)} enable ${enabled === 'A' ? sql`always ` : enabled === 'R' ? sql`replica ` : sql``}trigger ${identifier(name)}`,
      'share row exclusive',
      spare,
    ),
  }))
  return inTransaction([
    createLike(parent, partition),
    ...guards.map(({ off }) => off),
    {
      ...step(
        sql`select count(*) as rows from only ${named(spare)} where ${condition}`,
        'access share',
        spare,
        'counted before',
      ),
      role: 'count',
    },
    move(`repeated, ${batchRows.toLocaleString('en')} rows at a time, until none is left`),
    step(
      sql`lock table ${named(spare)} in access exclusive mode`,
      'access exclusive',
      spare,
      'from here until the commit',
    ),
    move('what arrived meanwhile'),
    {
      ...step(
        sql`select count(*) as rows from only ${named(partition)}`,
        'access share',
        partition,
        'counted after: it must be what was moved',
      ),
      role: 'check',
    },
    ...guards.map(({ on }) => on),
    attach(parent, partition, bound),
    ...(isSecured ? [secure(parent, partition)] : []),
  ])
}
