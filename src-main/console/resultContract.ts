import { z } from 'zod'
import { contract } from '../contract.ts'
import { editableTableSchema, rowEditOutcomeSchema, rowEditSchema } from '../rowEditContract.ts'
import { session } from './statementContract.ts'

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

/** Whether the rows of a result can be edited where they stand. */
export const editingSchema = z.object({
  /** Null where they cannot; `reason` says why. */
  table: editableTableSchema.nullable(),
  /** For each column of the result the column of the table that it is; null where it is computed. */
  columns: z.array(z.string().nullable()),
  reason: z.string().nullable(),
})

export type Editing = z.infer<typeof editingSchema>

/** Results that are held: looked at, kept, edited where they stand. */
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
  /** Keeps a result that is whole, over runs and restarts, until it is let go or its tab is closed. */
  pin: contract
    .route({ method: 'POST', path: '/console/results/{resultId}/pin' })
    .input(session.extend({ resultId: z.string(), isPinned: z.boolean() }))
    .output(z.object({ isPinned: z.boolean() })),
  /** Gives a pinned result a name, or takes it away: `from @name` reads it in any tab. `CONFLICT` where another has it. */
  namePinned: contract
    .route({ method: 'POST', path: '/console/results/{resultId}/name' })
    .input(
      session.extend({
        resultId: z.string(),
        name: z
          .string()
          .regex(/^[A-Za-z_]\w*$/)
          .max(40)
          .nullable(),
      }),
    )
    .output(z.object({ name: z.string().nullable() })),
  /** Whether and by which table and key a result can be edited. */
  describeEditing: contract
    .route({ method: 'GET', path: '/console/results/{resultId}/editing' })
    .input(z.object({ resultId: z.string() }))
    .output(editingSchema),
  /** Staged changes of a result's table: as SQL, and applied all or none on the tab's session. */
  applyEdits: contract
    .input(
      session.extend({
        resultId: z.string(),
        edits: z.array(rowEditSchema).min(1).max(10_000),
        /** Only tells the SQL. */
        isDryRun: z.boolean().default(false),
      }),
    )
    .output(z.object({ sql: z.string(), outcome: rowEditOutcomeSchema.nullable() })),
}
