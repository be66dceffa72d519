import { z } from 'zod'
import { contract } from '../contract.ts'

export const checkSchema = z.object({
  category: z.enum([
    'connections',
    'schemas',
    'tables',
    'layer names',
    'partitions',
    'seed data',
    'redis operations',
    'api',
  ]),
  name: z.string(),
  status: z.enum(['passed', 'failed', 'skipped']),
  /** What was found; of a failed check, what is missing; of a skipped one, why. */
  detail: z.string(),
  durationMs: z.number(),
})

export type Check = z.infer<typeof checkSchema>

export const reportSchema = z.object({
  environment: z.string(),
  server: z.string(),
  startedAt: z.date(),
  passed: z.number().int(),
  failed: z.number().int(),
  skipped: z.number().int(),
  checks: z.array(checkSchema),
})

export type Report = z.infer<typeof reportSchema>

export const verificationContract = {
  /** Runs the 15 acceptance checks of a deployed platform. A failing check is a result, never an error. */
  run: contract.route({ method: 'POST', path: '/verification' }).output(reportSchema),
  /** The newest report of this environment in this session, if one was made. */
  get: contract.route({ method: 'GET', path: '/verification' }).output(reportSchema.nullable()),
  /** The newest report as a file's text. */
  export: contract
    .route({ method: 'GET', path: '/verification/export' })
    .input(z.object({ format: z.enum(['markdown', 'json', 'junit']) }))
    .output(z.object({ fileName: z.string(), text: z.string() })),
}
