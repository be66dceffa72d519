import { z } from 'zod'
import { contract } from '../contract.ts'

export const arrangementSchema = z.object({
  /** Rows that hold it in any value, whatever the case. */
  find: z.string().max(1000).default(''),
  filters: z
    .array(
      z.object({
        column: z.number().int().min(0),
        op: z.enum(['contains', '=', '<>', '<', '>', 'null', 'not null']),
        value: z.string().default(''),
      }),
    )
    .max(50)
    .default([]),
  sort: z
    .object({ column: z.number().int().min(0), isDescending: z.boolean() })
    .nullable()
    .default(null),
})

export type Arrangement = z.infer<typeof arrangementSchema>

/** Looking at results that are held. */
export const resultContract = {
  /** Rows of a result as exact text, each value cut at 64 KiB. */
  listRows: contract
    .route({ method: 'GET', path: '/console/results/{resultId}' })
    .input(
      z.object({
        resultId: z.string(),
        /** Of `arrange`: rows are counted in its order. */
        arrangementId: z.string().optional(),
        from: z.coerce.number().int().min(0),
        count: z.coerce.number().int().min(1).max(5000),
        /** Longer values are cut to this many characters. */
        maxCharacters: z.coerce.number().int().min(16).max(65_536).default(65_536),
      }),
    )
    .output(
      z.object({
        rows: z.array(z.array(z.string().nullable())),
        /** The values that were cut: row of this answer, column, bytes in full. */
        cuts: z.array(z.tuple([z.number().int(), z.number().int(), z.number().int()])),
        /** The numbers that the rows have in the result as it came; empty where that is the order. */
        numbers: z.array(z.number().int()),
      }),
    ),
  /** Filters and sorts the rows that are held, in the data process. The last of each result is kept. */
  arrange: contract
    .input(z.object({ resultId: z.string(), arrangement: arrangementSchema }))
    .output(z.object({ arrangementId: z.string(), rows: z.number().int() })),
  /** One value, up to 8 MiB of it. `row` is its number in the result as it came. */
  getValue: contract
    .route({ method: 'GET', path: '/console/results/{resultId}/value' })
    .input(
      z.object({
        resultId: z.string(),
        row: z.coerce.number().int().min(0),
        column: z.coerce.number().int().min(0),
      }),
    )
    .output(
      z.object({
        value: z.string().nullable(),
        /** In full, as UTF-8. */
        sizeBytes: z.number(),
        isCut: z.boolean(),
      }),
    ),
  /** Keeps a result although its tab runs anew, until it is let go or its tab is closed. */
  pin: contract
    .route({ method: 'POST', path: '/console/results/{resultId}/pin' })
    .input(z.object({ resultId: z.string(), isPinned: z.boolean() }))
    .output(z.object({ isPinned: z.boolean() })),
}
