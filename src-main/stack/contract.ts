import { z } from 'zod'
import { contract } from '../contract.ts'
import { faultSchema } from '../errors.ts'
import { startedJobSchema } from '../jobs/contract.ts'
import { driftSchema, findingSchema, keptPasswordSchema, planSchema } from './planContract.ts'

/**
 * Which stack is meant. What is left out comes from the stored choice; without one it is the stack that Atlas brings.
 * With a project and no files, the stack is what its containers' labels say: one that was started elsewhere.
 */
export const selectionSchema = z.object({
  /** Compose files, later ones override earlier ones. Without them the default names are looked for in `folder`. */
  files: z.array(z.string().min(1)).max(20).optional(),
  /** The folder that relative paths begin at; by default the first file's. */
  folder: z.string().min(1).optional(),
  /** Files of variables instead of `.env`, later ones win. */
  envFiles: z.array(z.string().min(1)).max(20).optional(),
  project: z.string().min(1).max(255).optional(),
  /** Profiles that are on, beside COMPOSE_PROFILES; `*` is all of them. */
  profiles: z.array(z.string().min(1)).max(50).optional(),
})

export type Selection = z.infer<typeof selectionSchema>

/** Something about a compose file that a person should know, with its place (lines and columns from 1). */
export const problemSchema = z.object({
  /** `error`: nothing can be started. `notice`: it has no effect here, and is said so. */
  severity: z.enum(['error', 'notice']),
  file: z.string(),
  line: z.number().int().positive(),
  column: z.number().int().positive(),
  endLine: z.number().int().positive(),
  endColumn: z.number().int().positive(),
  /** `services.db.ports.0` */
  path: z.string(),
  message: z.string(),
})

export type Problem = z.infer<typeof problemSchema>

export const engineSchema = z.object({
  status: z.enum(['ready', 'absent', 'failing']),
  /** `unix:///var/run/docker.sock` */
  address: z.string().optional(),
  /** What named it: `DOCKER_HOST`, `context colima`, `Docker Desktop`, `rootless`, `Podman`… */
  source: z.string().optional(),
  product: z.enum(['Docker', 'Podman']).optional(),
  version: z.string().optional(),
  apiVersion: z.string().optional(),
  operatingSystem: z.string().optional(),
  processors: z.number().int().optional(),
  memoryBytes: z.number().optional(),
  /** Why there is none, and what to do. */
  message: z.string().optional(),
  fault: faultSchema.optional(),
  /** Every place that was looked at, in order. */
  tried: z.array(z.object({ source: z.string(), address: z.string(), outcome: z.string() })),
})

export type EngineReport = z.infer<typeof engineSchema>

export const publishedPortSchema = z.object({
  hostIp: z.string(),
  /** Null where the engine chooses one and has not yet. */
  hostPort: z.number().int().nullable(),
  containerPort: z.number().int(),
  protocol: z.string(),
})

export const containerStateSchema = z.enum([
  'created',
  'running',
  'paused',
  'restarting',
  'removing',
  'exited',
  'dead',
])

export const containerSchema = z.object({
  id: z.string(),
  name: z.string(),
  service: z.string(),
  number: z.number().int(),
  isOneOff: z.boolean(),
  state: containerStateSchema,
  health: z.enum(['none', 'starting', 'healthy', 'unhealthy']),
  exitCode: z.number().int().nullable(),
  /** The engine killed it because it took more memory than it may. */
  isOutOfMemory: z.boolean(),
  /** As the engine says it: `Up 3 hours (healthy)`. */
  status: z.string(),
  image: z.string(),
  imageId: z.string(),
  createdAt: z.date(),
  ports: z.array(publishedPortSchema),
  volumes: z.array(z.string()),
  networks: z.array(z.string()),
  /** Made by Atlas; otherwise by compose. */
  isOurs: z.boolean(),
})

export type StackContainer = z.infer<typeof containerSchema>

export const serviceStateSchema = z.enum([
  'absent',
  'created',
  'starting',
  'running',
  'healthy',
  'unhealthy',
  'paused',
  'restarting',
  'exited',
])

export const dependencySchema = z.object({
  service: z.string(),
  condition: z.enum(['service_started', 'service_healthy', 'service_completed_successfully']),
  /** A restart of the other restarts this one. */
  restart: z.boolean(),
  isRequired: z.boolean(),
})

export const stackServiceSchema = z.object({
  name: z.string(),
  profiles: z.array(z.string()),
  /** False where none of its profiles is on. */
  isEnabled: z.boolean(),
  /** False of containers whose service the files do not know. */
  isInFiles: z.boolean(),
  image: z.string(),
  isBuilt: z.boolean(),
  hasHealthcheck: z.boolean(),
  dependsOn: z.array(dependencySchema),
  ports: z.array(publishedPortSchema),
  volumes: z.array(z.string()),
  replicas: z.number().int(),
  state: serviceStateSchema,
  /** In a few words: `exited with 137, out of memory`. */
  reason: z.string(),
  containers: z.array(containerSchema),
})

export type StackService = z.infer<typeof stackServiceSchema>

export const stackSchema = z.object({
  project: z.string(),
  folder: z.string(),
  files: z.array(z.string()),
  envFiles: z.array(z.string()),
  profiles: z.array(z.object({ name: z.string(), isOn: z.boolean() })),
  problems: z.array(problemSchema),
  /** In start order where the files are valid. */
  services: z.array(stackServiceSchema),
  networks: z.array(z.object({ key: z.string(), name: z.string(), isExternal: z.boolean() })),
  volumes: z.array(z.object({ key: z.string(), name: z.string(), isExternal: z.boolean() })),
  engine: engineSchema,
})

export type Stack = z.infer<typeof stackSchema>

/** What most calls take: which stack, and which of its services (all, where none is named). */
const target = selectionSchema.extend({ services: z.array(z.string().min(1)).max(500).optional() })
/** Ids of the policy's questions that the user said yes to. */
const acceptSchema = z.array(z.string()).default([])
/** As the engine allows them: nothing in it can lead to another object's path. */
const volumeName = z.string().regex(/^[a-zA-Z0-9][a-zA-Z0-9_.-]*$/)
const acts = (name: string) => contract.route({ method: 'POST', path: `/stack/${name}` })
const reads = (name: string) => contract.route({ method: 'POST', path: `/stack/${name}` })

/** Bringing a stack up and down. What is seen of it while it runs stands in the contracts beside this one. */
export const stackContract = {
  /** The engine that is used, or why there is none and what to do. */
  engine: contract.route({ method: 'GET', path: '/stack/engine' }).output(engineSchema),
  /** Compose projects on the engine, whoever started them. */
  projects: contract.route({ method: 'GET', path: '/stack/projects' }).output(
    z.array(
      z.object({
        project: z.string(),
        folder: z.string(),
        files: z.array(z.string()),
        running: z.number().int(),
        total: z.number().int(),
      }),
    ),
  ),
  /** Makes the given selection the one that calls without one mean. */
  select: acts('select').input(selectionSchema).output(selectionSchema),
  /** The stack as its files say it and as it is. A file that is not valid answers with its problems. */
  get: reads('get').input(selectionSchema).output(stackSchema),
  /** The files merged, interpolated and written out in full, as YAML; secrets are shown: it is what compose prints. */
  config: reads('config')
    .input(selectionSchema)
    .output(z.object({ yaml: z.string(), model: z.record(z.string(), z.unknown()) })),
  /** What an edited text would mean; `text` stands in for the file of this path. */
  check: reads('check')
    .input(selectionSchema.extend({ path: z.string(), text: z.string().max(2_000_000) }))
    .output(z.array(problemSchema)),
  /** Passwords that would be another with this text in the place of a file, and that databases keep as they were. */
  listKeptPasswords: reads('kept-passwords')
    .input(selectionSchema.extend({ path: z.string(), text: z.string().max(2_000_000) }))
    .output(z.array(keptPasswordSchema)),
  /** What `up` would create, change and leave. Changes nothing. */
  plan: reads('plan')
    .input(target.extend({ shouldBuild: z.boolean().optional() }))
    .output(planSchema),
  /** What stands in the way of `up`, each with its fix. */
  doctor: reads('doctor').input(selectionSchema).output(z.array(findingSchema)),
  /** Does what a finding offers: writes a free port or generated passwords to `.env`. */
  fix: acts('fix')
    .input(selectionSchema.extend({ id: z.string() }))
    .output(z.object({ file: z.string(), written: z.array(z.string()) })),
  /** File against container, field by field. */
  drift: reads('drift').input(target).output(z.array(driftSchema)),

  up: acts('up')
    .input(
      target.extend({
        accept: acceptSchema,
        recreate: z.enum(['changed', 'always', 'never']).default('changed'),
        shouldBuild: z.boolean().default(false),
        shouldRemoveOrphans: z.boolean().default(false),
        /** Also wait until every service with a health check is healthy. */
        shouldWait: z.boolean().default(false),
        waitTimeoutMs: z.number().int().min(1000).max(3_600_000).default(600_000),
      }),
    )
    .output(startedJobSchema),
  /** Stops and removes containers and networks; volumes stay unless their names are typed in `volumes`. */
  down: acts('down')
    .input(
      selectionSchema.extend({
        shouldRemoveOrphans: z.boolean().default(false),
        /** Real names of volumes of this project to remove as well, with everything in them. */
        volumes: z.array(volumeName).default([]),
        timeoutSeconds: z.number().int().min(0).max(3600).optional(),
      }),
    )
    .output(startedJobSchema),
  start: acts('start').input(target).output(startedJobSchema),
  stop: acts('stop')
    .input(target.extend({ timeoutSeconds: z.number().int().min(0).max(3600).optional() }))
    .output(startedJobSchema),
  restart: acts('restart')
    .input(target.extend({ timeoutSeconds: z.number().int().min(0).max(3600).optional() }))
    .output(startedJobSchema),
  pull: acts('pull').input(target).output(startedJobSchema),
  build: acts('build')
    .input(target.extend({ accept: acceptSchema }))
    .output(startedJobSchema),
  /** Removes named volumes that no container uses, with everything in them. */
  removeVolumes: acts('remove-volumes')
    .input(selectionSchema.extend({ volumes: z.array(volumeName).min(1) }))
    .output(startedJobSchema),
}
