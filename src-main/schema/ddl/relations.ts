import { type Sql, sql } from '../../sql.ts'
import { ofRelation, type Scope } from './scope.ts'

/** The word for a letter of attstorage. */
const storageName = (letter: Sql): Sql =>
  sql`case ${letter} when 'p' then 'plain' when 'e' then 'external' when 'm' then 'main' else 'extended' end`

// Flat statements for what a relation is made of. They run with an empty search_path, so that every name that the
// server puts together is qualified.

/** What a sequence says beside its name, where it differs from what it would be by itself. */
const sequenceOptions = (oid: Sql): Sql => sql`(
  select concat_ws(' ',
           case when q.seqtypid <> 'int8'::regtype then 'as ' || format_type(q.seqtypid, null) end,
           case when q.seqincrement <> 1 then 'increment by ' || q.seqincrement end,
           case when q.seqmin <> case when q.seqincrement > 0 then 1 else b.least end then 'minvalue ' || q.seqmin end,
           case when q.seqmax <> case when q.seqincrement > 0 then b.most else -1 end then 'maxvalue ' || q.seqmax end,
           case when q.seqstart <> case when q.seqincrement > 0 then q.seqmin else q.seqmax end
             then 'start with ' || q.seqstart end,
           case when q.seqcache <> 1 then 'cache ' || q.seqcache end,
           case when q.seqcycle then 'cycle' end)
  from pg_sequence q
  cross join lateral (
    select case q.seqtypid when 'int2'::regtype then 32767 when 'int4'::regtype then 2147483647
                           else 9223372036854775807 end as most,
           case q.seqtypid when 'int2'::regtype then -32768 when 'int4'::regtype then -2147483648
                           else -9223372036854775808 end as least
  ) b
  where q.seqrelid = ${oid})`

/** oid, kind, persistence, head of the statement, `partition of`, bound, partition key, inherits, options, access method, tablespace, server, of type, view, is populated, has the parent's order */
export const listTableHeads = (scope: Scope) => sql`
  select c.oid, c.relkind, c.relpersistence, format('%I.%I', n.nspname, c.relname),
         case when c.relispartition then (select i.inhparent::regclass::text from pg_inherits i where i.inhrelid = c.oid) end,
         pg_get_expr(c.relpartbound, c.oid),
         case when c.relkind = 'p' then pg_get_partkeydef(c.oid) end,
         case when not c.relispartition then
           (select string_agg(i.inhparent::regclass::text, ', ' order by i.inhseqno) from pg_inherits i where i.inhrelid = c.oid) end,
         (select string_agg(o.name || '=' || quote_literal(o.value), e'\\n' order by o.at)
          from (
            select unnested.at, split_part(unnested.option, '=', 1) as name,
                   substr(unnested.option, strpos(unnested.option, '=') + 1) as value
            from unnest(c.reloptions) with ordinality as unnested (option, at)
            union all
            select 1000 + toasted.at, 'toast.' || split_part(toasted.option, '=', 1),
                   substr(toasted.option, strpos(toasted.option, '=') + 1)
            from pg_class tc
            cross join unnest(tc.reloptions) with ordinality as toasted (option, at)
            where tc.oid = c.reltoastrelid
          ) o),
         (select a.amname from pg_am a where a.oid = c.relam and a.amname <> current_setting('default_table_access_method')),
         (select quote_ident(s.spcname) from pg_tablespace s where s.oid = c.reltablespace),
         (select format('server %I%s', s.srvname,
                        (select ' options (' || string_agg(format('%I %L', o.option_name, o.option_value), ', ') || ')'
                         from pg_options_to_table(f.ftoptions) o))
          from pg_foreign_table f join pg_foreign_server s on s.oid = f.ftserver where f.ftrelid = c.oid),
         case when c.reloftype <> 0 then format_type(c.reloftype, null) end,
         case when c.relkind in ('v', 'm') then pg_get_viewdef(c.oid) end,
         c.relispopulated,
         -- Whether the columns stand as in the parent: a table that was made by itself and attached may have another order.
         (select array_agg(a.attname order by a.attnum) from pg_attribute a where a.attrelid = c.oid and a.attnum > 0 and not a.attisdropped)
         = (select array_agg(a.attname order by a.attnum) from pg_inherits i join pg_attribute a on a.attrelid = i.inhparent
            where i.inhrelid = c.oid and a.attnum > 0 and not a.attisdropped)
  from pg_class c
  join pg_namespace n on n.oid = c.relnamespace
  where c.relkind in ('r', 'p', 'f', 'v', 'm') and ${ofRelation(scope)}
  order by n.nspname, c.relname`

/**
 * relation, name, type, is local, default, parent's default, not null, parent's not null, storage where it is not the type's,
 * name of the not-null constraint where it is one's own, collation where it is not the type's, compression, generated from,
 * `stored` or `virtual`, identity, its sequence, the sequence's options, statistics target, options, options of the foreign
 * table, the type's storage
 */
export const listTableColumns = (scope: Scope) => sql`
  select a.attrelid, quote_ident(a.attname), format_type(a.atttypid, a.atttypmod),
         a.attislocal or a.attinhcount = 0,
         case when a.attgenerated = '' then pg_get_expr(d.adbin, d.adrelid) end,
         pg_get_expr(pd.adbin, pd.adrelid), a.attnotnull,
         coalesce(pa.attnotnull, false),
         case when a.attstorage <> t.typstorage then ${storageName(sql`a.attstorage`)} end,
         (select quote_ident(k.conname) from pg_constraint k
          where k.conrelid = a.attrelid and k.contype = 'n' and k.conkey = array[a.attnum]
            and k.conname <> left(c.relname || '_' || a.attname || '_not_null', 63)),
         case when a.attcollation <> t.typcollation then
           (select format('%I.%I', cn.nspname, l.collname)
            from pg_collation l join pg_namespace cn on cn.oid = l.collnamespace where l.oid = a.attcollation) end,
         case a.attcompression when 'p' then 'pglz' when 'l' then 'lz4' end,
         case when a.attgenerated <> '' then pg_get_expr(d.adbin, d.adrelid) end,
         case a.attgenerated when 's' then 'stored' when 'v' then 'virtual' end,
         -- From 17 on a partition draws from the sequence of its parent: then it has no identity of its own.
         case when own.identity is not null then case a.attidentity when 'a' then 'always' when 'd' then 'by default' end end,
         own.identity, own.options,
         case when coalesce((to_jsonb(a) ->> 'attstattarget')::int, -1) >= 0 then to_jsonb(a) ->> 'attstattarget' end,
         -- The releases of November 2026 keep a mark of their own among the options, which nobody can set.
         (select string_agg(o, ', ' order by o) from unnest(a.attoptions) o where o !~ '^pg_attver='),
         (select string_agg(format('%I %L', o.option_name, o.option_value), ', ') from pg_options_to_table(a.attfdwoptions) o),
         ${storageName(sql`t.typstorage`)}
  from pg_class c
  join pg_namespace n on n.oid = c.relnamespace
  join pg_attribute a on a.attrelid = c.oid and a.attnum > 0 and not a.attisdropped
  join pg_type t on t.oid = a.atttypid
  left join pg_attrdef d on d.adrelid = a.attrelid and d.adnum = a.attnum
  left join pg_inherits i on i.inhrelid = c.oid and i.inhseqno = 1
  left join pg_attribute pa on pa.attrelid = i.inhparent and pa.attname = a.attname and not pa.attisdropped
  left join pg_attrdef pd on pd.adrelid = pa.attrelid and pd.adnum = pa.attnum
  left join lateral (
    select format('%I.%I', sn.nspname, s.relname) as identity,
           regexp_replace(${sequenceOptions(sql`s.oid`)}, '^as \\w+ ?', '') as options
    from pg_depend e join pg_class s on s.oid = e.objid and s.relkind = 'S'
    join pg_namespace sn on sn.oid = s.relnamespace
    where e.refclassid = 'pg_class'::regclass and e.refobjid = a.attrelid and e.refobjsubid = a.attnum
      and e.classid = 'pg_class'::regclass and e.deptype = 'i' and a.attidentity <> ''
  ) own on true
  where c.relkind in ('r', 'p', 'f') and ${ofRelation(scope)}
  order by a.attrelid, a.attnum`

/** oid, name, options, owner column: sequences that are not of an identity column */
export const listSequences = (scope: Scope) => sql`
  select c.oid, format('%I.%I', n.nspname, c.relname), c.relpersistence, ${sequenceOptions(sql`c.oid`)},
         (select format('%s.%I', e.refobjid::regclass, a.attname)
          from pg_depend e join pg_attribute a on a.attrelid = e.refobjid and a.attnum = e.refobjsubid
          where e.classid = 'pg_class'::regclass and e.objid = c.oid and e.refclassid = 'pg_class'::regclass and e.deptype = 'a'),
         (select e.refobjid from pg_depend e
          where e.classid = 'pg_class'::regclass and e.objid = c.oid and e.refclassid = 'pg_class'::regclass and e.deptype = 'a')
  from pg_class c
  join pg_namespace n on n.oid = c.relnamespace
  where c.relkind = 'S' and ${ofRelation(scope)}
    and not exists (select from pg_depend e where e.classid = 'pg_class'::regclass and e.objid = c.oid and e.deptype = 'i'
                      and e.refclassid = 'pg_class'::regclass)`

/** relation, settings that follow the table: row security, replica identity, cluster */
export const listTableSettings = (scope: Scope) => sql`
  select c.oid, concat_ws(e'\\n',
           case when c.relrowsecurity then 'enable row level security' end,
           case when c.relforcerowsecurity then 'force row level security' end,
           case c.relreplident when 'f' then 'replica identity full' when 'n' then 'replica identity nothing'
             when 'i' then (select format('replica identity using index %I', x.relname) from pg_index i
                            join pg_class x on x.oid = i.indexrelid where i.indrelid = c.oid and i.indisreplident) end,
           (select format('cluster on %I', x.relname) from pg_index i
            join pg_class x on x.oid = i.indexrelid where i.indrelid = c.oid and i.indisclustered))
  from pg_class c
  join pg_namespace n on n.oid = c.relnamespace
  where c.relkind in ('r', 'p', 'm') and ${ofRelation(scope)}
    and (c.relrowsecurity or c.relforcerowsecurity or c.relreplident in ('f', 'n', 'i')
         or exists (select from pg_index i where i.indrelid = c.oid and i.indisclustered))`

/** kind, class, oid, relation, name, statement, parent index, qualified name of the index or the statistics: what a table holds beside its columns */
export const listTableParts = (scope: Scope) => sql`
  select 'index', 'pg_class', i.indexrelid, c.oid, x.relname, pg_get_indexdef(i.indexrelid),
         (select h.inhparent::regclass::text from pg_inherits h where h.inhrelid = i.indexrelid), i.indexrelid::regclass::text
  from pg_index i
  join pg_class x on x.oid = i.indexrelid
  join pg_class c on c.oid = i.indrelid
  join pg_namespace n on n.oid = c.relnamespace
  where c.relkind in ('r', 'p', 'm') and ${ofRelation(scope)}
    and not exists (select from pg_constraint k where k.conindid = i.indexrelid and k.conrelid = i.indrelid and k.contype in ('p', 'u', 'x'))
  union all
  select 'constraint', 'pg_constraint', k.oid, c.oid, k.conname,
         format('alter %s %s%s add constraint %I %s', case c.relkind when 'f' then 'foreign table' else 'table' end,
                case when k.contype in ('p', 'u', 'x') then 'only ' else '' end, c.oid::regclass, k.conname,
                pg_get_constraintdef(k.oid)),
         (select h.inhparent::regclass::text from pg_inherits h where h.inhrelid = k.conindid and k.contype in ('p', 'u', 'x')),
         case when k.contype in ('p', 'u', 'x') then k.conindid::regclass::text end
  from pg_constraint k
  join pg_class c on c.oid = k.conrelid
  join pg_namespace n on n.oid = c.relnamespace
  where ${ofRelation(scope)}
    and (k.contype in ('p', 'u', 'x') or k.contype = 'f' and k.conparentid = 0 or k.contype = 'c' and k.conislocal)
  union all
  select 'trigger', 'pg_trigger', t.oid, c.oid, t.tgname,
         concat_ws(e';\\n', pg_get_triggerdef(t.oid),
           case t.tgenabled when 'D' then format('alter table %s disable trigger %I', c.oid::regclass, t.tgname)
                            when 'A' then format('alter table %s enable always trigger %I', c.oid::regclass, t.tgname)
                            when 'R' then format('alter table %s enable replica trigger %I', c.oid::regclass, t.tgname) end),
         null, null
  from pg_trigger t
  join pg_class c on c.oid = t.tgrelid
  join pg_namespace n on n.oid = c.relnamespace
  where not t.tgisinternal and t.tgparentid = 0 and ${ofRelation(scope)}
  union all
  select 'rule', 'pg_rewrite', r.oid, c.oid, r.rulename, rtrim(pg_get_ruledef(r.oid), ';'), null, null
  from pg_rewrite r
  join pg_class c on c.oid = r.ev_class
  join pg_namespace n on n.oid = c.relnamespace
  where r.rulename <> '_RETURN' and ${ofRelation(scope)}
  union all
  select 'policy', 'pg_policy', p.oid, c.oid, p.polname,
         concat_ws(' ', format('create policy %I on %s', p.polname, c.oid::regclass),
           case when not p.polpermissive then 'as restrictive' end,
           'for ' || case p.polcmd when 'r' then 'select' when 'a' then 'insert' when 'w' then 'update' when 'd' then 'delete' else 'all' end,
           'to ' || (select string_agg(case when r = 0 then 'public' else quote_ident(pg_get_userbyid(r)) end, ', ') from unnest(p.polroles) r),
           'using (' || pg_get_expr(p.polqual, p.polrelid) || ')',
           'with check (' || pg_get_expr(p.polwithcheck, p.polrelid) || ')'),
         null, null
  from pg_policy p
  join pg_class c on c.oid = p.polrelid
  join pg_namespace n on n.oid = c.relnamespace
  where ${ofRelation(scope)}
  union all
  select 'statistics', 'pg_statistic_ext', s.oid, c.oid, s.stxname, pg_get_statisticsobjdef(s.oid), null,
         (select format('%I.%I', sn.nspname, s.stxname) from pg_namespace sn where sn.oid = s.stxnamespace)
  from pg_statistic_ext s
  join pg_class c on c.oid = s.stxrelid
  join pg_namespace n on n.oid = c.relnamespace
  where ${ofRelation(scope)}`
