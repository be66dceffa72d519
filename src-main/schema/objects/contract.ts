import { z } from 'zod'

const sizeFields = { estimatedRows: z.number(), sizeBytes: z.number() }

export const relationKindSchema = z.enum([
  'table',
  'partitioned table',
  'view',
  'materialized view',
  'foreign table',
])

export const tableSummarySchema = z.object({
  schema: z.string(),
  name: z.string(),
  kind: relationKindSchema,
  /** The planner's estimate; of a partitioned table that of all of its partitions. */
  ...sizeFields,
  /** Partitions below it, at any depth. */
  partitions: z.number(),
  columns: z.number(),
  comment: z.string().nullable(),
})

export type TableSummary = z.infer<typeof tableSummarySchema>

/** What has a place in the tree beside tables and views. */
export const objectKindSchema = z.enum([
  'sequence',
  'function',
  'procedure',
  'aggregate',
  'window function',
  'enum',
  'domain',
  'composite type',
  'range type',
  'extension',
  'publication',
  'event trigger',
  'collation',
  'text search configuration',
  'text search dictionary',
  'operator',
  'cast',
  'server',
  'foreign data wrapper',
  'role',
])

export const objectSummarySchema = z.object({
  kind: objectKindSchema,
  /** Null for what belongs to the database or to the server. */
  schema: z.string().nullable(),
  name: z.string(),
  /** The types of a function's arguments: two functions may share a name. */
  signature: z.string(),
  detail: z.string(),
  comment: z.string().nullable(),
})

export type ObjectSummary = z.infer<typeof objectSummarySchema>

/** 63 bytes are at most 63 characters; longer names are nobody's. */
export const nameSchema = z.string().min(1).max(63)

export const relationTargetSchema = z.object({ schema: nameSchema, name: nameSchema })
