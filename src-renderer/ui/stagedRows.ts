import type { EditableTable } from '../../src-main/rowEditContract.ts'
import { formatCount } from './format.ts'

/**
 * A pasted text as the value of a column. Spreadsheets, and this app's own copies, have no other sign for NULL than nothing:
 * so it is read where the column takes NULL, or is no text.
 */
export function readPasted(text: string, column: EditableTable['columns'][number]): string | null {
  const isText = /^(?:text|character|citext|name)/.test(column.type)
  return text === '' && !(isText && column.isNotNull) ? null : text
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
