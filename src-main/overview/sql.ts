import { z } from 'zod'
import { query, sql } from '../sql.ts'

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
      layer: z.enum(['explore', 'chart', 'navigate']),
      name: z.string(),
      estimatedRows: z.number(),
      sizeBytes: z.number(),
    }),
    sql`select n.nspname as layer, c.relname as name,
               sum(greatest(l.reltuples, s.n_live_tup, 0))::float8 as "estimatedRows",
               sum(pg_total_relation_size(l.oid))::bigint as "sizeBytes"
        from pg_class c
        join pg_namespace n on n.oid = c.relnamespace and n.nspname in ('explore', 'chart', 'navigate')
        cross join lateral pg_partition_tree(c.oid) t
        join pg_class l on l.oid = t.relid and t.isleaf
        left join pg_stat_all_tables s on s.relid = l.oid
        where c.relkind in ('r', 'p') and not c.relispartition
        group by 1, 2
        union all
        select n.nspname, c.relname, greatest(c.reltuples, s.n_live_tup, 0)::float8, pg_total_relation_size(c.oid)
        from pg_class c
        join pg_namespace n on n.oid = c.relnamespace and n.nspname in ('explore', 'chart', 'navigate')
        left join pg_stat_all_tables s on s.relid = c.oid
        where c.relkind = 'r' and not c.relispartition
          and not exists (select from pg_partition_tree(c.oid))
        order by 3 desc`,
  )

/** What the pipelines' own records say: no data table is read. */
export const freshness = () =>
  query(
    z.object({
      landed: z.date().nullable(),
      validated: z.date().nullable(),
      published: z.date().nullable(),
      rejected: z.number(),
      alerts: z.number(),
    }),
    sql`select max(finished_at) filter (where kind = 'land') as landed,
               max(finished_at) filter (where kind = 'validate') as validated,
               max(finished_at) filter (where kind in ('dimension', 'fact')) as published,
               coalesce(sum(rows_rejected) filter (where kept_from is null), 0)::float8 as rejected,
               (select count(*) from pipeline.alerts where status = 'open') as alerts
        from pipeline.task_runs
        where status = 'succeeded'`,
  )

export const listSources = () =>
  query(
    z.object({ code: z.string(), kind: z.string(), landedAt: z.date().nullable() }),
    sql`select s.code, s.kind, (select max(c.completed_at) from pipeline.checkpoints c where c.source_id = s.source_id) as "landedAt"
        from explore.source_systems s
        where s.is_active
        order by 3 desc nulls last
        limit 50`,
  )
