import { z } from 'zod'
import { identifier, literal, query, type Sql, sql } from '../sql.ts'
import { type Maintenance, preparedSchema, sessionSchema, settingSchema } from './contract.ts'

const milliseconds = (since: Sql) => sql`(extract(epoch from clock_timestamp() - ${since}) * 1000)::float8`

/** pg_blocking_pids takes the locks of the lock manager: it is asked only for those that wait for one. */
export const listSessions = () =>
  query(
    sessionSchema,
    sql`select a.pid as "processId", a.backend_start::text as "startedAt", coalesce(a.usename, '') as user,
               coalesce(a.datname, '') as database, coalesce(a.application_name, '') as application,
               host(a.client_addr) as address, coalesce(a.state, 'unknown') as state,
               case when a.state = 'active' then a.wait_event_type || ': ' || a.wait_event end as "waitsFor",
               ${milliseconds(sql`a.xact_start`)} as "transactionMs",
               ${milliseconds(sql`case when a.state = 'active' then a.query_start else a.state_change end`)} as "stateMs",
               left(coalesce(a.query, ''), 2000) as query, a.application_name ~ '^Atlas' as "isOwn",
               case when a.wait_event_type = 'Lock' then pg_blocking_pids(a.pid) else '{}' end as "blockedBy",
               l.lock, ${milliseconds(sql`l.waitstart`)} as "waitingMs"
        from pg_stat_activity a
        left join lateral (
          select concat(l.mode, ' on ', coalesce(l.relation::regclass::text,
                   case l.locktype when 'transactionid' then 'transaction ' || l.transactionid else l.locktype end)) as lock,
                 l.waitstart
          from pg_locks l
          where l.pid = a.pid and not l.granted
          limit 1
        ) l on a.wait_event_type = 'Lock'
        where a.backend_type = 'client backend' and a.pid <> pg_backend_pid()
        order by a.xact_start nulls last, a.pid`,
  )

/** Its locks have no process: the one on its own transaction says under which virtual one the others are held. */
export const listPrepared = () =>
  query(
    preparedSchema,
    sql`select p.gid as name, p.transaction::text as transaction, ${milliseconds(sql`p.prepared`)} as "ageMs",
               age(p.transaction) as "transactionsSince", p.owner::text as owner, p.database::text as database,
               p.database = current_database()
                 and (p.owner = current_user or (select rolsuper from pg_roles where rolname = current_user)) as "isFinishable",
               coalesce((
                 select array_agg(distinct concat(l.mode, ' on ', l.relation::regclass) order by concat(l.mode, ' on ', l.relation::regclass))
                 from pg_locks own
                 join pg_locks l on l.pid is null and l.virtualtransaction = own.virtualtransaction and l.locktype = 'relation'
                 where own.pid is null and own.locktype = 'transactionid' and own.transactionid = p.transaction
                   and l.database = (select oid from pg_database where datname = current_database())
               ), '{}') as locks
        from pg_prepared_xacts p
        order by p.prepared, p.gid`,
  )

/** `commit prepared 'name'`, which takes its name as no parameter and runs in no transaction. */
export const finishPrepared = (outcome: 'commit' | 'rollback', name: string): Sql =>
  sql`${outcome === 'commit' ? sql`commit` : sql`rollback`} prepared ${literal(name)}`

/** What a setting is once this session resets its own. Commands and addresses of other servers may hold passwords. */
export const listSettings = () =>
  query(
    settingSchema,
    sql`select s.name,
               case when s.name in ('primary_conninfo', 'ssl_passphrase_command', 'archive_command', 'restore_command') and s.reset_val <> '' then null
                    else ${withUnit(sql`s.reset_val`)} end as value,
               ${withUnit(sql`s.boot_val`)} as default, s.category, concat_ws(' ', s.short_desc, s.extra_desc) as description,
               case s.source when 'client' then 'this connection' when 'session' then 'this connection' else s.source end as source,
               regexp_replace(s.sourcefile, '^.*/', '') || ':' || s.sourceline as place, s.context,
               s.reset_val is distinct from s.boot_val and s.source not in ('default', 'override', 'client', 'session') as "isChanged",
               s.pending_restart as "isPendingRestart"
        from pg_settings s
        order by s.name`,
  )

function withUnit(value: Sql): Sql {
  return sql`case when s.unit is null or ${value} in ('-1', '0') or ${value} = '' then ${value}
                  when s.unit ~ '^[0-9]*[kM]B$' and s.vartype = 'integer'
                    then pg_size_pretty(${value}::numeric * pg_size_bytes(case when s.unit ~ '^[0-9]' then s.unit else '1' || s.unit end))
                  else ${value} || ' ' || s.unit end`
}

export const reloadSettings = () =>
  query(z.object({ isSent: z.boolean() }), sql`select pg_reload_conf() as "isSent"`)

/** Sends a signal to a session that is still the same; no row where it is gone. */
export const signal = (kind: 'cancel' | 'terminate', processId: number, startedAt: string) =>
  query(
    z.object({ isSent: z.boolean() }),
    sql`select ${kind === 'cancel' ? sql`pg_cancel_backend(pid)` : sql`pg_terminate_backend(pid)`} as "isSent"
        from pg_stat_activity
        where pid = ${processId} and backend_start = ${startedAt}::timestamptz`,
  )

export function maintain(action: Maintenance, schema: string, name: string, index?: string): Sql {
  const table = identifier(schema, name)
  if (action === 'vacuum') return sql`vacuum (analyze) ${table}`
  if (action === 'vacuum full') return sql`vacuum (full, analyze) ${table}`
  if (action === 'analyze') return sql`analyze ${table}`
  if (action === 'cluster')
    return index === undefined ? sql`cluster ${table}` : sql`cluster ${table} using ${identifier(index)}`
  return action === 'reindex' ? sql`reindex table ${table}` : sql`reindex table concurrently ${table}`
}

/** What the server says of how far a process is (manual, 28.4): its phase, and what is done of what there is to do. */
export const progressOf = (processId: number) =>
  query(
    z.object({ phase: z.string(), done: z.number(), total: z.number() }),
    sql`select phase, case phase when 'vacuuming heap' then heap_blks_vacuumed else heap_blks_scanned end as done,
               heap_blks_total as total
        from pg_stat_progress_vacuum where pid = ${processId}
        union all
        select phase, case when child_tables_total > 0 then child_tables_done else sample_blks_scanned end,
               case when child_tables_total > 0 then child_tables_total else sample_blks_total end
        from pg_stat_progress_analyze where pid = ${processId}
        union all
        select phase, case when blocks_total > 0 then blocks_done else tuples_done end,
               case when blocks_total > 0 then blocks_total else tuples_total end
        from pg_stat_progress_create_index where pid = ${processId}
        union all
        select phase, heap_blks_scanned, heap_blks_total from pg_stat_progress_cluster where pid = ${processId}`,
  )
