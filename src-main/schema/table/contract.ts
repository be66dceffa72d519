import { z } from 'zod'
import { contract } from '../../contract.ts'
import {
  nameSchema,
  objectKindSchema,
  relationKindSchema,
  relationTargetSchema,
  tableSummarySchema,
} from '../objects/contract.ts'

export const columnSchema = z.object({
  name: z.string(),
  type: z.string(),
  isNullable: z.boolean(),
  default: z.string().nullable(),
  identity: z.enum(['always', 'by default']).nullable(),
  isGenerated: z.boolean(),
  isPrimaryKey: z.boolean(),
  comment: z.string().nullable(),
  /** What the planner knows of its values; null before the first analyze. */
  statistics: z
    .object({ nullFraction: z.number(), distinct: z.number(), averageBytes: z.number() })
    .nullable(),
})

export const indexSchema = z.object({
  name: z.string(),
  definition: z.string(),
  isUnique: z.boolean(),
  isPrimary: z.boolean(),
  isValid: z.boolean(),
  sizeBytes: z.number(),
  /** Since the statistics were last reset. */
  scans: z.number(),
  /** It holds up no rule and no scan ever used it. */
  isUnused: z.boolean(),
  /** Another index of the table with the same columns, operators and condition. */
  duplicateOf: z.string().nullable(),
})

export const triggerSchema = z.object({
  name: z.string(),
  definition: z.string(),
  /** `replica` fires only where rows come by replication, `always` there too. */
  state: z.enum(['enabled', 'disabled', 'replica', 'always']),
})

export type Trigger = z.infer<typeof triggerSchema>

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
  triggers: z.array(triggerSchema),
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

const triggerSwitchSchema = relationTargetSchema.extend({
  trigger: nameSchema,
  state: triggerSchema.shape.state,
})

export const tableActivitySchema = z.object({
  /** Counted by the server since the statistics were last reset; of a partitioned table over all partitions. */
  counts: z.object({
    inserted: z.number(),
    updated: z.number(),
    deleted: z.number(),
    live: z.number(),
    dead: z.number(),
    tableScans: z.number(),
    indexScans: z.number(),
  }),
  lastVacuum: z.date().nullable(),
  lastAnalyze: z.date().nullable(),
  /** Null where the platform is not deployed. */
  runs: z
    .array(
      z.object({
        runId: z.string(),
        pipeline: z.string(),
        task: z.string(),
        status: z.string(),
        rowsOut: z.number(),
        finishedAt: z.date().nullable(),
      }),
    )
    .nullable(),
  /** The last entries of the audit log of the last ninety days; null where this user may not read it. */
  audit: z
    .array(
      z.object({
        sequence: z.number(),
        at: z.date(),
        action: z.string(),
        user: z.string(),
        rowKey: z.unknown(),
      }),
    )
    .nullable(),
})

export type TableActivity = z.infer<typeof tableActivitySchema>

/** A table, a view, a sequence, a routine or a type on one end of a dependency. */
export const dependencySchema = z.object({
  kind: z.enum([...relationKindSchema.options, ...objectKindSchema.options]),
  schema: z.string(),
  name: z.string(),
  signature: z.string(),
  /** The columns that are named on the way; empty where none is. */
  columns: z.array(z.string()),
})

/** A table with what it takes and when it was last looked after; of a partitioned table over all of its partitions. */
export const tableUpkeepSchema = tableSummarySchema
  .pick({ schema: true, name: true, kind: true, partitions: true, estimatedRows: true, comment: true })
  .extend({
    /** What an update or a deletion left and vacuum has not taken yet. */
    deadRows: z.number(),
    /** Rows, with what is stored beside them. */
    tableBytes: z.number(),
    indexBytes: z.number(),
    /** By hand or by autovacuum, the last time; null is never. */
    lastVacuum: z.date().nullable(),
    lastAnalyze: z.date().nullable(),
  })

export type TableUpkeep = z.infer<typeof tableUpkeepSchema>

/** One table or view: what it is, what hangs on it and what happened to it. */
export const tableContract = {
  /**
   * The tables and materialized views of a schema, by name. Rows and dead rows are estimates; above a thousand tables and
   * partitions sizes are too.
   */
  listTables: contract
    .route({ method: 'GET', path: '/schema-tables/{schema}' })
    .input(relationTargetSchema.pick({ schema: true }))
    .output(z.array(tableUpkeepSchema)),
  describe: contract
    .route({ method: 'GET', path: '/schema/{schema}/{name}' })
    .input(relationTargetSchema)
    .output(tableSchema),
  /** What a table or view uses, and what uses it, one step away; foreign keys apart. */
  dependencies: contract
    .route({ method: 'GET', path: '/schema/{schema}/{name}/dependencies' })
    .input(relationTargetSchema)
    .output(z.object({ uses: z.array(dependencySchema), usedBy: z.array(dependencySchema) })),
  /** What happened to a table: counts of the server, runs that wrote it, entries of the audit log. */
  activity: contract
    .route({ method: 'GET', path: '/schema/{schema}/{name}/activity' })
    .input(relationTargetSchema)
    .output(tableActivitySchema),
  /** The statement that `switchTrigger` would send. */
  previewTrigger: contract
    .route({ method: 'POST', path: '/schema-trigger/preview' })
    .input(triggerSwitchSchema)
    .output(z.object({ sql: z.string() })),
  /** Turns a trigger on or off. Writes of others wait for it, and it waits at most five seconds for them. Throws `OBJECT_NOT_FOUND`. */
  switchTrigger: contract
    .route({ method: 'POST', path: '/schema-trigger' })
    .input(triggerSwitchSchema)
    .output(z.object({ statement: z.string() })),
}
