import { z } from 'zod'
import { query, sql } from '../sql.ts'
import { exactSizesUpTo, isFree } from './model/sql.ts'
import { tableUpkeepSchema } from './table/contract.ts'

/**
 * What the statistics know of some tables. `root` and `leaf` are in pairs: each table with those that hold its rows,
 * itself or its partitions. One that somebody holds exclusively has the pages of the last vacuum.
 */
export function listUpkeep(root: number[], leaf: number[]) {
  const isMeasured = sql`${leaf.length <= exactSizesUpTo} and ${isFree}`
  return query(
    tableUpkeepSchema
      .pick({
        estimatedRows: true,
        deadRows: true,
        tableBytes: true,
        indexBytes: true,
        lastVacuum: true,
        lastAnalyze: true,
      })
      .extend({ root: z.number() }),
    sql`select h.root, sum(greatest(c.reltuples, pg_stat_get_live_tuples(c.oid), 0))::bigint as "estimatedRows",
               sum(pg_stat_get_dead_tuples(c.oid))::bigint as "deadRows",
               sum(coalesce(case when ${isMeasured} then pg_table_size(c.oid) end,
                            (c.relpages + coalesce(t.relpages, 0)) * current_setting('block_size')::bigint))::bigint as "tableBytes",
               sum(coalesce(case when ${isMeasured} then pg_indexes_size(c.oid) end,
                            coalesce(x.pages, 0) * current_setting('block_size')::bigint))::bigint as "indexBytes",
               max(greatest(pg_stat_get_last_vacuum_time(c.oid), pg_stat_get_last_autovacuum_time(c.oid))) as "lastVacuum",
               max(greatest(pg_stat_get_last_analyze_time(c.oid), pg_stat_get_last_autoanalyze_time(c.oid))) as "lastAnalyze"
        from unnest(${root}::bigint[], ${leaf}::bigint[]) h (root, leaf)
        join pg_class c on c.oid = h.leaf::oid
        left join pg_class t on t.oid = c.reltoastrelid
        left join lateral (
          select sum(i.relpages) as pages
          from pg_index x
          join pg_class i on i.oid = x.indexrelid
          where x.indrelid = c.oid
        ) x on true
        group by h.root`,
  )
}
