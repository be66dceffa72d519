import { z } from 'zod'
import { contract } from '../contract.ts'
import { rowEditSchema } from '../rowEditContract.ts'

/** Where somebody was in a text, and what else its tab keeps: the values are the screen's own. */
export const draftViewSchema = z.record(z.string(), z.unknown())

export const draftSchema = z.object({
  id: z.string().min(1).max(100),
  title: z.string().min(1).max(200),
  isActive: z.boolean(),
  view: draftViewSchema,
})

export type Draft = z.infer<typeof draftSchema>

/** A piece of a text that was replaced; offsets in UTF-16 units. */
export const textEditSchema = z.object({
  offset: z.number().int().min(0),
  length: z.number().int().min(0),
  text: z.string(),
})

export type TextEdit = z.infer<typeof textEditSchema>

const id = z.object({ id: z.string().min(1).max(100) })

const name = z.string().min(1).max(63)
const table = z.object({ schema: name, name })
/** By the key of a row, or by a name of its own where the row is new. */
const editId = z.string().min(1).max(100_000)

/** What was written and not sent yet: the texts of an environment's tabs as they are written, and staged changes of rows; a crash of the window or of this process loses none. */
export const draftsContract = {
  /** The tabs in their order, without their texts. */
  list: contract.route({ method: 'GET', path: '/drafts' }).output(z.array(draftSchema)),
  read: contract
    .route({ method: 'GET', path: '/drafts/{id}' })
    .input(id)
    .output(z.object({ text: z.string(), version: z.number().int() })),
  /** Makes a tab, moves it, renames it, or keeps where somebody is in it; its text stays. Others keep their places. */
  update: contract.input(draftSchema.extend({ position: z.number().int().min(0) })).output(id),
  /** Applies edits one after another. `CONFLICT` where the text is not the one that they were made in: then `replace`. */
  edit: contract
    .input(id.extend({ version: z.number().int(), edits: z.array(textEditSchema).max(10_000) }))
    .output(z.object({ version: z.number().int() })),
  replace: contract
    .input(id.extend({ text: z.string().max(64 * 1024 * 1024) }))
    .output(z.object({ version: z.number().int() })),
  remove: contract.input(id).output(id),
  /** The tables with staged changes, by their names, and how many. */
  listEdits: contract
    .route({ method: 'GET', path: '/draft-edits' })
    .output(z.array(table.extend({ edits: z.number().int() }))),
  /** The staged changes of a table in the order in which their rows were first touched. */
  readEdits: contract.input(table).output(z.record(editId, rowEditSchema)),
  /** Keeps some staged changes of a table, and forgets those that are null. The others stay: two windows may work on one table. */
  keepEdits: contract
    .input(table.extend({ edits: z.record(editId, rowEditSchema.nullable()) }))
    .output(z.object({ edits: z.number().int() })),
}
