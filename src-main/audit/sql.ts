import { z } from 'zod'
import { query, type Sql, sql } from '../sql.ts'
import { auditEntrySchema } from './contract.ts'

export interface AuditFilter {
  from: Date
  to: Date
  table?: string | undefined
  user?: string | undefined
  action?: string | undefined
  before?: number | undefined
  limit: number
}

const inWindow = ({ from, to }: { from: Date; to: Date }): Sql =>
  sql`l.occurred_at >= ${from} and l.occurred_at < ${to}`

/** The window prunes partitions; the sequence pages. */
export const listEntries = ({ table, user, action, before, limit, ...window }: AuditFilter) =>
  query(
    auditEntrySchema,
    sql`select l.sequence, to_char(l.occurred_at at time zone 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.US"Z"') as "occurredAt",
               l.action, l.schema_name as schema, l.table_name as table, l.row_key as "rowKey", l.old_values as old,
               l.new_values as new, l.db_user as user, l.db_role as role, l.actor, l.application_name as application,
               host(l.client_address) as address, l.transaction_id as "transactionId"
        from compliance.audit_log l
        where ${inWindow(window)}
          and (${table ?? null}::text is null
               or (l.schema_name = split_part(${table ?? null}, '.', 1) and l.table_name = split_part(${table ?? null}, '.', 2)))
          and (${user ?? null}::text is null or l.db_user = ${user ?? null})
          and (${action ?? null}::text is null or l.action = ${action ?? null})
          and (${before ?? null}::bigint is null or l.sequence < ${before ?? null})
        order by l.occurred_at desc, l.sequence desc
        limit ${limit}`,
  )

export const countByHour = (window: { from: Date; to: Date }) =>
  query(
    z.object({ day: z.string(), hour: z.number(), entries: z.number() }),
    sql`select to_char(l.occurred_at at time zone 'UTC', 'YYYY-MM-DD') as day,
               extract(hour from l.occurred_at at time zone 'UTC')::int as hour, count(*) as entries
        from compliance.audit_log l
        where ${inWindow(window)}
        group by 1, 2
        order by 1, 2`,
  )

export const verifyChain = (from: Date | undefined, to: Date | undefined) =>
  query(
    z.object({
      isIntact: z.boolean(),
      checkedEntries: z.number(),
      sequence: z.number().nullable(),
      kind: z.string().nullable(),
      detail: z.string().nullable(),
    }),
    sql`select is_intact as "isIntact", rows_checked as "checkedEntries", first_bad_sequence as sequence, kind, detail
        from compliance.verify_audit_chain(${from ?? null}::timestamptz, ${to ?? null}::timestamptz)`,
  )

export const auditExists = () =>
  query(
    z.object({ exists: z.boolean() }),
    sql`select to_regclass('compliance.audit_log') is not null as "exists"`,
  )
