import { eventIterator } from '@orpc/contract'
import { z } from 'zod'
import { contract } from '../contract.ts'
import { startedJobSchema } from '../jobs/contract.ts'

export const runStatusSchema = z.enum(['queued', 'running', 'succeeded', 'failed', 'cancelled'])
export const taskStatusSchema = z.enum([
  'queued',
  'ready',
  'running',
  'succeeded',
  'failed',
  'cancelled',
  'skipped',
  'upstream_failed',
])

export const taskErrorSchema = z.object({
  code: z.string(),
  message: z.string(),
  object: z.string().optional(),
  sqlState: z.string().optional(),
  detail: z.string().optional(),
  hint: z.string().optional(),
  saved: z.string().optional(),
  next: z.string().optional(),
})

export const runSummarySchema = z.object({
  runId: z.string(),
  runNumber: z.number(),
  pipeline: z.string(),
  status: runStatusSchema,
  trigger: z.string(),
  requestedBy: z.string(),
  rerunOf: z.number().nullable(),
  createdAt: z.date(),
  startedAt: z.date().nullable(),
  finishedAt: z.date().nullable(),
  rowsOut: z.number(),
  tasks: z.number(),
  tasksDone: z.number(),
  /** The task that failed first. */
  failedTask: z.string().nullable(),
})

export type RunSummary = z.infer<typeof runSummarySchema>

export const taskRunSchema = z.object({
  id: z.string(),
  kind: z.string(),
  status: taskStatusSchema,
  dependsOn: z.array(z.string()),
  attempts: z.number(),
  maxAttempts: z.number(),
  rowsIn: z.number(),
  rowsOut: z.number(),
  rowsRejected: z.number(),
  durationMs: z.number().nullable(),
  readyAt: z.date().nullable(),
  startedAt: z.date().nullable(),
  finishedAt: z.date().nullable(),
  /** The number of the run whose result a rerun kept. */
  keptFrom: z.number().nullable(),
  progress: z.object({
    done: z.number().optional(),
    total: z.number().optional(),
    note: z.string().optional(),
  }),
  error: taskErrorSchema.nullable(),
})

export type TaskRun = z.infer<typeof taskRunSchema>

export const runSchema = runSummarySchema.extend({
  parameters: z.record(z.string(), z.unknown()),
  cancelRequestedAt: z.date().nullable(),
  tasks: z.array(taskRunSchema),
})

export type Run = z.infer<typeof runSchema>

export const logLineSchema = z.object({
  id: z.number(),
  at: z.date(),
  task: z.string().nullable(),
  level: z.enum(['debug', 'info', 'warning', 'error']),
  message: z.string(),
})

export type LogLine = z.infer<typeof logLineSchema>

const parameterSchema = z.object({
  name: z.string(),
  type: z.enum(['string', 'number', 'boolean', 'date']),
  default: z.union([z.string(), z.number(), z.boolean()]).nullable(),
  description: z.string(),
})

export const pipelineSchema = z.object({
  name: z.string(),
  description: z.string(),
  owner: z.string(),
  parameters: z.array(parameterSchema),
  tasks: z.array(z.object({ id: z.string(), kind: z.string(), dependsOn: z.array(z.string()) })),
  lastRun: runSummarySchema.nullable(),
})

export type Pipeline = z.infer<typeof pipelineSchema>

const runId = z.object({ runId: z.uuid() })

export const pipelinesContract = {
  list: contract.route({ method: 'GET', path: '/pipelines' }).output(z.array(pipelineSchema)),
  /** The definition as it was written. */
  describe: contract
    .route({ method: 'GET', path: '/pipelines/{name}' })
    .input(z.object({ name: z.string() }))
    .output(z.object({ name: z.string(), fileName: z.string(), text: z.string() })),
  /** The last runs, newest first. */
  listRuns: contract
    .route({ method: 'GET', path: '/runs' })
    .input(z.object({ limit: z.number().int().min(1).max(500).default(100) }))
    .output(z.array(runSummarySchema)),
  getRun: contract.route({ method: 'GET', path: '/runs/{runId}' }).input(runId).output(runSchema),
  /** The run now, and again whenever it changes, until it has ended. */
  watchRun: contract.input(runId).output(eventIterator(runSchema)),
  /** The list of runs now, and again whenever one changes. */
  watchRuns: contract
    .input(z.object({ limit: z.number().int().min(1).max(500).default(100) }))
    .output(eventIterator(z.array(runSummarySchema))),
  listLogs: contract
    .route({ method: 'GET', path: '/runs/{runId}/logs' })
    .input(
      runId.extend({
        afterId: z.number().int().default(0),
        limit: z.number().int().min(1).max(5000).default(1000),
      }),
    )
    .output(z.array(logLineSchema)),
  /** Rejected records of a validating task: where they stand in the file, and why. */
  listRejected: contract
    .route({ method: 'GET', path: '/runs/{runId}/tasks/{task}/rejected' })
    .input(runId.extend({ task: z.string(), limit: z.number().int().min(1).max(500).default(50) }))
    .output(
      z.array(
        z.object({
          sourceRow: z.number(),
          reasons: z.array(z.object({ rule: z.string(), column: z.string(), reason: z.string() })),
          record: z.string(),
        }),
      ),
    ),
  run: contract
    .route({ method: 'POST', path: '/pipelines/{name}/runs' })
    .input(z.object({ name: z.string(), parameters: z.record(z.string(), z.unknown()).default({}) }))
    .output(z.object({ runId: z.string(), runNumber: z.number() })),
  /** A new run that keeps what succeeded in a failed or cancelled one and goes on from there. */
  rerun: contract
    .route({ method: 'POST', path: '/runs/{runId}/rerun' })
    .input(runId)
    .output(z.object({ runId: z.string(), runNumber: z.number() })),
  cancel: contract.route({ method: 'POST', path: '/runs/{runId}/cancel' }).input(runId).output(runSchema),
  /** Runs every sample pipeline with its defaults. */
  loadSamples: contract.route({ method: 'POST', path: '/pipelines/samples' }).output(startedJobSchema),
}
