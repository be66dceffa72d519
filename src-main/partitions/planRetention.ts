import type { Action } from './action.contract.ts'
import { type ActionPlan, counted, fact, refuse } from './plan.ts'
import { detachment, dropping, type Leaver, whyNot } from './planMembership.ts'
import type { Relation } from './table.contract.ts'
import { policyOf, type Rules, tiesOf } from './ties.ts'
import { relativesAt, type Tree } from './tree.ts'

type Retain = Extract<Action, { kind: 'retain' }>

/** At most so many leave in one go: each is a transaction of its own. */
const mostRetained = 200

/**
 * What ends before a day leaves its table: a transaction for each, the oldest first. What a legal hold keeps stays, and is
 * named; so does what a view reads by its name, where it would be dropped. `listDependents` is asked for those by id.
 */
export async function planRetain(
  { table, before, toSchema, isDropped = false }: Retain,
  tree: Tree,
  rules: Rules,
  listDependents: (partitions: number[]) => Promise<{ id: number; dependents: string[] }[]>,
): Promise<ActionPlan> {
  const title = `${isDropped ? 'Drop' : 'Detach'} what ended before ${before} from ${table.name}`
  const own = tree.partitions.filter(({ level }) => level === 1)
  const hasDefault = own.some(({ state }) => state === 'default')
  const pending = own.filter(({ state }) => state === 'detaching')
  const due = tree.partitions.flatMap((partition, at) => {
    const { schema, name, bound, state, level, to, estimatedRows, id } = partition
    const isPast = level === 1 && state !== 'default' && to !== null && to <= Date.parse(before)
    if (!isPast || tree.scale !== 'time') return []
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
    return [{ id, leaver, ties: tiesOf(rules, leaver, relativesAt(tree, at)), estimatedRows }]
  })
  const held = due.filter(({ ties }) => ties.hold !== undefined)
  const readBy = new Map(
    (await listDependents(due.map(({ id }) => id))).map(({ id, dependents }) => [id, dependents]),
  )
  const unheld = due.filter(({ ties }) => ties.hold === undefined)
  const read = unheld.filter(({ id }) => (readBy.get(id) ?? []).length > 0)
  const free = unheld.filter((one) => !read.includes(one))
  const leaving = free.slice(0, mostRetained)
  const left = free.length - leaving.length
  const policy = policyOf(rules, table)
  const rows = `about ${counted(leaving.reduce((sum, { estimatedRows }) => sum + estimatedRows, 0))}`
  const isEarly = policy && policy.keptFrom.getTime() < Date.parse(before)
  const fate = isDropped
    ? 'gone with their partitions'
    : `each partition stays as a table${toSchema ? ` in ${toSchema}` : ''}`
  const facts = [
    fact('Leave', leaving.length === 0 ? 'none' : names(leaving.map(({ leaver }) => leaver))),
    fact('Rows', `${rows}; ${fate}`, isDropped && leaving.length > 0),
    ...(left > 0 ? [fact('Later', `${counted(left)} more: ${mostRetained} leave in one go`)] : []),
    ...(held.length > 0
      ? [fact('Legal hold', `“${held[0]?.ties.hold}” keeps ${names(held.map(({ leaver }) => leaver))}`, true)]
      : []),
    ...(read.length > 0
      ? [fact('Read by name', `views read ${names(read.map(({ leaver }) => leaver))}: they stay`, true)]
      : []),
    ...(policy
      ? [fact('Policy', `keeps ${policy.keep}${isEarly ? ', which is longer than you say' : ''}`, isEarly)]
      : []),
    isDropped
      ? fact('Undo', 'None after the commit.', true)
      : fact('Undo', 'Attach each again with its bound.'),
  ]
  const refusal = leaving[0] && whyNot(leaving[0].leaver, leaving[0].ties)
  if (refusal) return refuse(title, facts, refusal.reason, refusal.instead)
  if (leaving.length === 0) {
    const [reason, instead] =
      held.length > 0
        ? ['All that ended before is under a legal hold.', 'Release the hold first, with whoever placed it.']
        : read.length > 0
          ? ['Views read all that ended before by name.', 'Detach instead, or change the views first.']
          : [`No partition ended before ${before}.`, 'Choose a later day.']
    return refuse(title, facts, reason, instead)
  }
  const what = leaving.length === 1 ? '1 partition' : `${counted(leaving.length)} partitions`
  return {
    title,
    facts,
    transactions: leaving.flatMap(({ leaver, ties }) =>
      isDropped ? [dropping(leaver, ties)] : detachment(leaver, { isConcurrent: false, toSchema }, ties),
    ),
    isDestructive: isDropped,
    refusal: null,
    confirm: isDropped ? table.name : null,
    undo: null,
    button: isDropped ? `Drop ${what} with ${rows} rows` : `Detach ${what}`,
    outcome: () =>
      isDropped
        ? `${what} dropped with ${rows} rows`
        : `${what} detached; they stay as tables${toSchema ? ` in ${toSchema}` : ''}`,
  }
}

function names(relations: Relation[]): string {
  const all = relations.map(({ name }) => name)
  return all.length > 4 ? `${all[0]} … ${all.at(-1)}, ${counted(all.length)} in all` : all.join(', ')
}
