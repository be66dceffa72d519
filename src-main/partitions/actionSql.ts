import { z } from 'zod'
import { identifier, query, type Sql, sql } from '../sql.ts'
import { type Relation, relationSchema } from './table.contract.ts'

/** The ends of `count` periods after each start, as text of the key's type; steps are counted in a time zone. */
export const periodEnds = (
  starts: { from: number; count: number }[],
  step: string,
  keyType: string,
  zone: string,
) => {
  const ends = sql`select s.place, (s.begins at time zone ${zone} + n * ${step}::interval) as local
                   from unnest(${starts.map(({ from }) => new Date(from).toISOString())}::timestamptz[],
                               ${starts.map(({ count }) => count)}::int[]) with ordinality s (begins, count, place),
                        generate_series(0, s.count) n`
  const text: Sql =
    keyType === 'date'
      ? sql`e.local::date::text`
      : keyType.startsWith('timestamp') && keyType.includes('with time zone')
        ? sql`to_char(e.local at time zone ${zone} at time zone 'UTC', 'YYYY-MM-DD HH24:MI:SS.US') || '+00'`
        : sql`to_char(e.local, 'YYYY-MM-DD HH24:MI:SS.US')`
  return query(
    z.object({ place: z.number(), text: z.string(), local: z.string() }),
    sql`select e.place, ${text} as text, to_char(e.local, 'YYYY-MM-DD HH24:MI:SS') as local
        from (${ends}) e
        order by e.place, e.local`,
  )
}

export const zoneAndTaken = ({ schema }: Relation) =>
  query(
    z.object({ zone: z.string(), taken: z.array(z.string()) }),
    sql`select current_setting('TimeZone') as zone,
               (select coalesce(json_agg(c.relname), '[]') from pg_class c join pg_namespace n on n.oid = c.relnamespace
                where n.nspname = ${schema}) as taken`,
  )

/** What two tables differ in, so far as attaching one to the other is concerned. */
export const columnDifferences = (parent: Relation, child: Relation) =>
  query(
    z.object({ problem: z.string() }),
    sql`with sides as (
          select n.nspname = ${parent.schema} and c.relname = ${parent.name} as is_parent, a.attname as name,
                 format_type(a.atttypid, a.atttypmod) as type, a.attnotnull as required
          from pg_class c
          join pg_namespace n on n.oid = c.relnamespace
          join pg_attribute a on a.attrelid = c.oid and a.attnum > 0 and not a.attisdropped
          where (n.nspname = ${parent.schema} and c.relname = ${parent.name})
             or (n.nspname = ${child.schema} and c.relname = ${child.name})
        )
        select case
                 when c.name is null then format('column %s is missing', p.name)
                 when p.name is null then format('column %s is unknown to the table', c.name)
                 when p.type <> c.type then format('column %s is %s there and %s here', p.name, p.type, c.type)
                 else format('column %s may be null here', p.name)
               end as problem
        from (select * from sides where is_parent) p
        full join (select * from sides where not is_parent) c on c.name = p.name
        where c.name is null or p.name is null or p.type <> c.type or (p.required and not c.required)
        order by 1`,
  )

/** Tables with just the columns of a partitioned one. */
export const listCandidates = ({ schema, name }: Relation) =>
  query(
    relationSchema.extend({ estimatedRows: z.number() }),
    sql`with shape as (
          select a.attrelid as id, array_agg(a.attname || ' ' || format_type(a.atttypid, a.atttypmod) order by a.attname) as columns
          from pg_attribute a
          join pg_class c on c.oid = a.attrelid and c.relkind in ('r', 'p', 'f') and not c.relispartition
          join pg_namespace n on n.oid = c.relnamespace and n.nspname !~ '^pg_' and n.nspname <> 'information_schema'
          where a.attnum > 0 and not a.attisdropped
          group by 1
        )
        select n.nspname as schema, c.relname as name, greatest(c.reltuples, 0)::float8 as "estimatedRows"
        from shape s
        join shape p on p.columns = s.columns and p.id <> s.id
        join pg_class pc on pc.oid = p.id
        join pg_namespace pn on pn.oid = pc.relnamespace
        join pg_class c on c.oid = s.id
        join pg_namespace n on n.oid = c.relnamespace
        where pn.nspname = ${schema} and pc.relname = ${name}
        order by 1, 2
        limit 500`,
  )

export const countRows = (table: Sql, condition: Sql) =>
  query(z.object({ rows: z.number() }), sql`select count(*) as rows from only ${table} where ${condition}`)

export const analyzeProgress = (processId: number) =>
  query(
    z.object({ phase: z.string(), done: z.number(), total: z.number(), table: z.string() }),
    sql`select p.phase, p.sample_blks_scanned as done, p.sample_blks_total as total,
               coalesce(c.relname, p.relid::text) as table
        from pg_stat_progress_analyze p
        left join pg_class c on c.oid = coalesce(nullif(p.current_child_table_relid, 0), p.relid)
        where p.pid = ${processId}`,
  )

/** The name of a relation as SQL. */
export const named = ({ schema, name }: Relation): Sql => identifier(schema, name)
