import { z } from 'zod'
import { identifier, query, type Sql, sql } from '../sql.ts'
import { type Relation, relationSchema } from './contract.ts'

/** A partitioned table (or partition that is partitioned) as its changes need to know it. */
export const describeParent = ({ schema, name }: Relation) =>
  query(
    relationSchema.extend({
      id: z.number(),
      rootId: z.number(),
      strategy: z.enum(['range', 'list', 'hash']),
      /** Names of the key's columns; an expression is null. */
      keyColumns: z.array(z.string().nullable()),
      keyType: z.string().nullable(),
      /** Columns that can be written, in the order of the table. */
      columns: z.array(z.string()),
      defaultPartition: relationSchema.nullable(),
      defaultTriggers: z.array(z.object({ name: z.string(), enabled: z.string() })),
      isReferenced: z.boolean(),
      hasPolicies: z.boolean(),
      estimatedRows: z.number(),
      leaves: z.number(),
    }),
    sql`select c.oid::bigint as id, n.nspname as schema, c.relname as name, coalesce(root.id, c.oid)::bigint as "rootId",
               case p.partstrat when 'r' then 'range' when 'l' then 'list' else 'hash' end as strategy,
               (select coalesce(json_agg(a.attname order by k.place), '[]')
                from unnest(p.partattrs::int2[]) with ordinality k (number, place)
                left join pg_attribute a on a.attrelid = c.oid and a.attnum = k.number and k.number > 0) as "keyColumns",
               case when p.partnatts = 1 then
                 (select format_type(a.atttypid, a.atttypmod) from pg_attribute a where a.attrelid = c.oid and a.attnum = p.partattrs[0])
               end as "keyType",
               (select coalesce(json_agg(a.attname order by a.attnum), '[]') from pg_attribute a
                where a.attrelid = c.oid and a.attnum > 0 and not a.attisdropped and a.attgenerated = '') as columns,
               (select json_build_object('schema', dn.nspname, 'name', d.relname) from pg_class d
                join pg_namespace dn on dn.oid = d.relnamespace where d.oid = p.partdefid) as "defaultPartition",
               (select coalesce(json_agg(json_build_object('name', t.tgname, 'enabled', t.tgenabled::text) order by t.tgname), '[]')
                from pg_trigger t
                where t.tgrelid = p.partdefid and not t.tgisinternal and t.tgenabled <> 'D'
                  and t.tgtype & 1 > 0 and t.tgtype & 8 > 0) as "defaultTriggers",
               exists (select from pg_constraint f
                       where f.contype = 'f' and f.confrelid in (c.oid, root.id, p.partdefid)) as "isReferenced",
               c.relrowsecurity or exists (select from pg_policy o where o.polrelid = c.oid) as "hasPolicies",
               (select coalesce(sum(greatest(l.reltuples, pg_stat_get_live_tuples(l.oid), 0)), 0)::float8
                from pg_inherits i join pg_class l on l.oid = i.inhrelid where i.inhparent = c.oid) as "estimatedRows",
               (select count(*) from pg_inherits i where i.inhparent = c.oid) as leaves
        from pg_class c
        join pg_namespace n on n.oid = c.relnamespace
        join pg_partitioned_table p on p.partrelid = c.oid
        left join lateral (
          with recursive up as (
            select i.inhparent as id, 1 as level from pg_inherits i where i.inhrelid = c.oid
            union all
            select i.inhparent, up.level + 1 from up join pg_inherits i on i.inhrelid = up.id
          )
          select id from up order by level desc limit 1
        ) root on true
        where n.nspname = ${schema} and c.relname = ${name}`,
  )

export type Parent = z.infer<ReturnType<typeof describeParent>['row']>

/** A partition with its parent, and what hangs on it. */
export const describeMember = ({ schema, name }: Relation) =>
  query(
    relationSchema.extend({
      bound: z.string(),
      parent: relationSchema,
      root: relationSchema,
      isDetaching: z.boolean(),
      hasDefault: z.boolean(),
      pendingSibling: z.string().nullable(),
      estimatedRows: z.number(),
      sizeBytes: z.number(),
      indexes: z.number(),
      dependents: z.array(z.string()),
      isReferenced: z.boolean(),
      readers: z.number(),
    }),
    sql`select n.nspname as schema, c.relname as name, coalesce(pg_get_expr(c.relpartbound, c.oid), '') as bound,
               json_build_object('schema', pn.nspname, 'name', p.relname) as parent,
               json_build_object('schema', rn.nspname, 'name', r.relname) as root,
               i.inhdetachpending as "isDetaching", t.partdefid <> 0 as "hasDefault",
               (select s.relname from pg_inherits o join pg_class s on s.oid = o.inhrelid
                where o.inhparent = i.inhparent and o.inhdetachpending and o.inhrelid <> c.oid limit 1) as "pendingSibling",
               greatest(c.reltuples, pg_stat_get_live_tuples(c.oid), 0)::float8 as "estimatedRows",
               coalesce(pg_total_relation_size(c.oid), 0) as "sizeBytes",
               (select count(*) from pg_index x where x.indrelid = c.oid) as indexes,
               (select coalesce(json_agg(distinct v.oid::regclass::text), '[]')
                from pg_depend d
                join pg_rewrite w on w.oid = d.objid
                join pg_class v on v.oid = w.ev_class
                where d.classid = 'pg_rewrite'::regclass and d.refobjid = c.oid and v.oid <> c.oid) as dependents,
               exists (select from pg_constraint f where f.contype = 'f' and f.confrelid = c.oid) as "isReferenced",
               (select count(distinct l.pid) from pg_locks l
                where l.relation = c.oid and l.pid <> pg_backend_pid()) as readers
        from pg_class c
        join pg_namespace n on n.oid = c.relnamespace
        join pg_inherits i on i.inhrelid = c.oid
        join pg_class p on p.oid = i.inhparent
        join pg_namespace pn on pn.oid = p.relnamespace
        join pg_partitioned_table t on t.partrelid = p.oid
        join lateral (
          with recursive up as (
            select i.inhparent as id, 1 as level
            union all
            select h.inhparent, up.level + 1 from up join pg_inherits h on h.inhrelid = up.id
          )
          select id from up order by level desc limit 1
        ) top on true
        join pg_class r on r.oid = top.id
        join pg_namespace rn on rn.oid = r.relnamespace
        where c.relispartition and n.nspname = ${schema} and c.relname = ${name}`,
  )

export type Member = z.infer<ReturnType<typeof describeMember>['row']>

/** The ends of the periods after `from`, as text of the key's type; steps are counted in a time zone. */
export const periodEnds = (from: Date, step: string, count: number, keyType: string, zone: string) => {
  const ends = sql`select (${from}::timestamptz at time zone ${zone} + n * ${step}::interval) as local
                   from generate_series(0, ${count}::int) n`
  const text: Sql =
    keyType === 'date'
      ? sql`e.local::date::text`
      : keyType.startsWith('timestamp') && keyType.includes('with time zone')
        ? sql`to_char(e.local at time zone ${zone} at time zone 'UTC', 'YYYY-MM-DD HH24:MI:SS.US') || '+00'`
        : sql`to_char(e.local, 'YYYY-MM-DD HH24:MI:SS.US')`
  return query(
    z.object({ text: z.string(), local: z.string() }),
    sql`select ${text} as text, to_char(e.local, 'YYYY-MM-DD HH24:MI:SS') as local from (${ends}) e order by e.local`,
  )
}

export const zoneAndTaken = ({ schema }: Relation) =>
  query(
    z.object({ zone: z.string(), taken: z.array(z.string()) }),
    sql`select current_setting('TimeZone') as zone,
               (select coalesce(json_agg(c.relname), '[]') from pg_class c join pg_namespace n on n.oid = c.relnamespace
                where n.nspname = ${schema}) as taken`,
  )

/** What two tables differ in, so far as attaching one to the other is concerned. */
export const columnDifferences = (parent: Relation, child: Relation) =>
  query(
    z.object({ problem: z.string() }),
    sql`with sides as (
          select n.nspname = ${parent.schema} and c.relname = ${parent.name} as is_parent, a.attname as name,
                 format_type(a.atttypid, a.atttypmod) as type, a.attnotnull as required
          from pg_class c
          join pg_namespace n on n.oid = c.relnamespace
          join pg_attribute a on a.attrelid = c.oid and a.attnum > 0 and not a.attisdropped
          where (n.nspname = ${parent.schema} and c.relname = ${parent.name})
             or (n.nspname = ${child.schema} and c.relname = ${child.name})
        )
        select case
                 when c.name is null then format('column %s is missing', p.name)
                 when p.name is null then format('column %s is unknown to the table', c.name)
                 when p.type <> c.type then format('column %s is %s there and %s here', p.name, p.type, c.type)
                 else format('column %s may be null here', p.name)
               end as problem
        from (select * from sides where is_parent) p
        full join (select * from sides where not is_parent) c on c.name = p.name
        where c.name is null or p.name is null or p.type <> c.type or (p.required and not c.required)
        order by 1`,
  )

/** Tables with just the columns of a partitioned one. */
export const listCandidates = ({ schema, name }: Relation) =>
  query(
    relationSchema.extend({ estimatedRows: z.number() }),
    sql`with shape as (
          select a.attrelid as id, array_agg(a.attname || ' ' || format_type(a.atttypid, a.atttypmod) order by a.attname) as columns
          from pg_attribute a
          join pg_class c on c.oid = a.attrelid and c.relkind in ('r', 'p', 'f') and not c.relispartition
          join pg_namespace n on n.oid = c.relnamespace and n.nspname !~ '^pg_' and n.nspname <> 'information_schema'
          where a.attnum > 0 and not a.attisdropped
          group by 1
        )
        select n.nspname as schema, c.relname as name, greatest(c.reltuples, 0)::float8 as "estimatedRows"
        from shape s
        join shape p on p.columns = s.columns and p.id <> s.id
        join pg_class pc on pc.oid = p.id
        join pg_namespace pn on pn.oid = pc.relnamespace
        join pg_class c on c.oid = s.id
        join pg_namespace n on n.oid = c.relnamespace
        where pn.nspname = ${schema} and pc.relname = ${name}
        order by 1, 2
        limit 500`,
  )

export const countRows = (table: Sql, condition: Sql) =>
  query(z.object({ rows: z.number() }), sql`select count(*) as rows from only ${table} where ${condition}`)

export const isPending = ({ schema, name }: Relation) =>
  query(
    z.object({ isPending: z.boolean() }),
    sql`select i.inhdetachpending as "isPending"
        from pg_inherits i
        join pg_class c on c.oid = i.inhrelid
        join pg_namespace n on n.oid = c.relnamespace
        where n.nspname = ${schema} and c.relname = ${name}`,
  )

export const analyzeProgress = (processId: number) =>
  query(
    z.object({ phase: z.string(), done: z.number(), total: z.number(), table: z.string() }),
    sql`select p.phase, p.sample_blks_scanned as done, p.sample_blks_total as total,
               coalesce(c.relname, p.relid::text) as table
        from pg_stat_progress_analyze p
        left join pg_class c on c.oid = coalesce(nullif(p.current_child_table_relid, 0), p.relid)
        where p.pid = ${processId}`,
  )

/** The name of a relation as SQL. */
export const named = ({ schema, name }: Relation): Sql => identifier(schema, name)
