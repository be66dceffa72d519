import { z } from 'zod'
import { query, type Sql, sql } from '../../sql.ts'
import { isOurs } from '../model/sql.ts'
import { isOwn, ofRest, type Scope } from './scope.ts'

/** What is neither a relation nor a routine nor a type, as rows of `listObjects`. */
export const otherObjects = (scope: Scope): Sql => sql`
  select 'collation', 'pg_collation', l.oid, n.nspname, l.collname::text,
         format('create collation %I.%I (%s)', n.nspname, l.collname, concat_ws(', ',
           'provider = ' || case l.collprovider when 'i' then 'icu' when 'b' then 'builtin' else 'libc' end,
           case when l.collprovider = 'c' and l.collcollate = l.collctype then format('locale = %L', l.collcollate) end,
           case when l.collprovider = 'c' and l.collcollate <> l.collctype
             then format('lc_collate = %L, lc_ctype = %L', l.collcollate, l.collctype) end,
           case when l.collprovider <> 'c'
             then format('locale = %L', coalesce(to_jsonb(l) ->> 'colllocale', to_jsonb(l) ->> 'colliculocale')) end,
           'rules = ' || quote_literal(to_jsonb(l) ->> 'collicurules'),
           case when not l.collisdeterministic then 'deterministic = false' end)), null
  from pg_collation l
  join pg_namespace n on n.oid = l.collnamespace
  where ${ofRest(scope)} and ${isOurs} and ${isOwn(sql`'pg_collation'::regclass`, sql`l.oid`)}
  union all
  select 'foreign data wrapper', 'pg_foreign_data_wrapper', w.oid, null, w.fdwname::text,
         concat_ws(' ', format('create foreign data wrapper %I', w.fdwname),
           case when w.fdwhandler <> 0 then 'handler ' || w.fdwhandler::regproc end,
           case when w.fdwvalidator <> 0 then 'validator ' || w.fdwvalidator::regproc end), null
  from pg_foreign_data_wrapper w
  where ${ofRest(scope)} and ${isOwn(sql`'pg_foreign_data_wrapper'::regclass`, sql`w.oid`)}
  union all
  select 'server', 'pg_foreign_server', s.oid, null, s.srvname::text,
         concat_ws(' ', format('create server %I', s.srvname), 'type ' || quote_literal(s.srvtype), 'version ' || quote_literal(s.srvversion),
           format('foreign data wrapper %I', w.fdwname),
           (select 'options (' || string_agg(format('%I %L', o.option_name, o.option_value), ', ') || ')' from pg_options_to_table(s.srvoptions) o)), null
  from pg_foreign_server s
  join pg_foreign_data_wrapper w on w.oid = s.srvfdw
  where ${ofRest(scope)}
  union all
  select 'event trigger', 'pg_event_trigger', e.oid, null, e.evtname::text,
         concat_ws(e';\\n',
           format('create event trigger %I on %s%s execute function %s()', e.evtname, e.evtevent,
             (select ' when tag in (' || string_agg(quote_literal(tag), ', ') || ')' from unnest(e.evttags) tag), e.evtfoid::regproc),
           case e.evtenabled when 'D' then format('alter event trigger %I disable', e.evtname)
                             when 'A' then format('alter event trigger %I enable always', e.evtname)
                             when 'R' then format('alter event trigger %I enable replica', e.evtname) end), null
  from pg_event_trigger e
  where ${ofRest(scope)} and ${isOwn(sql`'pg_event_trigger'::regclass`, sql`e.oid`)}
  union all
  select 'publication', 'pg_publication', p.oid, null, p.pubname::text,
         concat_ws(' ', format('create publication %I', p.pubname),
           case when p.puballtables then 'for all tables' else (
             select 'for ' || string_agg(member, ', ' order by member) from (
               select 'table only ' || r.prrelid::regclass
                      || coalesce(' (' || (select string_agg(quote_ident(a.attname), ', ' order by at.at) from unnest(r.prattrs) with ordinality at (num, at)
                                           join pg_attribute a on a.attrelid = r.prrelid and a.attnum = at.num) || ')', '')
                      || coalesce(' where (' || pg_get_expr(r.prqual, r.prrelid) || ')', '') as member
               from pg_publication_rel r where r.prpubid = p.oid
               union all
               select format('tables in schema %I', sn.nspname) from pg_publication_namespace s
               join pg_namespace sn on sn.oid = s.pnnspid where s.pnpubid = p.oid) m) end,
           format('with (publish = %L%s)', concat_ws(', ', case when p.pubinsert then 'insert' end, case when p.pubupdate then 'update' end,
                    case when p.pubdelete then 'delete' end, case when p.pubtruncate then 'truncate' end),
                  concat(case when p.pubviaroot then ', publish_via_partition_root = true' end,
                         case when to_jsonb(p) ->> 'pubgencols' = 's' then ', publish_generated_columns = stored' end))), null
  from pg_publication p
  where ${ofRest(scope)}
  union all
  select 'text search dictionary', 'pg_ts_dict', d.oid, n.nspname, d.dictname::text,
         format('create text search dictionary %I.%I (template = %s%s)', n.nspname, d.dictname,
           (select format('%I.%I', tn.nspname, t.tmplname) from pg_ts_template t join pg_namespace tn on tn.oid = t.tmplnamespace
            where t.oid = d.dicttemplate), ', ' || d.dictinitoption), null
  from pg_ts_dict d
  join pg_namespace n on n.oid = d.dictnamespace
  where ${ofRest(scope)} and ${isOurs} and ${isOwn(sql`'pg_ts_dict'::regclass`, sql`d.oid`)}
  union all
  select 'text search configuration', 'pg_ts_config', g.oid, n.nspname, g.cfgname::text,
         concat_ws(e';\\n',
           format('create text search configuration %I.%I (parser = %s)', n.nspname, g.cfgname,
             (select format('%I.%I', pn.nspname, p.prsname) from pg_ts_parser p join pg_namespace pn on pn.oid = p.prsnamespace
              where p.oid = g.cfgparser)),
           (select string_agg(format('alter text search configuration %I.%I add mapping for %s with %s', n.nspname, g.cfgname, m.tokens, m.dictionaries),
                              e';\\n' order by m.at)
            from (
              select min(token.at) as at, string_agg(token.alias, ', ' order by token.at) as tokens, token.dictionaries
              from (
                select t.tokid as at, quote_ident(t.alias) as alias, string_agg(m.mapdict::regdictionary::text, ', ' order by m.mapseqno) as dictionaries
                from pg_ts_config_map m
                join lateral ts_token_type(g.cfgparser) t on t.tokid = m.maptokentype
                where m.mapcfg = g.oid
                group by t.tokid, t.alias
              ) token
              group by token.dictionaries
            ) m)), null
  from pg_ts_config g
  join pg_namespace n on n.oid = g.cfgnamespace
  where ${ofRest(scope)} and ${isOurs} and ${isOwn(sql`'pg_ts_config'::regclass`, sql`g.oid`)}
  union all
  select 'operator', 'pg_operator', o.oid, n.nspname,
         format('%s(%s, %s)', o.oprname, case when o.oprleft = 0 then 'none' else format_type(o.oprleft, null) end, format_type(o.oprright, null)),
         format('create operator %I.%s (%s)', n.nspname, o.oprname, concat_ws(', ', 'function = ' || o.oprcode::regproc,
           case when o.oprleft <> 0 then 'leftarg = ' || format_type(o.oprleft, null) end, 'rightarg = ' || format_type(o.oprright, null),
           (select format('commutator = operator(%I.%s)', cn.nspname, c.oprname) from pg_operator c join pg_namespace cn on cn.oid = c.oprnamespace where c.oid = o.oprcom),
           (select format('negator = operator(%I.%s)', cn.nspname, c.oprname) from pg_operator c join pg_namespace cn on cn.oid = c.oprnamespace where c.oid = o.oprnegate),
           case when o.oprrest <> 0 then 'restrict = ' || o.oprrest::regproc end, case when o.oprjoin <> 0 then 'join = ' || o.oprjoin::regproc end,
           case when o.oprcanhash then 'hashes' end, case when o.oprcanmerge then 'merges' end)), null
  from pg_operator o
  join pg_namespace n on n.oid = o.oprnamespace
  -- An operator that only another one named as its commutator has no function yet.
  where ${ofRest(scope)} and o.oprcode <> 0 and ${isOurs} and ${isOwn(sql`'pg_operator'::regclass`, sql`o.oid`)}
  union all
  select 'cast', 'pg_cast', k.oid, null, format('(%s as %s)', format_type(k.castsource, null), format_type(k.casttarget, null)),
         concat_ws(' ', format('create cast (%s as %s)', format_type(k.castsource, null), format_type(k.casttarget, null)),
           case k.castmethod when 'f' then 'with function ' || k.castfunc::regprocedure when 'i' then 'with inout' else 'without function' end,
           case k.castcontext when 'a' then 'as assignment' when 'i' then 'as implicit' end), null
  from pg_cast k
  where ${ofRest(scope)} and k.oid >= 16384 and ${isOwn(sql`'pg_cast'::regclass`, sql`k.oid`)}`

/** Who owns them, and what a table holds under a name of its own, as rows of the objects of `listGrants`. */
export const otherOwners = (scope: Scope): Sql => sql`
  select o.class, o.oid, 0, null, o.name, null, o.owner, null::aclitem[], null::aclitem[], o.owned
  from (
    select 'pg_collation' as class, o.oid, format('%I.%I', n.nspname, o.collname) as name, o.collowner as owner, 'collation' as owned
    from pg_collation o join pg_namespace n on n.oid = o.collnamespace
    where ${isOurs} and ${isOwn(sql`'pg_collation'::regclass`, sql`o.oid`)}
    union all
    select 'pg_ts_dict' as class, o.oid, format('%I.%I', n.nspname, o.dictname) as name, o.dictowner as owner, 'text search dictionary' as owned
    from pg_ts_dict o join pg_namespace n on n.oid = o.dictnamespace
    where ${isOurs} and ${isOwn(sql`'pg_ts_dict'::regclass`, sql`o.oid`)}
    union all
    select 'pg_ts_config' as class, o.oid, format('%I.%I', n.nspname, o.cfgname) as name, o.cfgowner as owner, 'text search configuration' as owned
    from pg_ts_config o join pg_namespace n on n.oid = o.cfgnamespace
    where ${isOurs} and ${isOwn(sql`'pg_ts_config'::regclass`, sql`o.oid`)}
    union all
    select 'pg_statistic_ext' as class, o.oid, format('%I.%I', n.nspname, o.stxname) as name, o.stxowner as owner, 'statistics' as owned
    from pg_statistic_ext o join pg_namespace n on n.oid = o.stxnamespace
    where ${isOurs} and ${isOwn(sql`'pg_statistic_ext'::regclass`, sql`o.oid`)}
    union all
    select 'pg_operator', o.oid, format('%I.%s (%s, %s)', n.nspname, o.oprname,
             case when o.oprleft = 0 then 'none' else format_type(o.oprleft, null) end, format_type(o.oprright, null)), o.oprowner, 'operator'
    from pg_operator o join pg_namespace n on n.oid = o.oprnamespace
    where ${isOurs} and o.oprcode <> 0 and ${isOwn(sql`'pg_operator'::regclass`, sql`o.oid`)}
    union all
    select 'pg_publication', o.oid, quote_ident(o.pubname), o.pubowner, 'publication'
    from pg_publication o
    where ${isOwn(sql`'pg_publication'::regclass`, sql`o.oid`)}
    union all
    select 'pg_event_trigger', o.oid, quote_ident(o.evtname), o.evtowner, 'event trigger'
    from pg_event_trigger o
    where ${isOwn(sql`'pg_event_trigger'::regclass`, sql`o.oid`)}
    union all
    select 'pg_foreign_data_wrapper', o.oid, quote_ident(o.fdwname), o.fdwowner, 'foreign data wrapper'
    from pg_foreign_data_wrapper o
    where ${isOwn(sql`'pg_foreign_data_wrapper'::regclass`, sql`o.oid`)}
  ) o
  where ${ofRest(scope)}`

/** kind, name: what a user made that Atlas does not write the making of; pg_dump does. */
export const listUnwritten = () =>
  query(
    z.object({ kind: z.string(), name: z.string() }),
    sql`
  select u.type as kind, u.identity as name
  from (
    select 'pg_opfamily'::regclass as class, oid from pg_opfamily
    union all select 'pg_opclass'::regclass, oid from pg_opclass
    union all select 'pg_ts_parser'::regclass, oid from pg_ts_parser
    union all select 'pg_ts_template'::regclass, oid from pg_ts_template
    union all select 'pg_conversion'::regclass, oid from pg_conversion
    union all select 'pg_am'::regclass, oid from pg_am
    union all select 'pg_transform'::regclass, oid from pg_transform
    union all select 'pg_language'::regclass, oid from pg_language
    union all select 'pg_type'::regclass, oid from pg_type where typtype = 'b' and typcategory <> 'A'
  ) o
  cross join lateral pg_identify_object(o.class, o.oid, 0) u
  where o.oid >= 16384 and ${isOwn(sql`o.class`, sql`o.oid`)}
  union all
  select 'user mapping', format('%s on server %s', usename, srvname) from pg_user_mappings
  union all
  select 'subscription', s.subname from pg_subscription s where s.subdbid = (select oid from pg_database where datname = current_database())
  order by 1, 2`,
  )
