import { z } from 'zod'
import { contract } from '../contract.ts'

const sizeFields = { estimatedRows: z.number(), sizeBytes: z.number() }

export const tableSummarySchema = z.object({
  schema: z.string(),
  name: z.string(),
  kind: z.enum(['table', 'partitioned table', 'view', 'materialized view', 'foreign table']),
  ...sizeFields,
  /** Partitions below it, at any depth. */
  partitions: z.number(),
  columns: z.number(),
  comment: z.string().nullable(),
})

export type TableSummary = z.infer<typeof tableSummarySchema>

export const columnSchema = z.object({
  name: z.string(),
  type: z.string(),
  isNullable: z.boolean(),
  default: z.string().nullable(),
  identity: z.enum(['always', 'by default']).nullable(),
  isGenerated: z.boolean(),
  isPrimaryKey: z.boolean(),
  comment: z.string().nullable(),
})

export const indexSchema = z.object({
  name: z.string(),
  definition: z.string(),
  isUnique: z.boolean(),
  isPrimary: z.boolean(),
  isValid: z.boolean(),
  sizeBytes: z.number(),
  scans: z.number(),
})

export const constraintSchema = z.object({
  name: z.string(),
  kind: z.enum(['primary key', 'unique', 'foreign key', 'check', 'exclusion', 'trigger', 'not null']),
  definition: z.string(),
})

export const tableSchema = tableSummarySchema.extend({
  columnList: z.array(columnSchema),
  indexes: z.array(indexSchema),
  constraints: z.array(constraintSchema),
  /** Tables whose foreign keys lead here. */
  referencedBy: z.array(
    z.object({ schema: z.string(), table: z.string(), name: z.string(), definition: z.string() }),
  ),
  triggers: z.array(z.object({ name: z.string(), definition: z.string() })),
  policies: z.array(
    z.object({
      name: z.string(),
      command: z.string(),
      roles: z.array(z.string()),
      using: z.string().nullable(),
    }),
  ),
  viewDefinition: z.string().nullable(),
})

export type Table = z.infer<typeof tableSchema>

const target = z.object({
  schema: z
    .string()
    .min(1)
    .max(63 * 4),
  name: z
    .string()
    .min(1)
    .max(63 * 4),
})

export const schemaContract = {
  /** Every table and view outside of the system schemas. Partitions are counted with their parents. */
  tree: contract.route({ method: 'GET', path: '/schema' }).output(
    z.object({
      schemas: z.array(z.object({ name: z.string(), comment: z.string().nullable(), functions: z.number() })),
      tables: z.array(tableSummarySchema),
    }),
  ),
  describe: contract
    .route({ method: 'GET', path: '/schema/{schema}/{name}' })
    .input(target)
    .output(tableSchema),
  /** Some rows, as exact text, in the order in which the table holds them; long values are cut and marked. */
  listRows: contract
    .route({ method: 'GET', path: '/schema/{schema}/{name}/rows' })
    .input(target.extend({ limit: z.number().int().min(1).max(1000).default(200) }))
    .output(
      z.object({
        columns: z.array(z.object({ name: z.string(), type: z.string() })),
        rows: z.array(z.array(z.string().nullable())),
        /** Values longer than this many characters were cut. */
        cutAt: z.number(),
        durationMs: z.number(),
      }),
    ),
}
