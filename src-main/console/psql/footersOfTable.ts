import { sql } from '../../sql.ts'
import { listed, type Section } from './footerSection.ts'

// What belongs to a table: indexes, constraints, policies, statistics, publications.

const hasRows = 'rpmf'

export const indexes: Section = (relation, { kind }) =>
  'rpmt'.includes(kind)
    ? listed(
        'Indexes:',
        sql`
      select '    "' || c2.relname || '"'
             || case when k.contype = 'x' then ' ' || pg_catalog.pg_get_constraintdef(k.oid, true)
                     else case when i.indisprimary then ' PRIMARY KEY,'
                               when i.indisunique and k.contype = 'u' then ' UNIQUE CONSTRAINT,'
                               when i.indisunique then ' UNIQUE,' else '' end
                          || ' ' || pg_catalog.regexp_replace(pg_catalog.pg_get_indexdef(i.indexrelid, 0, true), '^.*? USING ', '')
                          || case when k.condeferrable then ' DEFERRABLE' else '' end
                          || case when k.condeferred then ' INITIALLY DEFERRED' else '' end end
             || case when i.indisclustered then ' CLUSTER' else '' end
             || case when not i.indisvalid then ' INVALID' else '' end
             || case when i.indisreplident then ' REPLICA IDENTITY' else '' end
             || coalesce(', tablespace "' || s.spcname || '"', '') as line,
             row_number() over (order by i.indisprimary desc, c2.relname) as rank
        from pg_catalog.pg_index i
        join pg_catalog.pg_class c2 on i.indexrelid = c2.oid
        left join pg_catalog.pg_tablespace s on s.oid = c2.reltablespace
        left join pg_catalog.pg_constraint k on k.conrelid = i.indrelid and k.conindid = i.indexrelid and k.contype in ('p', 'u', 'x')
       where i.indrelid = ${relation}`,
      )
    : undefined

export const checks: Section = (relation, { kind }) =>
  hasRows.includes(kind)
    ? listed(
        'Check constraints:',
        sql`
      select '    "' || r.conname || '" ' || pg_catalog.pg_get_constraintdef(r.oid, true) as line, row_number() over (order by r.conname) as rank
        from pg_catalog.pg_constraint r
       where r.conrelid = ${relation} and r.contype = 'c'`,
      )
    : undefined

// Of a partition, keys that its root declares are shown as the root's.
export const foreignKeys: Section = (relation, { kind }) =>
  'rp'.includes(kind)
    ? listed(
        'Foreign-key constraints:',
        sql`
      select case when k.conrelid = ${relation} then '    "' || k.conname || '" '
                  else '    TABLE "' || k.conrelid::pg_catalog.regclass || '" CONSTRAINT "' || k.conname || '" ' end
             || pg_catalog.pg_get_constraintdef(k.oid, true) as line,
             row_number() over (order by k.conrelid = ${relation} desc, k.conname) as rank
        from pg_catalog.pg_constraint k
       where k.conrelid in (select ${relation}::pg_catalog.oid union all select relid from pg_catalog.pg_partition_ancestors(${relation}))
         and k.contype = 'f' and k.conparentid = 0`,
      )
    : undefined

export const referencedBy: Section = (relation, { kind }) =>
  'rp'.includes(kind)
    ? listed(
        'Referenced by:',
        sql`
      select '    TABLE "' || k.conrelid::pg_catalog.regclass || '" CONSTRAINT "' || k.conname || '" ' || pg_catalog.pg_get_constraintdef(k.oid, true) as line,
             row_number() over (order by k.conname) as rank
        from pg_catalog.pg_constraint k
       where k.confrelid in (select relid from pg_catalog.pg_partition_ancestors(${relation}) union all values (${relation}::pg_catalog.oid))
         and k.contype = 'f' and k.conparentid = 0`,
      )
    : undefined

export const policies: Section = (relation, { kind }) =>
  'rpmf'.includes(kind)
    ? sql`
      with own as (
        select row_number() over (order by o.polname) as rank, o.*, c.relrowsecurity, c.relforcerowsecurity
          from pg_catalog.pg_class c
          left join pg_catalog.pg_policy o on o.polrelid = c.oid
         where c.oid = ${relation})
      select case when not w.relrowsecurity then 'Policies (row security disabled):'
                  when w.relforcerowsecurity then 'Policies (forced row security enabled):' else 'Policies:' end
             || case when w.polrelid is null then ' (none)' else '' end as line, -1::bigint as position
        from own w
       where w.rank = 1 and (w.polrelid is not null or w.relrowsecurity)
      union all
      select '    POLICY "' || w.polname || '"' || case when w.polpermissive then '' else ' AS RESTRICTIVE' end
             || case w.polcmd when 'r' then ' FOR SELECT' when 'a' then ' FOR INSERT' when 'w' then ' FOR UPDATE' when 'd' then ' FOR DELETE' else '' end
             || case when w.polroles = '{0}' then '' else E'\n      TO ' || pg_catalog.array_to_string(array(
                  select r.rolname from pg_catalog.pg_roles r where r.oid = any (w.polroles) order by 1), ',') end
             || coalesce(E'\n      USING (' || pg_catalog.pg_get_expr(w.polqual, w.polrelid) || ')', '')
             || coalesce(E'\n      WITH CHECK (' || pg_catalog.pg_get_expr(w.polwithcheck, w.polrelid) || ')', ''), w.rank
        from own w
       where w.polname is not null`
    : undefined

export const statistics: Section = (relation, { kind }) =>
  'rpmf'.includes(kind)
    ? listed(
        'Statistics objects:',
        sql`
      select '    "' || e.stxnamespace::pg_catalog.regnamespace || '.' || e.stxname || '"'
             || case when 'e' = any (e.stxkind) and not 'd' = any (e.stxkind) then ' '
                     when 'd' = any (e.stxkind) and 'f' = any (e.stxkind) and 'm' = any (e.stxkind) then ' '
                     else ' (' || pg_catalog.concat_ws(', ', case when 'd' = any (e.stxkind) then 'ndistinct' end,
                       case when 'f' = any (e.stxkind) then 'dependencies' end, case when 'm' = any (e.stxkind) then 'mcv' end) || ') ' end
             || 'ON ' || pg_catalog.pg_get_statisticsobjdef_columns(e.oid) || ' FROM ' || e.stxrelid::pg_catalog.regclass
             || coalesce('; STATISTICS ' || nullif(e.stxstattarget, -1), '') as line,
             row_number() over (order by e.stxnamespace::pg_catalog.regnamespace::text, e.stxname) as rank
        from pg_catalog.pg_statistic_ext e
       where e.stxrelid = ${relation}`,
      )
    : undefined

export const publications: Section = (relation, { kind }) =>
  'rp'.includes(kind)
    ? listed(
        'Publications:',
        sql`
      select '    "' || p.pubname || '"' as line, row_number() over (order by p.pubname) as rank
        from pg_catalog.pg_publication p
       where pg_catalog.pg_relation_is_publishable(${relation}) and (p.puballtables
          or exists (select from pg_catalog.pg_publication_rel pr where pr.prrelid = ${relation} and pr.prpubid = p.oid)
          or exists (select from pg_catalog.pg_publication_namespace pn join pg_catalog.pg_class c on c.relnamespace = pn.pnnspid
                      where pn.pnpubid = p.oid and c.oid = ${relation}))`,
      )
    : undefined
