import type { Action, Relation } from './contract.ts'
import { type ActionPlan, counted, fact, refuse } from './plan.ts'
import { planDetach } from './planMembership.ts'
import type { Member } from './subjects.ts'
import type { Policy, Ties } from './ties.ts'

type Retain = Extract<Action, { kind: 'retain' }>

/** At most so many leave in one go: each is a transaction of its own. */
export const mostRetained = 200

/**
 * What ends before a day leaves its table: a transaction for each, the oldest first. What a legal hold keeps stays, and is
 * named; nothing is dropped.
 */
export function planRetain(
  { table, before, toSchema }: Retain,
  due: { member: Member; ties: Ties }[],
  left: number,
  policy: Policy | undefined,
): ActionPlan {
  const title = `Detach what ended before ${before} from ${table.name}`
  const held = due.filter(({ ties }) => ties.hold !== undefined)
  const plans = due
    .filter(({ ties }) => ties.hold === undefined)
    .map(({ member, ties }) => ({
      member,
      plan: planDetach(member, { isConcurrent: false, toSchema }, ties),
    }))
  const rows = plans.reduce((sum, { member }) => sum + member.estimatedRows, 0)
  const isEarly = policy && policy.keptFrom.getTime() < Date.parse(before)
  const facts = [
    fact('Leave', plans.length === 0 ? 'none' : names(plans.map(({ member }) => member))),
    fact(
      'Rows',
      `about ${counted(rows)}; each partition stays as a table${toSchema ? ` in ${toSchema}` : ''}`,
    ),
    ...(left > 0 ? [fact('Later', `${counted(left)} more: ${mostRetained} leave in one go`)] : []),
    ...(held.length > 0
      ? [fact('Legal hold', `“${held[0]?.ties.hold}” keeps ${names(held.map(({ member }) => member))}`, true)]
      : []),
    ...(policy
      ? [fact('Policy', `keeps ${policy.keep}${isEarly ? ', which is longer than you say' : ''}`, isEarly)]
      : []),
    fact('Undo', 'Attach each again with its bound.'),
  ]
  const refused = plans.find(({ plan }) => plan.refusal)?.plan.refusal
  if (refused) return refuse(title, facts, refused.reason, refused.instead)
  if (plans.length === 0)
    return refuse(
      title,
      facts,
      held.length > 0
        ? 'All that ended before is under a legal hold.'
        : `No partition ended before ${before}.`,
      held.length > 0 ? 'Release the hold first, with whoever placed it.' : 'Choose a later day.',
    )
  const what = plans.length === 1 ? '1 partition' : `${counted(plans.length)} partitions`
  return {
    title,
    facts,
    transactions: plans.flatMap(({ plan }) => plan.transactions),
    isDestructive: false,
    refusal: null,
    confirm: null,
    undo: null,
    button: `Detach ${what}`,
    outcome: () => `${what} detached; they stay as tables${toSchema ? ` in ${toSchema}` : ''}`,
  }
}

function names(relations: Relation[]): string {
  const all = relations.map(({ name }) => name)
  return all.length > 4 ? `${all[0]} … ${all.at(-1)}, ${counted(all.length)} in all` : all.join(', ')
}
