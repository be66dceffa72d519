import { z } from 'zod'
import { query, sql } from '../sql.ts'
import { runSummarySchema, taskRunSchema } from './contract.ts'

const summaryColumns = sql`
  r.run_id as "runId", r.run_number as "runNumber", p.name as pipeline, r.status, r.trigger,
  r.requested_by as "requestedBy", o.run_number as "rerunOf", r.created_at as "createdAt", r.started_at as "startedAt",
  r.finished_at as "finishedAt", r.rows_out as "rowsOut",
  (select count(*) from pipeline.task_runs t where t.run_id = r.run_id) as tasks,
  (select count(*) from pipeline.task_runs t where t.run_id = r.run_id and t.finished_at is not null) as "tasksDone",
  r.error ->> 'task_key' as "failedTask"`

const runTables = sql`
  pipeline.pipeline_runs r
  join pipeline.pipelines p on p.pipeline_id = r.pipeline_id
  left join pipeline.pipeline_runs o on o.run_id = r.rerun_of`

export const listRuns = (limit: number) =>
  query(
    runSummarySchema,
    sql`select ${summaryColumns} from ${runTables} order by r.created_at desc limit ${limit}`,
  )

/** The newest run of every pipeline. */
export const lastRuns = () =>
  query(
    runSummarySchema,
    sql`select ${summaryColumns}
        from pipeline.pipelines x
        cross join lateral (
          select run_id from pipeline.pipeline_runs y
          where y.pipeline_id = x.pipeline_id
          order by y.created_at desc
          limit 1
        ) newest
        join ${runTables} on r.run_id = newest.run_id`,
  )

export const getRun = (runId: string) =>
  query(
    runSummarySchema.extend({
      parameters: z.record(z.string(), z.unknown()),
      cancelRequestedAt: z.date().nullable(),
    }),
    sql`select ${summaryColumns}, r.parameters, r.cancel_requested_at as "cancelRequestedAt"
        from ${runTables}
        where r.run_id = ${runId}`,
  )

export const listTaskRuns = (runId: string) =>
  query(
    taskRunSchema,
    sql`select t.task_key as id, t.kind, t.status, t.depends_on as "dependsOn", t.attempt as attempts,
               t.max_attempts as "maxAttempts", t.rows_in as "rowsIn", t.rows_out as "rowsOut",
               t.rows_rejected as "rowsRejected",
               (extract(epoch from coalesce(t.finished_at, clock_timestamp()) - t.started_at) * 1000)::float8 as "durationMs",
               t.ready_at as "readyAt", t.started_at as "startedAt", t.finished_at as "finishedAt",
               kr.run_number as "keptFrom", t.progress, t.error
        from pipeline.task_runs t
        left join pipeline.task_runs k on k.task_run_id = t.kept_from
        left join pipeline.pipeline_runs kr on kr.run_id = k.run_id
        where t.run_id = ${runId}
        order by t.task_run_id`,
  )

export const runDefinition = (runId: string) =>
  query(
    z.object({
      pipelineId: z.string(),
      version: z.number(),
      status: z.string(),
      definition: z.unknown(),
      parameters: z.record(z.string(), z.unknown()),
    }),
    sql`select pipeline_id as "pipelineId", pipeline_version as version, status, definition, parameters
        from pipeline.pipeline_runs
        where run_id = ${runId}`,
  )

export const listLogs = (runId: string, afterId: number, limit: number) =>
  query(
    z.object({
      id: z.number(),
      at: z.date(),
      task: z.string().nullable(),
      level: z.enum(['debug', 'info', 'warning', 'error']),
      message: z.string(),
    }),
    sql`select l.log_id as id, l.at, t.task_key as task, l.level, l.message
        from pipeline.run_logs l
        left join pipeline.task_runs t on t.task_run_id = l.task_run_id
        where l.run_id = ${runId} and l.log_id > ${afterId}
        order by l.log_id
        limit ${limit}`,
  )

export const listRejected = (runId: string, task: string, limit: number) =>
  query(
    z.object({
      sourceRow: z.number(),
      reasons: z.array(z.object({ rule: z.string(), column: z.string(), reason: z.string() })),
      record: z.string(),
    }),
    sql`select s.source_row as "sourceRow", s.rejection_reasons as reasons, left(s.record::text, 2000) as record
        from pipeline.task_runs t
        join chart.staging_template s
          on s.batch_id = (t.output ->> 'batchId')::uuid
         and s.record_kind = t.output ->> 'record'
         and s.status = 'rejected'
        where t.run_id = ${runId} and t.task_key = ${task}
        order by s.source_row
        limit ${limit}`,
  )
