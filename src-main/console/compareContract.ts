import { z } from 'zod'
import { contract } from '../contract.ts'

export const comparisonSchema = z.object({
  comparisonId: z.string(),
  /** Of the new result in its order, then those that only the old one has. */
  columns: z.array(
    z.object({
      name: z.string(),
      type: z.string(),
      /** Columns that one result lacks are shown, and make no row differ. */
      side: z.enum(['both', 'before', 'after']),
    }),
  ),
  /** The columns that rows are matched by; none: as `matched` says. */
  key: z.array(z.number().int()),
  /** By the table's own key, by columns that were chosen, as whole rows (then none is changed), or by their numbers. */
  matched: z.enum(['table', 'chosen', 'rows', 'position']),
  beforeRows: z.number().int(),
  afterRows: z.number().int(),
  added: z.number().int(),
  removed: z.number().int(),
  changed: z.number().int(),
  same: z.number().int(),
  /** Rows whose key another one has: they are matched in their order. */
  repeatedKeys: z.number().int(),
})

export type Comparison = z.infer<typeof comparisonSchema>

export const comparedRowSchema = z.object({
  kind: z.enum(['same', 'added', 'removed', 'changed']),
  /** The numbers that it has in the results; null where it is not in one. */
  before: z.number().int().nullable(),
  after: z.number().int().nullable(),
  /** As it is now; of a removed row as it was. */
  cells: z.array(z.string().nullable()),
  /** Of a changed row: each column that changed, with what it held. */
  was: z.array(z.tuple([z.number().int(), z.string().nullable()])),
})

export type ComparedRow = z.infer<typeof comparedRowSchema>

/** Two results that are held, one against the other. */
export const compareContract = {
  /**
   * Matches the rows of two results by their key, in the data process and in bounded memory. Without a key that is named, the
   * table's own is taken where both results hold it. `UNSUPPORTED` beyond ten million rows.
   */
  compare: contract
    .input(
      z.object({
        beforeId: z.string(),
        afterId: z.string(),
        /** Columns by their place in `columns` of a comparison; an empty list is no key. */
        key: z.array(z.number().int().min(0)).max(32).optional(),
        /** How rows are matched where there is no key. */
        unkeyed: z.enum(['rows', 'position']).default('rows'),
      }),
    )
    .output(comparisonSchema),
  /** Rows of a comparison, each value cut as asked for. The last eight comparisons are held. */
  listCompared: contract
    .route({ method: 'GET', path: '/console/comparisons/{comparisonId}' })
    .input(
      z.object({
        comparisonId: z.string(),
        /** Else rows that are equal too. */
        isDifferencesOnly: z.coerce.boolean().default(true),
        from: z.coerce.number().int().min(0),
        count: z.coerce.number().int().min(1).max(1000),
        maxCharacters: z.coerce.number().int().min(16).max(65_536).default(1000),
      }),
    )
    .output(
      z.object({
        rows: z.array(comparedRowSchema),
        /** The values that were cut: row of this answer, column, bytes in full. */
        cuts: z.array(z.tuple([z.number().int(), z.number().int(), z.number().int()])),
      }),
    ),
}
