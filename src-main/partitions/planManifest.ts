import { literal, type Sql, sql } from '../sql.ts'
import { named } from './actionSql.ts'
import { type PlannedStep, step } from './plan.ts'
import type { Relation } from './table.contract.ts'

/** A partition of the platform that leaves its table, with the ends of its bound where those are times. */
export interface Leaving {
  partition: Relation
  parent: Relation
  from: number | null
  to: number | null
}

// archive.detach_expired_partitions enters what it detaches in the same way.

/** Enters a partition that leaves its table in the manifest, in the transaction in which it leaves. */
export const enter = ({ partition, parent, from, to }: Leaving, state: 'detached' | 'dropped'): PlannedStep =>
  step(
    sql`insert into archive.snapshot_manifest
          (schema_name, table_name, partition_name, range_from, range_to, state, format, details)
        values (${literal(parent.schema)}, ${literal(parent.name)}, ${literal(partition.name)}, ${time(from)}, ${time(to)},
                ${literal(state)}, 'table', jsonb_build_object('relation', ${relationText(partition)}))`,
    null,
    null,
    'what left the database stays on record',
  )

/** Counts what was detached when nobody waits for it any more. */
export const count = ({ partition }: Leaving): PlannedStep =>
  step(
    sql`update archive.snapshot_manifest
        set row_count = (select count(*) from ${named(partition)})
        where state = 'detached' and row_count is null and details ->> 'relation' = ${relationText(partition)}`,
    'access share',
    partition,
    'counted after the detach, so that nobody waits for it',
  )

/** A partition that comes back is no longer away. */
export const leave = (partition: Relation, parent: Relation): PlannedStep =>
  step(
    sql`update archive.snapshot_manifest
        set state = 'restored', restored_at = now(), restored_to = ${relationText(parent)}
        where state = 'detached' and details ->> 'relation' = ${relationText(partition)}`,
    null,
    null,
    'the manifest knows it as restored, if it was entered there',
  )

const time = (value: number | null): Sql =>
  value === null ? sql`null` : sql`${literal(new Date(value).toISOString())}::timestamptz`

/** As archive.detach_expired_partitions writes it. */
const relationText = ({ schema, name }: Relation): Sql =>
  sql`format('%I.%I', ${literal(schema)}, ${literal(name)})`
