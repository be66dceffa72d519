import { z } from 'zod'
import { query, sql } from '../sql.ts'

/**
 * The ledger. Columns carry comments as every table of the platform does. A ledger of an
 * earlier release is given what it lacks. A table of this name that another tool keeps is not touched.
 */
export const createLedger = () => sql`
do $ledger$
begin
  if to_regclass('public.schema_migrations') is null then
    create table public.schema_migrations (
      version text not null,
      name text not null,
      checksum text not null,
      normalised_checksum text not null,
      applied_text text not null,
      applied_by text not null default session_user,
      applied_from text not null,
      application text not null default current_setting('application_name'),
      applied_at timestamptz not null default clock_timestamp(),
      duration_ms integer not null,
      constraint schema_migrations_duration_check check (duration_ms >= 0)
    );
    comment on table public.schema_migrations is 'Ledger of the migrations: one row a file that was applied, written in the transaction that applied it';
    comment on column public.schema_migrations.version is 'Number that the name of the file begins with';
    comment on column public.schema_migrations.name is 'Name of the file without number and extension';
    comment on column public.schema_migrations.checksum is 'SHA-256 of the file, line ends as LF';
    comment on column public.schema_migrations.normalised_checksum is 'SHA-256 of the file without comments and white space outside of literals';
    comment on column public.schema_migrations.applied_text is 'The file as it was applied';
    comment on column public.schema_migrations.applied_by is 'Database user who applied it';
    comment on column public.schema_migrations.applied_from is 'Host and process that applied it';
    comment on column public.schema_migrations.application is 'Application that applied it';
    comment on column public.schema_migrations.applied_at is 'When it was applied';
    comment on column public.schema_migrations.duration_ms is 'How long its statements ran, in milliseconds';
  end if;
  if exists (select from pg_attribute where attrelid = 'public.schema_migrations'::regclass and attname = 'checksum')
     and not exists (select from pg_attribute where attrelid = 'public.schema_migrations'::regclass and attname = 'project') then
    alter table public.schema_migrations
      drop constraint if exists schema_migrations_pkey,
      add column project text not null default 'platform',
      add column outcome text not null default 'applied',
      add column is_repeatable boolean not null default false,
      add column statements_done integer,
      add column statement_started integer,
      add constraint schema_migrations_project_pkey primary key (project, version),
      add constraint schema_migrations_outcome_check check (outcome in ('applied', 'partial', 'baseline', 'imported'));
    comment on column public.schema_migrations.project is 'Whose migration it is: the platform''s, or of which folder';
    comment on column public.schema_migrations.outcome is 'Applied whole, in part (a file without a transaction), taken as a baseline, or imported from the ledger of another tool';
    comment on column public.schema_migrations.is_repeatable is 'Whether it runs again when its text changes';
    comment on column public.schema_migrations.statements_done is 'Of a file without a transaction: how many statements are done';
    comment on column public.schema_migrations.statement_started is 'Of a file without a transaction: the statement that was begun and is not known to have ended';
  end if;
end
$ledger$`

/** `own`: the ledger is there and has all its columns. `old`: it lacks some. `foreign`: another tool keeps the table. */
export const ledgerKind = () =>
  query(
    z.object({ kind: z.enum(['none', 'own', 'old', 'foreign']), hasEvents: z.boolean() }),
    sql`select case
                 when to_regclass('public.schema_migrations') is null then 'none'
                 when bool_or(attname = 'project') then 'own'
                 when bool_or(attname = 'checksum') then 'old'
                 else 'foreign'
               end as kind,
               to_regclass('public.schema_migration_events') is not null as "hasEvents"
        from pg_attribute
        where attrelid = to_regclass('public.schema_migrations') and not attisdropped`,
  )

export const ledgerRowSchema = z.object({
  version: z.string(),
  name: z.string(),
  checksum: z.string(),
  appliedBy: z.string(),
  appliedFrom: z.string(),
  appliedAt: z.date(),
  durationMs: z.number(),
  outcome: z.enum(['applied', 'partial', 'baseline', 'imported']),
  isRepeatable: z.boolean(),
  statementsDone: z.number().nullable(),
  statementStarted: z.number().nullable(),
})

export type LedgerRow = z.infer<typeof ledgerRowSchema>

export const listLedger = (project: string) =>
  query(
    ledgerRowSchema,
    sql`select version, name, checksum, applied_by as "appliedBy", applied_from as "appliedFrom",
               applied_at as "appliedAt", duration_ms as "durationMs", outcome, is_repeatable as "isRepeatable",
               statements_done as "statementsDone", statement_started as "statementStarted"
        from public.schema_migrations
        where project = ${project}`,
  )

/** The ledger of an earlier release, which knew one project and one outcome. */
export const listOldLedger = () =>
  query(
    ledgerRowSchema,
    sql`select version, name, checksum, applied_by as "appliedBy", applied_from as "appliedFrom",
               applied_at as "appliedAt", duration_ms as "durationMs", 'applied' as outcome,
               false as "isRepeatable", null::integer as "statementsDone", null::integer as "statementStarted"
        from public.schema_migrations`,
  )

/** The texts of some versions as they were applied, to be compared with their files. */
export const appliedTexts = (project: string, versions: readonly string[]) =>
  query(
    z.object({ version: z.string(), text: z.string() }),
    sql`select version, applied_text as text
        from public.schema_migrations
        where project = ${project} and version = any(${versions}::text[])`,
  )

/** The same of the ledger of an earlier release. */
export const oldAppliedTexts = (versions: readonly string[]) =>
  query(
    z.object({ version: z.string(), text: z.string() }),
    sql`select version, applied_text as text
        from public.schema_migrations
        where version = any(${versions}::text[])`,
  )

const ledgerTextSchema = z.object({
  project: z.string(),
  version: z.string(),
  name: z.string(),
  text: z.string(),
  outcome: ledgerRowSchema.shape.outcome,
})

export type LedgerText = z.infer<typeof ledgerTextSchema>

/** The texts of all projects in the order in which they were applied: what makes the schema once more. */
export const replayTexts = () =>
  query(
    ledgerTextSchema,
    sql`select project, version, name, applied_text as text, outcome
        from public.schema_migrations
        order by applied_at, version`,
  )

export interface LedgerEntry {
  project: string
  version: string
  name: string
  checksum: string
  normalisedChecksum: string
  text: string
  appliedFrom: string
  durationMs: number
  outcome: LedgerRow['outcome']
  isRepeatable: boolean
  statementsDone?: number | null
}

/** Writes the row of a file that has none. */
export const insertLedger = (entry: LedgerEntry) => sql`
  insert into public.schema_migrations
    (project, version, name, checksum, normalised_checksum, applied_text, applied_from, duration_ms, outcome,
     is_repeatable, statements_done)
  values
    (${entry.project}, ${entry.version}, ${entry.name}, ${entry.checksum}, ${entry.normalisedChecksum},
     ${entry.text}, ${entry.appliedFrom}, ${entry.durationMs}, ${entry.outcome}, ${entry.isRepeatable},
     ${entry.statementsDone ?? null})`

/** Writes the row of a file, in place of the one before: of a repeatable one, or of one that had begun. */
export const upsertLedger = (entry: LedgerEntry) => sql`
  ${insertLedger(entry)}
  on conflict (project, version) do update
    set name = excluded.name, checksum = excluded.checksum, normalised_checksum = excluded.normalised_checksum,
        applied_text = excluded.applied_text, applied_by = session_user, applied_from = excluded.applied_from,
        application = current_setting('application_name'), applied_at = clock_timestamp(),
        duration_ms = excluded.duration_ms, outcome = excluded.outcome, is_repeatable = excluded.is_repeatable,
        statements_done = excluded.statements_done, statement_started = null`

/** Of a file without a transaction: which statement begins now, and how many are done. */
export const markStatement = (project: string, version: string, done: number, started: number | null) => sql`
  update public.schema_migrations
  set statements_done = ${done}, statement_started = ${started}
  where project = ${project} and version = ${version}`

export const ledgerRow = (project: string, version: string) =>
  query(
    ledgerRowSchema.pick({
      outcome: true,
      statementsDone: true,
      statementStarted: true,
      checksum: true,
      name: true,
    }),
    sql`select outcome, statements_done as "statementsDone", statement_started as "statementStarted", checksum, name
        from public.schema_migrations
        where project = ${project} and version = ${version}`,
  )
