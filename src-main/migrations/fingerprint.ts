import type { Queryable } from '../adapters/postgres.ts'
import { schemaObjects } from './fingerprintSql.ts'
import type { Difference } from './report.contract.ts'

/** A schema as definitions by kind and name. */
export type Fingerprint = Map<string, { kind: string; object: string; definition: string }>

/** Reads the whole schema of a database, in one query. */
export async function takeFingerprint(
  db: Pick<Queryable, 'rows'>,
  { withPartitions }: { withPartitions: boolean },
): Promise<Fingerprint> {
  const objects = await db.rows(schemaObjects(withPartitions))
  return new Map(objects.map((one) => [`${one.kind} ${one.object}`, one]))
}

/** What differs between the schema that should be there and the one that is, by kind and name. */
export function compareFingerprints(expected: Fingerprint, found: Fingerprint): Difference[] {
  const differences: Difference[] = []
  for (const key of new Set([...expected.keys(), ...found.keys()])) {
    const [should, is] = [expected.get(key), found.get(key)]
    if (should?.definition === is?.definition && should && is) continue
    const { kind, object } = should ?? is ?? { kind: '', object: '' }
    differences.push({
      kind,
      object,
      change: !is ? 'missing' : !should ? 'unexpected' : 'different',
      expected: should?.definition ?? null,
      found: is?.definition ?? null,
    })
  }
  return dropImplied(differences).sort(
    (a, b) => a.kind.localeCompare(b.kind) || a.object.localeCompare(b.object),
  )
}

/** A missing table says enough: its columns, constraints and comments need no lines of their own. */
function dropImplied(differences: Difference[]): Difference[] {
  const whole = differences.filter(
    ({ kind, change }) => change !== 'different' && /^(table|view|materialized view)$/.test(kind),
  )
  return differences.filter(
    (one) =>
      !whole.some(
        ({ object, change }) =>
          change === one.change &&
          one.kind !== 'table' &&
          (one.object === object ||
            one.object.startsWith(`${object}.`) ||
            one.object.startsWith(`${object} `)),
      ),
  )
}
