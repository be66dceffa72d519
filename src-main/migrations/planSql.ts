import { z } from 'zod'
import { query, sql } from '../sql.ts'

/**
 * Estimated rows and pages of tables and indexes by the names that statements write, partitions added up. Read from
 * the catalogue alone, so no lock of a table is waited for.
 */
export const tableFacts = (names: readonly string[]) =>
  query(
    z.object({ name: z.string(), rows: z.number(), sizeBytes: z.number() }),
    sql`select t.name, sum(c.reltuples)::float8 as rows,
               sum(c.relpages)::float8 * current_setting('block_size')::integer as "sizeBytes"
        from unnest(${names}::text[]) t (name)
        join pg_class root on root.oid = to_regclass(t.name)
        join lateral (
          select root.oid
          union
          select relid from pg_partition_tree(root.oid) where root.relkind = 'p' and isleaf
        ) tree on true
        join pg_class c on c.oid = tree.oid and (c.relkind <> 'p')
        group by t.name`,
  )

/** Open transactions of others that are older than a second, and the named tables on which they hold a lock. */
export const openTransactions = (names: readonly string[]) =>
  query(
    z.object({
      processId: z.number(),
      user: z.string().nullable(),
      application: z.string(),
      ageSeconds: z.number(),
      statement: z.string(),
      tables: z.array(z.string()),
    }),
    sql`with named as (
          select name, to_regclass(name)::oid as oid from unnest(${names}::text[]) t (name)
        ),
        held as (
          select l.pid, array_agg(distinct named.name) as tables
          from pg_locks l
          join named on named.oid = l.relation
          where l.granted and l.database = (select oid from pg_database where datname = current_database())
          group by l.pid
        )
        select a.pid as "processId", a.usename as "user", a.application_name as application,
               extract(epoch from clock_timestamp() - a.xact_start)::float8 as "ageSeconds",
               left(a.query, 200) as statement, coalesce(held.tables, '{}') as tables
        from pg_stat_activity a
        left join held on held.pid = a.pid
        where a.datname = current_database()
          and a.pid <> pg_backend_pid()
          and a.xact_start < clock_timestamp() - interval '1 second'
          and a.backend_type = 'client backend'
        order by held.tables is null, a.xact_start
        limit 20`,
  )

export const partitionUpkeepExists = () =>
  query(
    z.object({ exists: z.boolean() }),
    sql`select to_regproc('public.atlas_ensure_all_partitions') is not null as "exists"`,
  )

export const ensurePartitions = (months: number) =>
  sql`select public.atlas_ensure_all_partitions(make_interval(months => ${months}))`
