import { z } from 'zod'
import { contract } from '../contract.ts'
import { diagramContract } from './diagram/contract.ts'
import { diffContract } from './diff/contract.ts'
import { grantsContract } from './grants/contract.ts'
import { rowsContract } from './rows/contract.ts'

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

export type ObjectKind = z.infer<typeof objectKindSchema>

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

export const searchKindSchema = z.enum([
  ...relationKindSchema.options,
  ...objectKindSchema.options,
  'schema',
  'partition',
  'column',
  'index',
  'primary key',
  'unique',
  'foreign key',
  'check',
  'exclusion',
  'constraint trigger',
  'trigger',
  'policy',
])

export const searchHitSchema = z.object({
  kind: searchKindSchema,
  schema: z.string().nullable(),
  /** The relation that a column, an index, a constraint, a trigger, a policy or a partition belongs to. */
  parent: z.string().nullable(),
  name: z.string(),
  signature: z.string(),
  detail: z.string(),
  where: z.enum(['name', 'comment', 'body']),
  /** The line in which a comment or a body was found. */
  snippet: z.string().nullable(),
})

export type SearchHit = z.infer<typeof searchHitSchema>

const relationModelSchema = z.object({
  schema: z.string(),
  name: z.string(),
  kind: relationKindSchema,
  columns: z.array(
    z.object({
      name: z.string(),
      type: z.string(),
      isNullable: z.boolean(),
      isPrimaryKey: z.boolean(),
      comment: z.string().nullable(),
    }),
  ),
  foreignKeys: z.array(
    z.object({
      name: z.string(),
      columns: z.array(z.string()),
      target: z.object({ schema: z.string(), name: z.string() }),
      targetColumns: z.array(z.string()),
    }),
  ),
})

export type RelationModel = z.infer<typeof relationModelSchema>

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

/** 63 bytes are at most 63 characters; longer names are nobody's. */
const nameSchema = z.string().min(1).max(63)

export const relationTargetSchema = z.object({ schema: nameSchema, name: nameSchema })

const triggerSwitchSchema = relationTargetSchema.extend({
  trigger: nameSchema,
  state: triggerSchema.shape.state,
})

/** Names one object of any kind; functions need their signature, what belongs to the database has no schema. */
export const objectTargetSchema = z.object({
  kind: z.enum([...relationKindSchema.options, ...objectKindSchema.options, 'schema']),
  schema: nameSchema.nullable(),
  name: nameSchema,
  signature: z.string().max(10_000).default(''),
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

export const schemaContract = {
  ...rowsContract,
  ...diagramContract,
  ...diffContract,
  ...grantsContract,
  /** Everything outside of the system schemas, without columns. Partitions are counted with their parents. */
  tree: contract.route({ method: 'GET', path: '/schema' }).output(
    z.object({
      schemas: z.array(z.object({ name: z.string(), comment: z.string().nullable(), functions: z.number() })),
      tables: z.array(tableSummarySchema),
      objects: z.array(objectSummarySchema),
    }),
  ),
  /** The partitions of a table, one level down, the default one last. */
  listPartitions: contract
    .route({ method: 'GET', path: '/schema/{schema}/{name}/partitions' })
    .input(relationTargetSchema)
    .output(
      z.array(
        tableSummarySchema
          .pick({ schema: true, name: true, estimatedRows: true, sizeBytes: true, partitions: true })
          .extend({ bound: z.string() }),
      ),
    ),
  /**
   * Finds objects whose names, comments or bodies hold every word, the best first. `total` counts what was found, up to
   * 10,000.
   * Answered from memory; as of a few seconds ago at most.
   */
  search: contract
    .route({ method: 'GET', path: '/schema-search' })
    .input(
      z.object({
        text: z.string().max(500),
        kinds: z.array(searchKindSchema).optional(),
        limit: z.number().int().min(1).max(500).default(50),
      }),
    )
    .output(z.object({ hits: z.array(searchHitSchema), total: z.number() })),
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
  /**
   * All of the database as one script that makes it anew, roles apart. `unwritten` are kind and name of what it leaves
   * out: what only pg_dump writes.
   */
  script: contract
    .route({ method: 'GET', path: '/schema-script' })
    .output(z.object({ text: z.string(), objects: z.number().int(), unwritten: z.array(z.string()) })),
  /**
   * Columns and foreign keys of some relations, from memory. Without a schema, `public` goes before the others. A relation
   * that does not exist is left out.
   */
  model: contract
    .route({ method: 'POST', path: '/schema-model' })
    .input(
      z.object({
        relations: z.array(z.object({ schema: nameSchema.optional(), name: nameSchema })).max(100),
      }),
    )
    .output(z.array(relationModelSchema)),
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
  /** The statements that recreate an object with what belongs to it, comments, owner and grants, from the catalogue. */
  definition: contract
    .route({ method: 'POST', path: '/schema-definition' })
    .input(objectTargetSchema)
    .output(z.object({ text: z.string() })),
}
