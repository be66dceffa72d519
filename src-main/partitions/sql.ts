import { z } from 'zod'
import { query, type Sql, sql } from '../sql.ts'
import { type Relation, relationSchema } from './table.contract.ts'

const tableRow = relationSchema.extend({
  id: z.number(),
  /** Null of a table that is no partition itself. */
  parentId: z.number().nullable(),
  strategy: z.enum(['range', 'list', 'hash']),
  key: z.string(),
  keyType: z.string().nullable(),
  /** The column that is the key; null where it is several, or an expression. */
  keyColumn: z.string().nullable(),
  /** Of a type whose order is that of time or of numbers; what an expression is of is not known. */
  isKeyScaled: z.boolean(),
  analyzedRows: z.number(),
  members: z.number(),
  indexes: z.number(),
})

export type TableRow = z.infer<typeof tableRow>

/** Every partitioned table and partition that is partitioned, outside of the system schemas. */
export const listPartitioned = () =>
  query(
    tableRow,
    sql`select c.oid::bigint as id, n.nspname as schema, c.relname as name, i.inhparent::bigint as "parentId",
               c.reltuples::float8 as "analyzedRows",
               case p.partstrat when 'r' then 'range' when 'l' then 'list' else 'hash' end as strategy,
               substring(k.definition from '\\((.*)\\)$') as key,
               format_type(a.atttypid, null) as "keyType", a.attname as "keyColumn",
               coalesce(t.typcategory in ('D', 'N'), true) as "isKeyScaled",
               (select count(*) from pg_inherits m where m.inhparent = p.partrelid) as members,
               (select count(*) from pg_index x where x.indrelid = p.partrelid) as indexes
        from pg_partitioned_table p
        join pg_class c on c.oid = p.partrelid
        join pg_namespace n on n.oid = c.relnamespace
        -- The functions of the catalogue see what is dropped in this moment: then they say null.
        join lateral (select pg_get_partkeydef(c.oid) as definition offset 0) k on k.definition is not null
        left join pg_inherits i on i.inhrelid = p.partrelid
        left join pg_attribute a
          on p.partnatts = 1 and a.attrelid = p.partrelid and a.attnum = p.partattrs[0] and a.attnum > 0
        left join pg_type t on t.oid = a.atttypid
        where n.nspname !~ '^pg_'
        order by array_position(array['explore', 'chart', 'navigate', 'compliance', 'quality'], n.nspname::text),
                 n.nspname, c.relname`,
  )

const partitionRow = relationSchema.extend({
  id: z.number(),
  parentId: z.number(),
  bound: z.string(),
  isDetaching: z.boolean(),
  isLeaf: z.boolean(),
  analyzedRows: z.number(),
  liveRows: z.number(),
  deadRows: z.number(),
  vacuumedAt: z.number().nullable(),
  analyzedAt: z.number().nullable(),
  /** What its files take; null where they were not asked. */
  measuredBytes: z.number().nullable(),
  /** What the statistics say that its heap takes. */
  heapBytes: z.number(),
})

export type PartitionRow = z.infer<typeof partitionRow>

/**
 * The partitions directly below some tables, with what the catalogue and the statistics know: no row is read and no
 * partition is locked, as `pg_partition_tree` would lock each. Levels are put together by the caller: PostgreSQL takes a
 * recursive statement for thirty times what it is, and what seems that dear it compiles first, for a second and more.
 */
export const listPartitions = (parents: number[], isMeasured: boolean) =>
  query(
    partitionRow,
    sql`select c.oid::bigint as id, i.inhparent::bigint as "parentId", n.nspname as schema, c.relname as name,
               coalesce(pg_get_expr(c.relpartbound, 0), '') as bound, i.inhdetachpending as "isDetaching",
               c.relkind <> 'p' as "isLeaf", c.reltuples::float8 as "analyzedRows",
               pg_stat_get_live_tuples(c.oid) as "liveRows", pg_stat_get_dead_tuples(c.oid) as "deadRows",
               ${milliseconds(sql`greatest(pg_stat_get_last_vacuum_time(c.oid), pg_stat_get_last_autovacuum_time(c.oid))`)} as "vacuumedAt",
               ${milliseconds(sql`greatest(pg_stat_get_last_analyze_time(c.oid), pg_stat_get_last_autoanalyze_time(c.oid))`)} as "analyzedAt",
               ${isMeasured ? measuredBytes : sql`null::bigint`} as "measuredBytes",
               c.relpages * current_setting('block_size')::bigint as "heapBytes"
        from pg_inherits i
        join pg_class c on c.oid = i.inhrelid
        join pg_namespace n on n.oid = c.relnamespace
        where i.inhparent = any(${parents}::bigint[]::oid[])`,
  )

const milliseconds = (time: Sql) => sql`(extract(epoch from ${time}) * 1000)::float8`

/** Whoever asks for the files of a table that somebody holds in access exclusive mode waits until he lets go. */
const measuredBytes = sql`case when c.oid <> all(array(
                 select relation from pg_locks
                 where locktype = 'relation' and mode = 'AccessExclusiveLock' and granted
               )) then pg_total_relation_size(c.oid) end`

/** Of the partitions directly below some tables: indexes that belong to one above, and pages beside the heap. */
export const listBeside = (parents: number[]) =>
  query(
    z.object({ id: z.number(), attached: z.number(), bytes: z.number() }),
    sql`select m.id::bigint as id, count(*) filter (where m.attached) as attached,
               sum(m.pages) * current_setting('block_size')::bigint as bytes
        from (
          select i.inhrelid as id, c.relispartition and x.indisvalid as attached, c.relpages as pages
          from pg_inherits i
          join pg_index x on x.indrelid = i.inhrelid
          join pg_class c on c.oid = x.indexrelid
          where i.inhparent = any(${parents}::bigint[]::oid[])
          union all
          select i.inhrelid, false, t.relpages
          from pg_inherits i
          join pg_class c on c.oid = i.inhrelid
          join pg_class t on t.oid = c.reltoastrelid
          where i.inhparent = any(${parents}::bigint[]::oid[])
        ) m
        group by 1`,
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
    sql`select schema_name as schema, table_name as name, replace(keep::text, 'mon', 'month') as keep, now() - keep as "keptFrom", action
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

/**
 * The keys that the statistics saw in some columns, as text, in the order of the histogram. The names stand in arrays of
 * their own: joined to anything, the view would be read of every table, and 10,000 partitions took ten seconds. What it
 * tells of other pairs of a name and a schema is the caller's to leave out.
 */
export const sampledKeys = (columns: (Relation & { column: string })[]) =>
  query(
    relationSchema.extend({ column: z.string(), keys: z.array(z.string()) }),
    sql`select s.schemaname as schema, s.tablename as name, s.attname as column,
               coalesce(s.histogram_bounds::text::text[], '{}') || coalesce(s.most_common_vals::text::text[], '{}') as keys
        from pg_stats s
        where s.schemaname = any(${columns.map(({ schema }) => schema)}::name[])
          and s.tablename = any(${columns.map(({ name }) => name)}::name[])
          and s.attname = any(${columns.map(({ column }) => column)}::name[])`,
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
