import type { EditableTable, RowEdit } from '../../src-main/rowEditContract.ts'
import { readPasted } from '../ui/stagedRows.ts'

type Cells = Record<string, string | null>

/** Changes that wait to be applied, by the key of their row; new rows have names of their own. */
export type Staged = Record<string, RowEdit>

export const keyOf = (key: Cells) => JSON.stringify(key)

/** A name for a row that is new. */
export const newRowId = () => `new ${crypto.randomUUID()}`

/** Adds a change; a change of a row that was staged before goes on from what was seen first. */
export function stage(staged: Staged, edit: RowEdit, newId = newRowId()): Staged {
  if (edit.kind === 'insert') return { ...staged, [newId]: edit }
  const id = keyOf(edit.key)
  const { [id]: earlier, ...others } = staged
  if (edit.kind === 'update' && Object.keys(edit.values).length === 0) return others
  if (edit.kind === 'delete' || earlier?.kind !== 'update') return { ...others, [id]: edit }
  return { ...others, [id]: { ...edit, before: { ...edit.before, ...earlier.before } } }
}

/** What leads from one set of staged changes to another: null where a change is taken back. */
export function stepsTo(before: Staged, after: Staged): Record<string, RowEdit | null> {
  const gone = Object.keys(before).filter((id) => !(id in after))
  const set = Object.entries(after).filter(([id, edit]) => before[id] !== edit)
  return { ...Object.fromEntries(gone.map((id) => [id, null])), ...Object.fromEntries(set) }
}

/** What differs between a row as it was seen and as it shall be. */
export function differences(seen: Cells, wanted: Cells): { before: Cells; values: Cells } {
  const names = Object.keys(wanted).filter((name) => wanted[name] !== (seen[name] ?? null))
  return {
    before: Object.fromEntries(names.map((name) => [name, seen[name] ?? null])),
    values: Object.fromEntries(names.map((name) => [name, wanted[name] ?? null])),
  }
}

/** The rows that are new, in the order in which they were staged. */
export const insertsOf = (staged: Staged): [string, Extract<RowEdit, { kind: 'insert' }>][] =>
  Object.entries(staged).flatMap(([id, edit]) => (edit.kind === 'insert' ? [[id, edit]] : []))

interface PasteTarget {
  /** The columns from the first cell on, in the order of the grid. */
  columns: string[]
  editable: EditableTable
  /** The rows from the first cell on, as far as there are any: their values as seen, and which of those were cut. */
  rows: { key: Cells; seen: Cells; cuts: readonly string[] }[]
}

/** Puts a block of cells over rows; what has no row left comes as new ones. Columns that nobody may write are left out. */
export function pasteBlock(
  staged: Staged,
  block: string[][],
  { columns, editable, rows }: PasteTarget,
): Staged {
  return block.reduce((all, cells, at) => {
    const values: Cells = {}
    for (const [place, text] of cells.entries()) {
      const known = editable.columns.find(({ name }) => name === columns[place])
      if (known && !known.isGenerated) values[known.name] = readPasted(text, known)
    }
    const row = rows[at]
    if (!row) return stage(all, { kind: 'insert', values })
    const earlier = all[keyOf(row.key)]
    const wanted = earlier?.kind === 'update' ? { ...earlier.values, ...values } : values
    const changes = differences(row.seen, wanted)
    // What was not seen whole cannot be what a conflict is known by.
    const before = Object.entries(changes.before).filter(([name]) => !row.cuts.includes(name))
    return stage(all, {
      kind: 'update',
      key: row.key,
      values: changes.values,
      before: Object.fromEntries(before),
    })
  }, staged)
}

/** How many rows are changed, new, and to delete. */
export function countsOf(staged: Staged) {
  const of = (kind: RowEdit['kind']) => Object.values(staged).filter((edit) => edit.kind === kind).length
  return { changed: of('update'), added: of('insert'), removed: of('delete') }
}
