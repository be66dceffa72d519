import { z } from 'zod'
import { contract } from '../../contract.ts'
import { editableTableSchema, rowEditOutcomeSchema, rowEditSchema } from '../../rowEditContract.ts'

const name = z.string().min(1).max(63)
const target = z.object({ schema: name, name })

export const rowFilterSchema = z.object({
  column: name,
  operator: z.enum(['=', '<>', '<', '<=', '>', '>=', 'contains', 'is null', 'is not null']),
  value: z.string().default(''),
})

export type RowFilter = z.infer<typeof rowFilterSchema>

export const rowOrderSchema = z.object({ column: name, isDescending: z.boolean() })

export const rowsPageSchema = z.object({
  columns: z.array(z.object({ name: z.string(), type: z.string(), isSortable: z.boolean() })),
  /** Every value as the text that PostgreSQL writes, cut at `cutAt` characters. */
  rows: z.array(z.array(z.string().nullable())),
  /** Row and column of each value that was cut. */
  cuts: z.array(z.tuple([z.number(), z.number()])),
  cutAt: z.number(),
  durationMs: z.number(),
  /** Where the next page begins; null after the last row. */
  next: z.array(z.string().nullable()).nullable(),
  /** What was read: of a partitioned table one partition. Null where it holds no row at all. */
  source: target.nullable(),
  /** The table whose rows can be changed, with its key; null for views and for tables without one. */
  editable: editableTableSchema.nullable(),
})

export type RowsPage = z.infer<typeof rowsPageSchema>

export const columnProfileSchema = z.object({
  /** Rows that were looked at. */
  rows: z.number(),
  /** The share of the table's pages that was drawn, in percent; null where every row was read. */
  sampledPercent: z.number().nullable(),
  source: target.nullable(),
  nulls: z.number(),
  distinct: z.number(),
  least: z.string().nullable(),
  most: z.string().nullable(),
  averageBytes: z.number().nullable(),
  top: z.array(z.object({ value: z.string(), count: z.number() })),
  /** Twenty steps of equal width from the least to the most, of numbers and times. */
  histogram: z.array(z.number()).nullable(),
  durationMs: z.number(),
})

export type ColumnProfile = z.infer<typeof columnProfileSchema>

export const rowsContract = {
  /**
   * A page of rows in the order asked for, then by the key: `after` is `next` of the page before. Without an order, rows come by
   * their key. A partitioned table is read through one partition, by default the newest that holds rows.
   */
  listRows: contract
    .route({ method: 'POST', path: '/schema-rows' })
    .input(
      target.extend({
        partition: target.optional(),
        order: z.array(rowOrderSchema).max(8).default([]),
        filters: z.array(rowFilterSchema).max(16).default([]),
        /** What stands behind WHERE, in SQL; the relation is called `t`. Planned first, run in a read-only transaction. */
        where: z.string().trim().min(1).max(20_000).optional(),
        after: z.array(z.string().nullable()).optional(),
        limit: z.number().int().min(1).max(1000).default(200),
      }),
    )
    .output(rowsPageSchema),
  /** One row by its key, every value whole. */
  getRow: contract
    .route({ method: 'POST', path: '/schema-row' })
    .input(target.extend({ key: z.record(z.string(), z.string().nullable()) }))
    .output(z.object({ values: z.record(z.string(), z.string().nullable()) })),
  /** Nulls, distinct values, least, most, histogram and the ten most frequent values of a column, by one statement. */
  profile: contract
    .route({ method: 'POST', path: '/schema-profile' })
    .input(target.extend({ column: name }))
    .output(columnProfileSchema),
  /** The statements that `applyEdits` would send, with their values in place. */
  previewEdits: contract
    .route({ method: 'POST', path: '/schema-edits/preview' })
    .input(target.extend({ edits: z.array(rowEditSchema).min(1).max(1000) }))
    .output(z.object({ sql: z.string() })),
  /** Applies staged changes in one transaction: all of them, or none where a row is not as it was seen. */
  applyEdits: contract
    .route({ method: 'POST', path: '/schema-edits' })
    .input(target.extend({ edits: z.array(rowEditSchema).min(1).max(1000) }))
    .output(rowEditOutcomeSchema),
}
