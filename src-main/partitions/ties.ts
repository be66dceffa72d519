import type { Queryable } from '../adapters/postgres.ts'
import { readBound } from './bounds.ts'
import type { Leaving } from './planManifest.ts'
import { type Hold, legalHolds, platformParts, retentionPolicies } from './sql.ts'
import type { Member } from './subjects.ts'
import type { Relation } from './table.contract.ts'
import type { Relatives } from './tree.ts'

export const platformSchemas = new Set([
  'explore',
  'chart',
  'navigate',
  'pipeline',
  'quality',
  'compliance',
  'archive',
])

export interface Policy extends Relation {
  keep: string
  keptFrom: Date
  action: string
}

/** What the platform's own rules say; without any where it is not deployed or may not be read. */
export interface Rules {
  hasManifest: boolean
  policies: Policy[]
  holds: Hold[]
}

export async function readRules(db: Pick<Queryable, 'rows' | 'row'>): Promise<Rules> {
  const parts = await db.row(platformParts())
  const [policies, holds] = parts?.hasRetention
    ? await Promise.all([db.rows(retentionPolicies()), db.rows(legalHolds())])
    : [[], []]
  return { hasManifest: parts?.hasManifest ?? false, policies, holds }
}

export const policyOf = ({ policies }: Pick<Rules, 'policies'>, { schema, name }: Relation) =>
  policies.find((one) => one.schema === schema && one.name === name)

/** What keeps a partition where it is: a hold by its name, or the rules of the platform for its audit log. */
export interface Ties {
  hold: string | undefined
  isAuditLog: boolean
  keptUntil: Date | undefined
  /** What the manifest of the platform has to know of it when it leaves; undefined elsewhere. */
  leaving: Leaving | undefined
}

/** The manifest has what left a table of the platform, whoever took it out. */
export const isEntered = (hasManifest: boolean, { schema }: Pick<Relation, 'schema'>) =>
  hasManifest && platformSchemas.has(schema)

/** Whether a hold names a table or partition: itself, its schema, or all. */
export const isOn = (hold: Pick<Hold, 'schema' | 'table'>, { schema, name }: Relation) =>
  (hold.schema === null || hold.schema === schema) && (hold.table === null || hold.table === name)

/** The time of a partition's bound; null where it has none, on either side. */
function timeOf(bound: string): [from: number | null, to: number | null] {
  const { from, to, scale } = readBound(bound)
  return scale === 'time' ? [from, to] : [null, null]
}

function isDuring({ from, to }: Hold, bound: string): boolean {
  const [first, last] = timeOf(bound)
  return (
    (last === null || (from?.getTime() ?? Number.NEGATIVE_INFINITY) < last) &&
    (first === null || (to?.getTime() ?? Number.POSITIVE_INFINITY) > first)
  )
}

/** What keeps a partition, by its own rules and by those of its relatives: all that is below it leaves with it. */
export function tiesOf(
  rules: Rules,
  { schema, name, parent, root, bound }: Pick<Member, 'schema' | 'name' | 'parent' | 'root' | 'bound'>,
  { above, below }: Relatives,
): Ties {
  const [first, last] = timeOf(bound)
  const own = [{ schema, name }, root, ...above]
  const hold = rules.holds.find(
    (one) =>
      (own.some((relation) => isOn(one, relation)) && isDuring(one, bound)) ||
      below.some((relation) => isOn(one, relation) && isDuring(one, relation.bound)),
  )?.hold
  const policy = policyOf(rules, root)
  return {
    hold,
    isAuditLog: root.schema === 'compliance' && root.name === 'audit_log',
    keptUntil:
      policy && last !== null ? new Date(last + (Date.now() - policy.keptFrom.getTime())) : undefined,
    leaving: isEntered(rules.hasManifest, root)
      ? { partition: { schema, name }, parent, from: first, to: last }
      : undefined,
  }
}
