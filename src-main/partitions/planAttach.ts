import { identifier, sql } from '../sql.ts'
import type { Action } from './action.contract.ts'
import { named } from './actionSql.ts'
import {
  type ActionPlan,
  alone,
  counted,
  fact,
  inTransaction,
  type PlannedTransaction,
  refuse,
  step,
} from './plan.ts'
import { leave } from './planManifest.ts'
import { attach, describeBound, rowsOf, secure } from './planRows.ts'
import type { Parent } from './subjects.ts'

type Attach = Extract<Action, { kind: 'attach' }>

const boundCheck = 'atlas_attach_bound'

/** Attaching without a scan under a lock: the bound is proven by a constraint that is validated while others work. */
export function planAttach(
  { table, partition, bound }: Attach,
  parent: Parent,
  problems: string[],
  inDefault: number | null,
  { canSecure, isEntered }: { canSecure: boolean; isEntered: boolean },
): ActionPlan {
  const title = `Attach ${partition.name} to ${table.name}`
  const condition = rowsOf(parent, bound)
  const facts = [
    fact('Bound', describeBound(bound)),
    ...(inDefault === null
      ? []
      : [fact('In default', `${counted(inDefault)} rows of this bound`, inDefault > 0)]),
    fact('Undo', 'Detach it.'),
  ]
  if (problems.length > 0)
    return refuse(
      title,
      [...facts, ...problems.slice(0, 8).map((problem) => fact('Differs', problem, true))],
      'The table does not have the columns of the partitioned one.',
      'Bring its columns in line first.',
    )
  if (inDefault)
    return refuse(
      title,
      facts,
      `${counted(inDefault)} rows of this bound lie in the default partition: PostgreSQL refuses to attach another for them.`,
      'Split them out of default into a new partition.',
    )
  const transactions: PlannedTransaction[] = []
  if (condition) {
    const [column = ''] = parent.keyColumns
    const proof = sql`${identifier(column ?? '')} is not null and ${condition}`
    transactions.push(
      inTransaction([
        step(
          sql`alter table ${named(partition)} add constraint ${identifier(boundCheck)} check (${proof}) not valid`,
          'access exclusive',
          partition,
          'a moment: no row is read',
        ),
      ]),
      alone(
        step(
          sql`alter table ${named(partition)} validate constraint ${identifier(boundCheck)}`,
          'share update exclusive',
          partition,
          'reads every row while others read and write',
        ),
      ),
    )
  }
  transactions.push(
    inTransaction([
      attach(parent, partition, bound),
      ...(condition
        ? [
            step(
              sql`alter table ${named(partition)} drop constraint ${identifier(boundCheck)}`,
              'access exclusive',
              partition,
              'the bound itself says it now',
            ),
          ]
        : []),
      ...(canSecure && parent.hasPolicies ? [secure(parent, partition)] : []),
      ...(isEntered ? [leave(partition, table)] : []),
    ]),
  )
  return {
    title,
    facts,
    transactions,
    isDestructive: false,
    refusal: null,
    confirm: null,
    undo: { kind: 'detach', partition, isConcurrent: false },
    button: `Attach ${partition.name}`,
    outcome: () => `${partition.name} attached`,
  }
}
