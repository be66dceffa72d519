import { z } from 'zod'
import { faultSchema } from '../errors.ts'

export const findingSchema = z.object({
  /** The rule's name, as squawk calls it where it has the same. */
  rule: z.string(),
  severity: z.enum(['error', 'warning', 'info']),
  line: z.number().int(),
  column: z.number().int(),
  endColumn: z.number().int(),
  /** What is wrong in a few words. */
  title: z.string(),
  why: z.string(),
  /** SQL that does the same safely; null where only words help. */
  rewrite: z.string().nullable(),
  advice: z.string(),
})

export type Finding = z.infer<typeof findingSchema>

export const plannedStatementSchema = z.object({
  line: z.number().int(),
  endLine: z.number().int(),
  /** Its first words, for a list. */
  summary: z.string(),
  text: z.string(),
  /** The node of PostgreSQL's parser: `AlterTableStmt`; null where it cannot be parsed. */
  kind: z.string().nullable(),
  /** The strongest lock that it takes on a table that is there, as PostgreSQL names it; null for none. */
  lock: z.string().nullable(),
  /** What the lock keeps out: `reads and writes`, `writes`, `schema changes`. */
  blocks: z.string().nullable(),
  /** The tables that it locks. */
  tables: z.array(
    z.object({
      name: z.string(),
      /** Estimates of the catalogue; null for a table that is not there before the plan runs. */
      rows: z.number().nullable(),
      sizeBytes: z.number().nullable(),
    }),
  ),
  /** It copies the table, or reads all of it, while the lock is held. */
  isRewrite: z.boolean(),
  isScan: z.boolean(),
  /** It destroys something that no later statement can bring back. */
  isIrreversible: z.boolean(),
})

export type PlannedStatement = z.infer<typeof plannedStatementSchema>

export const plannedFileSchema = z.object({
  version: z.string(),
  name: z.string(),
  fileName: z.string(),
  sizeBytes: z.number().int(),
  isTransactional: z.boolean(),
  lockTimeoutMs: z.number(),
  statements: z.array(plannedStatementSchema),
  findings: z.array(findingSchema),
  /** Why it cannot be run as it is. */
  fault: faultSchema.extend({ message: z.string(), code: z.string() }).nullable(),
})

export type PlannedFile = z.infer<typeof plannedFileSchema>

export const planSchema = z.object({
  project: z.string(),
  folder: z.string(),
  files: z.array(plannedFileSchema),
  /** What stops everything: edited, missing or partial files, files out of order. */
  stops: z.array(z.object({ version: z.string(), name: z.string(), state: z.string(), next: z.string() })),
  /** Open transactions that hold back schema changes, oldest first. */
  transactions: z.array(
    z.object({
      processId: z.number().int(),
      user: z.string().nullable(),
      application: z.string(),
      ageSeconds: z.number(),
      statement: z.string(),
      /** The tables of the plan on which it holds a lock. */
      tables: z.array(z.string()),
    }),
  ),
})

export type Plan = z.infer<typeof planSchema>

const differenceSchema = z.object({
  kind: z.string(),
  object: z.string(),
  change: z.enum(['missing', 'unexpected', 'different']),
  expected: z.string().nullable(),
  found: z.string().nullable(),
})

export type Difference = z.infer<typeof differenceSchema>

export const rehearsedStatementSchema = z.object({
  line: z.number().int(),
  summary: z.string(),
  durationMs: z.number(),
  /** Locks that it took beyond those the transaction held, on relations that others can see. */
  locks: z.array(z.object({ object: z.string(), mode: z.string(), isNew: z.boolean() })),
  /** Relations that were written anew. */
  rewrites: z.array(z.string()),
  error: z.string().nullable(),
})

export type RehearsedStatement = z.infer<typeof rehearsedStatementSchema>

export const rehearsalSchema = z.object({
  project: z.string(),
  startedAt: z.date(),
  durationMs: z.number(),
  /** What the copy was made on. */
  place: z.string(),
  /** How the copy came to be: how many applied files were run again, or how many objects were copied. */
  replayed: z.number().int(),
  copied: z.number().int(),
  /** What could not be copied, with the reason: grants to roles that are not there, what needs a superuser. */
  leftOut: z.array(z.string()),
  isPassed: z.boolean(),
  files: z.array(
    z.object({
      version: z.string(),
      fileName: z.string(),
      status: z.enum(['passed', 'failed', 'skipped']),
      up: z.array(rehearsedStatementSchema),
      verify: z.enum(['passed', 'failed', 'none']),
      /** Down, and up again: `none` where the file has no way back. */
      down: z.enum(['passed', 'failed', 'none']),
      /** What the way back leaves behind, or what a second way forward does otherwise. */
      differences: z.array(differenceSchema),
      invalidIndexes: z.array(z.string()),
      error: z.string().nullable(),
    }),
  ),
})

export type Rehearsal = z.infer<typeof rehearsalSchema>

export const driftSchema = z.object({
  checkedAt: z.date(),
  durationMs: z.number(),
  place: z.string(),
  objects: z.number().int(),
  differences: z.array(differenceSchema),
})

export type Drift = z.infer<typeof driftSchema>

/** The whole effect of a way back before it is taken. */
export const revertPlanSchema = z.object({
  version: z.string(),
  fileName: z.string(),
  sql: z.string(),
  statements: z.array(plannedStatementSchema),
  /** Rows and values that are lost, counted now. */
  losses: z.array(z.object({ object: z.string(), rows: z.number(), isMore: z.boolean() })),
})

export type RevertPlan = z.infer<typeof revertPlanSchema>
