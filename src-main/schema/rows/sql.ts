import { z } from 'zod'
import { identifier, join, query, type Sql, sql } from '../../sql.ts'
import type { RowFilter } from './contract.ts'

export interface KnownColumn {
  name: string
  type: string
  isNullable: boolean
  isSortable: boolean
}

export interface OrderColumn {
  name: string
  isDescending: boolean
  isNullable: boolean
}

export interface Source {
  schema: string
  name: string
}

/** Columns of a relation, and whether their values have an order. */
export const listRowColumns = (oid: number) =>
  query(
    z.object({ name: z.string(), type: z.string(), isNullable: z.boolean(), isSortable: z.boolean() }),
    sql`select a.attname as name, format_type(a.atttypid, a.atttypmod) as type, not a.attnotnull as "isNullable",
               coalesce(t.typtype = 'e' or t.typcategory in ('A', 'R') or exists (
                 select from pg_opclass o join pg_am m on m.oid = o.opcmethod and m.amname = 'btree'
                 where o.opcintype = case t.typtype when 'd' then t.typbasetype else t.oid end
                    or t.typname in ('varchar', 'name', 'cidr')), false) as "isSortable"
        from pg_attribute a
        join pg_type t on t.oid = a.atttypid
        where a.attrelid = ${oid}::oid and a.attnum > 0 and not a.attisdropped
        order by a.attnum`,
  )

/** The text of a value as it is sent; a composite value of nulls is a value. */
export const asText = (column: Sql) =>
  sql`case when num_nonnulls(${column}) = 1 then format('%s', ${column}) end`

interface PageRequest {
  source: Source
  columns: KnownColumn[]
  order: OrderColumn[]
  /** How rows without a key are found again: `place` by ctid, `offset` by counting. */
  paging: 'key' | 'place' | 'offset'
  filters: RowFilter[]
  condition: Sql | undefined
  after: (string | null)[] | undefined
  limit: number
  cutAt: number
}

/** c0, c1, …: the cut values; k0, k1, …: the whole values of the order, to go on from. One row more than asked for. */
export function pageOfRows({
  source,
  columns,
  order,
  paging,
  filters,
  condition,
  after,
  limit,
  cutAt,
}: PageRequest): Sql {
  const shown = columns.map(
    ({ name }, at) =>
      sql`left(${asText(sql`t.${identifier(name)}`)}, ${cutAt + 1}) as ${identifier(`c${at}`)}`,
  )
  const keys =
    paging === 'place'
      ? [sql`t.ctid::text as k0`]
      : order.map(({ name }, at) => sql`${asText(sql`t.${identifier(name)}`)} as ${identifier(`k${at}`)}`)
  const conditions = filters.map((filter) => conditionOf(filter, columns))
  if (condition) conditions.push(condition)
  if (after && paging === 'key') conditions.push(behind(order, after))
  if (after && paging === 'place') conditions.push(sql`t.ctid > ${after[0] ?? '(0,0)'}::tid`)
  const by =
    paging === 'place'
      ? [sql`t.ctid`]
      : order.map(({ name, isDescending }) =>
          isDescending ? sql`t.${identifier(name)} desc` : sql`t.${identifier(name)}`,
        )
  return sql`select ${join([...shown, ...keys, sql`1 as one`])}
from ${identifier(source.schema, source.name)} t
${conditions.length > 0 ? sql`where ${join(conditions, '\n  and ')}` : sql``}
${by.length > 0 ? sql`order by ${join(by)}` : sql``}
limit ${limit + 1}
${paging === 'offset' && after ? sql`offset ${Number(after[0] ?? 0)}` : sql``}`
}

function conditionOf({ column, operator, value }: RowFilter, columns: KnownColumn[]): Sql {
  const name = sql`t.${identifier(column)}`
  if (operator === 'is null') return sql`${name} is null`
  if (operator === 'is not null') return sql`${name} is not null`
  if (operator === 'contains') {
    const pattern = `%${value.replaceAll(/[\\%_]/g, '\\$&')}%`
    return sql`format('%s', ${name}) ilike ${pattern}`
  }
  // Types without an order have no equality either: their text does.
  const isSortable = columns.find((one) => one.name === column)?.isSortable ?? true
  const left = isSortable ? name : sql`format('%s', ${name})`
  const operators = {
    '=': sql`=`,
    '<>': sql`is distinct from`,
    '<': sql`<`,
    '<=': sql`<=`,
    '>': sql`>`,
    '>=': sql`>=`,
  }
  return sql`${left} ${operators[operator]} ${value}`
}

/** The rows that come after one, as PostgreSQL orders: nulls last, or first where it descends. */
function behind(order: OrderColumn[], after: (string | null)[]): Sql {
  const names = order.map(({ name }) => sql`t.${identifier(name)}`)
  const [first] = order
  const isUniform = order.every((one) => !one.isNullable && one.isDescending === first?.isDescending)
  if (isUniform && first) {
    const values = join(after.map((value) => sql`${value}`))
    return first.isDescending ? sql`(${join(names)}) < (${values})` : sql`(${join(names)}) > (${values})`
  }
  const branches = order.map((one, at) => {
    const name = names[at] as Sql
    const value = after[at] ?? null
    const equal = order.slice(0, at).map((_before, index) => {
      const was = after[index] ?? null
      return was === null ? sql`${names[index] as Sql} is null` : sql`${names[index] as Sql} = ${was}`
    })
    return sql`(${join([...equal, next(one, name, value)], ' and ')})`
  })
  return sql`(${join(branches, ' or ')})`
}

function next({ isDescending, isNullable }: OrderColumn, name: Sql, value: string | null): Sql {
  if (isDescending) return value === null ? sql`${name} is not null` : sql`${name} < ${value}`
  if (value === null) return sql`false`
  return isNullable ? sql`(${name} > ${value} or ${name} is null)` : sql`${name} > ${value}`
}

const steps = 20

/** Everything about the values of one column. `percent` of the pages are drawn, the same ones each time. */
export function profileOf(source: Source, column: KnownColumn, percent: number | null) {
  const name = sql`t.${identifier(column.name)}`
  const value = column.isSortable ? name : sql`format('%s', ${name})`
  const isTime = /^(date|timestamp)/.test(column.type)
  const isNumber = /^(smallint|integer|bigint|numeric|real|double precision)/.test(column.type)
  const number = isTime ? sql`extract(epoch from v)::float8` : sql`v::float8`
  const finite = isTime ? sql`isfinite(v)` : sql`v::text not in ('NaN', 'Infinity', '-Infinity')`
  return query(
    z.object({
      rows: z.number(),
      nulls: z.number(),
      distinct: z.number(),
      least: z.string().nullable(),
      most: z.string().nullable(),
      averageBytes: z.number().nullable(),
      top: z.array(z.object({ value: z.string(), count: z.number() })),
      histogram: z.array(z.number()).nullable(),
    }),
    sql`with s as materialized (
          select ${value} as v
          from ${identifier(source.schema, source.name)} t ${percent === null ? sql`` : sql`tablesample system (${percent}) repeatable (1)`}
        ),
        counted as (
          select v, count(*) as n
          from s
          where v is not null
          group by v
        )
        select (select count(*) from s) as rows, (select count(*) from s where v is null) as nulls,
               (select count(*) from counted) as distinct,
               (select left(format('%s', v), 200) from counted order by v limit 1) as least,
               (select left(format('%s', v), 200) from counted order by v desc limit 1) as most,
               (select avg(pg_column_size(v))::float8 from s) as "averageBytes",
               (select coalesce(json_agg(json_build_object('value', left(format('%s', v), 200), 'count', n) order by n desc, v), '[]')
                from (select v, n from counted order by n desc, v limit 10) t) as top,
               ${
                 isNumber || isTime
                   ? sql`(select array_agg(coalesce(h.n, 0)::int order by g)
                          from generate_series(1, ${steps}::int) g
                          left join (
                            select least(${steps}::int, floor((x - low) / nullif(high - low, 0) * ${steps}::int)::int + 1) as step, sum(n) as n
                            from (select ${number} as x, n from counted where ${finite}) b
                            cross join (select min(${number}) as low, max(${number}) as high from counted where ${finite}) r
                            group by 1
                          ) h on coalesce(h.step, 1) = g)`
                   : sql`null::int[]`
               } as histogram`,
  )
}
