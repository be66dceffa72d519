import { z } from 'zod'
import { query, sql } from '../sql.ts'
import { layerName } from './contract.ts'

/** Which of the four migrations' schemas stand: one marker table each. */
export const deployedParts = () =>
  query(
    z.object({ parts: z.number() }),
    sql`select (to_regclass('archive.snapshot_manifest') is not null)::int
             + (to_regclass('pipeline.alerts') is not null)::int
             + (to_regclass('quality.anomalies') is not null)::int
             + (to_regclass('compliance.processing_activities') is not null)::int as parts`,
  )

/** Tables of the three layers with sizes and rows as the statistics estimate them; partitions are summed. */
export const layerTables = () =>
  query(
    z.object({
      layer: layerName,
      name: z.string(),
      estimatedRows: z.number(),
      sizeBytes: z.number(),
    }),
    sql`select n.nspname as layer, c.relname as name,
               sum(greatest(l.reltuples, s.n_live_tup, 0))::float8 as "estimatedRows",
               coalesce(sum(pg_total_relation_size(l.oid)), 0)::bigint as "sizeBytes"
        from pg_class c
        join pg_namespace n on n.oid = c.relnamespace and n.nspname in ('explore', 'chart', 'navigate')
        cross join lateral pg_partition_tree(c.oid) t
        join pg_class l on l.oid = t.relid and t.isleaf
        left join pg_stat_all_tables s on s.relid = l.oid
        where c.relkind in ('r', 'p') and not c.relispartition
        group by 1, 2
        union all
        select n.nspname, c.relname, greatest(c.reltuples, s.n_live_tup, 0)::float8,
               coalesce(pg_total_relation_size(c.oid), 0)
        from pg_class c
        join pg_namespace n on n.oid = c.relnamespace and n.nspname in ('explore', 'chart', 'navigate')
        left join pg_stat_all_tables s on s.relid = c.oid
        where c.relkind = 'r' and not c.relispartition
          and not exists (select from pg_partition_tree(c.oid))
        order by 3 desc`,
  )

const layerOfKind = sql`case kind when 'land' then 'explore' when 'validate' then 'chart' else 'navigate' end`

/** Rows that came into each layer, by hours ago (0 is the hour up to now), in the last 24 hours. Read from an index. */
export const hourlyRows = () =>
  query(
    z.object({ layer: layerName, hoursAgo: z.number(), rows: z.number(), rejected: z.number() }),
    sql`select ${layerOfKind} as layer,
               least(23, floor(extract(epoch from now() - finished_at) / 3600))::int as "hoursAgo",
               sum(rows_out)::float8 as rows, sum(rows_rejected)::float8 as rejected
        from pipeline.task_runs
        where status = 'succeeded' and kind in ('land', 'validate', 'dimension', 'fact')
          and finished_at > now() - interval '24 hours' and kept_from is null
        group by 1, 2`,
  )

/** When rows came last into each layer, as the pipelines' own records say: no data table is read. */
export const freshness = () =>
  query(
    z.object({
      explore: z.date().nullable(),
      chart: z.date().nullable(),
      navigate: z.date().nullable(),
      alerts: z.number(),
    }),
    sql`select ${lastOf('land')} as explore, ${lastOf('validate')} as chart,
               greatest(${lastOf('dimension')}, ${lastOf('fact')}) as navigate,
               (select count(*) from pipeline.alerts where status = 'open') as alerts`,
  )

function lastOf(kind: string) {
  return sql`(select max(finished_at) from pipeline.task_runs where status = 'succeeded' and kind = ${kind})`
}

export const listSources = () =>
  query(
    z.object({ code: z.string(), kind: z.string(), landedAt: z.date().nullable() }),
    sql`select s.code, s.kind, (select max(c.completed_at) from pipeline.checkpoints c where c.source_id = s.source_id) as "landedAt"
        from explore.source_systems s
        where s.is_active
        order by 3 desc nulls last
        limit 50`,
  )
