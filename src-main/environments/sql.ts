import { z } from 'zod'
import { query, sql } from '../sql.ts'

// What locks, snapshots, cancels and job queues are built on: servers that only speak as PostgreSQL lack some of it.
const needed = [
  'pg_advisory_lock(bigint)',
  'pg_blocking_pids(integer)',
  'pg_cancel_backend(integer)',
  'pg_current_xact_id()',
  'pg_export_snapshot()',
  'pg_get_viewdef(oid)',
  'pg_notify(text,text)',
]

/** What answers: its version, the process behind the connection, and what it lacks of what Atlas is built on. */
export const probeServer = () =>
  query(
    z.object({
      number: z.number(),
      version: z.string(),
      product: z.string(),
      processId: z.number(),
      missing: z.string(),
    }),
    sql`select current_setting('server_version_num')::int as number,
               current_setting('server_version') as version,
               version() as product,
               pg_backend_pid() as "processId",
               array_to_string(array(
                 select name
                   from unnest(${needed}::text[]) as name
                  where to_regprocedure('pg_catalog.' || name) is null
               ), ', ') as missing`,
  )
