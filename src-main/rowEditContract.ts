import { z } from 'zod'

/** A value as the exact text that PostgreSQL writes and reads for its type; null is NULL. */
const cell = z.string().nullable()
const cells = z.record(z.string(), cell)

/** A table whose rows can be found again by a key. */
export const editableTableSchema = z.object({
  schema: z.string(),
  name: z.string(),
  /** The columns of its primary key, or of a unique index without NULL. */
  key: z.array(z.string()).min(1),
  columns: z.array(
    z.object({
      name: z.string(),
      type: z.string(),
      isNotNull: z.boolean(),
      hasDefault: z.boolean(),
      /** The server alone writes it: generated, or identity always. */
      isGenerated: z.boolean(),
      /** The values of an enum. */
      choices: z.array(z.string()).nullable(),
    }),
  ),
})

export type EditableTable = z.infer<typeof editableTableSchema>

/** A change of one row, staged. `before` holds the values that were seen: if they are no longer there, it is a conflict. */
export const rowEditSchema = z.discriminatedUnion('kind', [
  z.object({ kind: z.literal('insert'), values: cells }),
  z.object({ kind: z.literal('update'), key: cells, before: cells, values: cells }),
  z.object({ kind: z.literal('delete'), key: cells, before: cells }),
])

export type RowEdit = z.infer<typeof rowEditSchema>

export const rowEditOutcomeSchema = z.object({
  inserted: z.number().int(),
  updated: z.number().int(),
  deleted: z.number().int(),
})

export type RowEditOutcome = z.infer<typeof rowEditOutcomeSchema>
