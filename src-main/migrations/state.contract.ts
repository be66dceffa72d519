import { z } from 'zod'

/** Whose migrations: the platform's own where nothing is said, or those of any folder. */
export const sourceSchema = z.object({
  /** A folder on the machine of the backend. */
  folder: z.string().optional(),
  /** Names the folder in the ledger; the last part of its path unless said otherwise. */
  project: z.string().optional(),
})

export type Source = z.infer<typeof sourceSchema>

/**
 * - `edited`: the applied text and the file mean something else; stops everything until it is resolved
 * - `reformatted`: they differ in comments or white space alone; stops nothing
 * - `changed`: a repeatable one whose text is another since it ran; it is pending again
 * - `missing`: applied, but its file is gone
 * - `out of order`: pending, but a later version is applied
 * - `failed`: pending, and its last try failed
 * - `partial`: a file without a transaction of which some statements are done
 */
export const migrationStateSchema = z.enum([
  'pending',
  'applied',
  'edited',
  'reformatted',
  'changed',
  'missing',
  'out of order',
  'failed',
  'partial',
])

export const migrationSchema = z.object({
  version: z.string(),
  name: z.string(),
  /** Null where the file is gone. */
  fileName: z.string().nullable(),
  state: migrationStateSchema,
  /** SHA-256 of the file, its line ends as LF; of a missing file, of what was applied. */
  checksum: z.string(),
  appliedAt: z.date().nullable(),
  durationMs: z.number().nullable(),
  appliedBy: z.string().nullable(),
  /** Host and process. */
  appliedFrom: z.string().nullable(),
  /** How it came into the ledger. */
  outcome: z.enum(['applied', 'partial', 'baseline', 'imported']).nullable(),
  /** Why the last try failed, or how far a partial one is. */
  detail: z.string().nullable(),
  isTransactional: z.boolean(),
  isRepeatable: z.boolean(),
  hasDown: z.boolean(),
  hasVerify: z.boolean(),
})

export type Migration = z.infer<typeof migrationSchema>

/** How far the migrations of a folder are in one environment. */
export const placementSchema = z.object({
  environmentId: z.string(),
  environment: z.string(),
  kind: z.enum(['local', 'staging', 'production']),
  /** In the order in which they are applied; null where the environment does not answer. */
  states: z.array(migrationSchema.pick({ version: true, name: true, state: true })).nullable(),
  failure: z.object({ code: z.string(), message: z.string() }).nullable(),
})

export type Placement = z.infer<typeof placementSchema>

/** A ledger that another tool keeps in this database. */
export const foreignLedgerSchema = z.object({
  tool: z.enum(['flyway', 'dbmate', 'node-pg-migrate']),
  schema: z.string(),
  table: z.string(),
})

export type ForeignLedger = z.infer<typeof foreignLedgerSchema>

export const waitSchema = z.object({
  /** What it waits for: `navigate.dim_customer`, `a transaction of before`; null while it works. */
  waitsFor: z.string().nullable(),
  mode: z.string().nullable(),
  blockers: z.array(
    z.object({
      processId: z.number(),
      application: z.string(),
      user: z.string().nullable(),
      ageSeconds: z.number().nullable(),
      statement: z.string(),
    }),
  ),
  /** Locks on relations that it holds. */
  held: z.array(z.object({ object: z.string(), mode: z.string() })),
  /** What the server says of the progress of a long statement: `building index: scanning table`. */
  phase: z.string().nullable(),
  done: z.number().nullable(),
  total: z.number().nullable(),
})

export const holderSchema = z.object({
  processId: z.number(),
  /** Names the host and the process of the runner. */
  application: z.string(),
  address: z.string(),
  ageSeconds: z.number(),
})

/** What the runner does now. */
export const runnerStateSchema = z.object({
  phase: z.enum(['idle', 'waiting', 'applying', 'retrying', 'verifying']),
  jobId: z.string().nullable(),
  project: z.string().nullable(),
  /** The other runner that it waits for. */
  holder: holderSchema.nullable(),
  version: z.string().nullable(),
  fileName: z.string().nullable(),
  /** The one that runs, from one; of how many. */
  statement: z.number().int(),
  statements: z.number().int(),
  /** False: each statement is there for all to see once it is done, and a cancel takes back none but the one that runs. */
  isTransactional: z.boolean(),
  fileStartedAt: z.date().nullable(),
  statementStartedAt: z.date().nullable(),
  /** Milliseconds of each statement of the file that is done. */
  durationsMs: z.array(z.number()),
  attempt: z.number().int(),
  attempts: z.number().int(),
  retryAt: z.date().nullable(),
  wait: waitSchema.nullable(),
})

export type RunnerState = z.infer<typeof runnerStateSchema>

export const idleRunner: RunnerState = {
  phase: 'idle',
  jobId: null,
  project: null,
  holder: null,
  version: null,
  fileName: null,
  statement: 0,
  statements: 0,
  isTransactional: true,
  fileStartedAt: null,
  statementStartedAt: null,
  durationsMs: [],
  attempt: 1,
  attempts: 1,
  retryAt: null,
  wait: null,
}
