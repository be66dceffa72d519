import { z } from 'zod'
import { literal, query, sql } from '../sql.ts'
import { holderSchema, waitSchema } from './state.contract.ts'

/** One number for every runner on a database, whatever application it belongs to: 'atlas' in ASCII. */
const runnerKey = 0x61746c6173
/** Held by the session that works, so that a runner begins only once the session of a killed one has ended. */
const workKey = runnerKey + 1

const tryLock = (key: number) =>
  query(z.object({ isHeld: z.boolean() }), sql`select pg_try_advisory_lock(${key}) as "isHeld"`)

/** Session-level, tried and never waited for: a waiter would block `create index concurrently` for ever. */
export const tryRunnerLock = () => tryLock(runnerKey)
export const tryWorkLock = () => tryLock(workKey)

/** Who holds the runner's lock, or the lock of its session that works. */
export const lockHolder = (which: 'runner' | 'work') => {
  const key = which === 'runner' ? runnerKey : workKey
  return query(
    holderSchema,
    sql`select l.pid as "processId", coalesce(a.application_name, '') as application,
               coalesce(host(a.client_addr), 'local') as address,
               coalesce(extract(epoch from clock_timestamp() - coalesce(a.query_start, a.backend_start)), 0)::float8
                 as "ageSeconds"
        from pg_locks l
        left join pg_stat_activity a on a.pid = l.pid
        where l.locktype = 'advisory'
          and l.granted
          and l.database = (select oid from pg_database where datname = current_database())
          and l.classid = (${key}::int8 >> 32)::oid
          and l.objid = (${key}::int8 & 4294967295)::oid
          and l.objsubid = 1`,
  )
}

export const backendProcess = () =>
  query(z.object({ processId: z.number() }), sql`select pg_backend_pid() as "processId"`)

/** `set` takes no parameters. */
export const setTimeouts = (lockTimeoutMs: number, statementTimeoutMs: number) => sql`
  set lock_timeout = ${literal(`${lockTimeoutMs}ms`)};
  set statement_timeout = ${literal(`${statementTimeoutMs}ms`)}`

/**
 * Whether a commit waits until it is on disk (and at the standbys that the server waits for). One that does not is as
 * whole as any other, and never there without those before it: a crash of the server may only lose the newest.
 */
export const setCommitWait = (waits: boolean) =>
  waits ? sql`set synchronous_commit to default` : sql`set synchronous_commit = off`

/** Waits until all that was committed before is on disk. Writes a mark into the log: an empty commit waits for nothing. */
export const flushCommits = () => sql`
  set synchronous_commit to default;
  select pg_logical_emit_message(true, 'atlas', 'migrations')`

/** The server notices within half a second that the client is gone, also while a statement runs. */
export const watchClient = () => sql`set client_connection_check_interval = 500`

/** Undoes what a file has set for its session. */
export const resetSession = () => sql`reset session authorization; reset role; reset all`

/** What a session does now: what it waits for and who is in the way, what it holds, how far it is. One query. */
export const sampleSession = (processId: number) =>
  query(
    waitSchema,
    sql`with waits as (
          select coalesce(nullif(concat_ws('.', n.nspname, c.relname), ''),
                          case when l.locktype = 'virtualxid' then 'a transaction of before' else l.locktype end) as object,
                 l.mode
          from pg_locks l
          left join pg_class c on c.oid = l.relation
          left join pg_namespace n on n.oid = c.relnamespace
          where l.pid = ${processId} and not l.granted
          limit 1
        ),
        blockers as (
          select a.pid, a.application_name, a.usename, extract(epoch from clock_timestamp() - a.xact_start)::float8 as age,
                 left(a.query, 200) as statement
          from unnest(pg_blocking_pids(${processId})) b (pid)
          join pg_stat_activity a on a.pid = b.pid
          limit 5
        ),
        held as (
          select n.nspname || '.' || c.relname as object, replace(l.mode, 'Lock', '') as mode
          from pg_locks l
          join pg_class c on c.oid = l.relation
          join pg_namespace n on n.oid = c.relnamespace
          where l.pid = ${processId} and l.granted and l.locktype = 'relation'
            and n.nspname not in ('pg_catalog', 'information_schema', 'pg_toast')
            and c.relkind in ('r', 'p', 'm', 'v', 'f')
          order by 1
          limit 60
        ),
        progress as (
          select phase, blocks_done as done, blocks_total as total from pg_stat_progress_create_index where pid = ${processId}
          union all
          select phase, heap_blks_scanned, heap_blks_total from pg_stat_progress_cluster where pid = ${processId}
          union all
          select phase, heap_blks_scanned, heap_blks_total from pg_stat_progress_vacuum where pid = ${processId}
          union all
          select phase, sample_blks_scanned, sample_blks_total from pg_stat_progress_analyze where pid = ${processId}
          union all
          select type, bytes_processed, nullif(bytes_total, 0) from pg_stat_progress_copy where pid = ${processId}
          limit 1
        )
        select (select object from waits) as "waitsFor",
               (select mode from waits) as mode,
               coalesce((select json_agg(json_build_object('processId', pid, 'application', application_name,
                                                           'user', usename, 'ageSeconds', age, 'statement', statement))
                         from blockers), '[]') as blockers,
               coalesce((select json_agg(json_build_object('object', object, 'mode', mode)) from held), '[]') as held,
               (select phase from progress) as phase,
               (select done from progress) as done,
               (select total from progress) as total`,
  )

const invalidIndexSchema = z.object({
  schema: z.string(),
  name: z.string(),
  table: z.string(),
  sizeBytes: z.number(),
  /** Something builds it now. */
  isBuilding: z.boolean(),
})

/** Indexes that an interrupted build has left behind, or that are being built. */
export const invalidIndexes = () =>
  query(
    invalidIndexSchema,
    sql`select n.nspname as schema, c.relname as name, i.indrelid::regclass::text as "table",
               coalesce(pg_relation_size(c.oid), 0) as "sizeBytes", p.pid is not null as "isBuilding"
        from pg_index i
        join pg_class c on c.oid = i.indexrelid
        join pg_namespace n on n.oid = c.relnamespace
        left join pg_stat_progress_create_index p on p.index_relid = i.indexrelid
        where not i.indisvalid and c.relkind = 'i'
        order by 1, 2`,
  )

export type InvalidIndex = z.infer<typeof invalidIndexSchema>

/** Whether there is a valid index of this name; without a schema, one that the search path finds. */
export const indexState = (schema: string | null, name: string) =>
  query(
    z.object({ exists: z.boolean() }),
    sql`select exists (
          select
          from pg_class c
          join pg_namespace n on n.oid = c.relnamespace
          join pg_index i on i.indexrelid = c.oid
          where c.relname = ${name} and i.indisvalid
            and case when ${schema}::text is null then pg_table_is_visible(c.oid) else n.nspname = ${schema} end
        ) as "exists"`,
  )
