import { z } from 'zod'
import { query, sql } from '../sql.ts'

/** Relations that are there, with the file that holds each: another file means that it was written anew. */
export const relationFiles = () =>
  query(
    z.object({ id: z.number(), name: z.string(), file: z.number() }),
    sql`select c.oid::bigint as id, n.nspname || '.' || c.relname as name, c.relfilenode::bigint as file
        from pg_class c
        join pg_namespace n on n.oid = c.relnamespace
        where c.relkind in ('r', 'p', 'm', 'f', 'i')
          and n.nspname not in ('pg_catalog', 'information_schema', 'pg_toast')`,
  )

/** Locks on tables that this session holds now, in the manual's words. */
export const ownLocks = () =>
  query(
    z.object({ id: z.number(), object: z.string(), mode: z.string() }),
    sql`select l.relation::bigint as id, n.nspname || '.' || c.relname as object,
               lower(regexp_replace(replace(l.mode, 'Lock', ''), '([a-z])([A-Z])', '\\1 \\2', 'g')) as mode
        from pg_locks l
        join pg_class c on c.oid = l.relation
        join pg_namespace n on n.oid = c.relnamespace
        where l.pid = pg_backend_pid()
          and l.locktype = 'relation'
          and c.relkind in ('r', 'p', 'm', 'f')
          and n.nspname not in ('pg_catalog', 'information_schema', 'pg_toast')`,
  )
