import type { Queryable } from '../adapters/postgres.ts'
import { readBound } from './bounds.ts'
import type { Leaving } from './planManifest.ts'
import { type Hold, legalHolds, platformParts, retentionPolicies } from './sql.ts'
import type { Member } from './subjects.ts'
import type { Relation } from './table.contract.ts'

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

export function tiesOf(
  rules: Rules,
  { schema, name, parent, root, bound }: Pick<Member, 'schema' | 'name' | 'parent' | 'root' | 'bound'>,
): Ties {
  const { from, to, scale } = readBound(bound)
  const [first, last] = scale === 'time' ? [from, to] : [null, null]
  const hold = rules.holds.find(
    (one) =>
      (one.schema === null || one.schema === root.schema || one.schema === schema) &&
      (one.table === null || one.table === root.name || one.table === name) &&
      (last === null || (one.from?.getTime() ?? Number.NEGATIVE_INFINITY) < last) &&
      (first === null || (one.to?.getTime() ?? Number.POSITIVE_INFINITY) > first),
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
