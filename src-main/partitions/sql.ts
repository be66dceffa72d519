import { z } from 'zod'
import { query, sql } from '../sql.ts'
import { relationSchema } from './contract.ts'

/** Beyond so many partitions their sizes come from the statistics: asking the files of 10,000 takes a second. */
export const measuredPartitions = 1000

const tableRow = relationSchema.extend({
  id: z.number(),
  strategy: z.enum(['range', 'list', 'hash']),
  key: z.string(),
  keyType: z.string().nullable(),
  analyzedRows: z.number(),
  isRoot: z.boolean(),
})

export type TableRow = z.infer<typeof tableRow>

/** Every partitioned table and partition that is partitioned, outside of the system schemas. */
export const listPartitioned = () =>
  query(
    tableRow,
    sql`select c.oid::bigint as id, n.nspname as schema, c.relname as name, not c.relispartition as "isRoot",
               c.reltuples::float8 as "analyzedRows",
               case p.partstrat when 'r' then 'range' when 'l' then 'list' else 'hash' end as strategy,
               substring(k.definition from '\\((.*)\\)$') as key,
               case when p.partnatts = 1 then format_type(a.atttypid, null) end as "keyType"
        from pg_partitioned_table p
        join pg_class c on c.oid = p.partrelid
        join pg_namespace n on n.oid = c.relnamespace
        -- The functions of the catalogue see what is dropped in this moment: then they say null.
        join lateral (select pg_get_partkeydef(c.oid) as definition offset 0) k on k.definition is not null
        left join pg_attribute a on a.attrelid = c.oid and a.attnum = p.partattrs[0] and a.attnum > 0
        where n.nspname !~ '^pg_'
        order by array_position(array['explore', 'chart', 'navigate', 'compliance', 'quality'], n.nspname::text),
                 n.nspname, c.relname`,
  )

const partitionRow = relationSchema.extend({
  id: z.number(),
  parentId: z.number(),
  rootId: z.number(),
  level: z.number(),
  bound: z.string(),
  isDetaching: z.boolean(),
  isLeaf: z.boolean(),
  analyzedRows: z.number(),
  liveRows: z.number(),
  deadRows: z.number(),
  sizeBytes: z.number(),
  missingIndexes: z.number(),
})

export type PartitionRow = z.infer<typeof partitionRow>

/**
 * Every partition, of one table or of all, with what the catalogue and the statistics know: no row is read and no
 * partition is locked. The size of a table that somebody holds in access exclusive mode comes from the statistics too,
 * because asking its file would wait.
 */
export const listPartitions = (root: number | null) =>
  query(
    partitionRow,
    sql`with recursive tree as (
          select c.oid as id, null::oid as parent, c.oid as root, 0 as level, false as detaching
          from pg_partitioned_table p
          join pg_class c on c.oid = p.partrelid
          join pg_namespace n on n.oid = c.relnamespace
          where (${root}::bigint is null or c.oid = ${root}::bigint)
            and not c.relispartition
            and n.nspname !~ '^pg_'
          union all
          select i.inhrelid, i.inhparent, t.root, t.level + 1, i.inhdetachpending
          from tree t
          join pg_inherits i on i.inhparent = t.id
        ), indexes as (
          select x.indrelid as id, count(*) as own, sum(i.relpages) as pages,
                 count(*) filter (where i.relispartition and x.indisvalid) as attached
          from pg_index x
          join pg_class i on i.oid = x.indexrelid
          group by 1
        ), locked as (
          select distinct relation as id
          from pg_locks
          where locktype = 'relation' and mode = 'AccessExclusiveLock' and granted
        )
        select t.id::bigint as id, t.parent::bigint as "parentId", t.root::bigint as "rootId", t.level,
               n.nspname as schema, c.relname as name, coalesce(pg_get_expr(c.relpartbound, 0), '') as bound,
               t.detaching as "isDetaching", c.relkind <> 'p' as "isLeaf", c.reltuples::float8 as "analyzedRows",
               pg_stat_get_live_tuples(c.oid) as "liveRows", pg_stat_get_dead_tuples(c.oid) as "deadRows",
               case
                 when c.relkind = 'p' then 0
                 when l.id is null and (select count(*) from tree) <= ${measuredPartitions}
                   then coalesce(pg_total_relation_size(c.oid), 0)
                 else (c.relpages + coalesce(o.relpages, 0) + coalesce(x.pages, 0)) * current_setting('block_size')::bigint
               end as "sizeBytes",
               greatest(coalesce(w.own, 0) - coalesce(x.attached, 0), 0) as "missingIndexes"
        from tree t
        join pg_class c on c.oid = t.id
        join pg_namespace n on n.oid = c.relnamespace
        left join pg_class o on o.oid = c.reltoastrelid
        left join indexes x on x.id = t.id
        left join indexes w on w.id = t.parent
        left join locked l on l.id = t.id
        where t.level > 0`,
  )

/** Which of the platform's own helps stand on this database and may be used by this role. */
export const platformParts = () =>
  query(
    z.object({
      hasRetention: z.boolean(),
      hasUpkeep: z.boolean(),
      hasSecuring: z.boolean(),
      hasManifest: z.boolean(),
    }),
    sql`select coalesce(has_table_privilege(to_regclass('compliance.retention_policies'), 'select'), false)
                 and coalesce(has_table_privilege(to_regclass('compliance.legal_holds'), 'select'), false) as "hasRetention",
               to_regprocedure('public.atlas_ensure_partitions(regclass,timestamptz,timestamptz)') is not null as "hasUpkeep",
               to_regprocedure('public.atlas_secure_partition(regclass,regclass)') is not null as "hasSecuring",
               coalesce(has_table_privilege(to_regclass('archive.snapshot_manifest'), 'insert, update'), false) as "hasManifest"`,
  )

export const retentionPolicies = () =>
  query(
    relationSchema.extend({ keep: z.string(), keptFrom: z.date(), action: z.string() }),
    sql`select schema_name as schema, table_name as name, keep::text as keep, now() - keep as "keptFrom", action
        from compliance.retention_policies
        where is_enabled`,
  )

export const legalHolds = () =>
  query(
    z.object({
      hold: z.string(),
      schema: z.string().nullable(),
      table: z.string().nullable(),
      from: z.date().nullable(),
      to: z.date().nullable(),
    }),
    sql`select name as hold, schema_name as schema, table_name as table,
               nullif(range_from, '-infinity') as from, nullif(range_to, 'infinity') as to
        from compliance.legal_holds
        where released_at is null
        order by placed_at`,
  )

export type Hold = z.infer<ReturnType<typeof legalHolds>['row']>

/** The keys that the statistics saw in partitions whose key is one column, as text, in the order of the histogram. */
export const sampledKeys = (partitions: number[]) =>
  query(
    z.object({ id: z.number(), keys: z.array(z.string()) }),
    sql`select c.oid::bigint as id,
               coalesce(s.histogram_bounds::text::text[], '{}') || coalesce(s.most_common_vals::text::text[], '{}') as keys
        from pg_class c
        join pg_inherits i on i.inhrelid = c.oid
        join pg_partitioned_table p on p.partrelid = i.inhparent and p.partnatts = 1
        join pg_attribute k on k.attrelid = i.inhparent and k.attnum = p.partattrs[0]
        join pg_namespace n on n.oid = c.relnamespace
        join pg_stats s on s.schemaname = n.nspname and s.tablename = c.relname and s.attname = k.attname
        where c.oid = any(${partitions}::bigint[]::oid[])`,
  )

export const ensureAll = (months: number) =>
  query(
    z.object({ parent: z.string(), partition: z.string(), rowsMoved: z.number() }),
    sql`select parent, partition, rows_moved as "rowsMoved"
        from public.atlas_ensure_all_partitions(make_interval(months => ${months}))`,
  )

export const serverVersion = () =>
  query(z.object({ number: z.number() }), sql`select current_setting('server_version_num')::int as number`)

/** Whether the platform is deployed, so that its partitions can be kept. */
export const keeperExists = () =>
  query(
    z.object({ exists: z.boolean() }),
    sql`select to_regprocedure('public.atlas_ensure_all_partitions(interval)') is not null as "exists"`,
  )
