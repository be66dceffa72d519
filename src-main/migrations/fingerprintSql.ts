import { z } from 'zod'
import { query, sql } from '../sql.ts'

const objectSchema = z.object({ kind: z.string(), object: z.string(), definition: z.string() })

export type SchemaObject = z.infer<typeof objectSchema>

/**
 * Every object of a database with its definition, as rows that can be compared between two databases: no oids, no
 * owners, no places of columns. System schemas, extensions' objects, the ledger and, where asked, partitions are left
 * out: upkeep makes those at all times.
 */
export const schemaObjects = (withPartitions: boolean) =>
  query(
    objectSchema,
    sql`with spaces as (
          select oid, nspname
          from pg_namespace
          where nspname not in ('pg_catalog', 'information_schema') and nspname !~ '^pg_(toast|temp)'
        ),
        extended as (
          select classid, objid from pg_depend where deptype = 'e'
        ),
        relations as (
          select c.*, s.nspname, quote_ident(s.nspname) || '.' || quote_ident(c.relname) as name
          from pg_class c
          join spaces s on s.oid = c.relnamespace
          where not exists (select from extended e where e.classid = 'pg_class'::regclass and e.objid = c.oid)
            and (${withPartitions}::boolean or not c.relispartition)
            and not (s.nspname = 'public' and c.relname ~ '^schema_migration(s|_events)')
        ),
        tables as (
          select * from relations where relkind in ('r', 'p', 'v', 'm', 'f', 'S')
        ),
        functions as (
          select p.*, quote_ident(s.nspname) || '.' || quote_ident(p.proname)
                      || '(' || pg_get_function_identity_arguments(p.oid) || ')' as name
          from pg_proc p
          join spaces s on s.oid = p.pronamespace
          where not exists (select from extended e where e.classid = 'pg_proc'::regclass and e.objid = p.oid)
        )
        select 'schema' as kind, quote_ident(nspname) as object, '' as definition
        from spaces
        union all
        select 'extension', quote_ident(extname), '' from pg_extension where extname <> 'plpgsql'
        union all
        select case relkind when 'v' then 'view' when 'm' then 'materialized view' when 'S' then 'sequence' else 'table' end,
               name,
               concat_ws(' ', case relpersistence when 'u' then 'unlogged' end,
                         case when relkind = 'p' then 'partition by ' || pg_get_partkeydef(oid) end,
                         case when relispartition then pg_get_expr(relpartbound, oid) end,
                         case when relrowsecurity then 'row level security' end,
                         case when relforcerowsecurity then 'forced' end,
                         'with ' || array_to_string(reloptions, ', '),
                         case when relkind in ('v', 'm') then pg_get_viewdef(oid) end)
        from tables
        union all
        select 'column', t.name || '.' || quote_ident(a.attname),
               concat_ws(' ', format_type(a.atttypid, a.atttypmod), case when a.attnotnull then 'not null' end,
                         case a.attgenerated when '' then 'default ' else 'generated ' end || pg_get_expr(d.adbin, d.adrelid),
                         case a.attidentity when 'a' then 'identity always' when 'd' then 'identity' end)
        from tables t
        join pg_attribute a on a.attrelid = t.oid and a.attnum > 0 and not a.attisdropped
        left join pg_attrdef d on d.adrelid = a.attrelid and d.adnum = a.attnum
        where t.relkind in ('r', 'p', 'f')
        union all
        select 'constraint', t.name || ' ' || quote_ident(c.conname),
               pg_get_constraintdef(c.oid) || case when c.convalidated then '' else ' not valid' end
        from tables t
        join pg_constraint c on c.conrelid = t.oid
        where c.contype <> 'n' and c.conparentid = 0
        union all
        select 'index', r.name, pg_get_indexdef(r.oid) || case when i.indisvalid then '' else ' invalid' end
        from relations r
        join pg_index i on i.indexrelid = r.oid
        where r.relkind in ('i', 'I') and exists (select from tables t where t.oid = i.indrelid)
        union all
        select 'trigger', t.name || ' ' || quote_ident(g.tgname), pg_get_triggerdef(g.oid) || ' ' || g.tgenabled::text
        from tables t
        join pg_trigger g on g.tgrelid = t.oid and not g.tgisinternal
        union all
        select 'policy', t.name || ' ' || quote_ident(p.polname),
               concat_ws(' ', p.polcmd::text, p.polpermissive::text,
                         (select string_agg(coalesce(r.rolname, 'public'), ', ' order by r.rolname)
                          from unnest(p.polroles) x (oid) left join pg_roles r on r.oid = x.oid),
                         pg_get_expr(p.polqual, p.polrelid), 'check ' || pg_get_expr(p.polwithcheck, p.polrelid))
        from tables t
        join pg_policy p on p.polrelid = t.oid
        union all
        select 'rule', t.name || ' ' || quote_ident(r.rulename), pg_get_ruledef(r.oid)
        from tables t
        join pg_rewrite r on r.ev_class = t.oid and r.rulename <> '_RETURN'
        union all
        select 'function', name, case when prokind = 'a' then pg_get_function_result(oid) else pg_get_functiondef(oid) end
        from functions
        union all
        select 'type', quote_ident(s.nspname) || '.' || quote_ident(t.typname),
               case t.typtype
                 when 'e' then (select string_agg(quote_literal(enumlabel), ', ' order by enumsortorder)
                                from pg_enum where enumtypid = t.oid)
                 when 'd' then concat_ws(' ', format_type(t.typbasetype, t.typtypmod), case when t.typnotnull then 'not null' end,
                                         (select string_agg(pg_get_constraintdef(c.oid), ' ' order by c.conname)
                                          from pg_constraint c where c.contypid = t.oid and c.contype <> 'n'))
                 else (select string_agg(a.attname || ' ' || format_type(a.atttypid, a.atttypmod), ', ' order by a.attnum)
                       from pg_attribute a where a.attrelid = t.typrelid and a.attnum > 0 and not a.attisdropped)
               end
        from pg_type t
        join spaces s on s.oid = t.typnamespace
        where (t.typtype in ('e', 'd')
               or t.typtype = 'c' and exists (select from pg_class c where c.oid = t.typrelid and c.relkind = 'c'))
          and not exists (select from extended e where e.classid = 'pg_type'::regclass and e.objid = t.oid)
        union all
        select 'comment', t.name || coalesce('.' || quote_ident(a.attname), ''), d.description
        from pg_description d
        join tables t on d.classoid = 'pg_class'::regclass and d.objoid = t.oid
        left join pg_attribute a on d.objsubid > 0 and a.attrelid = t.oid and a.attnum = d.objsubid
        union all
        select 'grant', g.name || ' to ' || coalesce(r.rolname, 'public'),
               string_agg(distinct x.privilege_type || case when x.is_grantable then '*' else '' end, ', ')
        from (
          select name, relowner as owner, relacl as acl from tables
          union all
          select quote_ident(s.nspname), n.nspowner, n.nspacl from spaces s join pg_namespace n on n.oid = s.oid
          union all
          select name, proowner, proacl from functions
        ) g
        cross join lateral aclexplode(g.acl) x
        left join pg_roles r on r.oid = x.grantee
        where x.grantee <> g.owner and (r.rolname is not null or x.grantee = 0)
        group by g.name, r.rolname`,
  )
