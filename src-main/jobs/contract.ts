import { eventIterator } from '@orpc/contract'
import { z } from 'zod'
import { contract } from '../contract.ts'
import { type ErrorCode, errorCatalogue, faultSchema } from '../errors.ts'

export const jobSchema = z.object({
  id: z.string(),
  environmentId: z.string(),
  /** What the user started: `Deploy the platform`. */
  title: z.string(),
  status: z.enum(['running', 'succeeded', 'failed', 'cancelled']),
  /** What is being done now, or the outcome in a few words. */
  detail: z.string(),
  /** Between 0 and 1; absent while the length of the work is unknown. */
  progress: z.number().min(0).max(1).optional(),
  isCancellable: z.boolean(),
  /** The route that shows more, such as `/migrations`. */
  link: z.string().optional(),
  /** Somebody waits to be told of its end: success is that what was waited for has happened. */
  isAlert: z.boolean().optional(),
  startedAt: z.date(),
  finishedAt: z.date().optional(),
  error: z
    .object({
      code: z.enum(Object.keys(errorCatalogue) as [ErrorCode, ...ErrorCode[]]),
      message: z.string(),
      data: faultSchema,
    })
    .optional(),
})

export type Job = z.infer<typeof jobSchema>

/** What a call answers that has started a job. */
export const startedJobSchema = z.object({ jobId: z.string() })

/** What running work says of itself, and how it learns that it is cancelled. */
export interface JobControl {
  readonly id: string
  readonly signal: AbortSignal
  report(change: { detail?: string; progress?: number }): void
}

export interface JobRequest {
  environmentId: string
  title: string
  link?: string
  isCancellable?: boolean
  isAlert?: boolean
}

/** What a capability needs of the jobs: to start one. */
export interface JobStarter {
  /** Starts work that outlives the call and its window. What `work` returns is the outcome in a few words. */
  start(request: JobRequest, work: (job: JobControl) => Promise<string>): { jobId: string }
}

export const jobsContract = {
  /** The jobs that run, then the last finished ones, newest first. */
  list: contract.route({ method: 'GET', path: '/jobs' }).output(z.array(jobSchema)),
  get: contract
    .route({ method: 'GET', path: '/jobs/{id}' })
    .input(z.object({ id: z.string() }))
    .output(jobSchema),
  /** The list now, and again after every change (at most ten times a second). */
  watch: contract.output(eventIterator(z.array(jobSchema))),
  cancel: contract
    .route({ method: 'POST', path: '/jobs/{id}/cancel' })
    .input(z.object({ id: z.string() }))
    .output(jobSchema),
}
