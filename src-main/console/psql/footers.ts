import { z } from 'zod'
import { join, literal, query, sql } from '../../sql.ts'
import type { Found } from './describe.ts'
import { listed, type Section } from './footerSection.ts'
import { children, inherits, partitionKey, partitionOf } from './footersOfFamily.ts'
import {
  checks,
  foreignKeys,
  indexes,
  policies,
  publications,
  referencedBy,
  statistics,
} from './footersOfTable.ts'

const indexOf: Section = (relation, { kind }) =>
  kind === 'i' || kind === 'I'
    ? sql`
      select case when i.indisprimary then 'primary key, '
                  when i.indisunique then 'unique' || case when pg_catalog.to_jsonb(i) ->> 'indnullsnotdistinct' = 'true' then ' nulls not distinct' else '' end || ', '
                  else '' end
             || am.amname || ', for table "' || n.nspname || '.' || t.relname || '"'
             || coalesce(', predicate (' || pg_catalog.pg_get_expr(i.indpred, i.indrelid, true) || ')', '')
             || case when i.indisclustered then ', clustered' else '' end
             || case when not i.indisvalid then ', invalid' else '' end
             || case when k.condeferrable then ', deferrable' else '' end
             || case when k.condeferred then ', initially deferred' else '' end
             || case when i.indisreplident then ', replica identity' else '' end as line, 1::bigint as position
        from pg_catalog.pg_index i
        join pg_catalog.pg_class c on c.oid = i.indexrelid
        join pg_catalog.pg_class t on t.oid = i.indrelid
        join pg_catalog.pg_namespace n on n.oid = t.relnamespace
        join pg_catalog.pg_am am on am.oid = c.relam
        left join pg_catalog.pg_constraint k on k.conrelid = i.indrelid and k.conindid = i.indexrelid and k.contype in ('p', 'u', 'x')
       where i.indexrelid = ${relation}`
    : undefined

const sequenceOwner: Section = (relation, { kind }) =>
  kind === 'S'
    ? sql`
      select case d.deptype when 'i' then 'Sequence for identity column: ' else 'Owned by: ' end
             || pg_catalog.quote_ident(n.nspname) || '.' || pg_catalog.quote_ident(c.relname) || '.' || pg_catalog.quote_ident(a.attname) as line,
             1::bigint as position
        from pg_catalog.pg_class c
        join pg_catalog.pg_depend d on c.oid = d.refobjid
        join pg_catalog.pg_namespace n on n.oid = c.relnamespace
        join pg_catalog.pg_attribute a on a.attrelid = c.oid and a.attnum = d.refobjsubid
       where d.classid = 'pg_catalog.pg_class'::pg_catalog.regclass and d.refclassid = 'pg_catalog.pg_class'::pg_catalog.regclass
         and d.objid = ${relation} and d.deptype in ('a', 'i')`
    : undefined

const viewText: Section = (relation, { kind }, isVerbose) =>
  isVerbose && 'vm'.includes(kind)
    ? sql`select E'View definition:\n' || pg_catalog.pg_get_viewdef(${relation}::pg_catalog.oid, true) as line, 1::bigint as position`
    : undefined

const rules: Section = (relation, { kind }, isVerbose) =>
  'rpmf'.includes(kind) || (isVerbose && kind === 'v')
    ? listed(
        'Rules:',
        sql`
      select case when ${literal(kind)} = 'v'
                  then ' ' || pg_catalog.substr(pg_catalog.rtrim(pg_catalog.pg_get_ruledef(r.oid, true), ';'), 13)
                  else '    ' || pg_catalog.substr(pg_catalog.pg_get_ruledef(r.oid, true), 13) end as line,
             row_number() over (order by r.rulename) as rank
        from pg_catalog.pg_rewrite r
       where r.ev_class = ${relation} and r.rulename <> '_RETURN' and r.ev_enabled = 'O'`,
      )
    : undefined

const triggerHeadings = [
  ['O', 'Triggers:'],
  ['D', 'Disabled user triggers:'],
  ['A', 'Triggers firing always:'],
  ['R', 'Triggers firing on replica only:'],
] as const

const triggers: Section = (relation, { kind }) =>
  'rpvf'.includes(kind)
    ? join(
        triggerHeadings.map(([enabled, heading], at) => {
          const section = listed(
            heading,
            sql`
      select '    ' || pg_catalog.regexp_replace(pg_catalog.pg_get_triggerdef(t.oid, true), '^.*? TRIGGER ', '')
             || coalesce(', ON TABLE ' || (
                  select a.relid::pg_catalog.regclass
                    from pg_catalog.pg_trigger as u, pg_catalog.pg_partition_ancestors(t.tgrelid) with ordinality as a (relid, depth)
                   where u.tgname = t.tgname and u.tgrelid = a.relid and u.tgparentid = 0 and t.tgparentid <> 0
                   order by a.depth limit 1), '') as line,
             row_number() over (order by t.tgname) as rank
        from pg_catalog.pg_trigger t
       where t.tgrelid = ${relation} and not t.tgisinternal and t.tgenabled = ${literal(enabled)}`,
          )
          return sql`select s.line, s.position + ${literal(String(at * 10_000))} from (${section}) s`
        }),
        ' union all ',
      )
    : undefined

const replicaIdentity: Section = (relation, { kind, schema }, isVerbose) =>
  isVerbose && (kind === 'r' || kind === 'm') && schema !== 'pg_catalog'
    ? sql`
      select case c.relreplident when 'f' then 'Replica Identity: FULL' when 'n' then 'Replica Identity: NOTHING' end as line, 1::bigint as position
        from pg_catalog.pg_class c
       where c.oid = ${relation} and c.relreplident in ('f', 'n')`
    : undefined

const accessMethod: Section = (relation, { kind }, isVerbose) =>
  isVerbose && 'rmI'.includes(kind)
    ? sql`
      select 'Access method: ' || a.amname as line, 1::bigint as position
        from pg_catalog.pg_class c
        join pg_catalog.pg_am a on a.oid = c.relam
       where c.oid = ${relation}`
    : undefined

const tablespace: Section = (relation, { kind }) =>
  'rmpiI'.includes(kind)
    ? sql`
      select 'Tablespace: "' || t.spcname || '"' as line, 1::bigint as position
        from pg_catalog.pg_class c
        join pg_catalog.pg_tablespace t on t.oid = c.reltablespace
       where c.oid = ${relation}`
    : undefined

const options: Section = (relation, _found, isVerbose) =>
  isVerbose
    ? sql`
      select 'Options: ' || pg_catalog.array_to_string(c.reloptions, ', ') as line, 1::bigint as position
        from pg_catalog.pg_class c
       where c.oid = ${relation} and c.reloptions is not null`
    : undefined

const sections: Section[] = [
  ...[partitionOf, partitionKey, indexOf, sequenceOwner, indexes, checks, foreignKeys, referencedBy],
  ...[policies, statistics, viewText, rules, publications, triggers, inherits, children],
  ...[replicaIdentity, accessMethod, tablespace, options],
]

const nothing: Section = () => sql`select '' as line, 0::bigint as position where false`

/** All that psql says below the columns, in one query. */
export function footersOf(found: Found, isVerbose: boolean) {
  const relation = sql`${literal(found.oid)}::pg_catalog.oid`
  const parts = [nothing, ...sections].flatMap((section, at) => {
    const part = section(relation, found, isVerbose)
    return part
      ? [
          sql`select ${literal(String(at))}::integer as section, p.position, p.line from (${part}) p (line, position)`,
        ]
      : []
  })
  return query(
    z.object({ line: z.string() }),
    sql`select f.line from (${join(parts, ' union all ')}) f order by f.section, f.position`,
  )
}
