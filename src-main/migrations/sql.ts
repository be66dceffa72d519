import { z } from 'zod'
import { literal, query, sql } from '../sql.ts'

/** The ledger. Its columns carry comments as every table of the platform does. */
export const createLedger = () => sql`
do $ledger$
begin
  if to_regclass('public.schema_migrations') is null then
    create table public.schema_migrations (
      version text primary key,
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
end
$ledger$`

export const ledgerExists = () =>
  query(
    z.object({ exists: z.boolean() }),
    sql`select to_regclass('public.schema_migrations') is not null as "exists"`,
  )

export const ledgerRowSchema = z.object({
  version: z.string(),
  name: z.string(),
  checksum: z.string(),
  normalisedChecksum: z.string(),
  appliedBy: z.string(),
  appliedAt: z.date(),
  durationMs: z.number(),
})

export type LedgerRow = z.infer<typeof ledgerRowSchema>

export const listLedger = () =>
  query(
    ledgerRowSchema,
    sql`select version, name, checksum, normalised_checksum as "normalisedChecksum", applied_by as "appliedBy",
               applied_at as "appliedAt", duration_ms as "durationMs"
        from public.schema_migrations
        order by version`,
  )

export const appliedText = (version: string) =>
  query(
    z.object({ text: z.string() }),
    sql`select applied_text as text from public.schema_migrations where version = ${version}`,
  )

export interface LedgerEntry {
  version: string
  name: string
  checksum: string
  normalisedChecksum: string
  text: string
  appliedFrom: string
  durationMs: number
}

export const insertLedger = (entry: LedgerEntry) => sql`
  insert into public.schema_migrations
    (version, name, checksum, normalised_checksum, applied_text, applied_from, duration_ms)
  values
    (${entry.version}, ${entry.name}, ${entry.checksum}, ${entry.normalisedChecksum}, ${entry.text},
     ${entry.appliedFrom}, ${entry.durationMs})`

/** One number for every runner on a database, whatever application it belongs to: 'atlas' in ASCII. */
const lockKey = 0x61746c6173

/** Session-level, tried and never waited for: a waiter would block `create index concurrently` for ever. */
export const tryLock = () =>
  query(z.object({ isHeld: z.boolean() }), sql`select pg_try_advisory_lock(${lockKey}) as "isHeld"`)

/** Who holds the runner's lock. */
export const lockHolder = () =>
  query(
    z.object({ processId: z.number(), application: z.string(), address: z.string(), ageSeconds: z.number() }),
    sql`select l.pid as "processId", coalesce(a.application_name, '') as application,
               coalesce(host(a.client_addr), 'local') as address,
               coalesce(extract(epoch from clock_timestamp() - a.backend_start), 0)::float8 as "ageSeconds"
        from pg_locks l
        left join pg_stat_activity a on a.pid = l.pid
        where l.locktype = 'advisory'
          and l.granted
          and l.database = (select oid from pg_database where datname = current_database())
          and l.classid = (${lockKey}::int8 >> 32)::oid
          and l.objid = (${lockKey}::int8 & 4294967295)::oid
          and l.objsubid = 1`,
  )

/** Open transactions of others that are older than a second: a schema change may have to wait for them. */
export const openTransactions = () =>
  query(
    z.object({
      processId: z.number(),
      user: z.string().nullable(),
      application: z.string(),
      ageSeconds: z.number(),
      statement: z.string(),
    }),
    sql`select pid as "processId", usename as "user", application_name as application,
               extract(epoch from clock_timestamp() - xact_start)::float8 as "ageSeconds",
               left(query, 200) as statement
        from pg_stat_activity
        where datname = current_database()
          and pid <> pg_backend_pid()
          and xact_start < clock_timestamp() - interval '1 second'
          and backend_type = 'client backend'
        order by xact_start
        limit 20`,
  )

/** `set` takes no parameters. */
export const setLockTimeout = (milliseconds: number) =>
  sql`set local lock_timeout = ${literal(`${milliseconds}ms`)}`

export const partitionUpkeepExists = () =>
  query(
    z.object({ exists: z.boolean() }),
    sql`select to_regproc('public.atlas_ensure_all_partitions') is not null as "exists"`,
  )

export const ensurePartitions = (months: number) =>
  sql`select public.atlas_ensure_all_partitions(make_interval(months => ${months}))`
