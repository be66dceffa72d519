import { z } from 'zod'
import type { Queryable } from '../adapters/postgres.ts'
import { empty, query, sql } from '../sql.ts'
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

/**
 * What happened to migrations beside their being applied. The table comes with the first event: a database whose
 * migrations were only ever applied holds the ledger alone.
 */
const createEvents = () => sql`
do $events$
begin
  if to_regclass('public.schema_migration_events') is null then
    create table public.schema_migration_events (
      event_id bigint generated always as identity primary key,
      project text not null,
      version text not null,
      name text not null,
      action text not null,
      checksum text not null,
      migration_text text not null,
      detail text,
      done_by text not null default session_user,
      done_from text not null,
      application text not null default current_setting('application_name'),
      done_at timestamptz not null default clock_timestamp(),
      duration_ms integer not null,
      constraint schema_migration_events_duration_check check (duration_ms >= 0)
    );
    comment on table public.schema_migration_events is 'What happened to migrations beside their being applied: replaced, reverted, repaired, failed; rows are added and never changed';
    comment on column public.schema_migration_events.event_id is 'Order of the events';
    comment on column public.schema_migration_events.project is 'Whose migration it is';
    comment on column public.schema_migration_events.version is 'Version of the migration';
    comment on column public.schema_migration_events.name is 'Name of the migration';
    comment on column public.schema_migration_events.action is 'What was done: applied, reverted, repaired, failed';
    comment on column public.schema_migration_events.checksum is 'SHA-256 of the text';
    comment on column public.schema_migration_events.migration_text is 'The text that was run or replaced';
    comment on column public.schema_migration_events.detail is 'The reason that was given, or what failed';
    comment on column public.schema_migration_events.done_by is 'Database user who did it';
    comment on column public.schema_migration_events.done_from is 'Host and process that did it';
    comment on column public.schema_migration_events.application is 'Application that did it';
    comment on column public.schema_migration_events.done_at is 'When it was done';
    comment on column public.schema_migration_events.duration_ms is 'How long it took, in milliseconds';
    create index schema_migration_events_version_idx on public.schema_migration_events (project, version);
  end if;
end
$events$`

/** Adds an event, and the table of them where this is the first. */
export async function addEvent(tx: Pick<Queryable, 'run'>, entry: EventEntry): Promise<void> {
  await tx.run(createEvents())
  await tx.run(insertEvent(entry))
}

/** Keeps the row of the ledger as an event before it is replaced or removed. */
export async function keepLedgerRow(
  tx: Pick<Queryable, 'run'>,
  project: string,
  version: string,
): Promise<void> {
  await tx.run(createEvents())
  await tx.run(copyLedgerRow(project, version))
}

const insertEvent = (entry: EventEntry) => sql`
  insert into public.schema_migration_events
    (project, version, name, action, checksum, migration_text, detail, done_from, duration_ms)
  values
    (${entry.project}, ${entry.version}, ${entry.name}, ${entry.action}, ${entry.checksum}, ${entry.text},
     ${entry.detail}, ${entry.doneFrom}, ${entry.durationMs})`

const copyLedgerRow = (project: string, version: string) => sql`
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

/** What happened to a project's migrations, newest first: the rows of the ledger, and the events where there are any. */
export const listHistory = (project: string, version: string | null, limit: number, hasEvents: boolean) =>
  query(
    historyEntrySchema,
    sql`select *
        from (
          select null::bigint as "eventId", version, name, 'applied' as action, checksum,
                 nullif(outcome, 'applied') as detail, applied_by as by, applied_from as "from", application,
                 applied_at as at, duration_ms as "durationMs"
          from public.schema_migrations
          where project = ${project} and (${version}::text is null or version = ${version})
          ${hasEvents ? eventsOf(project, version) : empty}
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

function eventsOf(project: string, version: string | null) {
  return sql`union all
          select event_id, version, name, action, checksum, detail, done_by, done_from, application, done_at,
                 duration_ms
          from public.schema_migration_events
          where project = ${project} and (${version}::text is null or version = ${version})`
}
