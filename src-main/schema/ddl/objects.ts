import { z } from 'zod'
import { query, sql } from '../../sql.ts'
import { isOurs } from '../model/sql.ts'
import { otherObjects, otherOwners } from './otherObjects.ts'
import { isOne, isOwn, ofObject, ofRelation, ofRest, type Scope } from './scope.ts'

/** kind, class, oid, schema, name, statement, what it is made of as JSON: everything that belongs to no table */
export const listObjects = (scope: Scope) => sql`
  select 'schema', 'pg_namespace', n.oid, null::name, n.nspname::text, format('create schema if not exists %I', n.nspname), null::jsonb
  from pg_namespace n
  where ${ofRest(scope)} and ${isOurs} and ${isOwn(sql`'pg_namespace'::regclass`, sql`n.oid`)}
  union all
  select 'extension', 'pg_extension', e.oid, n.nspname, e.extname::text,
         format('create extension if not exists %I with schema %I', e.extname, n.nspname),
         jsonb_build_object('schema', quote_ident(n.nspname))
  from pg_extension e
  join pg_namespace n on n.oid = e.extnamespace
  where ${ofRest(scope)}
  union all
  select case p.prokind when 'p' then 'procedure' when 'a' then 'aggregate' when 'w' then 'window function' else 'function' end,
         'pg_proc', p.oid, n.nspname, format('%I(%s)', p.proname, case when p.prokind = 'a' then pg_get_function_identity_arguments(p.oid) else oidvectortypes(p.proargtypes) end),
         case when p.prokind = 'a' then (
           select format('create aggregate %I.%I(%s) (%s)', n.nspname, p.proname,
             coalesce(nullif(pg_get_function_identity_arguments(p.oid), ''), '*'),
             concat_ws(', ', 'sfunc = ' || a.aggtransfn::regproc, 'stype = ' || format_type(a.aggtranstype, null),
               case when a.aggtransspace <> 0 then 'sspace = ' || a.aggtransspace end,
               case when a.aggfinalfn <> 0 then 'finalfunc = ' || a.aggfinalfn::regproc end,
               case when a.aggfinalextra then 'finalfunc_extra' end,
               case when a.aggfinalmodify <> 'r' and a.aggkind = 'n' then 'finalfunc_modify = ' || case a.aggfinalmodify when 's' then 'shareable' else 'read_write' end end,
               case when a.aggcombinefn <> 0 then 'combinefunc = ' || a.aggcombinefn::regproc end,
               case when a.aggserialfn <> 0 then 'serialfunc = ' || a.aggserialfn::regproc end,
               case when a.aggdeserialfn <> 0 then 'deserialfunc = ' || a.aggdeserialfn::regproc end,
               'initcond = ' || quote_literal(a.agginitval),
               case when a.aggmtransfn <> 0 then 'msfunc = ' || a.aggmtransfn::regproc end,
               case when a.aggminvtransfn <> 0 then 'minvfunc = ' || a.aggminvtransfn::regproc end,
               case when a.aggmtranstype <> 0 then 'mstype = ' || format_type(a.aggmtranstype, null) end,
               case when a.aggmfinalfn <> 0 then 'mfinalfunc = ' || a.aggmfinalfn::regproc end,
               'minitcond = ' || quote_literal(a.aggminitval),
               case when a.aggsortop <> 0 then (select format('sortop = operator(%I.%s)', opn.nspname, op.oprname)
                                                from pg_operator op join pg_namespace opn on opn.oid = op.oprnamespace where op.oid = a.aggsortop) end,
               case p.proparallel when 's' then 'parallel = safe' when 'r' then 'parallel = restricted' end,
               case when a.aggkind = 'h' then 'hypothetical' end))
           from pg_aggregate a where a.aggfnoid = p.oid)
         else rtrim(pg_get_functiondef(p.oid), e'\\n') end,
         jsonb_build_object('signature', concat_ws(' returns ', pg_get_function_arguments(p.oid), pg_get_function_result(p.oid)))
  from pg_proc p
  join pg_namespace n on n.oid = p.pronamespace
  where ${ofObject(scope, 'routine', sql`p.oid`)}
  union all
  select case t.typtype when 'e' then 'enum' when 'd' then 'domain' when 'c' then 'composite type' else 'range type' end,
         'pg_type', t.oid, n.nspname, t.typname::text,
         case t.typtype
           when 'e' then format('create type %I.%I as enum (%s)', n.nspname, t.typname,
             (select string_agg(quote_literal(e.enumlabel), ', ' order by e.enumsortorder) from pg_enum e where e.enumtypid = t.oid))
           when 'c' then format('create type %I.%I as (%s)', n.nspname, t.typname,
             (select e'\\n  ' || string_agg(concat_ws(' ', quote_ident(a.attname), format_type(a.atttypid, a.atttypmod),
                case when a.attcollation <> at.typcollation then 'collate ' || (select format('%I.%I', cn.nspname, l.collname)
                  from pg_collation l join pg_namespace cn on cn.oid = l.collnamespace where l.oid = a.attcollation) end),
                e',\\n  ' order by a.attnum) || e'\\n'
              from pg_attribute a join pg_type at on at.oid = a.atttypid
              where a.attrelid = t.typrelid and a.attnum > 0 and not a.attisdropped))
           when 'd' then concat_ws(' ', format('create domain %I.%I as %s', n.nspname, t.typname, format_type(t.typbasetype, t.typtypmod)),
             case when t.typcollation <> bt.typcollation then 'collate ' || (select format('%I.%I', cn.nspname, l.collname)
               from pg_collation l join pg_namespace cn on cn.oid = l.collnamespace where l.oid = t.typcollation) end,
             'default ' || t.typdefault,
             case when t.typnotnull then 'not null' end,
             (select string_agg(format('constraint %I %s', k.conname, pg_get_constraintdef(k.oid)), ' ' order by k.conname)
              from pg_constraint k where k.contypid = t.oid and k.contype = 'c'))
           else (select format('create type %I.%I as range (%s)', n.nspname, t.typname,
             concat_ws(', ', 'subtype = ' || format_type(r.rngsubtype, null),
               'subtype_opclass = ' || (select format('%I.%I', ocn.nspname, oc.opcname) from pg_opclass oc
                 join pg_namespace ocn on ocn.oid = oc.opcnamespace where oc.oid = r.rngsubopc and not oc.opcdefault),
               case when r.rngcollation <> st.typcollation then 'collation = ' || (select format('%I.%I', cn.nspname, l.collname)
                 from pg_collation l join pg_namespace cn on cn.oid = l.collnamespace where l.oid = r.rngcollation) end,
               case when r.rngcanonical <> 0 then 'canonical = ' || r.rngcanonical::regproc end,
               case when r.rngsubdiff <> 0 then 'subtype_diff = ' || r.rngsubdiff::regproc end,
               'multirange_type_name = ' || (select format('%I.%I', mn.nspname, m.typname) from pg_type m
                 join pg_namespace mn on mn.oid = m.typnamespace where m.oid = r.rngmultitypid)))
             from pg_range r join pg_type st on st.oid = r.rngsubtype where r.rngtypid = t.oid) end,
         case t.typtype
           when 'e' then jsonb_build_object('labels',
             (select jsonb_agg(e.enumlabel order by e.enumsortorder) from pg_enum e where e.enumtypid = t.oid))
           when 'c' then jsonb_build_object('attributes',
             (select jsonb_agg(jsonb_build_object('name', quote_ident(a.attname), 'type', concat_ws(' collate ',
                format_type(a.atttypid, a.atttypmod), case when a.attcollation <> at.typcollation
                  then (select format('%I.%I', cn.nspname, l.collname) from pg_collation l
                        join pg_namespace cn on cn.oid = l.collnamespace where l.oid = a.attcollation) end)) order by a.attnum)
              from pg_attribute a join pg_type at on at.oid = a.atttypid
              where a.attrelid = t.typrelid and a.attnum > 0 and not a.attisdropped))
           when 'd' then jsonb_build_object('base', concat_ws(' ', format_type(t.typbasetype, t.typtypmod),
               case when t.typcollation <> bt.typcollation then t.typcollation::regcollation::text end),
             'default', t.typdefault, 'isNotNull', t.typnotnull, 'constraints',
             (select jsonb_agg(jsonb_build_object('name', quote_ident(k.conname), 'definition', pg_get_constraintdef(k.oid)) order by k.conname)
              from pg_constraint k where k.contypid = t.oid and k.contype = 'c')) end
  from pg_type t
  join pg_namespace n on n.oid = t.typnamespace
  left join pg_type bt on bt.oid = t.typbasetype
  left join pg_class tc on tc.oid = t.typrelid
  where ${ofObject(scope, 'type', sql`t.oid`)}
    and (t.typtype in ('e', 'd', 'r') or t.typtype = 'c' and tc.relkind = 'c')
  union all
  ${otherObjects(scope)}
  union all
  select 'default privileges', 'pg_default_acl', d.oid, n.nspname,
         concat_ws(' ', pg_get_userbyid(d.defaclrole)::text, n.nspname::text, d.defaclobjtype::text),
         -- Those of a schema add to what is usual; those of the whole database stand in its place.
         (select string_agg(format('alter default privileges for role %I %s%s %s on %s %s %s%s', pg_get_userbyid(d.defaclrole),
             'in schema ' || quote_ident(n.nspname) || ' ', e.act, e.privilege_type,
             case d.defaclobjtype when 'r' then 'tables' when 'S' then 'sequences' when 'f' then 'functions' when 'T' then 'types' else 'schemas' end,
             case e.act when 'grant' then 'to' else 'from' end,
             case when e.grantee = 0 then 'public' else quote_ident(pg_get_userbyid(e.grantee)) end,
             case when e.is_grantable and e.act = 'grant' then ' with grant option' else '' end), e';\\n' order by e.act, e.grantee, e.privilege_type)
          from (select case when d.defaclnamespace = 0 then acldefault(case d.defaclobjtype when 'S' then 's' else d.defaclobjtype end, d.defaclrole) end as acl) usual
          cross join lateral (
            select 'grant' as act, g.* from (select * from aclexplode(d.defaclacl) except select * from aclexplode(usual.acl)) g
            union all
            select 'revoke', r.* from (select * from aclexplode(usual.acl) except select * from aclexplode(d.defaclacl)) r
          ) e), null
  from pg_default_acl d
  left join pg_namespace n on n.oid = d.defaclnamespace
  where ${ofRest(scope)}`

/** The statements that make a role: its attributes, then what it is a member of. No password ever leaves the server. */
export const roleDefinition = (name: string) =>
  query(
    z.object({ statement: z.string() }),
    sql`select concat_ws(' ', format('create role %I', r.rolname), case when r.rolsuper then 'superuser' end,
                 case when r.rolcanlogin then 'login' end, case when r.rolcreatedb then 'createdb' end,
                 case when r.rolcreaterole then 'createrole' end, case when r.rolreplication then 'replication' end,
                 case when r.rolbypassrls then 'bypassrls' end, case when not r.rolinherit then 'noinherit' end,
                 case when r.rolconnlimit >= 0 then 'connection limit ' || r.rolconnlimit end,
                 'valid until ' || quote_literal(r.rolvaliduntil)) as statement
        from pg_roles r
        where r.rolname = ${name}
        union all
        select format('grant %I to %I%s', pg_get_userbyid(m.roleid), r.rolname, case when m.admin_option then ' with admin option' else '' end)
        from pg_roles r
        join pg_auth_members m on m.member = r.oid
        where r.rolname = ${name}`,
  )

/** class, oid, column, what it is on, its text quoted: comments on all that is defined here, on columns and on constraints */
export const listComments = (scope: Scope) => sql`
  select case when t.oid is null and k.oid is null then d.classoid::regclass::text else 'pg_type' end,
         coalesce(t.oid, k.contypid, d.objoid), d.objsubid,
         format('comment on %s %s', case i.type when 'table column' then 'column' when 'view column' then 'column'
           when 'materialized view column' then 'column' when 'foreign table column' then 'column' when 'composite type column' then 'column'
           when 'table constraint' then 'constraint' when 'composite type' then 'type' when 'statistics object' then 'statistics'
           when 'foreign-data wrapper' then 'foreign data wrapper' when 'domain constraint' then 'constraint' else i.type end,
           case i.type when 'domain constraint' then replace(i.identity, ' on ', ' on domain ') else i.identity end), quote_literal(d.description)
  from pg_description d
  cross join lateral pg_identify_object(d.classoid, d.objoid, d.objsubid) i
  left join pg_type t on d.classoid = 'pg_class'::regclass and t.typrelid = d.objoid and i.type = 'composite type column'
  left join pg_constraint k on d.classoid = 'pg_constraint'::regclass and k.oid = d.objoid and k.contypid <> 0
  where ${
    !isOne(scope)
      ? sql`d.objoid >= 16384 or d.classoid = 'pg_namespace'::regclass and d.objoid >= 2200`
      : scope.type === 'relation'
        ? sql`d.objoid = ${scope.oid}::oid and d.classoid = 'pg_class'::regclass
              or d.classoid = 'pg_class'::regclass and d.objoid in (select indexrelid from pg_index where indrelid = ${scope.oid}::oid)
              or d.classoid = 'pg_constraint'::regclass and d.objoid in (select oid from pg_constraint where conrelid = ${scope.oid}::oid)
              or d.classoid = 'pg_trigger'::regclass and d.objoid in (select oid from pg_trigger where tgrelid = ${scope.oid}::oid)
              or d.classoid = 'pg_policy'::regclass and d.objoid in (select oid from pg_policy where polrelid = ${scope.oid}::oid)`
        : sql`d.objoid = ${scope.oid}::oid and d.classoid = ${scope.type === 'routine' ? 'pg_proc' : 'pg_type'}::regclass`
  }
  order by d.classoid, d.objoid, d.objsubid`

/** class, oid, place, statement, what takes it back: owners other than the current user, and privileges other than those of a new object */
export const listGrants = (scope: Scope) => sql`
  with objects as (
    select 'pg_class' as class, c.oid, 0 as column_number, case c.relkind when 'S' then 'sequence' else 'table' end as kind,
           format('%I.%I', n.nspname, c.relname) as name, null::text as column_name, c.relowner as owner, c.relacl as acl,
           acldefault(case c.relkind when 'S' then 's' else 'r' end::"char", c.relowner) as usual,
           -- The owner of a sequence that belongs to a column is that of the table.
           case when c.relkind = 'S' and exists (
                  select from pg_depend e
                  where e.classid = 'pg_class'::regclass and e.objid = c.oid and e.refclassid = 'pg_class'::regclass and e.deptype in ('a', 'i')
                ) then null else
           case c.relkind when 'S' then 'sequence' when 'v' then 'view' when 'm' then 'materialized view' when 'f' then 'foreign table' else 'table' end end as owned
    from pg_class c join pg_namespace n on n.oid = c.relnamespace
    where c.relkind in ('r', 'p', 'v', 'm', 'f', 'S') and ${ofRelation(scope)}
    union all
    select 'pg_class', c.oid, a.attnum, 'table', format('%I.%I', n.nspname, c.relname), quote_ident(a.attname), c.relowner, a.attacl,
           null::aclitem[], null
    from pg_attribute a join pg_class c on c.oid = a.attrelid join pg_namespace n on n.oid = c.relnamespace
    where a.attacl is not null and not a.attisdropped and ${ofRelation(scope)}
    union all
    select 'pg_proc', p.oid, 0, case p.prokind when 'p' then 'procedure' else 'function' end,
           (pg_identify_object('pg_proc'::regclass, p.oid, 0)).identity, null, p.proowner, p.proacl, acldefault('f', p.proowner),
           case p.prokind when 'p' then 'procedure' when 'a' then 'aggregate' else 'function' end
    from pg_proc p join pg_namespace n on n.oid = p.pronamespace
    where ${ofObject(scope, 'routine', sql`p.oid`)}
    union all
    select 'pg_type', t.oid, 0, case t.typtype when 'd' then 'domain' else 'type' end, format('%I.%I', n.nspname, t.typname), null,
           t.typowner, t.typacl, acldefault('T', t.typowner), case t.typtype when 'd' then 'domain' else 'type' end
    from pg_type t join pg_namespace n on n.oid = t.typnamespace left join pg_class tc on tc.oid = t.typrelid
    where ${ofObject(scope, 'type', sql`t.oid`)} and (t.typtype in ('e', 'd', 'r') or t.typtype = 'c' and tc.relkind = 'c')
    union all
    select 'pg_namespace', n.oid, 0, 'schema', quote_ident(n.nspname), null, n.nspowner, n.nspacl,
           coalesce((select p.initprivs from pg_init_privs p where p.classoid = 'pg_namespace'::regclass and p.objoid = n.oid),
                    acldefault('n', n.nspowner)), case when n.oid >= 16384 then 'schema' end
    from pg_namespace n
    where ${ofRest(scope)} and ${isOurs}
    union all
    select 'pg_foreign_server', s.oid, 0, 'foreign server', quote_ident(s.srvname), null, s.srvowner, s.srvacl, acldefault('S', s.srvowner), 'server'
    from pg_foreign_server s where ${ofRest(scope)}
    union all
    ${otherOwners(scope)}
  ),
  entries as (
    select o.*, 'grant' as act, a.privilege_type, a.grantee, a.is_grantable
    from objects o cross join lateral (select * from aclexplode(o.acl) except select * from aclexplode(o.usual)) a
    union all
    select o.*, 'revoke', a.privilege_type, a.grantee, a.is_grantable
    from objects o cross join lateral (select * from aclexplode(o.usual) except select * from aclexplode(o.acl)) a
    where o.acl is not null
  )
  select class, oid, -1 as at,
         format('alter %s %s owner to %I', owned, name, pg_get_userbyid(owner)) as statement,
         format('alter %s %s owner to current_user', owned, name) as inverse
  from objects
  where owned is not null and pg_get_userbyid(owner) <> current_user
  union all
  select class, oid, case act when 'revoke' then 0 else 1 end,
         format('%s %s on %s %s %s %s%s', act, string_agg(privilege_type, ', ' order by privilege_type), kind, name,
                case act when 'revoke' then 'from' else 'to' end,
                case when grantee = 0 then 'public' else quote_ident(pg_get_userbyid(grantee)) end,
                case when is_grantable and act = 'grant' then ' with grant option' else '' end),
         format('%s %s on %s %s %s %s', case act when 'revoke' then 'grant' else 'revoke' end,
                string_agg(privilege_type, ', ' order by privilege_type), kind, name,
                case act when 'revoke' then 'to' else 'from' end,
                case when grantee = 0 then 'public' else quote_ident(pg_get_userbyid(grantee)) end)
  from entries
  where column_name is null
  group by class, oid, act, kind, name, grantee, is_grantable
  union all
  select class, oid, 2,
         format('grant %s on table %s to %s%s', string_agg(format('%s (%s)', privilege_type, column_name), ', ' order by column_number, privilege_type),
                name, case when grantee = 0 then 'public' else quote_ident(pg_get_userbyid(grantee)) end,
                case when is_grantable then ' with grant option' else '' end),
         format('revoke %s on table %s from %s', string_agg(format('%s (%s)', privilege_type, column_name), ', ' order by column_number, privilege_type),
                name, case when grantee = 0 then 'public' else quote_ident(pg_get_userbyid(grantee)) end)
  from entries
  where column_name is not null and act = 'grant'
  group by class, oid, name, grantee, is_grantable
  order by 1, 2, 3, 4`

/** class, oid, class and oid of what it needs: among objects that users made, small parts given as what holds them */
export const listDependencies = () => sql`
  with holders as (
    select 'pg_attrdef'::regclass as class, oid, 'pg_class'::regclass as holder, adrelid as held from pg_attrdef
    union all
    select 'pg_rewrite'::regclass, oid, 'pg_class'::regclass, ev_class from pg_rewrite where rulename = '_RETURN'
    union all
    select 'pg_type'::regclass, t.oid, 'pg_class'::regclass, t.typrelid from pg_type t join pg_class c on c.oid = t.typrelid and c.relkind <> 'c'
    union all
    select 'pg_class'::regclass, t.typrelid, 'pg_type'::regclass, t.oid from pg_type t join pg_class c on c.oid = t.typrelid and c.relkind = 'c'
    union all
    select 'pg_type'::regclass, a.oid, case when c.relkind <> 'c' then 'pg_class'::regclass else 'pg_type'::regclass end,
           case when c.relkind <> 'c' then c.oid else t.oid end
    from pg_type t join pg_type a on a.oid = t.typarray left join pg_class c on c.oid = t.typrelid
    union all
    select 'pg_type'::regclass, r.rngmultitypid, 'pg_type'::regclass, r.rngtypid from pg_range r
    union all
    select 'pg_constraint'::regclass, oid, 'pg_type'::regclass, contypid from pg_constraint where contypid <> 0
    union all
    select 'pg_constraint'::regclass, oid, 'pg_class'::regclass, conrelid from pg_constraint where contype = 'n'
    union all
    select 'pg_class'::regclass, conindid, 'pg_constraint'::regclass, oid from pg_constraint where contype in ('p', 'u', 'x')
  )
  select distinct coalesce(h.holder, d.classid)::regclass::text, coalesce(h.held, d.objid),
         coalesce(r.holder, d.refclassid)::regclass::text, coalesce(r.held, d.refobjid)
  from pg_depend d
  left join holders h on h.class = d.classid and h.oid = d.objid
  left join holders r on r.class = d.refclassid and r.oid = d.refobjid
  where d.objid >= 16384 and (d.refobjid >= 16384 or d.refclassid = 'pg_namespace'::regclass)
    and d.deptype in ('n', 'a', 'i')
    -- A sequence belongs to the column that draws from it: which one needs the other is the other way round.
    and not (d.deptype = 'a' and d.classid = 'pg_class'::regclass and d.refclassid = 'pg_class'::regclass and d.refobjsubid > 0
             and exists (select from pg_class s where s.oid = d.objid and s.relkind = 'S'))`
