import { z } from 'zod'
import { identifier, query, sql } from '../sql.ts'
import { type ForeignLedger, foreignLedgerSchema } from './state.contract.ts'

/**
 * Ledgers of other tools, told by the name of the table and its columns: Flyway's flyway_schema_history, dbmate's
 * schema_migrations (one column), node-pg-migrate's pgmigrations.
 */
export const listForeignLedgers = () =>
  query(
    foreignLedgerSchema,
    sql`select case c.relname
                 when 'flyway_schema_history' then 'flyway'
                 when 'pgmigrations' then 'node-pg-migrate'
                 else 'dbmate'
               end as tool,
               n.nspname as schema, c.relname as "table"
        from pg_class c
        join pg_namespace n on n.oid = c.relnamespace
        where c.relkind = 'r'
          and (c.relname in ('flyway_schema_history', 'pgmigrations')
               or c.relname = 'schema_migrations'
                  and not exists (select from pg_attribute a where a.attrelid = c.oid and a.attname = 'checksum')
                  and exists (select from pg_attribute a where a.attrelid = c.oid and a.attname = 'version'))
        order by 1, 2`,
  )

export const foreignRowSchema = z.object({
  version: z.string(),
  /** The name of the file or its stem, where the tool keeps one. */
  name: z.string().nullable(),
  /** Flyway's CRC-32 of the lines. */
  checksum: z.number().nullable(),
  by: z.string().nullable(),
  at: z.date().nullable(),
  durationMs: z.number().nullable(),
  isRepeatable: z.boolean(),
})

export type ForeignRow = z.infer<typeof foreignRowSchema>

/** What a ledger says is applied, in its order. */
export const listForeignRows = ({ tool, schema, table }: ForeignLedger) => {
  const from = identifier(schema, table)
  if (tool === 'flyway') {
    return query(
      foreignRowSchema,
      sql`select coalesce(version, '') as version, script as name, checksum, installed_by as by,
                 installed_on::timestamptz as at, execution_time as "durationMs", version is null as "isRepeatable"
          from ${from}
          where success and type in ('SQL', 'SQL_BASELINE', 'BASELINE')
          order by installed_rank`,
    )
  }
  if (tool === 'node-pg-migrate') {
    return query(
      foreignRowSchema,
      sql`select coalesce(substring(name from '^([0-9]+)'), '') as version, name, null::integer as checksum,
                 null::text as by, run_on::timestamptz as at, null::integer as "durationMs", false as "isRepeatable"
          from ${from}
          order by run_on, id`,
    )
  }
  return query(
    foreignRowSchema,
    sql`select version, null::text as name, null::integer as checksum, null::text as by, null::timestamptz as at,
               null::integer as "durationMs", false as "isRepeatable"
        from ${from}
        order by version`,
  )
}

/** dbmate's table has the name of Atlas's: it steps aside. */
export const renameForeignLedger = ({ schema, table }: ForeignLedger) =>
  sql`alter table ${identifier(schema, table)} rename to ${identifier(`${table}_dbmate`)}`

/** Gives an imported row the time and the user that the other tool knew. */
export const dateImported = (
  project: string,
  version: string,
  { at, by }: Pick<ForeignRow, 'at' | 'by'>,
) => sql`
  update public.schema_migrations
  set applied_at = coalesce(${at}, applied_at), applied_by = coalesce(${by}, applied_by)
  where project = ${project} and version = ${version}`
