import { z } from 'zod'

export const fieldChangeSchema = z.object({
  /** `environment.POSTGRES_DB`, `ports.5432/tcp`, `image` */
  field: z.string(),
  /** As text; null where it is not set. Secrets are masked. */
  before: z.string().nullable(),
  after: z.string().nullable(),
})

export const planStepSchema = z.object({
  kind: z.enum(['network', 'volume', 'service', 'image']),
  name: z.string(),
  action: z.enum(['create', 'recreate', 'start', 'leave', 'remove', 'pull', 'build', 'keep']),
  reason: z.string(),
  changes: z.array(fieldChangeSchema),
  /** Named volumes that stay when a container is recreated. */
  keptVolumes: z.array(z.string()),
})

export type PlanStep = z.infer<typeof planStepSchema>

/** Something in the files that gives a container power over the machine. Nothing starts before it is accepted. */
export const policyQuestionSchema = z.object({
  /** What to send back in `accept`; it changes when the field does. */
  id: z.string(),
  service: z.string(),
  field: z.string(),
  message: z.string(),
})

export type PolicyQuestion = z.infer<typeof policyQuestionSchema>

export const planSchema = z.object({
  project: z.string(),
  steps: z.array(planStepSchema),
  /** Services with containers that no file knows. */
  orphans: z.array(z.string()),
  /** Services whose images are built here. */
  builds: z.array(z.string()),
  questions: z.array(policyQuestionSchema),
  /** True where `up` would do nothing. */
  isCurrent: z.boolean(),
})

export type Plan = z.infer<typeof planSchema>

export const findingSchema = z.object({
  check: z.enum(['engine', 'file', 'secrets', 'ports', 'images', 'disk', 'policy']),
  status: z.enum(['pass', 'warning', 'fail']),
  object: z.string(),
  message: z.string(),
  next: z.string().optional(),
  /** What `fix` does when it is sent this finding's id. */
  fix: z.object({ id: z.string(), label: z.string() }).optional(),
})

export type Finding = z.infer<typeof findingSchema>

/** A password that a database was made with and keeps, whatever its variable says now. */
export const keptPasswordSchema = z.object({
  service: z.string(),
  /** `POSTGRES_PASSWORD` */
  variable: z.string(),
  /** The volume or folder with its data. */
  data: z.string(),
  message: z.string(),
  next: z.string(),
})

export type KeptPassword = z.infer<typeof keptPasswordSchema>

export const driftSchema = z.object({
  service: z.string(),
  status: z.enum(['same', 'changed', 'absent']),
  changes: z.array(fieldChangeSchema),
  keptVolumes: z.array(z.string()),
})

export type Drift = z.infer<typeof driftSchema>
