import type { Queryable } from '../adapters/postgres.ts'
import type { Action, BoundInput } from './action.contract.ts'
import { columnDifferences, countRows, named } from './actionSql.ts'
import { listDependents } from './detailSql.ts'
import { missingPeriods, nextPeriods } from './periods.ts'
import type { ActionPlan } from './plan.ts'
import { planAttach } from './planAttach.ts'
import { planCreate } from './planCreate.ts'
import { planDetach, planDrop, planFinalize } from './planMembership.ts'
import { planAnalyze, planEnsure, planSplit } from './planPeriods.ts'
import { planRetain } from './planRetention.ts'
import { rowsOf } from './planRows.ts'
import { platformParts } from './sql.ts'
import { findMember, findParent, type Member } from './subjects.ts'
import type { Relation } from './table.contract.ts'
import { isEntered, platformSchemas, type Rules, readRules, tiesOf } from './ties.ts'
import { type Relatives, relativesAt, type Tree } from './tree.ts'

type Db = Pick<Queryable, 'rows' | 'row'>

/** Whoever is kept by a hold may stand above or below; without any hold nobody is asked. */
async function relativesOf(
  { schema, name, root }: Member,
  { holds }: Rules,
  growTree: (table: Relation) => Promise<Tree>,
): Promise<Relatives> {
  if (holds.length === 0) return { above: [], below: [] }
  const tree = await growTree(root)
  return relativesAt(
    tree,
    tree.partitions.findIndex((one) => one.schema === schema && one.name === name),
  )
}

/** Says what an action would do. Reads the catalogue, and counts rows of a default partition where they are concerned. */
export async function planAction(
  db: Db,
  action: Action,
  growTree: (table: Relation) => Promise<Tree>,
): Promise<ActionPlan> {
  if (action.kind === 'detach' || action.kind === 'finalize' || action.kind === 'drop') {
    const member = await findMember(db, action.partition)
    const rules = await readRules(db)
    const ties = tiesOf(rules, member, await relativesOf(member, rules, growTree))
    if (action.kind === 'finalize') return planFinalize(member, ties)
    return action.kind === 'drop' ? planDrop(member, ties) : planDetach(member, action, ties)
  }
  if (action.kind === 'retain') {
    const tree = await growTree(action.table)
    return planRetain(action, tree, await readRules(db), async (partitions) =>
      action.isDropped ? db.rows(listDependents(partitions)) : [],
    )
  }
  const parent = await findParent(db, action.table)
  if (action.kind === 'analyze') return planAnalyze(action.table, parent)
  const parts = await db.row(platformParts())
  const canSecure = parts?.hasSecuring ?? false
  const inDefault = async (bound: BoundInput) => {
    const condition = bound.kind === parent.strategy ? rowsOf(parent, bound) : undefined
    return parent.defaultPartition && condition
      ? ((await db.row(countRows(named(parent.defaultPartition), condition)))?.rows ?? null)
      : null
  }
  if (action.kind === 'attach') {
    const problems = await db.rows(columnDifferences(action.table, action.partition))
    return planAttach(
      action,
      parent,
      problems.map(({ problem }) => problem),
      await inDefault(action.bound),
      { canSecure, isEntered: isEntered(parts?.hasManifest ?? false, parent) },
    )
  }
  if (action.kind === 'create') return planCreate(action, parent, await inDefault(action.bound), canSecure)
  const tree = await growTree(action.table)
  const isKeptByPlatform =
    (parts?.hasUpkeep ?? false) &&
    platformSchemas.has(parent.schema) &&
    parent.rootId === parent.id &&
    tree.scale === 'time' &&
    ['month', 'quarter', 'year'].includes(tree.step)
  const helps = { isKeptByPlatform, canSecure }
  if (action.kind === 'ensure')
    return planEnsure(
      `Make ${action.count === 1 ? 'the next partition' : `the next ${action.count} partitions`} of ${parent.name}`,
      parent,
      await nextPeriods(db, parent, tree, action.count, Date.now()),
      helps,
    )
  if (action.kind === 'fill')
    return planEnsure(
      `Make what is missing of ${parent.name}`,
      parent,
      await missingPeriods(db, parent, tree),
      helps,
    )
  return planSplit(action, parent, await inDefault(action.bound), helps)
}
