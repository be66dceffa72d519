import type { Queryable } from '../adapters/postgres.ts'
import { columnDifferences, countRows, named } from './actionSql.ts'
import { readBound } from './bounds.ts'
import type { Action, Relation } from './contract.ts'
import { nextPeriods } from './periods.ts'
import type { ActionPlan } from './plan.ts'
import { planAttach, planDetach, planDrop, planFinalize, type Ties } from './planMembership.ts'
import { planAnalyze, planEnsure, planSplit } from './planPeriods.ts'
import { rowsOf } from './planRows.ts'
import { legalHolds, platformParts, retentionPolicies } from './sql.ts'
import { findMember, findParent, type Member } from './subjects.ts'
import type { Tree } from './tree.ts'

type Db = Pick<Queryable, 'rows' | 'row'>

export const platformSchemas = [
  'explore',
  'chart',
  'navigate',
  'pipeline',
  'quality',
  'compliance',
  'archive',
]

/** Says what an action would do. Reads the catalogue, and counts rows of a default partition where they are concerned. */
export async function planAction(
  db: Db,
  action: Action,
  growTree: (table: Relation) => Promise<Tree>,
): Promise<ActionPlan> {
  if (action.kind === 'detach' || action.kind === 'finalize' || action.kind === 'drop') {
    const member = await findMember(db, action.partition)
    const ties = await tiesOf(db, member)
    if (action.kind === 'finalize') return planFinalize(member, ties)
    return action.kind === 'drop' ? planDrop(member, ties) : planDetach(member, action.isConcurrent, ties)
  }
  const parent = await findParent(db, action.table)
  if (action.kind === 'analyze') return planAnalyze(action.table, parent)
  const parts = await db.row(platformParts())
  const canSecure = parts?.hasSecuring ?? false
  if (action.kind === 'attach') {
    const problems = await db.rows(columnDifferences(action.table, action.partition))
    const condition = rowsOf(parent, action.bound)
    const inDefault =
      parent.defaultPartition && condition
        ? ((await db.row(countRows(named(parent.defaultPartition), condition)))?.rows ?? null)
        : null
    return planAttach(
      action,
      parent,
      problems.map(({ problem }) => problem),
      inDefault,
      { canSecure, isEntered: isEntered(parts, parent) },
    )
  }
  const tree = await growTree(action.table)
  const isKeptByPlatform =
    (parts?.hasUpkeep ?? false) &&
    platformSchemas.includes(parent.schema) &&
    parent.rootId === parent.id &&
    tree.scale === 'time' &&
    ['month', 'quarter', 'year'].includes(tree.step)
  const helps = { isKeptByPlatform, canSecure }
  if (action.kind === 'ensure')
    return planEnsure(action, parent, await nextPeriods(db, parent, tree, action.count, Date.now()), helps)
  const condition = rowsOf(parent, action.bound)
  const rows =
    parent.defaultPartition && condition
      ? ((await db.row(countRows(named(parent.defaultPartition), condition)))?.rows ?? null)
      : null
  return planSplit(action, parent, rows, helps)
}

/** The manifest has what left a table of the platform, whoever took it out. */
const isEntered = (parts: { hasManifest: boolean } | undefined, { schema }: Pick<Relation, 'schema'>) =>
  parts?.hasManifest === true && platformSchemas.includes(schema)

/** What the platform's own rules say of a partition; nothing where the platform is not deployed or may not be read. */
async function tiesOf(db: Db, { schema, name, parent, root, bound }: Member): Promise<Ties> {
  const isAuditLog = root.schema === 'compliance' && root.name === 'audit_log'
  const parts = await db.row(platformParts())
  const { from, to, scale } = readBound(bound)
  const [first, last] = scale === 'time' ? [from, to] : [null, null]
  const leaving = isEntered(parts, root)
    ? { partition: { schema, name }, parent, from: first, to: last }
    : undefined
  if (!parts?.hasRetention) return { hold: undefined, isAuditLog, keptUntil: undefined, leaving }
  const [policies, holds] = await Promise.all([db.rows(retentionPolicies()), db.rows(legalHolds())])
  const hold = holds.find(
    (one) =>
      (one.schema === null || one.schema === root.schema || one.schema === schema) &&
      (one.table === null || one.table === root.name || one.table === name) &&
      (last === null || (one.from?.getTime() ?? Number.NEGATIVE_INFINITY) < last) &&
      (first === null || (one.to?.getTime() ?? Number.POSITIVE_INFINITY) > first),
  )?.hold
  const policy = policies.find((one) => one.schema === root.schema && one.name === root.name)
  const keptUntil =
    policy && last !== null ? new Date(last + (Date.now() - policy.keptFrom.getTime())) : undefined
  return { hold, isAuditLog, keptUntil, leaving }
}
