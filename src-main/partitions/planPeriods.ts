import { literal, sql } from '../sql.ts'
import type { Action, BoundInput } from './action.contract.ts'
import { named } from './actionSql.ts'
import { type ActionPlan, counted, fact, inTransaction, refuse, step } from './plan.ts'
import { attach, createLike, regclass, rowsOf, secure, splitOut } from './planRows.ts'
import type { Parent } from './subjects.ts'
import type { Relation } from './table.contract.ts'

type Split = Extract<Action, { kind: 'split' }>

/** A partition to come. */
export interface Period {
  name: string
  from: string
  to: string
}

/** What the database offers beside the parent itself. */
export interface Helps {
  /** The platform makes this table's partitions itself: with policies and guards. */
  isKeptByPlatform: boolean
  canSecure: boolean
}

/** New partitions for some periods, or why there are none. With a default partition, rows that already lie there move on the way. */
export function planEnsure(
  title: string,
  parent: Parent,
  periods: Period[] | string,
  helps: Helps,
): ActionPlan {
  if (typeof periods === 'string')
    return refuse(
      title,
      [],
      periods,
      'Attach a table with the bounds that you want, or write the statement in the console.',
    )
  const transactions = periods.map(({ name, from, to }) => {
    const partition: Relation = { schema: parent.schema, name }
    const bound: BoundInput = { kind: 'range', from, to }
    const condition = rowsOf(parent, bound)
    if (helps.isKeptByPlatform) {
      return inTransaction([
        {
          ...step(
            sql`select * from public.atlas_ensure_partitions(${regclass(parent)}, ${literal(from)}::timestamptz, ${literal(from)}::timestamptz)`,
            'share update exclusive',
            parent,
            `makes ${name} with policies and guards, and moves its rows out of the default partition`,
          ),
        },
      ])
    }
    const hasRows =
      parent.defaultPartition && condition && parent.defaultTriggers.length === 0 && !parent.isReferenced
    if (hasRows)
      return splitOut(parent, partition, bound, condition, 20_000, helps.canSecure && parent.hasPolicies)
    return inTransaction([
      createLike(parent, partition),
      attach(parent, partition, bound),
      ...(helps.canSecure && parent.hasPolicies ? [secure(parent, partition)] : []),
    ])
  })
  const [first, last] = [periods[0], periods.at(-1)]
  return {
    title,
    facts: [
      fact(
        'New',
        periods.length > 3 ? `${first?.name} … ${last?.name}` : periods.map(({ name }) => name).join(', '),
      ),
      fact('Covers', `${first?.from} to ${last?.to}`),
      fact(
        'Rows',
        parent.defaultPartition ? 'those of these periods leave the default partition' : 'none is touched',
      ),
      fact('Undo', 'Detach and drop them while they are empty.'),
    ],
    transactions,
    isDestructive: false,
    refusal: null,
    confirm: null,
    undo: null,
    button: `Make ${counted(periods.length)} ${periods.length === 1 ? 'partition' : 'partitions'}`,
    outcome: (moved) =>
      `${counted(periods.length)} made${moved > 0 ? `, ${counted(moved)} rows moved out of default` : ''}`,
  }
}

/** A partition out of what lies in the default one. `rows`: how many, counted; null where nobody counted. */
export function planSplit(
  { table, name, bound, batchRows }: Split,
  parent: Parent,
  rows: number | null,
  helps: Helps,
): ActionPlan {
  const title = `Split ${name} out of default`
  const spare = parent.defaultPartition
  const condition = rowsOf(parent, bound)
  const facts = [
    fact('Rows', rows === null ? 'not counted' : `${counted(rows)} of ${spare?.name ?? 'default'}, counted`),
    fact('New', `${table.schema}.${name}`),
    fact('Batches', `${counted(batchRows)} rows each, in one transaction`),
    fact('Readers', 'see each row where it was until the commit; a cancel moves nothing'),
    fact('Undo', 'Detach it, insert its rows again, drop it.'),
  ]
  if (!spare)
    return refuse(
      title,
      facts,
      `${table.name} has no default partition.`,
      'Make the partition: ensure the next one.',
    )
  if (!condition)
    return refuse(
      title,
      facts,
      'Which rows belong to this bound cannot be told from one column.',
      'Move them in the console, in one transaction with the attach.',
    )
  if (parent.isReferenced)
    return refuse(
      title,
      [...facts, fact('Referenced', 'foreign keys point at this table', true)],
      'Foreign keys of other tables point at these rows: PostgreSQL would see their move as a delete.',
      'Drop the foreign keys for the time of the move, and add them again NOT VALID and validated.',
    )
  if (bound.kind === 'range' && helps.isKeptByPlatform) {
    return {
      title,
      facts: facts.filter((one) => one.name !== 'Batches'),
      transactions: [
        inTransaction([
          step(
            sql`select * from public.atlas_ensure_partitions(${regclass(parent)}, ${literal(bound.from)}::timestamptz, ${literal(bound.from)}::timestamptz)`,
            'access exclusive',
            spare,
            'moves the rows with the guards of the platform in place, and attaches the partition with its policies',
          ),
        ]),
      ],
      isDestructive: false,
      refusal: null,
      confirm: null,
      undo: null,
      button: rows === null ? 'Split out' : `Move ${counted(rows)} rows`,
      outcome: () => `${name} made${rows === null ? '' : `, ${counted(rows)} rows moved out of default`}`,
    }
  }
  return {
    title,
    facts,
    transactions: [
      splitOut(
        parent,
        { schema: table.schema, name },
        bound,
        condition,
        batchRows,
        helps.canSecure && parent.hasPolicies,
      ),
    ],
    isDestructive: false,
    refusal: null,
    confirm: null,
    undo: null,
    button: rows === null ? 'Split out' : `Move ${counted(rows)} rows`,
    outcome: (moved) => `${name} made, ${counted(moved)} rows moved out of default`,
  }
}

/** Statistics of the table itself, which autovacuum never gathers, and of its partitions. */
export function planAnalyze(table: Relation, parent: Parent): ActionPlan {
  return {
    title: `Analyse ${table.name}`,
    facts: [
      fact(
        'Reads',
        `a sample of each of ${counted(parent.leaves)} partitions, about ${counted(parent.estimatedRows)} rows in all`,
      ),
      fact(
        'Why',
        'Autovacuum analyses partitions and never the table above them: without it joins are planned blind.',
      ),
    ],
    transactions: [
      {
        isTransaction: false,
        steps: [step(sql`analyze ${named(parent)}`, 'share update exclusive', parent)],
      },
    ],
    isDestructive: false,
    refusal: null,
    confirm: null,
    undo: null,
    button: 'Analyse',
    outcome: () => `${table.name} and ${counted(parent.leaves)} partitions analysed`,
  }
}
