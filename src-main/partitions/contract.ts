import { z } from 'zod'
import { contract } from '../contract.ts'
import { startedJobSchema } from '../jobs/contract.ts'

export const partitionSchema = z.object({
  schema: z.string(),
  name: z.string(),
  /** As PostgreSQL writes it: `FOR VALUES FROM … TO …`. */
  bound: z.string(),
  /** Of ranges over dates and times. */
  from: z.date().nullable(),
  to: z.date().nullable(),
  isDefault: z.boolean(),
  estimatedRows: z.number(),
  sizeBytes: z.number(),
  lastAnalyzed: z.date().nullable(),
  lastVacuumed: z.date().nullable(),
  /** Indexes of the parent that it lacks, or that are invalid on it. */
  missingIndexes: z.number(),
})

export type Partition = z.infer<typeof partitionSchema>

export const partitionedTableSchema = z.object({
  schema: z.string(),
  name: z.string(),
  strategy: z.enum(['range', 'list', 'hash']),
  key: z.string(),
  step: z.enum(['month', 'quarter', 'year', 'other']),
  partitions: z.array(partitionSchema),
  estimatedRows: z.number(),
  sizeBytes: z.number(),
  /** Periods between the first and the last partition that none covers. */
  gaps: z.array(z.object({ from: z.date(), to: z.date() })),
  /** The end of the last partition of an unbroken row from now on; null where now is not covered. */
  coveredUntil: z.date().nullable(),
  defaultRows: z.number(),
  findings: z.array(z.string()),
})

export type PartitionedTable = z.infer<typeof partitionedTableSchema>

export const partitionsContract = {
  list: contract
    .route({ method: 'GET', path: '/partitions' })
    .output(z.object({ horizonMonths: z.number().int(), tables: z.array(partitionedTableSchema) })),
  /** Makes what is missing up to the horizon on every partitioned table; rows of the default partition move. */
  ensure: contract
    .route({ method: 'POST', path: '/partitions/ensure' })
    .input(z.object({ horizonMonths: z.number().int().min(1).max(60).optional() }))
    .output(startedJobSchema),
}
