import { randomUUID } from 'node:crypto'
import type { AppDb } from '../adapters/appdb.ts'
import type { ServiceOf } from '../contract.ts'
import { AtlasError } from '../errors.ts'
import { type Job, type JobStarter, jobSchema, type jobsContract } from './contract.ts'

export interface Jobs extends ServiceOf<typeof jobsContract>, JobStarter {
  /** Resolves with the finished job. */
  finished(id: string): Promise<Job>
  /** Cancels what can be cancelled and waits for all of it. */
  close(): Promise<void>
}

const keptJobs = 100

/** Long work of every capability: progress, cancel, and a history that a restart keeps. */
export function createJobs(
  db: AppDb,
  describeError: (error: unknown) => NonNullable<Job['error']>,
  /** Called with an alert that has happened, to tell whoever is elsewhere. */
  onAlert: (job: Job) => void = () => {},
): Jobs {
  const running = new Map<string, { job: Job; abort: AbortController; done: Promise<Job> }>()
  const changes = new EventTarget()
  const save = db.prepare(
    `insert into jobs (id, environment_id, started_at, snapshot) values (?, ?, ?, ?)
     on conflict (id) do update set snapshot = excluded.snapshot`,
  )
  // Rows are in the order of their end: one that was long at work is then the newest.
  const prune = db.prepare(
    'delete from jobs where rowid not in (select rowid from jobs order by rowid desc limit ?)',
  )
  const stored = db.prepare<[number], { snapshot: string }>(
    'select snapshot from jobs order by rowid desc limit ?',
  )

  const storedSchema = jobSchema.extend({
    startedAt: jobSchema.shape.startedAt.or(jobSchema.shape.id.transform((text) => new Date(text))),
    finishedAt: jobSchema.shape.finishedAt.or(jobSchema.shape.id.transform((text) => new Date(text))),
  })

  const changed = () => changes.dispatchEvent(new Event('change'))
  const list = (): Job[] => {
    const live = [...running.values()].map(({ job }) => job).reverse()
    const past = stored
      .all(keptJobs)
      .map(({ snapshot }) => storedSchema.parse(JSON.parse(snapshot)))
      .filter(({ id }) => !running.has(id))
    return [...live, ...past]
  }
  const find = (id: string): Job => {
    const job = running.get(id)?.job ?? list().find((candidate) => candidate.id === id)
    if (!job) throw new AtlasError('NOT_FOUND', 'There is no such job', { object: id })
    return job
  }

  async function* watch(signal: AbortSignal | undefined): AsyncGenerator<Job[]> {
    let wake = () => {}
    let isDirty = true
    const mark = () => {
      isDirty = true
      wake()
    }
    changes.addEventListener('change', mark)
    signal?.addEventListener('abort', mark)
    try {
      while (!signal?.aborted) {
        if (isDirty) {
          isDirty = false
          yield list()
          await new Promise((resolve) => setTimeout(resolve, 100))
        } else {
          await new Promise<void>((resolve) => {
            wake = resolve
          })
        }
      }
    } finally {
      changes.removeEventListener('change', mark)
    }
  }

  return {
    start: (request, work) => {
      const id = randomUUID()
      const abort = new AbortController()
      const job: Job = {
        id,
        environmentId: request.environmentId,
        title: request.title,
        status: 'running',
        detail: 'Starting',
        isCancellable: request.isCancellable ?? false,
        link: request.link,
        isAlert: request.isAlert,
        startedAt: new Date(),
      }
      const finish = (outcome: Partial<Job>): Job => {
        Object.assign(job, outcome, { finishedAt: new Date(), isCancellable: false })
        save.run(id, job.environmentId, job.startedAt.getTime(), JSON.stringify(job))
        prune.run(keptJobs)
        running.delete(id)
        changed()
        if (job.isAlert && job.status === 'succeeded') onAlert(job)
        return job
      }
      const done = work({
        id,
        signal: abort.signal,
        report: (change) => {
          Object.assign(job, change)
          changed()
        },
      }).then(
        (detail) => finish({ status: 'succeeded', detail, progress: 1 }),
        (error) => {
          const cancelled = { status: 'cancelled', detail: 'Cancelled' } as const
          if (abort.signal.aborted && error?.name === 'AbortError') return finish(cancelled)
          const described = describeError(error)
          return finish(
            abort.signal.aborted
              ? cancelled
              : { status: 'failed', detail: described.message, error: described },
          )
        },
      )
      running.set(id, { job, abort, done })
      changed()
      return { jobId: id }
    },
    finished: async (id) => (await running.get(id)?.done) ?? find(id),
    list: async () => list(),
    get: async ({ id }) => find(id),
    watch: async (_input, { signal }) => watch(signal),
    cancel: async ({ id }) => {
      const entry = running.get(id)
      if (entry?.job.isCancellable) {
        entry.job.detail = 'Cancelling'
        entry.abort.abort()
        changed()
      }
      return find(id)
    },
    close: async () => {
      for (const { abort } of running.values()) abort.abort()
      await Promise.all([...running.values()].map(({ done }) => done))
    },
  }
}
