import { z } from 'zod'
import { query, sql } from '../sql.ts'

/** What a server that answers says of itself. */
export const serverState = () =>
  query(
    z.object({ version: z.string(), isInRecovery: z.boolean(), hasLedger: z.boolean() }),
    sql`select current_setting('server_version') as version,
  pg_is_in_recovery() as "isInRecovery",
  to_regclass('public.schema_migrations') is not null as "hasLedger"`,
  )

export const newestMigration = () =>
  query(
    z.object({ version: z.string() }),
    sql`select version::text as version from public.schema_migrations order by 1 desc limit 1`,
  )

/** Open transactions and running statements of others, the oldest first; migrations say so in their name. */
export const openWork = () =>
  query(
    z.object({
      processId: z.number(),
      application: z.string(),
      user: z.string(),
      state: z.string(),
      statement: z.string(),
      since: z.date(),
      isMigration: z.boolean(),
    }),
    sql`select pid as "processId",
  coalesce(application_name, '') as application,
  coalesce(usename, '') as user,
  coalesce(state, '') as state,
  left(regexp_replace(query, '\\s+', ' ', 'g'), 160) as statement,
  coalesce(xact_start, query_start) as since,
  application_name ~ 'migrations$' as "isMigration"
from pg_stat_activity
where backend_type = 'client backend'
  and pid <> pg_backend_pid()
  and (xact_start is not null or state = 'active')
order by since
limit 200`,
  )

export const hasRuns = () =>
  query(
    z.object({ exists: z.boolean() }),
    sql`select to_regclass('pipeline.pipeline_runs') is not null as exists`,
  )

export const openRuns = () =>
  query(
    z.object({ number: z.number(), pipeline: z.string(), status: z.string(), since: z.date() }),
    sql`select r.run_number as number,
  p.name as pipeline,
  r.status,
  coalesce(r.started_at, r.created_at) as since
from pipeline.pipeline_runs r
join pipeline.pipelines p using (pipeline_id)
where r.status in ('running', 'cancelling')
order by since
limit 100`,
  )

export const cancelBackends = (processIds: readonly number[]) =>
  query(
    z.object({ sent: z.boolean() }),
    sql`select pg_terminate_backend(pid) as sent from unnest(${processIds}::int[]) as pid`,
  )
