import type { EditableTable } from '../../src-main/rowEditContract.ts'
import { formatCount } from './format.ts'
import type { Rectangle } from './resultSelection.ts'

/**
 * A pasted text as the value of a column. Spreadsheets, and this app's own copies, have no other sign for NULL than nothing:
 * so it is read where the column takes NULL, or is no text.
 */
export function readPasted(text: string, column: EditableTable['columns'][number]): string | null {
  const isText = /^(?:text|character|citext|name)/.test(column.type)
  return text === '' && !(isText && column.isNotNull) ? null : text
}

/** Rows that are pasted at once. */
export const mostPasted = 5000

/** A block of cells as it goes over a selection: one cell alone fills it all. */
export function spread(block: string[][], { height, width }: Rectangle): string[][] {
  const [only] = block[0] ?? []
  if (only === undefined || block.length > 1 || (block[0]?.length ?? 0) > 1) return block
  return Array.from({ length: height }, () => new Array<string>(width).fill(only))
}

/** `2 changed, 1 new, 3 to delete` */
export function summaryOf(counts: { changed: number; added: number; removed: number }): string {
  return [
    [counts.changed, 'changed'],
    [counts.added, 'new'],
    [counts.removed, 'to delete'],
  ]
    .filter(([count]) => Number(count) > 0)
    .map(([count, word]) => `${formatCount(Number(count))} ${word}`)
    .join(', ')
}
