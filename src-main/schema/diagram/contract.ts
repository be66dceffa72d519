import { z } from 'zod'
import { contract } from '../../contract.ts'

const nameSchema = z.string().min(1).max(63)

/** More tables than this make no picture that anybody can read. */
export const mostTables = 500

const diagramTableSchema = z.object({
  schema: z.string(),
  name: z.string(),
  kind: z.enum(['table', 'partitioned table', 'foreign table']),
  estimatedRows: z.number(),
  comment: z.string().nullable(),
  /** How many foreign keys it is away from the table in the middle, or from the schema. */
  distance: z.number().int(),
  columns: z.array(
    z.object({
      name: z.string(),
      type: z.string(),
      isNullable: z.boolean(),
      isPrimaryKey: z.boolean(),
      isForeignKey: z.boolean(),
    }),
  ),
  /** One level down, the first twenty by name, the default one last. */
  partitions: z.array(z.object({ schema: z.string(), name: z.string(), bound: z.string() })),
  /** All of them, at any depth. */
  partitionCount: z.number().int(),
})

export type DiagramTable = z.infer<typeof diagramTableSchema>

const diagramLinkSchema = z.object({
  /** The foreign key's. */
  name: z.string(),
  from: z.object({ schema: z.string(), name: z.string() }),
  columns: z.array(z.string()),
  to: z.object({ schema: z.string(), name: z.string() }),
  targetColumns: z.array(z.string()),
  /** A row of `to` has at most one row of `from`: a key of `from` lies within the columns. */
  isUnique: z.boolean(),
  /** A row of `from` may have no row of `to`: one of the columns may be null. */
  isOptional: z.boolean(),
})

export type DiagramLink = z.infer<typeof diagramLinkSchema>

export const diagramContract = {
  /**
   * Tables and foreign keys of a schema with the tables that it leads to, or of all tables that are at most `depth`
   * foreign keys away from one, in either direction. From memory, as of a few seconds ago at most. A partition stands
   * for its table. Beyond `limit` the nearest and the most connected tables are given; `total` counts all.
   * Throws `OBJECT_NOT_FOUND`.
   */
  diagram: contract
    .route({ method: 'GET', path: '/schema-diagram' })
    .input(
      z.object({
        schema: nameSchema,
        /** The table in the middle; without it the whole schema. */
        table: nameSchema.optional(),
        depth: z.coerce.number().int().min(1).max(6).default(1),
        limit: z.coerce.number().int().min(1).max(mostTables).default(mostTables),
      }),
    )
    .output(
      z.object({
        tables: z.array(diagramTableSchema),
        links: z.array(diagramLinkSchema),
        total: z.number().int(),
      }),
    ),
}
