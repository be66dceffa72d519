import { z } from 'zod'
import { identifier, query, type Sql, sql } from '../sql.ts'
import type { Relation } from './table.contract.ts'

// Three statements and not one: each is planned in a millisecond or two, together they took thirteen.

/** What the catalogue and the statistics know of one partition beside the list; no row is read. */
export const describePartition = ({ schema, name }: Relation) =>
  query(
    z.object({
      id: z.number(),
      heapBytes: z.number(),
      indexBytes: z.number(),
      lastVacuumed: z.date().nullable(),
      lastAnalyzed: z.date().nullable(),
      inserted: z.number(),
      updated: z.number(),
      deleted: z.number(),
      tablespace: z.string(),
    }),
    sql`select c.oid::bigint as id, coalesce(pg_table_size(c.oid), 0) as "heapBytes",
               coalesce(pg_indexes_size(c.oid), 0) as "indexBytes",
               greatest(pg_stat_get_last_vacuum_time(c.oid), pg_stat_get_last_autovacuum_time(c.oid)) as "lastVacuumed",
               greatest(pg_stat_get_last_analyze_time(c.oid), pg_stat_get_last_autoanalyze_time(c.oid)) as "lastAnalyzed",
               pg_stat_get_tuples_inserted(c.oid) as inserted, pg_stat_get_tuples_updated(c.oid) as updated,
               pg_stat_get_tuples_deleted(c.oid) as deleted,
               coalesce((select t.spcname from pg_tablespace t where t.oid = c.reltablespace), 'pg_default') as tablespace
        from pg_class c
        join pg_namespace n on n.oid = c.relnamespace
        where c.relispartition and n.nspname = ${schema} and c.relname = ${name}`,
  )

/** The column that decides what lies in a partition, where it is one. */
export const keyColumn = (partition: number) =>
  query(
    z.object({ name: z.string() }),
    sql`select k.attname as name
        from pg_inherits i
        join pg_partitioned_table p on p.partrelid = i.inhparent and p.partnatts = 1
        join pg_attribute k on k.attrelid = i.inhparent and k.attnum = p.partattrs[0] and k.attnum > 0
        where i.inhrelid = ${partition}::bigint::oid`,
  )

/** The views that read a table by its name. */
const dependentsOf = (table: Sql) => sql`(
  select coalesce(json_agg(distinct w.ev_class::regclass::text), '[]')
  from pg_depend d
  join pg_rewrite w on w.oid = d.objid
  where d.classid = 'pg_rewrite'::regclass and d.refobjid = ${table} and w.ev_class <> ${table})`

/** Of some partitions, what {@link describeTies} calls their dependents. */
export const listDependents = (partitions: number[]) =>
  query(
    z.object({ id: z.number(), dependents: z.array(z.string()) }),
    sql`select p.id, ${dependentsOf(sql`p.id::oid`)} as dependents
        from unnest(${partitions}::bigint[]) p (id)`,
  )

/** Indexes of a partition, those of the table above that it lacks, and the views that read it by name. */
export const describeTies = (partition: number) =>
  query(
    z.object({
      indexes: z.number(),
      missingIndexes: z.array(z.string()),
      dependents: z.array(z.string()),
    }),
    sql`select (select count(*) from pg_index x where x.indrelid = i.inhrelid) as indexes,
               (select coalesce(json_agg(pg_get_indexdef(x.indexrelid) order by x.indexrelid), '[]')
                from pg_index x
                where x.indrelid = i.inhparent
                  and not exists (
                    select from pg_inherits h
                    join pg_index own on own.indexrelid = h.inhrelid and own.indrelid = i.inhrelid and own.indisvalid
                    where h.inhparent = x.indexrelid
                  )) as "missingIndexes",
               ${dependentsOf(sql`i.inhrelid`)} as dependents
        from pg_inherits i
        where i.inhrelid = ${partition}::bigint::oid`,
  )

/** The key of the partition's parent where it is one column, as SQL. */
export const countExactly = (partition: Relation, key: string | null) => {
  const column: Sql | undefined = key === null ? undefined : identifier(key)
  return query(
    z.object({ rows: z.number(), oldestKey: z.string().nullable(), newestKey: z.string().nullable() }),
    sql`select count(*) as rows,
               ${column ? sql`min(${column})::text` : sql`null::text`} as "oldestKey",
               ${column ? sql`max(${column})::text` : sql`null::text`} as "newestKey"
        from ${identifier(partition.schema, partition.name)}`,
  )
}
