import { query, type Sql, sql } from '../sql.ts'
import { dependencySchema } from './table/contract.ts'

/** Relations, routines and types by where PostgreSQL keeps them, each with the columns that are named along the way. */
const described = (found: Sql) =>
  query(
    dependencySchema,
    sql`with found as (${found}),
        named as (select class, id, array_agg(distinct attribute) filter (where attribute is not null) as columns from found group by class, id)
        select case c.relkind when 'r' then 'table' when 'p' then 'partitioned table' when 'v' then 'view'
                              when 'm' then 'materialized view' when 'f' then 'foreign table' else 'sequence' end as kind,
               n.nspname as schema, c.relname as name, '' as signature, coalesce(f.columns, '{}') as columns
        from named f
        join pg_class c on f.class = 'pg_class'::regclass and c.oid = f.id and c.relkind in ('r', 'p', 'v', 'm', 'f', 'S')
        join pg_namespace n on n.oid = c.relnamespace
        union all
        select case p.prokind when 'p' then 'procedure' when 'a' then 'aggregate' when 'w' then 'window function' else 'function' end,
               n.nspname, p.proname, pg_get_function_identity_arguments(p.oid), coalesce(f.columns, '{}')
        from named f
        join pg_proc p on f.class = 'pg_proc'::regclass and p.oid = f.id
        join pg_namespace n on n.oid = p.pronamespace
        union all
        select case t.typtype when 'e' then 'enum' when 'd' then 'domain' when 'c' then 'composite type' else 'range type' end,
               n.nspname, t.typname, '', coalesce(f.columns, '{}')
        from named f
        join pg_type t on f.class = 'pg_type'::regclass and t.oid = f.id and t.typtype in ('e', 'd', 'c', 'r')
        join pg_namespace n on n.oid = t.typnamespace
        where t.typtype <> 'c' or exists (select from pg_class c where c.oid = t.typrelid and c.relkind = 'c')
        order by 1, 2, 3, 4`,
  )

/** Views, rules and routines that need a relation or its row type. */
export const listUsers = (oid: number) =>
  described(sql`
    select coalesce(r.class, d.classid::regclass) as class, coalesce(r.ev_class, d.objid) as id, a.attname::text as attribute
    from pg_depend d
    left join lateral (
      select 'pg_class'::regclass as class, ev_class from pg_rewrite where oid = d.objid and d.classid = 'pg_rewrite'::regclass
    ) r on true
    left join pg_attribute a on d.refclassid = 'pg_class'::regclass and a.attrelid = d.refobjid and a.attnum = d.refobjsubid and a.attnum > 0
    where (d.refclassid = 'pg_class'::regclass and d.refobjid = ${oid}::oid
           or d.refclassid = 'pg_type'::regclass and d.refobjid = (select reltype from pg_class where oid = ${oid}::oid))
      and d.classid in ('pg_rewrite'::regclass, 'pg_proc'::regclass)
      and coalesce(r.ev_class, 0) <> ${oid}::oid`)

/** What a relation needs, by its query, its columns, defaults, checks, triggers and policies. */
export const listUsed = (oid: number) =>
  described(sql`
    select d.refclassid::regclass as class, d.refobjid as id, a.attname::text as attribute
    from (
      select 'pg_class'::regclass as class, ${oid}::oid as id
      union all select 'pg_rewrite'::regclass, oid from pg_rewrite where ev_class = ${oid}::oid
      union all select 'pg_attrdef'::regclass, oid from pg_attrdef where adrelid = ${oid}::oid
      union all select 'pg_constraint'::regclass, oid from pg_constraint where conrelid = ${oid}::oid and contype = 'c'
      union all select 'pg_trigger'::regclass, oid from pg_trigger where tgrelid = ${oid}::oid and not tgisinternal
      union all select 'pg_policy'::regclass, oid from pg_policy where polrelid = ${oid}::oid
    ) own
    join pg_depend d on d.classid = own.class and d.objid = own.id and d.deptype = 'n'
    left join pg_attribute a on d.refclassid = 'pg_class'::regclass and a.attrelid = d.refobjid and a.attnum = d.refobjsubid and a.attnum > 0
    where d.refclassid in ('pg_class'::regclass, 'pg_proc'::regclass, 'pg_type'::regclass)
      and d.refobjid >= 16384 and d.refobjid <> ${oid}::oid`)
