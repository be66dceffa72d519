import type { Action } from './action.contract.ts'
import { type ActionPlan, counted, fact, refuse } from './plan.ts'
import { detachment, type Leaver, whyNot } from './planMembership.ts'
import type { Relation } from './table.contract.ts'
import { policyOf, type Rules, tiesOf } from './ties.ts'
import type { Tree } from './tree.ts'

type Retain = Extract<Action, { kind: 'retain' }>

/** At most so many leave in one go: each is a transaction of its own. */
const mostRetained = 200

/**
 * What ends before a day leaves its table: a transaction for each, the oldest first. What a legal hold keeps stays, and is
 * named; nothing is dropped.
 */
export function planRetain({ table, before, toSchema }: Retain, tree: Tree, rules: Rules): ActionPlan {
  const title = `Detach what ended before ${before} from ${table.name}`
  const own = tree.partitions.filter(({ level }) => level === 1)
  const hasDefault = own.some(({ state }) => state === 'default')
  const pending = own.filter(({ state }) => state === 'detaching')
  const past = own.filter(
    ({ to, state }) =>
      tree.scale === 'time' && state !== 'default' && to !== null && to <= Date.parse(before),
  )
  const due = past.map(({ schema, name, bound, state, estimatedRows }) => {
    const leaver: Leaver = {
      schema,
      name,
      bound,
      parent: table,
      root: table,
      isDetaching: state === 'detaching',
      hasDefault,
      pendingSibling: pending.find((one) => one.name !== name)?.name ?? null,
    }
    return { leaver, ties: tiesOf(rules, leaver), estimatedRows }
  })
  const held = due.filter(({ ties }) => ties.hold !== undefined)
  const free = due.filter(({ ties }) => ties.hold === undefined)
  const leaving = free.slice(0, mostRetained)
  const left = free.length - leaving.length
  const policy = policyOf(rules, table)
  const rows = leaving.reduce((sum, { estimatedRows }) => sum + estimatedRows, 0)
  const isEarly = policy && policy.keptFrom.getTime() < Date.parse(before)
  const facts = [
    fact('Leave', leaving.length === 0 ? 'none' : names(leaving.map(({ leaver }) => leaver))),
    fact(
      'Rows',
      `about ${counted(rows)}; each partition stays as a table${toSchema ? ` in ${toSchema}` : ''}`,
    ),
    ...(left > 0 ? [fact('Later', `${counted(left)} more: ${mostRetained} leave in one go`)] : []),
    ...(held.length > 0
      ? [fact('Legal hold', `“${held[0]?.ties.hold}” keeps ${names(held.map(({ leaver }) => leaver))}`, true)]
      : []),
    ...(policy
      ? [fact('Policy', `keeps ${policy.keep}${isEarly ? ', which is longer than you say' : ''}`, isEarly)]
      : []),
    fact('Undo', 'Attach each again with its bound.'),
  ]
  const refusal = leaving[0] && whyNot(leaving[0].leaver, leaving[0].ties)
  if (refusal) return refuse(title, facts, refusal.reason, refusal.instead)
  if (leaving.length === 0)
    return refuse(
      title,
      facts,
      held.length > 0
        ? 'All that ended before is under a legal hold.'
        : `No partition ended before ${before}.`,
      held.length > 0 ? 'Release the hold first, with whoever placed it.' : 'Choose a later day.',
    )
  const what = leaving.length === 1 ? '1 partition' : `${counted(leaving.length)} partitions`
  return {
    title,
    facts,
    transactions: leaving.flatMap(({ leaver, ties }) =>
      detachment(leaver, { isConcurrent: false, toSchema }, ties),
    ),
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
