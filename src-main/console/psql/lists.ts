import { join, literal, type Sql, sql } from '../../sql.ts'
import type { PsqlCommand } from './command.ts'
import { matching } from './pattern.ts'

// The grids of psql's lists: the same columns under the same names, in the same order.

type List = (command: PsqlCommand, serverVersion: number) => Sql

const noSystem = sql`and n.nspname <> 'pg_catalog' and n.nspname !~ '^pg_toast' and n.nspname <> 'information_schema'`
const isTableVisible = sql`pg_catalog.pg_table_is_visible(c.oid)`
const acl = (column: Sql) => sql`pg_catalog.array_to_string(${column}, E'\n')`
const none = sql``

/** The letters of `\dt`, `\dv`, `\dm`, `\ds`, `\di`, `\dE`, alone or together. */
const relationKinds: Record<string, string[]> = {
  t: ['r', 'p'],
  v: ['v'],
  m: ['m'],
  s: ['S'],
  i: ['i', 'I'],
  E: ['f'],
}

export function isRelationList(name: string): boolean {
  return /^d[tvmsiE]+$/.test(name)
}

/** Schema, name, type and owner of relations; of indexes the table; with a plus how they are stored, and their sizes. */
export const relations: List = ({ name, args: [pattern], hasSystem, isVerbose }) => {
  const letters = [...name.slice(1)]
  const isWide = hasSystem || pattern !== undefined
  const kinds = letters.flatMap((letter) => relationKinds[letter] ?? [])
  if (isWide) kinds.push('s')
  if (isWide && letters.includes('t')) kinds.push('t')
  const hasIndexes = letters.includes('i')
  const hasMethod = letters.some((letter) => 'tmi'.includes(letter))
  return sql`
    select n.nspname as "Schema", c.relname as "Name",
           case c.relkind when 'r' then 'table' when 'v' then 'view' when 'm' then 'materialized view' when 'i' then 'index'
                          when 'S' then 'sequence' when 's' then 'special' when 't' then 'TOAST table'
                          when 'f' then 'foreign table' when 'p' then 'partitioned table' when 'I' then 'partitioned index' end as "Type",
           pg_catalog.pg_get_userbyid(c.relowner) as "Owner"
           ${hasIndexes ? sql`, c2.relname as "Table"` : none}
           ${isVerbose ? sql`, case c.relpersistence when 'p' then 'permanent' when 't' then 'temporary' when 'u' then 'unlogged' end as "Persistence"` : none}
           ${isVerbose && hasMethod ? sql`, am.amname as "Access method"` : none}
           ${isVerbose ? sql`, pg_catalog.pg_size_pretty(pg_catalog.pg_table_size(c.oid)) as "Size", pg_catalog.obj_description(c.oid, 'pg_class') as "Description"` : none}
      from pg_catalog.pg_class c
      left join pg_catalog.pg_namespace n on n.oid = c.relnamespace
      left join pg_catalog.pg_am am on am.oid = c.relam
      ${hasIndexes ? sql`left join pg_catalog.pg_index i on i.indexrelid = c.oid left join pg_catalog.pg_class c2 on i.indrelid = c2.oid` : none}
     where c.relkind in (${join(kinds.map(literal))})
       ${isWide ? none : noSystem}
       ${matching(pattern, { schema: sql`n.nspname`, name: sql`c.relname`, visibility: isTableVisible })}
     order by 1, 2`
}

const schemas: List = ({ args: [pattern], hasSystem, isVerbose }) => sql`
  select n.nspname as "Name", pg_catalog.pg_get_userbyid(n.nspowner) as "Owner"
         ${isVerbose ? sql`, ${acl(sql`n.nspacl`)} as "Access privileges", pg_catalog.obj_description(n.oid, 'pg_namespace') as "Description"` : none}
    from pg_catalog.pg_namespace n
   where true
     ${hasSystem || pattern !== undefined ? none : sql`and n.nspname !~ '^pg_' and n.nspname <> 'information_schema'`}
     ${matching(pattern, { name: sql`n.nspname` })}
   order by 1`

const functions: List = ({ name, args: [pattern], hasSystem, isVerbose }) => {
  const letters = name.slice(2)
  const kinds = [...letters].map((letter) => ({ a: 'a', n: 'f', p: 'p', w: 'w', t: 't' })[letter] ?? '')
  const isTrigger = sql`p.prorettype = 'pg_catalog.trigger'::pg_catalog.regtype`
  const chosen = kinds.map((kind) =>
    kind === 't'
      ? isTrigger
      : kind === 'f'
        ? sql`(p.prokind = 'f' and not ${isTrigger})`
        : sql`p.prokind = ${literal(kind)}`,
  )
  return sql`
    select n.nspname as "Schema", p.proname as "Name", pg_catalog.pg_get_function_result(p.oid) as "Result data type",
           pg_catalog.pg_get_function_arguments(p.oid) as "Argument data types",
           case p.prokind when 'a' then 'agg' when 'w' then 'window' when 'p' then 'proc' else 'func' end as "Type"
           ${
             isVerbose
               ? sql`, case p.provolatile when 'i' then 'immutable' when 's' then 'stable' when 'v' then 'volatile' end as "Volatility",
                      case p.proparallel when 'r' then 'restricted' when 's' then 'safe' when 'u' then 'unsafe' end as "Parallel",
                      pg_catalog.pg_get_userbyid(p.proowner) as "Owner",
                      case when p.prosecdef then 'definer' else 'invoker' end as "Security",
                      ${acl(sql`p.proacl`)} as "Access privileges", l.lanname as "Language",
                      coalesce(pg_catalog.pg_get_function_sqlbody(p.oid), p.prosrc) as "Source code",
                      pg_catalog.obj_description(p.oid, 'pg_proc') as "Description"`
               : none
           }
      from pg_catalog.pg_proc p
      left join pg_catalog.pg_namespace n on n.oid = p.pronamespace
      left join pg_catalog.pg_language l on l.oid = p.prolang
     where true
       ${chosen.length > 0 ? sql`and (${join(chosen, ' or ')})` : none}
       ${matching(pattern, { schema: sql`n.nspname`, name: sql`p.proname`, visibility: sql`pg_catalog.pg_function_is_visible(p.oid)` })}
       ${hasSystem || pattern !== undefined ? none : sql`and n.nspname <> 'pg_catalog' and n.nspname <> 'information_schema'`}
     order by 1, 2, 4`
}

const roles: List = ({ args: [pattern], hasSystem, isVerbose }) => sql`
  select r.rolname as "Role name",
         pg_catalog.concat_ws(E'\n',
           nullif(pg_catalog.concat_ws(', ',
             case when r.rolsuper then 'Superuser' end, case when not r.rolinherit then 'No inheritance' end,
             case when r.rolcreaterole then 'Create role' end, case when r.rolcreatedb then 'Create DB' end,
             case when not r.rolcanlogin then 'Cannot login' end, case when r.rolreplication then 'Replication' end,
             case when r.rolbypassrls then 'Bypass RLS' end), ''),
           case when r.rolconnlimit = 0 then 'No connections' when r.rolconnlimit = 1 then '1 connection'
                when r.rolconnlimit > 1 then r.rolconnlimit || ' connections' end,
           'Password valid until ' || r.rolvaliduntil) as "Attributes",
         array(select b.rolname
                 from pg_catalog.pg_auth_members m
                 join pg_catalog.pg_roles b on m.roleid = b.oid
                where m.member = r.oid) as "Member of"
         ${isVerbose ? sql`, pg_catalog.shobj_description(r.oid, 'pg_authid') as "Description"` : none}
    from pg_catalog.pg_roles r
   where true
     ${hasSystem || pattern !== undefined ? none : sql`and r.rolname !~ '^pg_'`}
     ${matching(pattern, { name: sql`r.rolname` })}
   order by 1`

const extensions: List = ({ args: [pattern] }) => sql`
  select e.extname as "Name", e.extversion as "Version", n.nspname as "Schema", c.description as "Description"
    from pg_catalog.pg_extension e
    left join pg_catalog.pg_namespace n on n.oid = e.extnamespace
    left join pg_catalog.pg_description c on c.objoid = e.oid and c.classoid = 'pg_catalog.pg_extension'::pg_catalog.regclass
   where true
     ${matching(pattern, { name: sql`e.extname` })}
   order by 1`

const privileges: List = ({ args: [pattern] }) => sql`
  select n.nspname as "Schema", c.relname as "Name",
         case c.relkind when 'r' then 'table' when 'v' then 'view' when 'm' then 'materialized view' when 'S' then 'sequence'
                        when 'f' then 'foreign table' when 'p' then 'partitioned table' end as "Type",
         ${acl(sql`c.relacl`)} as "Access privileges",
         pg_catalog.array_to_string(array(
           select a.attname || E':\n  ' || pg_catalog.array_to_string(a.attacl, E'\n  ')
             from pg_catalog.pg_attribute a
            where a.attrelid = c.oid and not a.attisdropped and a.attacl is not null), E'\n') as "Column privileges",
         pg_catalog.array_to_string(array(
           select o.polname || case when o.polpermissive then '' else ' (RESTRICTIVE)' end
                  || case when o.polcmd = '*' then ':' else ' (' || o.polcmd::text || '):' end
                  || coalesce(E'\n  (u): ' || pg_catalog.pg_get_expr(o.polqual, o.polrelid), '')
                  || coalesce(E'\n  (c): ' || pg_catalog.pg_get_expr(o.polwithcheck, o.polrelid), '')
                  || case when o.polroles = '{0}' then ''
                          else E'\n  to: ' || pg_catalog.array_to_string(array(
                            select r.rolname from pg_catalog.pg_roles r where r.oid = any (o.polroles) order by 1), ', ') end
             from pg_catalog.pg_policy o
            where o.polrelid = c.oid), E'\n') as "Policies"
    from pg_catalog.pg_class c
    left join pg_catalog.pg_namespace n on n.oid = c.relnamespace
   where c.relkind in ('r', 'v', 'm', 'S', 'f', 'p')
     ${matching(pattern, { schema: sql`n.nspname`, name: sql`c.relname`, visibility: sql`n.nspname !~ '^pg_' and ${isTableVisible}` })}
   order by 1, 2`

const databases: List = ({ args: [pattern], isVerbose }, serverVersion) => sql`
  select d.datname as "Name", pg_catalog.pg_get_userbyid(d.datdba) as "Owner",
         pg_catalog.pg_encoding_to_char(d.encoding) as "Encoding", d.datcollate as "Collate", d.datctype as "Ctype",
         ${serverVersion >= 170000 ? sql`d.datlocale` : sql`d.daticulocale`} as "ICU Locale",
         case d.datlocprovider when 'c' then 'libc' when 'i' then 'icu' when 'b' then 'builtin' end as "Locale Provider",
         ${acl(sql`d.datacl`)} as "Access privileges"
         ${
           isVerbose
             ? sql`, case when pg_catalog.has_database_privilege(d.datname, 'connect')
                          then pg_catalog.pg_size_pretty(pg_catalog.pg_database_size(d.datname)) else 'No Access' end as "Size",
                    t.spcname as "Tablespace", pg_catalog.shobj_description(d.oid, 'pg_database') as "Description"`
             : none
         }
    from pg_catalog.pg_database d
    join pg_catalog.pg_tablespace t on d.dattablespace = t.oid
   where true
     ${matching(pattern, { name: sql`d.datname` })}
   order by 1`

/** What a list is of, as psql names it, and how it is asked. */
export const lists: Record<string, { title: string; list: List }> = {
  dn: { title: 'List of schemas', list: schemas },
  du: { title: 'List of roles', list: roles },
  dg: { title: 'List of roles', list: roles },
  dx: { title: 'List of installed extensions', list: extensions },
  dp: { title: 'Access privileges', list: privileges },
  z: { title: 'Access privileges', list: privileges },
  l: { title: 'List of databases', list: databases },
  list: { title: 'List of databases', list: databases },
  ...Object.fromEntries(
    ['df', 'dfa', 'dfn', 'dfp', 'dft', 'dfw'].map((name) => [
      name,
      { title: 'List of functions', list: functions },
    ]),
  ),
}
