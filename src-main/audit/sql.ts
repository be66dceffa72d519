import { z } from 'zod'
import { join, query, type Sql, sql } from '../sql.ts'
import { type AuditFilter, auditEntrySchema } from './contract.ts'

/** A place in the log; the time keeps its microseconds as text. */
export interface Place {
  time: string
  sequence: number
}

/** Panels in which a person writes the statements: what they do is theirs, not the app's. */
const typedByPeople = ['Atlas Desktop console', 'Atlas Desktop query']

/** What an index can find: time, and with it the table. */
function indexed({ from, to, table }: Pick<AuditFilter, 'from' | 'to' | 'table'>): Sql[] {
  const conditions = [sql`l.occurred_at >= ${from}`, sql`l.occurred_at < ${to}`]
  if (!table) return conditions
  const dot = table.indexOf('.')
  return dot < 0
    ? [...conditions, sql`l.schema_name = ${table}`]
    : [
        ...conditions,
        sql`l.schema_name = ${table.slice(0, dot)}`,
        sql`l.table_name = ${table.slice(dot + 1)}`,
      ]
}

/** Whether a filter asks for what no index finds: then the log is searched piece by piece. */
export const isSearch = ({ actor, action, key, text, transaction }: Partial<AuditFilter>) =>
  [actor, action, key, text, transaction].some((part) => part !== undefined && part !== '')

/** What has to be looked at row by row. A masked reader finds by masked values alone. */
function searched(filter: Partial<AuditFilter>, isMasked: boolean): Sql[] {
  const { actor, action, key, text, transaction, withOwnReads } = filter
  const like = (part: string) => `%${part.replaceAll(/[\\%_]/g, '\\$&')}%`
  const conditions: Sql[] = []
  if (actor)
    conditions.push(
      sql`(l.db_user ilike ${like(actor)} or l.actor ilike ${like(actor)} or l.application_name ilike ${like(actor)})`,
    )
  if (action) conditions.push(sql`l.action = ${action}`)
  if (transaction !== undefined) conditions.push(sql`l.transaction_id = ${transaction}`)
  const { old, new: after, rowKey } = values(isMasked)
  if (key)
    conditions.push(isObject(key) ? sql`${rowKey} = ${key}::jsonb` : sql`${rowKey}::text ilike ${like(key)}`)
  if (text)
    conditions.push(
      sql`(${old}::text ilike ${like(text)} or ${after}::text ilike ${like(text)} or ${rowKey}::text ilike ${like(text)})`,
    )
  if (!withOwnReads)
    conditions.push(
      sql`not (l.action = 'event' and l.table_name like 'read%' and l.application_name like 'Atlas Desktop%'
               and l.application_name <> all (${typedByPeople}))`,
    )
  return conditions
}

function isObject(text: string): boolean {
  try {
    const value: unknown = JSON.parse(text)
    return typeof value === 'object' && value !== null
  } catch {
    return false
  }
}

const values = (isMasked: boolean) => {
  const mask = (column: Sql) =>
    isMasked ? sql`compliance.mask_record(${column}, l.schema_name, l.table_name)` : column
  return { old: mask(sql`l.old_values`), new: mask(sql`l.new_values`), rowKey: mask(sql`l.row_key`) }
}

const isoTime = (column: Sql) => sql`to_char(${column} at time zone 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.US"Z"')`

const columns = (isMasked: boolean): Sql => {
  const { old, new: after, rowKey } = values(isMasked)
  return sql`l.sequence, ${isoTime(sql`l.occurred_at`)} as "occurredAt", l.action, l.schema_name as schema,
             l.table_name as table, ${rowKey} as "rowKey", ${old} as old, ${after} as new, l.db_user as user,
             l.db_role as role, l.actor, l.application_name as application, host(l.client_address) as address,
             l.transaction_id as "transactionId"`
}

/** Below a place. The row comparison walks the index; the time alone, said again, prunes partitions. */
const below = ({ time, sequence }: Place): Sql[] => [
  sql`l.occurred_at <= ${time}::timestamptz`,
  sql`(l.occurred_at, l.sequence) < (${time}::timestamptz, ${sequence}::bigint)`,
]

export interface Page {
  filter: AuditFilter
  before: Place | undefined
  /** The last entry to look at, itself included; undefined looks to the beginning of the window. */
  until: Place | undefined
  /** Null for all. */
  limit: number | null
  isMasked: boolean
}

export const listEntries = ({ filter, before, until, limit, isMasked }: Page) =>
  query(
    auditEntrySchema,
    sql`select ${columns(isMasked)}
        from compliance.audit_log l
        where ${join(
          [
            ...indexed(filter),
            ...(before ? below(before) : []),
            ...(until
              ? [
                  sql`l.occurred_at >= ${until.time}::timestamptz`,
                  sql`(l.occurred_at, l.sequence) >= (${until.time}::timestamptz, ${until.sequence}::bigint)`,
                ]
              : []),
            ...searched(filter, isMasked),
          ],
          ' and ',
        )}
        order by l.occurred_at desc, l.sequence desc
        limit ${limit}`,
  )

const placeRow = z.object({ time: z.string(), sequence: z.number() })

/** The entry that lies so many below a place; none where the window ends before. */
export const placeBelow = (filter: AuditFilter, before: Place | undefined, entries: number) =>
  query(
    placeRow,
    sql`select ${isoTime(sql`l.occurred_at`)} as time, l.sequence
        from compliance.audit_log l
        where ${join([...indexed(filter), ...(before ? below(before) : [])], ' and ')}
        order by l.occurred_at desc, l.sequence desc
        offset ${entries - 1}
        limit 1`,
  )

/** Entries of a window by day and hour, in UTC. */
export const countByHour = (filter: AuditFilter, isMasked: boolean) =>
  query(
    z.object({ day: z.string(), hour: z.number(), entries: z.number() }),
    sql`select to_char(h.at, 'YYYY-MM-DD') as day, extract(hour from h.at)::int as hour, h.entries
        from (
          select date_trunc('hour', l.occurred_at at time zone 'UTC') as at, count(*) as entries
          from compliance.audit_log l
          where ${join([...indexed(filter), ...searched(filter, isMasked)], ' and ')}
          group by 1
        ) h
        order by h.at`,
  )

/** The newest entry of the log. */
export const head = () =>
  query(
    placeRow,
    sql`select ${isoTime(sql`l.occurred_at`)} as time, l.sequence
        from compliance.audit_log l
        order by l.occurred_at desc, l.sequence desc
        limit 1`,
  )

/** Entries after a place in the order of the log, each with whether it is wanted. */
export const entriesAfter = (
  place: Place | undefined,
  filter: Partial<AuditFilter>,
  isMasked: boolean,
  limit: number,
) => {
  const wanted = [
    ...searched(filter, isMasked),
    ...(filter.table ? [sql`${filter.table} in (l.schema_name, l.schema_name || '.' || l.table_name)`] : []),
  ]
  return query(
    auditEntrySchema.extend({ isWanted: z.boolean() }),
    sql`select ${columns(isMasked)}, ${wanted.length > 0 ? sql`coalesce(${join(wanted, ' and ')}, false)` : sql`true`} as "isWanted"
        from compliance.audit_log l
        ${
          place
            ? sql`where l.occurred_at >= ${place.time}::timestamptz
                    and (l.occurred_at, l.sequence) > (${place.time}::timestamptz, ${place.sequence}::bigint)`
            : sql``
        }
        order by l.occurred_at, l.sequence
        limit ${limit}`,
  )
}

/** The first entry, and the time of the one that lies so many above a time. */
export const timeAbove = (time: string | undefined, entries: number) =>
  query(
    placeRow,
    sql`select ${isoTime(sql`l.occurred_at`)} as time, l.sequence
        from compliance.audit_log l
        ${time === undefined ? sql`` : sql`where l.occurred_at >= ${time}::timestamptz`}
        order by l.occurred_at, l.sequence
        offset ${entries}
        limit 1`,
  )

/** The first time after another one. */
export const nextTime = (time: string) =>
  query(
    placeRow,
    sql`select ${isoTime(sql`l.occurred_at`)} as time, l.sequence
        from compliance.audit_log l
        where l.occurred_at > ${time}::timestamptz
        order by l.occurred_at, l.sequence
        limit 1`,
  )

/** The last entry before a time. */
export const lastBefore = (time: string) =>
  query(
    placeRow,
    sql`select ${isoTime(sql`l.occurred_at`)} as time, l.sequence
        from compliance.audit_log l
        where l.occurred_at < ${time}::timestamptz
        order by l.occurred_at desc, l.sequence desc
        limit 1`,
  )

export const verifyChain = (from: string | undefined, to: string | undefined) =>
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

/** Whether there is a log, and whether this role sees personal values: the owner and the administrators do. */
export const logAccess = () =>
  query(
    z.object({ isThere: z.boolean(), isMasked: z.boolean() }),
    sql`select c.oid is not null as "isThere",
               not coalesce(pg_has_role(c.relowner, 'usage'), false)
                 and not exists (select from pg_roles r where r.rolname = 'atlas_admin' and pg_has_role(r.oid, 'member'))
                 as "isMasked"
        from (select to_regclass('compliance.audit_log') as id) l
        left join pg_class c on c.oid = l.id`,
  )
