import { z } from 'zod'
import { identifier, join, literal, query, sql } from '../sql.ts'
import type { TaskOf } from './definition.ts'

/** What a validating task hands on. */
export const stagedSchema = z.object({ batchId: z.uuid(), record: z.string(), valid: z.number() })
export type Staged = z.infer<typeof stagedSchema>

const validRecords = ({ batchId, record }: Staged) => sql`
  chart.staging_template s
  where s.batch_id = ${batchId} and s.record_kind = ${record} and s.status = 'valid'`

/** The changes of a batch in the shape that navigate.apply_scd2 reads. */
export const dimensionChanges = (task: TaskOf<'dimension'>, staged: Staged, runId: string) => sql`
  create temporary table dimension_changes on commit drop as
  select s.record ->> ${task.key} as natural_key, s.record as attributes, explore.batch_time(s.batch_id) as valid_from,
         s.source_row as change_order, s.source_id, s.batch_id, ${runId}::uuid as run_id
  from ${validRecords(staged)}`

export const applyDimension = (dimension: string) =>
  query(
    z.object({
      inserted: z.number(),
      changed: z.number(),
      unchanged: z.number(),
      closed: z.number(),
      late: z.number(),
      superseded: z.number(),
    }),
    sql`select * from navigate.apply_scd2(${dimension}, 'pg_temp.dimension_changes'::regclass)`,
  )

/** First and last year of the events of a batch. */
export const eventYears = (task: TaskOf<'fact'>, staged: Staged) =>
  query(
    z.object({ first: z.number().nullable(), last: z.number().nullable() }),
    sql`select min(left(s.record ->> ${task.event}, 4))::int as first, max(left(s.record ->> ${task.event}, 4))::int as last
        from ${validRecords(staged)}`,
  )

export const createFactTable = (fact: string, first: number, last: number) =>
  sql`select navigate.create_fact_table(${fact}, ${first}, ${last})`

/**
 * Publishes the valid records of a batch. Records without a key of their own are known by their checksum and by how
 * many equal ones stand before them in the file.
 */
export function publishFacts(task: TaskOf<'fact'>, staged: Staged, runId: string) {
  const object = (names: string[]) =>
    names.length === 0
      ? sql`'{}'::jsonb`
      : sql`jsonb_build_object(${join(names.map((name) => sql`${literal(name)}::text, s.record -> ${literal(name)}`))})`
  return query(
    z.object({ inserted: z.number() }),
    sql`
    with inserted as (
      insert into ${identifier('navigate', `fact_${task.fact}`)}
        (natural_key, event_date, event_at, measures, dimensions, source_id, batch_id, source_row, run_id,
         classification, checksum)
      select s.checksum || '-' || row_number() over (partition by s.checksum order by s.source_row),
             left(s.record ->> ${task.event}, 10)::date,
             case when length(s.record ->> ${task.event}) > 10 then (s.record ->> ${task.event})::timestamptz end,
             ${object(task.measures)}, ${object(task.dimensions)},
             s.source_id, s.batch_id, s.source_row, ${runId}, s.classification, s.checksum
      from ${validRecords(staged)}
      on conflict do nothing
      returning 1
    )
    select count(*) as inserted from inserted`,
  )
}

export const markPublished = (staged: Staged) => sql`
  update chart.staging_template s
  set published_at = clock_timestamp()
  where s.batch_id = ${staged.batchId}
    and s.record_kind = ${staged.record}
    and s.status = 'valid'
    and s.published_at is null`
