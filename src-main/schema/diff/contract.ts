import { z } from 'zod'
import { contract } from '../../contract.ts'
import { startedJobSchema } from '../../jobs/contract.ts'

export const ignoredSchema = z.enum([
  'owners',
  'grants',
  'comments',
  'white space',
  'tablespaces',
  'partitions',
])

export type Ignored = z.infer<typeof ignoredSchema>

/** What this environment is held against. */
export const otherSideSchema = z.discriminatedUnion('type', [
  z.object({ type: z.literal('environment'), id: z.string() }),
  /** What the ledger of this environment and the pending files of a folder make in an empty database. */
  z.object({
    type: z.literal('migrations'),
    folder: z.string().optional(),
    project: z.string().optional(),
  }),
])

export type OtherSide = z.infer<typeof otherSideSchema>

const sideSchema = z.object({ name: z.string(), version: z.string() })

const entrySchema = z.object({
  /** Names the object on both sides. */
  key: z.string(),
  kind: z.string(),
  /** Qualified and quoted. */
  name: z.string(),
  /** `reordered`: the same but for the order of the columns, which no statement changes. */
  change: z.enum(['identical', 'different', 'reordered', 'only here', 'only there']),
  /** What differs: `column note`, `index orders_at`, `comments`; at most fifty. */
  details: z.array(z.string()),
})

export type ComparedObject = z.infer<typeof entrySchema>

const comparisonSchema = z.object({
  comparedAt: z.date(),
  durationMs: z.number(),
  here: sideSchema,
  there: sideSchema,
  other: otherSideSchema,
  ignored: z.array(ignoredSchema),
  counts: z.object({
    identical: z.number().int(),
    different: z.number().int(),
    reordered: z.number().int(),
    onlyHere: z.number().int(),
    onlyThere: z.number().int(),
  }),
  /** Tables with what belongs to them, and everything else; what is identical comes last. */
  objects: z.array(entrySchema),
})

export type Comparison = z.infer<typeof comparisonSchema>

export const migrationRequestSchema = z.object({
  /** The side that the migration changes: it becomes as the other one is. */
  changes: z.enum(['here', 'there']),
  /** Statements that destroy rows or values are live; otherwise they are left out as comments. */
  withDestructive: z.boolean().default(false),
  /** Keys of the objects that are to change; all where it is left out. */
  only: z.array(z.string()).max(10_000).optional(),
})

export const writtenMigrationSchema = z.object({
  text: z.string(),
  /** Live ones. */
  statements: z.number().int(),
  /** Each what is lost by it. */
  destructive: z.array(z.string()),
  risks: z.array(z.string()),
  /** What no statement of it changes, and why. */
  problems: z.array(z.string()),
})

export type WrittenMigration = z.infer<typeof writtenMigrationSchema>

export const diffContract = {
  /** Compares this environment with another side, as a job. Both are read in a constant number of statements. */
  compare: contract
    .route({ method: 'POST', path: '/schema-comparison' })
    .input(z.object({ other: otherSideSchema, ignored: z.array(ignoredSchema).default([]) }))
    .output(startedJobSchema),
  /** The newest comparison of this environment in this session. */
  comparison: contract
    .route({ method: 'GET', path: '/schema-comparison' })
    .output(comparisonSchema.nullable()),
  /** How an object of the comparison is made on either side; null where it is not. Throws `NOT_FOUND`. */
  comparedDefinition: contract
    .route({ method: 'POST', path: '/schema-comparison/definition' })
    .input(z.object({ key: z.string() }))
    .output(z.object({ here: z.string().nullable(), there: z.string().nullable() })),
  /** The migration that makes one side of the comparison as the other is. Changes nothing. Throws `NOT_FOUND` before a comparison. */
  writeMigration: contract
    .route({ method: 'POST', path: '/schema-comparison/migration' })
    .input(migrationRequestSchema)
    .output(writtenMigrationSchema),
}
