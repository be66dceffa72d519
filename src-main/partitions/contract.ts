import { z } from 'zod'
import { contract } from '../contract.ts'
import { startedJobSchema } from '../jobs/contract.ts'

/** A table or a partition by its name. */
export const relationSchema = z.object({ schema: z.string().min(1), name: z.string().min(1) })

export type Relation = z.infer<typeof relationSchema>

const strategy = z.enum(['range', 'list', 'hash'])

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

/** A day of a range over time, or any other bound, as text that PostgreSQL reads. */
const boundText = z.string().min(1).max(200)

export const boundInputSchema = z.discriminatedUnion('kind', [
  z.object({ kind: z.literal('range'), from: boundText, to: boundText }),
  z.object({ kind: z.literal('list'), values: z.array(z.string().max(1000)).min(1).max(1000) }),
  z.object({
    kind: z.literal('hash'),
    modulus: z.number().int().positive(),
    remainder: z.number().int().min(0),
  }),
  z.object({ kind: z.literal('default') }),
])

export type BoundInput = z.infer<typeof boundInputSchema>

const attachSchema = z.object({
  kind: z.literal('attach'),
  table: relationSchema,
  partition: relationSchema,
  bound: boundInputSchema,
})

const detachSchema = z.object({
  kind: z.literal('detach'),
  partition: relationSchema,
  isConcurrent: z.boolean(),
  /** Where the table is moved to; it stays in its schema without. */
  toSchema: z.string().min(1).optional(),
})

export const actionSchema = z.discriminatedUnion('kind', [
  /** Makes the next partitions after the last one, each as long as it. */
  z.object({
    kind: z.literal('ensure'),
    table: relationSchema,
    count: z.number().int().min(1).max(400),
  }),
  /** Makes a partition of what lies in the default one. */
  z.object({
    kind: z.literal('split'),
    table: relationSchema,
    name: z.string().min(1),
    bound: boundInputSchema,
    batchRows: z.number().int().min(1).max(1_000_000).default(20_000),
  }),
  attachSchema,
  /** Makes one partition, which may be partitioned again. Rows of its bound leave the default partition. */
  z.object({
    kind: z.literal('create'),
    table: relationSchema,
    name: z.string().min(1),
    bound: boundInputSchema,
    by: z.object({ strategy, columns: z.array(z.string().min(1)).min(1).max(32) }).optional(),
  }),
  /** Makes what is missing between the first and the last partition, in periods as long as the last. */
  z.object({ kind: z.literal('fill'), table: relationSchema }),
  detachSchema,
  /** Detaches what ended before a day (`2026-01-31`, midnight UTC), except what a legal hold keeps. */
  z.object({
    kind: z.literal('retain'),
    table: relationSchema,
    before: z.iso.date(),
    toSchema: z.string().min(1).optional(),
  }),
  z.object({ kind: z.literal('finalize'), partition: relationSchema }),
  z.object({ kind: z.literal('drop'), partition: relationSchema }),
  z.object({ kind: z.literal('analyze'), table: relationSchema }),
])

export type Action = z.infer<typeof actionSchema>

export const planSchema = z.object({
  title: z.string(),
  /** What will be touched: name and value, the ones to look at marked. */
  facts: z.array(z.object({ name: z.string(), value: z.string(), isWarning: z.boolean() })),
  /** Statements that commit together, in their order. */
  transactions: z.array(
    z.object({
      /** False for what PostgreSQL runs outside a transaction only. */
      isTransaction: z.boolean(),
      steps: z.array(
        z.object({
          sql: z.string(),
          lock: z.string().nullable(),
          on: z.string().nullable(),
          blocks: z.string().nullable(),
          note: z.string().nullable(),
        }),
      ),
    }),
  ),
  isDestructive: z.boolean(),
  /** Why it cannot be done, and what can instead. A plan that is refused does not run. */
  refusal: z.object({ reason: z.string(), instead: z.string() }).nullable(),
  /** What has to be repeated as `confirm` before it runs; null where nothing has. */
  confirm: z.string().nullable(),
  /** What takes it back, as an action that can be planned; null where none does. */
  undo: z.discriminatedUnion('kind', [attachSchema, detachSchema]).nullable(),
  /** What the button says: `Drop about 3,904,118 rows`. */
  button: z.string(),
})

export type Plan = z.infer<typeof planSchema>

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

export type PartitionDetail = z.infer<typeof partitionDetailSchema>

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

export const partitionsContract = {
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
  /** Reads the default partition of a table: its rows by the period (or value) that a partition is missing for. */
  countDefault: contract
    .route({ method: 'POST', path: '/partitions/count-default' })
    .input(relationSchema)
    .output(
      z.array(
        z.object({
          label: z.string(),
          rows: z.number(),
          /** The partition that would take them; null where the app cannot tell it. */
          split: z.object({ name: z.string(), bound: boundInputSchema }).nullable(),
        }),
      ),
    ),
  /** Tables that have the columns of a partitioned one and are no partitions. */
  listCandidates: contract
    .route({ method: 'GET', path: '/partitions/candidates' })
    .input(relationSchema)
    .output(z.array(relationSchema.extend({ estimatedRows: z.number() }))),
  /** What an action would do: its statements, their locks, what they touch. Changes nothing. */
  plan: contract
    .route({ method: 'POST', path: '/partitions/plan' })
    .input(z.object({ action: actionSchema }))
    .output(planSchema),
  /** Does it. A plan that asks for confirmation needs `confirm`, else `CONFIRMATION_NEEDED`. */
  apply: contract
    .route({ method: 'POST', path: '/partitions/apply' })
    .input(z.object({ action: actionSchema, confirm: z.string().optional() }))
    .output(startedJobSchema),
  /** Makes what is missing up to the horizon on every partitioned table of the platform. */
  ensure: contract
    .route({ method: 'POST', path: '/partitions/ensure' })
    .input(z.object({ horizonMonths: z.number().int().min(1).max(60).optional() }))
    .output(startedJobSchema),
  /** Which partitions a statement would touch. It is planned in a read-only transaction, never run. */
  prune: contract
    .route({ method: 'POST', path: '/partitions/prune' })
    .input(z.object({ statement: z.string().min(1).max(200_000) }))
    .output(prunedSchema),
}
