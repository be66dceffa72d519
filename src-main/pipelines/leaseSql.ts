import { z } from 'zod'
import { query, sql } from '../sql.ts'

/** A task that this worker holds. The token fences off whoever held it before. */
export const claimedTaskSchema = z.object({
  taskRunId: z.string(),
  runId: z.string(),
  task: z.string(),
  config: z.unknown(),
  attempt: z.number(),
  maxAttempts: z.number(),
  timeoutSeconds: z.number(),
  token: z.number(),
  /** Outputs of the tasks that it waits for, by their names. */
  inputs: z.record(z.string(), z.unknown()),
})

export type ClaimedTask = z.infer<typeof claimedTaskSchema>

/** Takes the task that waits longest; two workers never take the same. */
export const claimTask = (owner: string, leaseMs: number, onlyRun: string | null) =>
  query(
    claimedTaskSchema,
    sql`update pipeline.task_runs t
        set status = 'running', attempt = t.attempt + 1, fencing_token = nextval('pipeline.fencing_token_seq'),
            lease_owner = ${owner}, lease_expires_at = clock_timestamp() + make_interval(secs => ${leaseMs / 1000}),
            heartbeat_at = clock_timestamp(), started_at = clock_timestamp(), progress = '{}', error = null
        from (
          select task_run_id
          from pipeline.task_runs
          where status = 'ready'
            and available_at <= clock_timestamp()
            and (${onlyRun}::uuid is null or run_id = ${onlyRun}::uuid)
          order by available_at, task_run_id
          limit 1
          for update skip locked
        ) next
        where t.task_run_id = next.task_run_id
        returning t.task_run_id as "taskRunId", t.run_id as "runId", t.task_key as task, t.config, t.attempt,
                  t.max_attempts as "maxAttempts", t.timeout_seconds as "timeoutSeconds", t.fencing_token as token,
                  (select coalesce(jsonb_object_agg(d.task_key, d.output), '{}')
                   from pipeline.task_runs d
                   where d.run_id = t.run_id and d.task_key = any (t.depends_on)) as inputs`,
  )

/** A run starts with its first task. */
export const markRunStarted = (runId: string) => sql`
  update pipeline.pipeline_runs r
  set status = 'running',
      started_at = coalesce(r.started_at, (select min(t.started_at) from pipeline.task_runs t where t.run_id = r.run_id))
  where r.run_id = ${runId} and r.status = 'queued'`

/** Renews the lease. No row: another worker has the task. */
export const renewLease = ({ taskRunId, token }: ClaimedTask, leaseMs: number) =>
  query(
    z.object({ isCancelRequested: z.boolean() }),
    sql`update pipeline.task_runs t
        set heartbeat_at = clock_timestamp(),
            lease_expires_at = clock_timestamp() + make_interval(secs => ${leaseMs / 1000})
        from pipeline.pipeline_runs r
        where t.task_run_id = ${taskRunId} and t.fencing_token = ${token} and t.status = 'running'
          and r.run_id = t.run_id
        returning r.cancel_requested_at is not null as "isCancelRequested"`,
  )

export const reportProgress = ({ taskRunId, token }: ClaimedTask, progress: object) => sql`
  update pipeline.task_runs
  set progress = ${JSON.stringify(progress)}
  where task_run_id = ${taskRunId} and fencing_token = ${token} and status = 'running'`

export interface TaskResult {
  rowsIn: number
  rowsOut: number
  rowsRejected: number
  output: Record<string, unknown>
}

/** Part of the transaction that wrote the data: no row means that the lease was lost, and everything rolls back. */
export const completeTask = ({ taskRunId, token }: ClaimedTask, result: TaskResult) => sql`
  update pipeline.task_runs
  set status = 'succeeded', finished_at = clock_timestamp(), lease_owner = null, lease_expires_at = null,
      rows_in = ${result.rowsIn}, rows_out = ${result.rowsOut}, rows_rejected = ${result.rowsRejected},
      output = ${JSON.stringify(result.output)}, progress = '{}'
  where task_run_id = ${taskRunId} and fencing_token = ${token} and status = 'running'`

export type Failure = 'retry' | 'failed' | 'cancelled'

/** A retry waits longer each time: delay × backoff^(attempt − 1). */
export const failTask = ({ taskRunId, token }: ClaimedTask, failure: Failure, error: object) => sql`
  update pipeline.task_runs
  set status = ${failure === 'retry' ? 'ready' : failure}, error = ${JSON.stringify(error)},
      lease_owner = null, lease_expires_at = null,
      finished_at = case when ${failure !== 'retry'} then clock_timestamp() end,
      available_at = clock_timestamp()
        + make_interval(secs => (retry_delay_seconds * retry_backoff ^ (attempt - 1))::float8)
  where task_run_id = ${taskRunId} and fencing_token = ${token} and status = 'running'`

/** Gives a task back untouched: the worker shuts down. The attempt does not count. */
export const releaseTask = ({ taskRunId, token }: ClaimedTask) => sql`
  update pipeline.task_runs
  set status = 'ready', attempt = attempt - 1, lease_owner = null, lease_expires_at = null,
      available_at = clock_timestamp()
  where task_run_id = ${taskRunId} and fencing_token = ${token} and status = 'running'`

/** Takes back what workers hold that have fallen silent; after the last attempt the task has failed. */
export const reclaimExpired = () =>
  query(
    z.object({
      runId: z.string(),
      taskRunId: z.string(),
      task: z.string(),
      owner: z.string(),
      status: z.string(),
    }),
    sql`with expired as (
          select task_run_id, lease_owner
          from pipeline.task_runs
          where status = 'running' and lease_expires_at < clock_timestamp()
          for update skip locked
        )
        update pipeline.task_runs t
        set status = case when t.attempt < t.max_attempts then 'ready' else 'failed' end,
            finished_at = case when t.attempt < t.max_attempts then null else clock_timestamp() end,
            error = case when t.attempt < t.max_attempts then null else jsonb_build_object(
              'code', 'LEASE_LOST',
              'message', 'The worker fell silent in every attempt',
              'detail', format('The last one was %s.', e.lease_owner),
              'saved', 'What the attempts had written was rolled back.',
              'next', 'Look at the log of the worker; it may run out of memory.'
            ) end,
            lease_owner = null, lease_expires_at = null, available_at = clock_timestamp()
        from expired e
        where t.task_run_id = e.task_run_id
        returning t.run_id as "runId", t.task_run_id as "taskRunId", t.task_key as task, e.lease_owner as owner, t.status`,
  )

export const insertLog = (
  runId: string,
  taskRunId: string | null,
  attempt: number,
  level: 'info' | 'warning' | 'error',
  message: string,
) => sql`
  insert into pipeline.run_logs (run_id, task_run_id, attempt, level, message)
  values (${runId}, ${taskRunId}, ${attempt}, ${level}, ${message})`
