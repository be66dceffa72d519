import { identifier, join, type Sql, sql } from '../../sql.ts'

// Five flat statements, whatever the number of objects. Each returns arrays of text in the order of its select list.

/** Schemas that a user made: the condition on a pg_namespace called `n`. */
export const isOurs = sql`n.nspname !~ '^pg_' and n.nspname <> 'information_schema'`

/** Up to here the exact size of every table is worth a look at its files; beyond, the pages that the last vacuum saw. */
export const exactSizesUpTo = 1000

/**
 * One text that is another after any change of the catalogue. A row's xmin is the transaction that wrote it, its age
 * against that of a fixed transaction is a number that nothing else changes: so a change shows in a sum, a deletion in
 * the count. Estimates, which vacuum writes in place, are no change.
 */
export const revision = () => {
  const catalogues = [
    'pg_namespace',
    'pg_class',
    'pg_attribute',
    'pg_attrdef',
    'pg_constraint',
    'pg_index',
    'pg_inherits',
    'pg_proc',
    'pg_type',
    'pg_enum',
    'pg_trigger',
    'pg_policy',
    'pg_description',
    'pg_extension',
    'pg_publication',
    'pg_publication_rel',
    'pg_event_trigger',
    'pg_collation',
    'pg_operator',
    'pg_cast',
    'pg_ts_dict',
    'pg_ts_config',
    'pg_foreign_server',
    'pg_auth_members',
    'pg_rewrite',
    'pg_statistic_ext',
  ].map(
    // Rows of initdb (1, 2) have no age: it is the same for ever, while that of transaction 3 grows with every other one.
    (name) => sql`select count(*) as n, sum(age(xmin)) - count(*) * age('3'::xid) as s
                  from ${identifier('pg_catalog', name)}
                  where xmin <> '1'::xid and xmin <> '2'::xid`,
  )
  return sql`select md5(string_agg(n || ' ' || coalesce(s, 0), ',')
                        || (select string_agg(r::text, ',' order by r.oid) from pg_roles r))
             from (${join(catalogues, ' union all ')}) c`
}

/** Whoever asks for the files of a pg_class called `c` that somebody holds in access exclusive mode waits until he lets go. */
export const isFree = sql`c.oid <> all(array(
                select relation from pg_locks
                where locktype = 'relation' and mode = 'AccessExclusiveLock' and granted))`

/** oid, schema, name, relkind, rows, bytes, partition parent, columns, owner, bound, has row security, comment */
export const listRelations = () => sql`
  select c.oid, n.nspname, c.relname, c.relkind,
         case when c.relkind in ('r', 'm', 'p', 'f') then greatest(c.reltuples, pg_stat_get_live_tuples(c.oid), 0)::bigint else 0 end,
         case when c.relkind not in ('r', 'm') then 0
              when (select count(*) from pg_class where relkind in ('r', 'm')) <= ${exactSizesUpTo} and ${isFree}
                then coalesce(pg_total_relation_size(c.oid), 0)
              else (c.relpages + coalesce(x.pages, 0) + coalesce(t.relpages, 0))::bigint
                   * current_setting('block_size')::int end,
         i.inhparent, c.relnatts, pg_get_userbyid(c.relowner), pg_get_expr(c.relpartbound, c.oid), c.relrowsecurity,
         d.description
  from pg_class c
  join pg_namespace n on n.oid = c.relnamespace
  left join pg_inherits i on c.relispartition and i.inhrelid = c.oid
  left join pg_class t on t.oid = c.reltoastrelid
  left join (
    select x.indrelid, sum(xc.relpages) as pages
    from pg_index x
    join pg_class xc on xc.oid = x.indexrelid
    group by x.indrelid
  ) x on x.indrelid = c.oid
  left join pg_description d on d.classoid = 'pg_class'::regclass and d.objoid = c.oid and d.objsubid = 0
  where c.relkind in ('r', 'p', 'v', 'm', 'f', 'S')
    and ${isOurs}`

/** relation, number, name, type, not null, has a default, identity, generated, comment; partitions are as their parents */
export const listColumns = () => sql`
  select a.attrelid, a.attnum, a.attname, format_type(a.atttypid, a.atttypmod), a.attnotnull, a.atthasdef, a.attidentity,
         a.attgenerated, d.description
  from pg_class c
  join pg_namespace n on n.oid = c.relnamespace
  join pg_attribute a on a.attrelid = c.oid and a.attnum > 0 and not a.attisdropped
  left join pg_description d on d.classoid = 'pg_class'::regclass and d.objoid = c.oid and d.objsubid = a.attnum
  where c.relkind in ('r', 'p', 'v', 'm', 'f')
    and not c.relispartition
    and ${isOurs}
  order by a.attrelid, a.attnum`

/** kind, relation, name, referenced relation, own columns, referenced columns, is a key, comment: what belongs to a relation */
export const listParts = () => sql`
  select 'index', i.indrelid, c.relname, null::oid, i.indkey::text, null::text,
         i.indisunique and i.indisvalid and i.indpred is null and i.indexprs is null and i.indnkeyatts = i.indnatts, d.description
  from pg_index i
  join pg_class c on c.oid = i.indexrelid and not c.relispartition
  join pg_namespace n on n.oid = c.relnamespace
  left join pg_description d on d.classoid = 'pg_class'::regclass and d.objoid = c.oid and d.objsubid = 0
  where ${isOurs}
  union all
  select case k.contype when 'p' then 'primary key' when 'u' then 'unique' when 'f' then 'foreign key' when 'c' then 'check'
                        when 'x' then 'exclusion' else 'constraint trigger' end,
         k.conrelid, k.conname, nullif(k.confrelid, 0), array_to_string(k.conkey, ' '), array_to_string(k.confkey, ' '),
         k.contype in ('p', 'u'), d.description
  from pg_constraint k
  join pg_namespace n on n.oid = k.connamespace
  left join pg_description d on d.classoid = 'pg_constraint'::regclass and d.objoid = k.oid
  where k.conrelid <> 0 and k.conparentid = 0 and k.conislocal and k.contype <> 'n'
    and ${isOurs}
  union all
  select 'trigger', t.tgrelid, t.tgname, null, null, null, false, d.description
  from pg_trigger t
  join pg_class c on c.oid = t.tgrelid
  join pg_namespace n on n.oid = c.relnamespace
  left join pg_description d on d.classoid = 'pg_trigger'::regclass and d.objoid = t.oid
  where not t.tgisinternal and t.tgparentid = 0
    and ${isOurs}
  union all
  select 'policy', p.polrelid, p.polname, null, null, null, false, d.description
  from pg_policy p
  left join pg_description d on d.classoid = 'pg_policy'::regclass and d.objoid = p.oid`

/** kind, oid, schema, name, signature, detail, owner, comment: what stands beside the relations */
export const listOthers = () => sql`
  select 'schema' as kind, n.oid, null::name as schema, n.nspname as name, '' as signature, '' as detail,
         pg_get_userbyid(n.nspowner) as owner, obj_description(n.oid, 'pg_namespace') as comment
  from pg_namespace n
  where ${isOurs}
  union all
  select case p.prokind when 'p' then 'procedure' when 'a' then 'aggregate' when 'w' then 'window function' else 'function' end,
         p.oid, n.nspname, p.proname, pg_get_function_identity_arguments(p.oid),
         concat_ws(' ', pg_get_function_result(p.oid), l.lanname), pg_get_userbyid(p.proowner), obj_description(p.oid, 'pg_proc')
  from pg_proc p
  join pg_namespace n on n.oid = p.pronamespace
  join pg_language l on l.oid = p.prolang
  where ${isOurs} and ${standsAlone(sql`'pg_proc'::regclass`, sql`p.oid`)}
  union all
  select case t.typtype when 'e' then 'enum' when 'd' then 'domain' when 'c' then 'composite type' else 'range type' end,
         t.oid, n.nspname, t.typname, '',
         case t.typtype
           when 'e' then (select string_agg(e.enumlabel, ', ' order by e.enumsortorder) from pg_enum e where e.enumtypid = t.oid)
           when 'd' then format_type(t.typbasetype, t.typtypmod)
           when 'r' then (select format_type(r.rngsubtype, null) from pg_range r where r.rngtypid = t.oid)
           else '' end,
         pg_get_userbyid(t.typowner), obj_description(t.oid, 'pg_type')
  from pg_type t
  join pg_namespace n on n.oid = t.typnamespace
  left join pg_class c on c.oid = t.typrelid
  where ${isOurs} and ${standsAlone(sql`'pg_type'::regclass`, sql`t.oid`)}
    and (t.typtype in ('e', 'd', 'r') or t.typtype = 'c' and c.relkind = 'c')
  union all
  select 'extension', e.oid, n.nspname, e.extname, '', e.extversion, pg_get_userbyid(e.extowner),
         obj_description(e.oid, 'pg_extension')
  from pg_extension e
  join pg_namespace n on n.oid = e.extnamespace
  union all
  select 'publication', p.oid, null, p.pubname, '',
         case when p.puballtables then 'all tables' else (select count(*) || ' tables' from pg_publication_rel r where r.prpubid = p.oid) end,
         pg_get_userbyid(p.pubowner), obj_description(p.oid, 'pg_publication')
  from pg_publication p
  union all
  select 'event trigger', e.oid, null, e.evtname, '', e.evtevent, pg_get_userbyid(e.evtowner), obj_description(e.oid, 'pg_event_trigger')
  from pg_event_trigger e
  union all
  select 'collation', l.oid, n.nspname, l.collname, '', coalesce(l.collcollate, ''), pg_get_userbyid(l.collowner), obj_description(l.oid, 'pg_collation')
  from pg_collation l
  join pg_namespace n on n.oid = l.collnamespace
  where ${isOurs} and ${standsAlone(sql`'pg_collation'::regclass`, sql`l.oid`)}
  union all
  select 'text search configuration', g.oid, n.nspname, g.cfgname, '', '', pg_get_userbyid(g.cfgowner), obj_description(g.oid, 'pg_ts_config')
  from pg_ts_config g
  join pg_namespace n on n.oid = g.cfgnamespace
  where ${isOurs} and ${standsAlone(sql`'pg_ts_config'::regclass`, sql`g.oid`)}
  union all
  select 'text search dictionary', d.oid, n.nspname, d.dictname, '', coalesce(d.dictinitoption, ''), pg_get_userbyid(d.dictowner), obj_description(d.oid, 'pg_ts_dict')
  from pg_ts_dict d
  join pg_namespace n on n.oid = d.dictnamespace
  where ${isOurs} and ${standsAlone(sql`'pg_ts_dict'::regclass`, sql`d.oid`)}
  union all
  select 'operator', o.oid, n.nspname, o.oprname,
         concat_ws(', ', case when o.oprleft <> 0 then format_type(o.oprleft, null) end, format_type(o.oprright, null)),
         o.oprcode::regproc::text, pg_get_userbyid(o.oprowner), obj_description(o.oid, 'pg_operator')
  from pg_operator o
  join pg_namespace n on n.oid = o.oprnamespace
  where o.oprcode <> 0 and ${isOurs} and ${standsAlone(sql`'pg_operator'::regclass`, sql`o.oid`)}
  union all
  select 'cast', k.oid, null, format('%s as %s', format_type(k.castsource, null), format_type(k.casttarget, null)), '',
         case k.castcontext when 'a' then 'on assignment' when 'i' then 'implicit' else 'explicit' end, '', obj_description(k.oid, 'pg_cast')
  from pg_cast k
  where k.oid >= 16384 and ${standsAlone(sql`'pg_cast'::regclass`, sql`k.oid`)}
  union all
  select 'server', s.oid, null, s.srvname, '', w.fdwname, pg_get_userbyid(s.srvowner), obj_description(s.oid, 'pg_foreign_server')
  from pg_foreign_server s
  join pg_foreign_data_wrapper w on w.oid = s.srvfdw
  union all
  select 'foreign data wrapper', w.oid, null, w.fdwname, '', '', pg_get_userbyid(w.fdwowner), obj_description(w.oid, 'pg_foreign_data_wrapper')
  from pg_foreign_data_wrapper w
  where ${standsAlone(sql`'pg_foreign_data_wrapper'::regclass`, sql`w.oid`)}
  union all
  select 'role', r.oid, null, r.rolname, '',
         concat_ws(', ', case when r.rolsuper then 'superuser' end, case when r.rolcanlogin then 'login' else 'group' end,
                   case when r.rolbypassrls then 'bypasses row security' end),
         '', shobj_description(r.oid, 'pg_authid')
  from pg_roles r
  where r.rolname !~ '^pg_'`

/** 'routine' or 'view', oid, body: the text of every function, procedure and view, for a search in them */
export const listBodies = () => sql`
  select 'routine', p.oid, p.prosrc
  from pg_proc p
  join pg_namespace n on n.oid = p.pronamespace
  join pg_language l on l.oid = p.prolang and l.lanname not in ('internal', 'c')
  where ${isOurs} and ${standsAlone(sql`'pg_proc'::regclass`, sql`p.oid`)}
  union all
  select 'view', c.oid, pg_get_viewdef(c.oid)
  from pg_class c
  join pg_namespace n on n.oid = c.relnamespace
  where c.relkind in ('v', 'm') and ${isOurs}`

/** Leaves out what comes and goes with an extension, or with another object, as a range type's constructors do. */
function standsAlone(catalogue: Sql, oid: Sql): Sql {
  return sql`not exists (select from pg_depend e
                         where e.classid = ${catalogue} and e.objid = ${oid} and e.deptype in ('e', 'i'))`
}
