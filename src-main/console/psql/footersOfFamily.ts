import { literal, type Sql, sql } from '../../sql.ts'
import type { Section } from './footerSection.ts'

// Where a relation stands among its parents and its children.

export const partitionOf: Section = (relation, { kind }, isVerbose) =>
  'rpfiI'.includes(kind)
    ? sql`
      select said.line, said.position
        from pg_catalog.pg_class c
        join pg_catalog.pg_inherits i on c.oid = i.inhrelid
        cross join lateral (values
          (1::bigint, 'Partition of: ' || i.inhparent::pg_catalog.regclass || ' ' || coalesce(pg_catalog.pg_get_expr(c.relpartbound, c.oid), '')
                      || case when i.inhdetachpending then ' DETACH PENDING' else '' end)
          ${
            isVerbose
              ? sql`, (2::bigint, coalesce('Partition constraint: ' || nullif(pg_catalog.pg_get_partition_constraintdef(c.oid), ''), 'No partition constraint'))`
              : sql``
          }) said (position, line)
       where c.oid = ${relation} and c.relispartition`
    : undefined

export const partitionKey: Section = (relation, { kind }) =>
  kind === 'p'
    ? sql`select 'Partition key: ' || pg_catalog.pg_get_partkeydef(${relation}) as line, 1::bigint as position`
    : undefined

export const inherits: Section = (relation, { kind }) =>
  'rpf'.includes(kind)
    ? sql`
      select case when row_number() over (order by i.inhseqno) = 1 then 'Inherits: ' else '          ' end
             || c.oid::pg_catalog.regclass || case when row_number() over (order by i.inhseqno desc) > 1 then ',' else '' end as line,
             row_number() over (order by i.inhseqno) as position
        from pg_catalog.pg_class c
        join pg_catalog.pg_inherits i on c.oid = i.inhparent
       where i.inhrelid = ${relation} and c.relkind not in ('p', 'I')`
    : undefined

const childrenOf = (relation: Sql) => sql`
  select c.oid, c.relkind, i.inhdetachpending, pg_catalog.pg_get_expr(c.relpartbound, c.oid) as bound
    from pg_catalog.pg_class c
    join pg_catalog.pg_inherits i on c.oid = i.inhrelid
   where i.inhparent = ${relation}`

export const children: Section = (relation, { kind }, isVerbose) => {
  if (!'rpfI'.includes(kind)) return undefined
  const isPartitioned = kind === 'p' || kind === 'I'
  const label = isPartitioned ? 'Partitions' : 'Child tables'
  if (!isVerbose) {
    return sql`
      select case when count(*) > 0 then ${literal(`Number of ${isPartitioned ? 'partitions' : 'child tables'}: `)} || count(*)
                  || ${literal(` (Use \\d+ to list ${isPartitioned ? 'them' : 'them'}.)`)}
                  else 'Number of partitions: 0' end as line, 1::bigint as position
        from (${childrenOf(relation)}) k
      having count(*) > 0 or ${literal(String(isPartitioned))}::boolean`
  }
  const indent = ' '.repeat(label.length + 2)
  return sql`
    select case when k.position = 1 then ${literal(`${label}: `)} else ${literal(indent)} end || k.oid::pg_catalog.regclass
           || coalesce(' ' || k.bound, '')
           || case when k.relkind in ('p', 'I') then ', PARTITIONED' when k.relkind = 'f' then ', FOREIGN' else '' end
           || case when k.inhdetachpending then ' (DETACH PENDING)' else '' end
           || case when k.position < k.total then ',' else '' end as line, k.position
      from (select c.*, row_number() over (order by c.bound = 'DEFAULT', c.oid::pg_catalog.regclass::text) as position, count(*) over () as total
              from (${childrenOf(relation)}) c) k
    union all
    select 'Number of partitions: 0', 0 where ${literal(String(isPartitioned))}::boolean and not exists (${childrenOf(relation)})`
}
