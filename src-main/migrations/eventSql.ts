import { z } from 'zod'
import { query, sql } from '../sql.ts'
import { historyEntrySchema } from './contract.ts'

export interface EventEntry {
  project: string
  version: string
  name: string
  action: 'reverted' | 'repaired' | 'failed'
  checksum: string
  text: string
  detail: string | null
  doneFrom: string
  durationMs: number
}

export const insertEvent = (entry: EventEntry) => sql`
  insert into public.schema_migration_events
    (project, version, name, action, checksum, migration_text, detail, done_from, duration_ms)
  values
    (${entry.project}, ${entry.version}, ${entry.name}, ${entry.action}, ${entry.checksum}, ${entry.text},
     ${entry.detail}, ${entry.doneFrom}, ${entry.durationMs})`

/** Keeps the row of the ledger as an event before it is replaced or removed. */
export const keepLedgerRow = (project: string, version: string) => sql`
  insert into public.schema_migration_events
    (project, version, name, action, checksum, migration_text, detail, done_by, done_from, application, done_at, duration_ms)
  select project, version, name, 'applied', checksum, applied_text, nullif(outcome, 'applied'), applied_by,
         applied_from, application, applied_at, duration_ms
  from public.schema_migrations
  where project = ${project} and version = ${version}`

export const removeLedgerRow = (project: string, version: string) => sql`
  delete from public.schema_migrations where project = ${project} and version = ${version}`

/** Gives a row the text that its file has now. */
export const replaceLedgerText = (
  project: string,
  version: string,
  entry: { text: string; checksum: string; normalisedChecksum: string; name: string },
) => sql`
  update public.schema_migrations
  set applied_text = ${entry.text}, checksum = ${entry.checksum},
      normalised_checksum = ${entry.normalisedChecksum}, name = ${entry.name}
  where project = ${project} and version = ${version}`

/** Files whose last event is a failure, and why. */
export const listFailures = (project: string) =>
  query(
    z.object({ version: z.string(), checksum: z.string(), detail: z.string().nullable(), at: z.date() }),
    sql`select distinct on (version) version, checksum, detail, done_at as at
        from public.schema_migration_events
        where project = ${project} and action = 'failed'
        order by version, event_id desc`,
  )

/** What happened to a project's migrations, newest first: the rows of the ledger and the events. */
export const listHistory = (project: string, version: string | null, limit: number) =>
  query(
    historyEntrySchema,
    sql`select *
        from (
          select null::bigint as "eventId", version, name, 'applied' as action, checksum,
                 nullif(outcome, 'applied') as detail, applied_by as by, applied_from as "from", application,
                 applied_at as at, duration_ms as "durationMs"
          from public.schema_migrations
          where project = ${project} and (${version}::text is null or version = ${version})
          union all
          select event_id, version, name, action, checksum, detail, done_by, done_from, application, done_at,
                 duration_ms
          from public.schema_migration_events
          where project = ${project} and (${version}::text is null or version = ${version})
        ) history
        order by at desc, "eventId" desc nulls first
        limit ${limit}`,
  )

/** The text of a point of the history. */
export const historyText = (project: string, version: string, eventId: number | null) =>
  query(
    z.object({ text: z.string() }),
    eventId === null
      ? sql`select applied_text as text from public.schema_migrations where project = ${project} and version = ${version}`
      : sql`select migration_text as text
            from public.schema_migration_events
            where project = ${project} and version = ${version} and event_id = ${eventId}`,
  )
