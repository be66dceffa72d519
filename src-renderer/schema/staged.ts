import type { RowEdit } from '../../src-main/rowEditContract.ts'

type Cells = Record<string, string | null>

/** Changes that wait to be applied, by the key of their row; new rows have names of their own. */
export type Staged = Record<string, RowEdit>

export const keyOf = (key: Cells) => JSON.stringify(key)

let inserted = 0

/** Adds a change; a change of a row that was staged before goes on from what was seen first. */
export function stage(staged: Staged, edit: RowEdit): Staged {
  if (edit.kind === 'insert') return { ...staged, [`new ${++inserted}`]: edit }
  const id = keyOf(edit.key)
  const { [id]: earlier, ...others } = staged
  if (edit.kind === 'update' && Object.keys(edit.values).length === 0) return others
  if (edit.kind === 'delete' || earlier?.kind !== 'update') return { ...others, [id]: edit }
  return { ...others, [id]: { ...edit, before: { ...edit.before, ...earlier.before } } }
}

/** What differs between a row as it was seen and as it shall be. */
export function differences(seen: Cells, wanted: Cells): { before: Cells; values: Cells } {
  const names = Object.keys(wanted).filter((name) => wanted[name] !== (seen[name] ?? null))
  return {
    before: Object.fromEntries(names.map((name) => [name, seen[name] ?? null])),
    values: Object.fromEntries(names.map((name) => [name, wanted[name] ?? null])),
  }
}

/** How many rows are changed, new, and to delete. */
export function countsOf(staged: Staged) {
  const of = (kind: RowEdit['kind']) => Object.values(staged).filter((edit) => edit.kind === kind).length
  return { changed: of('update'), added: of('insert'), removed: of('delete') }
}
