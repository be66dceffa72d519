import { z } from 'zod'
import { query, sql } from '../sql.ts'
import type { Definition, Task } from './definition.ts'

/** The channel on which every change of a run is announced; the payload is the run's id. */
export const channel = 'atlas_pipelines'

export const notify = (runId: string) => sql`select pg_notify(${channel}, ${runId})`

export const platformExists = () =>
  query(
    z.object({ exists: z.boolean() }),
    sql`select to_regclass('pipeline.task_runs') is not null as "exists"`,
  )

// ── definitions ──────────────────────────────────────────────────────────────────────────────────────────────────

export const upsertPipeline = (definition: Definition) =>
  query(
    z.object({ pipelineId: z.string(), version: z.number() }),
    sql`insert into pipeline.pipelines as p (name, definition, definition_checksum, owner, description, max_concurrent_runs)
        select ${definition.name}, d.definition, public.atlas_record_checksum(d.definition), ${definition.owner},
               ${definition.description}, 4
        from (select ${JSON.stringify(definition)}::jsonb as definition) d
        on conflict (name) do update
        set version = p.version + (p.definition_checksum <> excluded.definition_checksum)::int,
            definition = excluded.definition,
            definition_checksum = excluded.definition_checksum,
            owner = excluded.owner,
            description = excluded.description
        returning pipeline_id as "pipelineId", version`,
  )

/** Tasks that are gone leave with what depends on them; the others are brought up to date. */
export const removeTasks = (pipelineId: string, kept: string[]) => sql`
  delete from pipeline.pipeline_tasks where pipeline_id = ${pipelineId} and task_key <> all (${kept})`

/** A task with the tasks that it waits for. */
export interface LinkedTask {
  task: Task
  dependsOn: string[]
}

const tasksAsRows = (tasks: LinkedTask[]) =>
  JSON.stringify(
    tasks.map(({ task, dependsOn }, position) => ({
      key: task.id,
      kind: task.kind,
      config: task,
      attempts: task.attempts,
      timeout: task.timeoutSeconds,
      position,
      depends: dependsOn,
    })),
  )

export const upsertTasks = (pipelineId: string, tasks: LinkedTask[]) => sql`
  insert into pipeline.pipeline_tasks
    (pipeline_id, task_key, kind, config, max_attempts, timeout_seconds, retry_delay_seconds, position)
  select ${pipelineId}, t.key, t.kind, t.config, t.attempts, t.timeout, 2, t.position
  from jsonb_to_recordset(${tasksAsRows(tasks)}::jsonb)
    as t (key text, kind text, config jsonb, attempts int, timeout int, position int)
  on conflict (pipeline_id, task_key) do update
  set kind = excluded.kind, config = excluded.config, max_attempts = excluded.max_attempts,
      timeout_seconds = excluded.timeout_seconds, position = excluded.position`

export const replaceDependencies = (pipelineId: string, tasks: LinkedTask[]) => [
  sql`delete from pipeline.task_dependencies where pipeline_id = ${pipelineId}`,
  sql`insert into pipeline.task_dependencies (pipeline_id, task_key, depends_on)
      select ${pipelineId}, t.key, d.depends_on
      from jsonb_to_recordset(${tasksAsRows(tasks)}::jsonb) as t (key text, depends text[])
      cross join lateral unnest(t.depends) as d (depends_on)`,
]

export const replaceParameters = (pipelineId: string, definition: Definition) => [
  sql`delete from pipeline.parameters where pipeline_id = ${pipelineId}`,
  sql`insert into pipeline.parameters (pipeline_id, name, type, value, description)
      select ${pipelineId}, e.key, e.value ->> 'type', coalesce(e.value -> 'default', 'null'), e.value ->> 'description'
      from jsonb_each(${JSON.stringify(definition.parameters)}::jsonb) e`,
]

// ── runs ─────────────────────────────────────────────────────────────────────────────────────────────────────────

export interface RunRequest {
  pipelineId: string
  version: number
  definition: Definition
  parameters: Record<string, unknown>
  trigger: 'manual' | 'cli' | 'api' | 'rerun'
  requestedBy: string
  rerunOf?: string
}

export const insertRun = ({
  pipelineId,
  version,
  definition,
  parameters,
  trigger,
  requestedBy,
  rerunOf,
}: RunRequest) =>
  query(
    z.object({ runId: z.string(), runNumber: z.number() }),
    sql`insert into pipeline.pipeline_runs
          (pipeline_id, pipeline_version, definition, trigger, parameters, requested_by, rerun_of)
        values
          (${pipelineId}, ${version}, ${JSON.stringify(definition)}, ${trigger}, ${JSON.stringify(parameters)},
           ${requestedBy}, ${rerunOf ?? null})
        returning run_id as "runId", run_number as "runNumber"`,
  )

export const insertTaskRuns = (runId: string, tasks: LinkedTask[]) => sql`
  insert into pipeline.task_runs
    (run_id, task_key, kind, config, depends_on, status, ready_at, max_attempts, timeout_seconds, retry_delay_seconds)
  select ${runId}, t.key, t.kind, t.config, t.depends,
         case when cardinality(t.depends) = 0 then 'ready' else 'queued' end,
         case when cardinality(t.depends) = 0 then clock_timestamp() end,
         t.attempts, t.timeout, 2
  from jsonb_to_recordset(${tasksAsRows(tasks)}::jsonb)
    as t (key text, kind text, config jsonb, depends text[], attempts int, timeout int, position int)
  order by t.position`

/** A rerun takes over what succeeded: its figures, its output, and the task run that did the work. */
export const keepSucceeded = (runId: string, rerunOf: string) => sql`
  update pipeline.task_runs t
  set status = 'succeeded', kept_from = coalesce(o.kept_from, o.task_run_id), output = o.output, rows_in = o.rows_in,
      rows_out = o.rows_out, rows_rejected = o.rows_rejected, started_at = o.started_at, finished_at = o.finished_at
  from pipeline.task_runs o
  where o.run_id = ${rerunOf}
    and o.status = 'succeeded'
    and t.run_id = ${runId}
    and t.task_key = o.task_key`

/** Tasks whose dependencies have all succeeded become ready. */
export const markReady = (runId: string) => sql`
  update pipeline.task_runs t
  set status = 'ready', ready_at = clock_timestamp(), available_at = clock_timestamp()
  where t.run_id = ${runId}
    and t.status = 'queued'
    and not exists (
      select from pipeline.task_runs d
      where d.run_id = t.run_id and d.task_key = any (t.depends_on) and d.status <> 'succeeded'
    )`

/** Tasks behind a failed one cannot run; what is behind them neither. */
export const markUpstreamFailed = (runId: string) => sql`
  with recursive blocked as (
    select task_key from pipeline.task_runs where run_id = ${runId} and status in ('failed', 'upstream_failed')
    union
    select t.task_key
    from pipeline.task_runs t
    join blocked b on b.task_key = any (t.depends_on)
    where t.run_id = ${runId}
  )
  update pipeline.task_runs t
  set status = 'upstream_failed', finished_at = clock_timestamp()
  from blocked b
  where t.run_id = ${runId} and t.task_key = b.task_key and t.status in ('queued', 'ready')`

export const lockRun = (runId: string) =>
  sql`select from pipeline.pipeline_runs where run_id = ${runId} for update`

/** Sums the run up, and ends it when no task can go on. */
export const settleRun = (runId: string) => sql`
  update pipeline.pipeline_runs r
  set rows_in = s.rows_in, rows_out = s.rows_out, rows_rejected = s.rows_rejected,
      status = case
        when s.open > 0 then r.status
        when r.cancel_requested_at is not null and s.cancelled > 0 then 'cancelled'
        when s.failed > 0 then 'failed'
        else 'succeeded'
      end,
      started_at = coalesce(r.started_at, r.created_at),
      finished_at = case when s.open = 0 then clock_timestamp() end,
      error = case when s.open = 0 then s.error end
  from (
    select count(*) filter (where status in ('queued', 'ready', 'running')) as open,
           count(*) filter (where status = 'failed') as failed,
           count(*) filter (where status = 'cancelled') as cancelled,
           sum(rows_in) as rows_in, sum(rows_out) as rows_out, sum(rows_rejected) as rows_rejected,
           (array_agg(error || jsonb_build_object('task_key', task_key) order by finished_at)
             filter (where status = 'failed'))[1] as error
    from pipeline.task_runs
    where run_id = ${runId}
  ) s
  where r.run_id = ${runId} and r.status in ('queued', 'running')`

export const requestCancel = (runId: string, by: string) => sql`
  update pipeline.pipeline_runs
  set cancel_requested_at = clock_timestamp(), cancel_requested_by = ${by}
  where run_id = ${runId} and status in ('queued', 'running') and cancel_requested_at is null`

export const cancelWaiting = (runId: string) => sql`
  update pipeline.task_runs
  set status = 'cancelled', finished_at = clock_timestamp()
  where run_id = ${runId} and status in ('queued', 'ready')`
