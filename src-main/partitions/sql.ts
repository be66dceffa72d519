import { z } from 'zod'
import { query, sql } from '../sql.ts'

/** Every partitioned table that is a root, outside of the system schemas. */
export const listParents = () =>
  query(
    z.object({
      oid: z.number(),
      schema: z.string(),
      name: z.string(),
      strategy: z.enum(['range', 'list', 'hash']),
      key: z.string(),
    }),
    sql`select c.oid::bigint as oid, n.nspname as schema, c.relname as name,
               case p.partstrat when 'r' then 'range' when 'l' then 'list' else 'hash' end as strategy,
               substring(pg_get_partkeydef(c.oid) from '\\((.*)\\)$') as key
        from pg_partitioned_table p
        join pg_class c on c.oid = p.partrelid
        join pg_namespace n on n.oid = c.relnamespace
        where not c.relispartition and n.nspname !~ '^pg_'
        order by array_position(array['explore', 'chart', 'navigate', 'compliance', 'quality'], n.nspname::text), c.relname`,
  )

/** Every leaf below them, with what the catalogue and the statistics know; no row is read. */
export const listLeaves = () =>
  query(
    z.object({
      parent: z.number(),
      schema: z.string(),
      name: z.string(),
      bound: z.string(),
      estimatedRows: z.number(),
      sizeBytes: z.number(),
      lastAnalyzed: z.date().nullable(),
      lastVacuumed: z.date().nullable(),
      missingIndexes: z.number(),
    }),
    sql`select r.oid::bigint as parent, n.nspname as schema, c.relname as name,
               coalesce(pg_get_expr(c.relpartbound, c.oid), '') as bound,
               greatest(c.reltuples, s.n_live_tup, 0)::float8 as "estimatedRows",
               pg_total_relation_size(c.oid) as "sizeBytes",
               greatest(s.last_analyze, s.last_autoanalyze) as "lastAnalyzed",
               greatest(s.last_vacuum, s.last_autovacuum) as "lastVacuumed",
               greatest(
                 (select count(*) from pg_index i where i.indrelid = r.oid and i.indisvalid)
                 - (select count(*) from pg_index i
                    join pg_inherits h on h.inhrelid = i.indexrelid
                    join pg_index pi on pi.indexrelid = h.inhparent and pi.indrelid = r.oid
                    where i.indrelid = c.oid and i.indisvalid),
                 0
               ) * (t.level = 1)::int as "missingIndexes"
        from pg_partitioned_table p
        join pg_class r on r.oid = p.partrelid and not r.relispartition
        join pg_namespace rn on rn.oid = r.relnamespace and rn.nspname !~ '^pg_'
        cross join lateral pg_partition_tree(r.oid) t
        join pg_class c on c.oid = t.relid and t.isleaf and t.level > 0
        join pg_namespace n on n.oid = c.relnamespace
        left join pg_stat_all_tables s on s.relid = c.oid
        order by c.relname`,
  )

export const ensureAll = (months: number) =>
  query(
    z.object({ parent: z.string(), partition: z.string(), rowsMoved: z.number() }),
    sql`select parent, partition, rows_moved as "rowsMoved"
        from public.atlas_ensure_all_partitions(make_interval(months => ${months}))`,
  )
