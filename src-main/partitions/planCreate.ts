import { identifier, join, type Sql, sql } from '../sql.ts'
import type { Action } from './action.contract.ts'
import { type ActionPlan, counted, fact, inTransaction, refuse, step } from './plan.ts'
import { attach, createLike, describeBound, rowsOf, secure, splitOut } from './planRows.ts'
import type { Parent } from './subjects.ts'

const strategies: Record<Parent['strategy'], Sql> = { range: sql`range`, list: sql`list`, hash: sql`hash` }

type Create = Extract<Action, { kind: 'create' }>

/** One new partition, which may be partitioned again. `inDefault`: rows of its bound in the default partition. */
export function planCreate(
  { table, name, bound, by }: Create,
  parent: Parent,
  inDefault: number | null,
  canSecure: boolean,
): ActionPlan {
  const title = `Make ${name}, a partition of ${table.name}`
  const facts = [
    fact('New', `${table.schema}.${name}${by ? `, by ${by.strategy} of ${by.columns.join(', ')}` : ''}`),
    fact('Bound', describeBound(bound)),
    ...(inDefault === null ? [] : [fact('In default', `${counted(inDefault)} rows of this bound, counted`)]),
    fact('Undo', 'Detach and drop it.'),
  ]
  if (bound.kind !== 'default' && bound.kind !== parent.strategy)
    return refuse(
      title,
      facts,
      `${parent.name} is partitioned by ${parent.strategy}, and this is a bound of a ${bound.kind}.`,
      `Give the bound of a ${parent.strategy}.`,
    )
  if (bound.kind === 'default' && parent.defaultPartition)
    return refuse(
      title,
      facts,
      `${parent.name} has a default partition: ${parent.defaultPartition.name}.`,
      'Give a bound.',
    )
  if (inDefault && (by || parent.isReferenced))
    return refuse(
      title,
      facts,
      `${counted(inDefault)} rows of this bound lie in the default partition: ${
        by ? 'the new one has none yet that could take them' : 'foreign keys would see their move as a delete'
      }.`,
      by
        ? 'Make it plain, which moves them, or empty the default partition first.'
        : 'Drop the foreign keys first.',
    )
  const partition = { schema: table.schema, name }
  const condition = rowsOf(parent, bound)
  const isSecured = canSecure && parent.hasPolicies
  const create = by
    ? step(
        sql`${createLike(parent, partition).statement}
          partition by ${strategies[by.strategy]} (${join(
            by.columns.map((column) => identifier(column)),
            ', ',
          )})`,
        'access share',
        parent,
      )
    : createLike(parent, partition)
  return {
    title,
    facts,
    transactions: [
      inDefault && condition
        ? splitOut(parent, partition, bound, condition, 20_000, isSecured)
        : inTransaction([
            create,
            attach(parent, partition, bound),
            ...(isSecured ? [secure(parent, partition)] : []),
          ]),
    ],
    isDestructive: false,
    refusal: null,
    confirm: null,
    undo: { kind: 'detach', partition, isConcurrent: false },
    button: inDefault ? `Make it and move ${counted(inDefault)} rows` : `Make ${name}`,
    outcome: (moved) => `${name} made${moved > 0 ? `, ${counted(moved)} rows moved out of default` : ''}`,
  }
}
