import { z } from 'zod'
import { contract } from '../../contract.ts'
import { startedJobSchema } from '../../jobs/contract.ts'

/** Names a folder: no separators, nothing hidden. */
export const checkpointNameSchema = z
  .string()
  .regex(/^[A-Za-z0-9][A-Za-z0-9._-]{0,79}$/, 'Letters, digits, dots, dashes and underscores; at most 80')

export const checkpointSchema = z.object({
  name: checkpointNameSchema,
  project: z.string(),
  takenAt: z.date(),
  /** How long the containers stood still. */
  frozenMs: z.number(),
  /** Newest migration of the platform in it; null where it was not deployed. */
  migration: z.string().nullable(),
  volumes: z.array(
    z.object({
      name: z.string(),
      key: z.string(),
      file: z.string(),
      sizeBytes: z.number(),
      sha256: z.string(),
    }),
  ),
  /** Mounted volumes that are not the project's own, such as anonymous ones: they are not in it. */
  leftOut: z.array(z.object({ service: z.string(), target: z.string() })),
  /** Image by service, with its id: another release may not read the data. */
  images: z.array(z.object({ service: z.string(), image: z.string(), id: z.string() })),
})

export type Checkpoint = z.infer<typeof checkpointSchema>

const inProject = z.object({ project: z.string().min(1).max(255).optional() })
const named = inProject.extend({ name: checkpointNameSchema })

/** Snapshots of all volumes of a stack at one instant. */
export const checkpointsContract = {
  list: contract
    .route({ method: 'GET', path: '/checkpoints' })
    .input(inProject)
    .output(z.array(checkpointSchema)),
  /** Freezes the stack's containers, copies its volumes, and lets them go on. */
  create: contract.route({ method: 'POST', path: '/checkpoints' }).input(named).output(startedJobSchema),
  /**
   * Puts every volume back as it was: takes a checkpoint of the present first, stops, replaces, starts again. `confirm` is
   * the name of the project, typed: else `CONFIRMATION_NEEDED`.
   */
  restore: contract
    .route({ method: 'POST', path: '/checkpoints/{name}/restore' })
    .input(named.extend({ confirm: z.string() }))
    .output(startedJobSchema),
  remove: contract
    .route({ method: 'DELETE', path: '/checkpoints/{name}' })
    .input(named)
    .output(z.object({ name: z.string() })),
}
