import { z } from 'zod'
import { contract } from '../contract.ts'
import { diagramContract } from './diagram/contract.ts'
import { diffContract } from './diff/contract.ts'
import { grantsContract } from './grants/contract.ts'
import {
  nameSchema,
  objectKindSchema,
  objectSummarySchema,
  relationKindSchema,
  relationTargetSchema,
  tableSummarySchema,
} from './objects/contract.ts'
import { rowsContract } from './rows/contract.ts'
import { tableContract } from './table/contract.ts'

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

/** Names one object of any kind; functions need their signature, what belongs to the database has no schema. */
export const objectTargetSchema = z.object({
  kind: z.enum([...relationKindSchema.options, ...objectKindSchema.options, 'schema']),
  schema: nameSchema.nullable(),
  name: nameSchema,
  signature: z.string().max(10_000).default(''),
})

export const schemaContract = {
  ...rowsContract,
  ...diagramContract,
  ...diffContract,
  ...grantsContract,
  ...tableContract,
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
  /** The statements that recreate an object with what belongs to it, comments, owner and grants, from the catalogue. */
  definition: contract
    .route({ method: 'POST', path: '/schema-definition' })
    .input(objectTargetSchema)
    .output(z.object({ text: z.string() })),
}
