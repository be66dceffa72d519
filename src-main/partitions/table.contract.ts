import { z } from 'zod'
import { contract } from '../contract.ts'

/** A table or a partition by its name. */
export const relationSchema = z.object({ schema: z.string().min(1), name: z.string().min(1) })

export type Relation = z.infer<typeof relationSchema>

export const strategy = z.enum(['range', 'list', 'hash'])

/** Where a partition stands: in time for ranges of time, else merely attached. */
export const partitionStates = [
  'current',
  'premade',
  'cold',
  'due',
  'default',
  'detaching',
  'attached',
] as const

export const partitionSchema = relationSchema.extend({
  id: z.number(),
  /** The partition or table that it is attached to. */
  parentId: z.number(),
  /** 1 below the table, 2 below a partition that is itself partitioned, … */
  level: z.number(),
  /** As PostgreSQL writes it: `FOR VALUES FROM … TO …`. */
  bound: z.string(),
  /** Of one-column ranges over dates and times: milliseconds since 1970 in UTC; of numbers: the number. Null: none, or no end. */
  from: z.number().nullable(),
  to: z.number().nullable(),
  /** Of lists: the values. Empty for every other bound. */
  values: z.array(z.string()),
  state: z.enum(partitionStates),
  /** Null unless it is partitioned itself. */
  strategy: strategy.nullable(),
  key: z.string().nullable(),
  /** From the statistics; of a partition that is partitioned, the sum of what is below. */
  estimatedRows: z.number(),
  deadRows: z.number(),
  /** Last, by hand or by the server itself, in milliseconds since 1970; null is never. */
  vacuumedAt: z.number().nullable(),
  analyzedAt: z.number().nullable(),
  sizeBytes: z.number(),
  isNeverAnalyzed: z.boolean(),
  /** Indexes of the table above that it lacks, or that are invalid on it. */
  missingIndexes: z.number(),
})

export type Partition = z.infer<typeof partitionSchema>

export const findingSchema = z.object({
  kind: z.enum([
    'uncovered',
    'ends',
    'gap',
    'default rows',
    'missing index',
    'detach pending',
    'bloat',
    'never analysed',
    'due',
  ]),
  /** `failed`: writes fail or go astray now. `warning`: they soon will, or reads suffer. */
  severity: z.enum(['failed', 'warning', 'note']),
  text: z.string(),
  next: z.string(),
  /** The partitions it is about, at most ten. */
  partitions: z.array(z.string()),
})

export type Finding = z.infer<typeof findingSchema>

export const steps = ['hour', 'day', 'week', 'month', 'quarter', 'year', 'other'] as const

const span = z.object({ from: z.number(), to: z.number() })

export const partitionedTableSchema = relationSchema.extend({
  id: z.number(),
  strategy,
  key: z.string(),
  /** Type of the key where it is one column, as PostgreSQL writes it. */
  keyType: z.string().nullable(),
  /** What `from` and `to` of its partitions count. */
  scale: z.enum(['time', 'number', 'none']),
  step: z.enum(steps),
  partitionCount: z.number(),
  levels: z.number(),
  estimatedRows: z.number(),
  sizeBytes: z.number(),
  /** Sizes come from the statistics: with more than a thousand partitions no file is asked. */
  isSizeEstimated: z.boolean(),
  /** Between the first and the last partition, what none covers. */
  gaps: z.array(span),
  /** The end of the last partition of an unbroken row from now on; null where now is not covered. */
  coveredUntil: z.date().nullable(),
  defaultRows: z.number(),
  /** What its retention policy says: until when partitions are kept, and whether a legal hold stands. */
  retention: z
    .object({ keep: z.string(), keptFrom: z.date(), action: z.string(), holds: z.array(z.string()) })
    .nullable(),
  findings: z.array(findingSchema),
})

export type PartitionedTable = z.infer<typeof partitionedTableSchema>

export const partitionDetailSchema = z.object({
  heapBytes: z.number(),
  indexBytes: z.number(),
  indexes: z.number(),
  missingIndexes: z.array(z.string()),
  lastVacuumed: z.date().nullable(),
  lastAnalyzed: z.date().nullable(),
  inserted: z.number(),
  updated: z.number(),
  deleted: z.number(),
  /** Smallest and largest key that the statistics know; null without statistics or with several key columns. */
  oldestKey: z.string().nullable(),
  newestKey: z.string().nullable(),
  dependents: z.array(z.string()),
  tablespace: z.string(),
})

export const prunedSchema = z.object({
  tables: z.array(
    relationSchema.extend({
      /** Names of its leaves that the plan reads or writes. */
      touched: z.array(relationSchema),
      total: z.number(),
      /** Left out by the planner, or when execution begins. */
      pruned: z.number(),
      /** Rows are routed when the statement runs: the plan names no partition. */
      isRouted: z.boolean(),
    }),
  ),
  planningMs: z.number(),
  cost: z.number(),
})

export type Pruned = z.infer<typeof prunedSchema>

const tableInput = relationSchema.partial().optional()

export const tableContract = {
  /** Every partitioned table with what is wrong or will be: no partition is listed, no row is read. */
  check: contract.route({ method: 'GET', path: '/partitions/check' }).output(
    z.object({
      horizonMonths: z.number().int(),
      tables: z.array(partitionedTableSchema),
      /** None of the findings is more than a note. */
      isHealthy: z.boolean(),
    }),
  ),
  /** The same, with the partitions; of one table where it is named. */
  list: contract
    .route({ method: 'GET', path: '/partitions' })
    .input(tableInput)
    .output(
      z.object({
        horizonMonths: z.number().int(),
        tables: z.array(partitionedTableSchema.extend({ partitions: z.array(partitionSchema) })),
      }),
    ),
  /** What the catalogue and the statistics know of one partition. */
  describe: contract
    .route({ method: 'GET', path: '/partitions/describe' })
    .input(relationSchema)
    .output(partitionDetailSchema),
  /** Reads the rows of one partition: exact count, and of a one-column key its smallest and largest value. */
  count: contract
    .route({ method: 'POST', path: '/partitions/count' })
    .input(relationSchema)
    .output(
      z.object({
        rows: z.number(),
        oldestKey: z.string().nullable(),
        newestKey: z.string().nullable(),
        durationMs: z.number(),
      }),
    ),
  /** Which partitions a statement would touch. It is planned in a read-only transaction, never run. */
  prune: contract
    .route({ method: 'POST', path: '/partitions/prune' })
    .input(z.object({ statement: z.string().min(1).max(200_000) }))
    .output(prunedSchema),
}
