import { z } from 'zod'
import type { Queryable } from '../adapters/postgres.ts'
import { query, sql } from '../sql.ts'
import type { HeldResult } from './run.ts'

/** What holds a count, a measure or a time, and so no name, address or document. */
const measured =
  /^(?:int[248]|numeric|float[48]|bool|oid|money|date|timestamp|timestamptz|time|timetz|interval)$/

/**
 * The columns of a result that may be kept on this machine, by their places. Where the platform registers personal columns
 * (`compliance.data_assets`) those are not, nor the documents of a table that has some; nor is what is computed or read
 * through a view, which may be made of one, unless it is a number or a time.
 */
export async function keptColumns(
  db: Pick<Queryable, 'row' | 'rows'>,
  { fields, columns }: Pick<HeldResult, 'fields' | 'columns'>,
): Promise<number[]> {
  const all = columns.map((_column, at) => at)
  const hasRegistry = await db.row(
    query(
      z.object({ has: z.boolean() }),
      sql`select to_regclass('compliance.data_assets') is not null as has`,
    ),
  )
  if (!hasRegistry?.has) return all
  const places = await db.rows(
    query(
      z.object({ at: z.number(), isTable: z.boolean(), isPersonal: z.boolean() }),
      sql`select f.at::int4 - 1 as at, coalesce(c.relkind in ('r', 'p', 'f'), false) as "isTable",
                 exists (select
                           from compliance.data_assets d
                          where (d.is_personal or d.mask_kind is not null)
                            and (d.column_name = a.attname or a.atttypid in ('json'::regtype, 'jsonb'::regtype))
                            and d.column_name is not null
                            and (d.schema_name, d.table_name) in ((n.nspname, c.relname), (rn.nspname, r.relname))
                        ) as "isPersonal"
            from unnest(${fields.map(({ tableOid }) => tableOid)}::oid[],
                        ${fields.map(({ columnNumber }) => columnNumber)}::int2[]) with ordinality f (rel, number, at)
            left join pg_class c on c.oid = f.rel
            left join pg_namespace n on n.oid = c.relnamespace
            left join pg_class r on r.oid = pg_partition_root(f.rel)
            left join pg_namespace rn on rn.oid = r.relnamespace
            left join pg_attribute a on a.attrelid = f.rel and a.attnum = f.number`,
    ),
  )
  const kept = new Set(
    places
      .filter(
        ({ at, isTable, isPersonal }) => !isPersonal && (isTable || measured.test(columns[at]?.type ?? '')),
      )
      .map(({ at }) => at),
  )
  return all.filter((at) => kept.has(at))
}
