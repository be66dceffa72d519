import { eventIterator } from '@orpc/contract'
import { z } from 'zod'
import { contract } from '../contract.ts'
import { faultSchema } from '../errors.ts'
import { startedJobSchema } from '../jobs/contract.ts'
import {
  dependentWorkSchema,
  detailSchema,
  objectName,
  sampleSchema,
  volumeSchema,
} from './detailContract.ts'

/** What the containers of a compose project are to a person, whatever the engine calls it. */
export const statusSchema = z.enum([
  /** No container was made. */
  'absent',
  /** Made, not started: something that it needs is not there yet. */
  'waiting',
  /** Runs; not every step of its readiness has succeeded. */
  'starting',
  /** Does what it is there for. */
  'ready',
  'unhealthy',
  /** Ended with an error, or keeps ending. */
  'failed',
  /** Ended as asked. */
  'stopped',
  'paused',
])

export type Status = z.infer<typeof statusSchema>

/** What Atlas knows to ask a service beside its health check. */
export const kindSchema = z.enum([
  'postgres',
  'redis',
  'minio',
  'marquez',
  'prefect',
  'api',
  'worker',
  'other',
])

export type Kind = z.infer<typeof kindSchema>

/** One condition of being ready. */
export const readinessStepSchema = z.object({
  label: z.string(),
  status: z.enum(['succeeded', 'running', 'failed', 'queued']),
  /** What it answered, in a few words: `3 ms`, `5 of 12`, `503: pool warming`. */
  detail: z.string(),
})

export type ReadinessStep = z.infer<typeof readinessStepSchema>

/** Why a container does not run, what that means, and what to do. */
export const failureSchema = z.object({
  /** Names the cause for tests and views: `port-taken`. */
  cause: z.enum([
    'port-taken',
    'data-of-other-version',
    'password-changed',
    'variable-missing',
    'disk-full',
    'wrong-architecture',
    'out-of-memory',
    'unhealthy',
    'command-missing',
    'permission-denied',
    'killed',
    'exited',
  ]),
  title: z.string(),
  /** What the container or the engine said, word for word. */
  evidence: z.string(),
  next: z.string(),
  /** SQL or a command that mends it, to copy. */
  remedy: z.string().optional(),
})

export type Failure = z.infer<typeof failureSchema>

export const portSchema = z.object({
  hostIp: z.string(),
  hostPort: z.number().int(),
  containerPort: z.number().int(),
  protocol: z.string(),
})

export const containerSchema = z.object({
  id: z.string(),
  name: z.string(),
  service: z.string(),
  number: z.number().int(),
  kind: kindSchema,
  status: statusSchema,
  /** In a few words, the worst first: `exited with 137, out of memory`. */
  reason: z.string(),
  /** As the engine has it. */
  state: z.string(),
  health: z.enum(['none', 'starting', 'healthy', 'unhealthy']),
  exitCode: z.number().int().nullable(),
  restarts: z.number().int(),
  image: z.string(),
  createdAt: z.date(),
  startedAt: z.date().nullable(),
  finishedAt: z.date().nullable(),
  /** From its start until every step had succeeded. */
  readyAfterMs: z.number().nullable(),
  ports: z.array(portSchema),
  memoryLimitBytes: z.number().nullable(),
  /** How it is asked, in a word or two, and how long the answer took. */
  check: z.string(),
  checkMs: z.number().nullable(),
  steps: z.array(readinessStepSchema),
  failure: failureSchema.nullable(),
})

export type Container = z.infer<typeof containerSchema>

export const serviceSchema = z.object({
  name: z.string(),
  profiles: z.array(z.string()),
  image: z.string(),
  /** The worst of its containers. */
  status: statusSchema,
  reason: z.string(),
  containers: z.array(containerSchema),
})

export type Service = z.infer<typeof serviceSchema>

/** `to` starts after `from`. */
export const edgeSchema = z.object({
  from: z.string(),
  to: z.string(),
  condition: z.enum(['service_started', 'service_healthy', 'service_completed_successfully']),
  isRequired: z.boolean(),
  isMet: z.boolean(),
  /** It is not met, and `to` waits for it. */
  isBlocking: z.boolean(),
  /** `api waits until db is healthy: db is starting` */
  says: z.string(),
})

export type Edge = z.infer<typeof edgeSchema>

export const engineSchema = z.object({
  status: z.enum(['connecting', 'absent', 'unreachable', 'ready']),
  name: z.string(),
  version: z.string().optional(),
  processors: z.number().int().optional(),
  memoryBytes: z.number().optional(),
  /** Containers on the engine, whoever made them. */
  running: z.number().int().optional(),
  containers: z.number().int().optional(),
  images: z.number().int().optional(),
  fault: faultSchema.extend({ code: z.string(), message: z.string() }).optional(),
})

export const snapshotSchema = z.object({
  engine: engineSchema,
  project: z.string(),
  /** Every compose project on the engine. */
  projects: z.array(z.object({ name: z.string(), running: z.number().int(), total: z.number().int() })),
  services: z.array(serviceSchema),
  edges: z.array(edgeSchema),
  at: z.date(),
})

export type Snapshot = z.infer<typeof snapshotSchema>

export const engineEventSchema = z.object({
  at: z.date(),
  type: z.string(),
  action: z.string(),
  service: z.string(),
  name: z.string(),
  /** Exit code, signal, or what else the engine tells. */
  detail: z.string(),
})

export type EngineEvent = z.infer<typeof engineEventSchema>

const project = z.string().min(1).max(255)
const containerId = z.object({ id: objectName })
/** Absent: the stack of this environment. */
const inProject = z.object({ project: project.optional() })

/** What runs: states, readiness, numbers, and what may be asked of one container. Only compose's containers are touched. */
export const containersContract = {
  /** Everything now, and again after each change that the engine tells of. Needs no engine: it says that there is none. */
  watch: contract.input(inProject).output(eventIterator(snapshotSchema)),
  get: contract.route({ method: 'GET', path: '/containers' }).input(inProject).output(snapshotSchema),
  /** The engine's events of the project, the last hundred first as one answer, then as they come. */
  watchEvents: contract.input(inProject).output(eventIterator(z.array(engineEventSchema))),
  /** The last fifteen minutes as one answer, then a sample a second of each running container. */
  watchStats: contract.input(inProject).output(eventIterator(z.array(sampleSchema))),
  describe: contract
    .route({ method: 'GET', path: '/containers/{id}' })
    .input(containerId)
    .output(detailSchema),
  listProcesses: contract
    .route({ method: 'GET', path: '/containers/{id}/processes' })
    .input(containerId)
    .output(z.object({ titles: z.array(z.string()), rows: z.array(z.array(z.string())) })),
  listVolumes: contract
    .route({ method: 'GET', path: '/containers/volumes' })
    .input(inProject)
    .output(z.array(volumeSchema)),
  /** Removes a volume that nothing uses. `confirm` is its name, typed: else `CONFIRMATION_NEEDED`. */
  removeVolume: contract
    .route({ method: 'POST', path: '/containers/volumes/remove' })
    .input(z.object({ name: objectName, confirm: z.string() }))
    .output(z.object({ name: z.string() })),
  /** What stopping a service would interrupt. */
  listWork: contract
    .route({ method: 'GET', path: '/containers/{service}/work' })
    .input(inProject.extend({ service: z.string().min(1) }))
    .output(z.array(dependentWorkSchema)),
  /**
   * Stops a service: `wait` until nothing runs on it, `cancel` what runs and then stop, or at once (`force`).
   * `onlyIfIdle` stops where nothing runs on it, and else throws `CONFIRMATION_NEEDED`.
   */
  stop: contract
    .route({ method: 'POST', path: '/containers/{service}/stop' })
    .input(
      inProject.extend({
        service: z.string().min(1),
        mode: z.enum(['onlyIfIdle', 'wait', 'cancel', 'force']),
      }),
    )
    .output(startedJobSchema),
  pause: contract
    .route({ method: 'POST', path: '/containers/{id}/pause' })
    .input(containerId.extend({ isPaused: z.boolean() }))
    .output(containerId),
}
