import type pg from 'pg'

// What the catalogue says of everything that users made, as sorted lines without object ids: the oracle of the
// definitions, which shares no statement with them.
const ours = `n.nspname !~ '^pg_' and n.nspname <> 'information_schema'`
const acl = (column: string) => `(select string_agg(x::text, ' ' order by x::text) from unnest(${column}) x)`

const lines = [
  `select 'schema', n.nspname, pg_get_userbyid(n.nspowner), ${acl('n.nspacl')} from pg_namespace n where ${ours}`,
  `select 'relation', n.nspname, c.relname, c.relkind, c.relpersistence, (select string_agg(o, ' ' order by o) from unnest(c.reloptions) o),
          (select string_agg(o, ' ' order by o) from pg_class t, unnest(t.reloptions) o where t.oid = c.reltoastrelid),
          c.relrowsecurity, c.relforcerowsecurity, c.relreplident, c.relispopulated, c.reloftype::regtype, pg_get_userbyid(c.relowner),
          ${acl('c.relacl')}, c.relispartition, pg_get_expr(c.relpartbound, c.oid), case when c.relkind = 'p' then pg_get_partkeydef(c.oid) end,
          (select string_agg(i.inhparent::regclass::text, ',' order by i.inhseqno) from pg_inherits i where i.inhrelid = c.oid),
          case when c.relkind in ('v', 'm') then pg_get_viewdef(c.oid) end
   from pg_class c join pg_namespace n on n.oid = c.relnamespace where ${ours} and c.relkind <> 't'`,
  `select 'column', a.attrelid::regclass, a.attname, row_number() over (partition by a.attrelid order by a.attnum),
          format_type(a.atttypid, a.atttypmod), a.attnotnull, a.attidentity, a.attgenerated, a.attstorage, a.attcompression,
          a.attcollation::regcollation, nullif(a.attstattarget, -1), (select string_agg(o, ' ') from unnest(a.attoptions) o where o !~ '^pg_attver='), a.attfdwoptions, ${acl('a.attacl')}, a.attislocal, a.attinhcount,
          pg_get_expr(d.adbin, d.adrelid)
   from pg_attribute a join pg_class c on c.oid = a.attrelid join pg_namespace n on n.oid = c.relnamespace
   left join pg_attrdef d on d.adrelid = a.attrelid and d.adnum = a.attnum
   where ${ours} and a.attnum > 0 and not a.attisdropped and c.relkind in ('r', 'p', 'v', 'm', 'f', 'c')`,
  `select 'constraint', k.conrelid::regclass, k.contypid::regtype, k.conname, k.contype, pg_get_constraintdef(k.oid), k.convalidated,
          k.conislocal, k.coninhcount, k.contype = 'c' and k.connoinherit
   from pg_constraint k join pg_namespace n on n.oid = k.connamespace where ${ours} and k.contype <> 'n'`,
  `select 'not null', k.conrelid::regclass, k.conname, k.conkey
   from pg_constraint k join pg_namespace n on n.oid = k.connamespace where ${ours} and k.contype = 'n' and k.conislocal and k.conname not like '%\\_not\\_null'`,
  `select 'index', pg_get_indexdef(i.indexrelid), i.indisvalid, i.indisreplident, i.indisclustered,
          (select h.inhparent::regclass from pg_inherits h where h.inhrelid = i.indexrelid)
   from pg_index i join pg_class c on c.oid = i.indexrelid join pg_namespace n on n.oid = c.relnamespace where ${ours}`,
  `select 'trigger', pg_get_triggerdef(t.oid), t.tgenabled from pg_trigger t join pg_class c on c.oid = t.tgrelid
   join pg_namespace n on n.oid = c.relnamespace where ${ours} and not t.tgisinternal`,
  `select 'rule', pg_get_ruledef(r.oid) from pg_rewrite r join pg_class c on c.oid = r.ev_class join pg_namespace n on n.oid = c.relnamespace
   where ${ours} and r.rulename <> '_RETURN'`,
  `select 'policy', schemaname, tablename, policyname, permissive, roles, cmd, qual, with_check from pg_policies`,
  `select 'routine', p.oid::regprocedure, p.prokind, case when p.prokind <> 'a' then pg_get_functiondef(p.oid) end,
          pg_get_userbyid(p.proowner), ${acl('p.proacl')}
   from pg_proc p join pg_namespace n on n.oid = p.pronamespace where ${ours}
     and not exists (select from pg_depend e where e.objid = p.oid and e.deptype in ('e', 'i'))`,
  `select 'aggregate', a.aggfnoid::regprocedure, a.aggkind, a.aggtransfn, a.aggfinalfn, a.aggcombinefn, a.aggtranstype::regtype, a.agginitval, a.aggmtransfn,
          a.aggminvtransfn, a.aggminitval, a.aggsortop::regoperator
   from pg_aggregate a join pg_proc p on p.oid = a.aggfnoid join pg_namespace n on n.oid = p.pronamespace where ${ours}`,
  `select 'type', t.oid::regtype, t.typtype, t.typnotnull, t.typdefault, t.typbasetype::regtype, t.typtypmod, t.typcollation::regcollation,
          pg_get_userbyid(t.typowner), ${acl('t.typacl')},
          (select string_agg(e.enumlabel, ',' order by e.enumsortorder) from pg_enum e where e.enumtypid = t.oid),
          (select concat_ws(' ', r.rngsubtype::regtype, r.rngmultitypid::regtype, r.rngsubdiff) from pg_range r where r.rngtypid = t.oid)
   from pg_type t join pg_namespace n on n.oid = t.typnamespace where ${ours}`,
  `select 'sequence', schemaname, sequencename, data_type, start_value, min_value, max_value, increment_by, cycle, cache_size,
          (select e.refobjid::regclass || '.' || e.refobjsubid || e.deptype::text from pg_depend e
           where e.classid = 'pg_class'::regclass and e.objid = format('%I.%I', schemaname, sequencename)::regclass and e.deptype in ('a', 'i'))
   from pg_sequences`,
  `select 'comment', i.type, i.identity, d.description from pg_description d
   cross join lateral pg_identify_object(d.classoid, d.objoid, d.objsubid) i
   where d.objoid >= 16384`,
  `select 'extension', e.extname, n.nspname from pg_extension e join pg_namespace n on n.oid = e.extnamespace`,
  `select 'publication', p.pubname, p.puballtables, p.pubinsert, p.pubupdate, p.pubdelete, p.pubtruncate, p.pubviaroot,
          (select string_agg(concat_ws(' ', r.prrelid::regclass, r.prattrs, pg_get_expr(r.prqual, r.prrelid)), ';' order by r.prrelid::regclass::text)
           from pg_publication_rel r where r.prpubid = p.oid),
          (select string_agg(r.pnnspid::regnamespace::text, ';') from pg_publication_namespace r where r.pnpubid = p.oid)
   from pg_publication p`,
  `select 'text search', g.oid::regconfig, p.prsname, pg_get_userbyid(g.cfgowner),
          (select string_agg(concat_ws(' ', m.maptokentype, m.mapseqno, m.mapdict::regdictionary), ',' order by m.maptokentype, m.mapseqno) from pg_ts_config_map m where m.mapcfg = g.oid)
   from pg_ts_config g join pg_ts_parser p on p.oid = g.cfgparser join pg_namespace n on n.oid = g.cfgnamespace where ${ours}`,
  `select 'dictionary', d.oid::regdictionary, t.tmplname, d.dictinitoption, pg_get_userbyid(d.dictowner)
   from pg_ts_dict d join pg_ts_template t on t.oid = d.dicttemplate join pg_namespace n on n.oid = d.dictnamespace where ${ours}`,
  `select 'operator', o.oid::regoperator, o.oprcode::regprocedure, o.oprcom::regoperator, o.oprnegate::regoperator, o.oprrest, o.oprjoin, o.oprcanhash, o.oprcanmerge, pg_get_userbyid(o.oprowner)
   from pg_operator o join pg_namespace n on n.oid = o.oprnamespace where ${ours} and not exists (select from pg_depend e where e.objid = o.oid and e.deptype = 'e')`,
  `select 'cast', castsource::regtype, casttarget::regtype, castfunc::regprocedure, castcontext, castmethod from pg_cast where oid >= 16384 and not exists (select from pg_depend e where e.objid = pg_cast.oid and e.deptype = 'e')`,
  `select 'event trigger', evtname, evtevent, evtfoid::regproc, evtenabled, evttags from pg_event_trigger`,
  `select 'statistics', pg_get_statisticsobjdef(s.oid) from pg_statistic_ext s`,
  `select 'collation', l.oid::regcollation, l.collprovider, l.collcollate, l.collctype, l.collisdeterministic
   from pg_collation l join pg_namespace n on n.oid = l.collnamespace where ${ours}`,
  `select 'server', s.srvname, s.srvtype, s.srvversion, s.srvoptions, w.fdwname, ${acl('s.srvacl')} from pg_foreign_server s join pg_foreign_data_wrapper w on w.oid = s.srvfdw`,
  `select 'default privileges', pg_get_userbyid(d.defaclrole), d.defaclnamespace::regnamespace, d.defaclobjtype, ${acl('d.defaclacl')} from pg_default_acl d`,
]

/** The whole catalogue of what users made, comparable between two databases. */
export async function fingerprint(client: pg.Client): Promise<string[]> {
  const all: string[] = []
  await client.query('begin')
  await client.query("set local search_path = ''")
  for (const text of lines) {
    const { rows } = await client.query<{ line: string }>(`select q::text as line from (${text}) q`)
    all.push(...rows.map(({ line }) => line))
  }
  await client.query('commit')
  return all.sort()
}
