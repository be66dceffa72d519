import { z } from 'zod'
import { contract } from '../contract.ts'
import { startedJobSchema } from '../jobs/contract.ts'

/**
 * - `edited`: the applied text and the file mean something else; stops everything until it is resolved
 * - `reformatted`: they differ in comments or white space alone; stops nothing
 * - `missing`: applied, but its file is gone
 * - `out of order`: pending, but a later version is applied
 */
export const migrationStateSchema = z.enum([
  'pending',
  'applied',
  'edited',
  'reformatted',
  'missing',
  'out of order',
])

export const migrationSchema = z.object({
  version: z.string(),
  name: z.string(),
  state: migrationStateSchema,
  /** SHA-256 of the file, its line ends as LF; of a missing file, of what was applied. */
  checksum: z.string(),
  appliedAt: z.date().nullable(),
  durationMs: z.number().nullable(),
  appliedBy: z.string().nullable(),
})

export type Migration = z.infer<typeof migrationSchema>

const plannedStatementSchema = z.object({
  line: z.number().int(),
  /** Its first words, for a list. */
  summary: z.string(),
  /** The strongest lock that it takes on a table, as PostgreSQL names it; null for none. */
  lock: z.string().nullable(),
  /** What the lock keeps out: `reads and writes`, `writes`, nothing. */
  blocks: z.string().nullable(),
  /** It destroys something that no later statement can bring back. */
  isIrreversible: z.boolean(),
})

export type PlannedStatement = z.infer<typeof plannedStatementSchema>

export const migrationsContract = {
  status: contract
    .route({ method: 'GET', path: '/migrations' })
    .output(z.object({ migrations: z.array(migrationSchema), pending: z.number().int() })),
  /** What would run, file by file, and what stands in the way now. Runs nothing. */
  plan: contract.route({ method: 'GET', path: '/migrations/plan' }).output(
    z.object({
      files: z.array(
        z.object({
          version: z.string(),
          name: z.string(),
          sizeBytes: z.number().int(),
          statements: z.array(plannedStatementSchema),
        }),
      ),
      /** Open transactions that hold back schema changes, oldest first. */
      transactions: z.array(
        z.object({
          processId: z.number().int(),
          user: z.string().nullable(),
          application: z.string(),
          ageSeconds: z.number(),
          statement: z.string(),
        }),
      ),
    }),
  ),
  describe: contract
    .route({ method: 'GET', path: '/migrations/{version}' })
    .input(z.object({ version: z.string() }))
    .output(
      z.object({
        migration: migrationSchema,
        /** Null where the file is gone, or the version was never applied. */
        fileText: z.string().nullable(),
        appliedText: z.string().nullable(),
      }),
    ),
  /** Applies what is pending, up to `to`. Answers at once with the job that does it. */
  apply: contract
    .route({ method: 'POST', path: '/migrations/apply' })
    .input(z.object({ to: z.string().optional() }))
    .output(startedJobSchema),
}
