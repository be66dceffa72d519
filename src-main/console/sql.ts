import { z } from 'zod'
import type { EditableTable } from '../rowEditContract.ts'
import { identifier, join, query, sql, trustedStatement } from '../sql.ts'

/** The names of types by their oid, as people write them: `int8`, `text[]`. */
export const typeNames = (oids: number[]) =>
  query(
    z.object({ oid: z.number(), name: z.string() }),
    sql`select t.oid::int8 as oid,
               case when e.oid is null then t.typname else e.typname || '[]' end as name
          from pg_catalog.pg_type t
          left join pg_catalog.pg_type e on e.oid = t.typelem and e.typarray = t.oid
         where t.oid = any(${oids}::oid[])`,
  )

/**
 * What hangs on tables, or on the tables of schemas, given by their quoted names: rows and bytes with all partitions, triggers of
 * users, foreign keys that point here, views and functions built on it. One row for each name that exists.
 */
export const relationBlasts = (names: string[], types: string[]) =>
  query(
    z.object({
      asked: z.number(),
      rows: z.number().nullable(),
      sizeBytes: z.number().nullable(),
      partitions: z.number(),
      triggers: z.array(z.string()),
      references: z.array(z.string()),
      dependants: z.array(z.string()),
    }),
    sql`with asked as (
          select at, c.oid
            from unnest(${names}::text[], ${types}::text[]) with ordinality as a (name, type, at)
            join pg_class c on case when a.type = 'schema' then c.relnamespace = to_regnamespace(a.name)
                                    when a.type in ('table', 'view', 'matview', 'foreign table')
                                      then c.oid = to_regclass(a.name) end
           where c.relkind in ('r', 'p', 'v', 'm', 'f') and (a.type <> 'schema' or not c.relispartition)),
        members as (
          select asked.at, asked.oid as root, coalesce(t.relid::oid, asked.oid) as oid,
                 coalesce(t.isleaf and t.relid <> asked.oid, false) as is_partition
            from asked left join lateral pg_partition_tree(asked.oid) t on true)
        select m.at::int4 as asked,
               sum(c.reltuples) filter (where c.relkind in ('r', 'm') and c.reltuples >= 0)::float8 as rows,
               sum(case when c.relkind in ('r', 'm') then pg_total_relation_size(c.oid) end)::float8 as "sizeBytes",
               count(*) filter (where m.is_partition)::int4 as partitions,
               array(select distinct t.tgrelid::regclass || ': ' || t.tgname
                       from pg_trigger t join members r on r.oid = t.tgrelid
                      where r.at = m.at and not t.tgisinternal order by 1) as triggers,
               array(select distinct k.conrelid::regclass || ': ' ||
                            case k.confdeltype when 'c' then 'cascade' when 'n' then 'set null'
                                               when 'd' then 'set default' else 'refuses' end
                       from pg_constraint k join asked r on r.oid = k.confrelid
                      where r.at = m.at and k.contype = 'f' and k.conparentid = 0 order by 1) as references,
               array(select distinct coalesce(v.ev_class::regclass::text, d.objid::regprocedure::text)
                       from pg_depend d
                       join asked r on r.oid = d.refobjid
                       left join pg_rewrite v on d.classid = 'pg_rewrite'::regclass and v.oid = d.objid
                      where r.at = m.at and d.refclassid = 'pg_class'::regclass and v.ev_class is distinct from r.oid
                        and d.deptype = 'n' and d.classid in ('pg_rewrite'::regclass, 'pg_proc'::regclass)
                      order by 1) as dependants
          from members m join pg_class c on c.oid = m.oid
         group by m.at`,
  )

/** The columns of a table by their numbers. */
export const columnNames = (oid: number) =>
  query(
    z.object({ number: z.number(), name: z.string() }),
    sql`select attnum::int4 as number, attname as name
          from pg_attribute
         where attrelid = ${oid}::oid and attnum > 0 and not attisdropped`,
  )

/** A table that a statement names, as the session finds it. */
export const tableOid = (name: string) =>
  query(z.object({ oid: z.number() }), sql`select ${name}::regclass::oid::int8 as oid`)

/** Rows by their keys, each value as the text that it is sent as. */
export const rowsByKey = (table: EditableTable, keys: string[][]) => {
  const typeOf = (name: string) => table.columns.find((column) => column.name === name)?.type ?? 'text'
  const places = table.key.map((_name, at) => identifier(`k${at}`))
  const lists = table.key.map((_name, at) => sql`${keys.map((key) => key[at] ?? '')}::text[]`)
  const matches = table.key.map(
    (name, at) => sql`t.${identifier(name)} = ${identifier(`k${at}`)}::${trustedStatement(typeOf(name))}`,
  )
  const values = table.columns.map(
    ({ name }) =>
      sql`case when t.${identifier(name)} is not null then format('%s', t.${identifier(name)}) end`,
  )
  return query(
    z.object({ values: z.array(z.string().nullable()) }),
    sql`select array[${join(values)}]::text[] as values
          from unnest(${join(lists)}) as u (${join(places)})
          join ${identifier(table.schema, table.name)} t on ${join(matches, ' and ')}`,
  )
}

/** Functions of the server itself that people call by name: none that only operators, casts and types use. */
export const listServerFunctions = () =>
  query(
    z.object({ name: z.string(), signatures: z.array(z.string()) }),
    sql`select p.proname as name,
               (array_agg(p.proname || '(' || pg_get_function_arguments(p.oid) || ') → ' || pg_get_function_result(p.oid)
                          order by p.pronargs, p.oid))[1:8] as signatures
          from pg_catalog.pg_proc p
         where p.pronamespace = 'pg_catalog'::regnamespace and p.prokind in ('f', 'a', 'w')
           and p.prorettype not in ('internal'::regtype, 'trigger'::regtype, 'cstring'::regtype)
           and not 'internal'::regtype = any (p.proargtypes::oid[])
           and not 'cstring'::regtype = any (p.proargtypes::oid[])
           and not exists (select from pg_catalog.pg_operator o where o.oprcode = p.oid and p.proname <> 'like')
           and not exists (select from pg_catalog.pg_amproc a where a.amproc = p.oid)
         group by p.proname
         order by p.proname`,
  )
