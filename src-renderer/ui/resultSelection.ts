export interface Place {
  row: number
  column: number
}

/** From where a selection began to where it has come. */
export interface Range {
  from: Place
  to: Place
}

export interface Rectangle {
  row: number
  column: number
  height: number
  width: number
}

/** What is shown over a value. */
export interface Overlay {
  kind: 'changed' | 'removed' | 'added'
  /** Undefined leaves the value; null is NULL. */
  text?: string | null | undefined
  /** What stood there before, struck through beside it. */
  was?: string | null | undefined
  /** What stands in the place of a value that is not given: `default`. */
  placeholder?: string | undefined
}

export function rectangle({ from, to }: Range): Rectangle {
  const row = Math.min(from.row, to.row)
  const column = Math.min(from.column, to.column)
  return {
    row,
    column,
    height: Math.abs(from.row - to.row) + 1,
    width: Math.abs(from.column - to.column) + 1,
  }
}

export function contains(range: Range, { row, column }: Place): boolean {
  const area = rectangle(range)
  return (
    row >= area.row &&
    row < area.row + area.height &&
    column >= area.column &&
    column < area.column + area.width
  )
}

const pageRows = 20

/** Where a key leads from a cell; undefined for keys that lead nowhere. */
export function move(
  key: { key: string; ctrlKey: boolean; metaKey: boolean },
  at: Place | undefined,
  size: { rows: number; columns: number },
): Place | undefined {
  const { row, column } = at ?? { row: 0, column: 0 }
  const isFar = key.ctrlKey || key.metaKey
  const lastRow = size.rows - 1
  const lastColumn = size.columns - 1
  const target: Record<string, Place> = {
    ArrowDown: { row: isFar ? lastRow : row + 1, column },
    ArrowUp: { row: isFar ? 0 : row - 1, column },
    ArrowRight: { row, column: isFar ? lastColumn : column + 1 },
    ArrowLeft: { row, column: isFar ? 0 : column - 1 },
    PageDown: { row: row + pageRows, column },
    PageUp: { row: row - pageRows, column },
    Home: { row: isFar ? 0 : row, column: 0 },
    End: { row: isFar ? lastRow : row, column: lastColumn },
  }
  const to = target[key.key]
  if (!to || lastRow < 0 || lastColumn < 0) return undefined
  return {
    row: Math.min(lastRow, Math.max(0, to.row)),
    column: Math.min(lastColumn, Math.max(0, to.column)),
  }
}

/**
 * Cells as a spreadsheet, or this grid, puts them on the clipboard: fields between tabs, in quotes where they hold a tab, a
 * line end or doubled quotes; `"so"` alone is a value with its quotes. The line end behind the last row begins no row.
 */
export function parseTsv(text: string): string[][] {
  const rows: string[][] = [[]]
  const field = /(?:"(?=(?:[^"]|"")*?(?:[\t\r\n]|""))((?:[^"]|"")*)"|([^\t\r\n]*))(\t|\r\n|\n|\r|$)/y
  for (let match = field.exec(text); match; match = field.exec(text)) {
    const [whole, quoted, plain = '', end] = match
    const row = rows.at(-1)
    if (whole === '' && row?.length === 0) rows.pop()
    else row?.push(quoted?.replaceAll('""', '"') ?? plain)
    if (end === '' || field.lastIndex >= text.length) {
      if (end === '\t') rows.at(-1)?.push('')
      break
    }
    if (end !== '\t') rows.push([])
  }
  return rows
}

/** Cells as a spreadsheet takes them: NULL is nothing; a tab or a line end inside of a value is a blank. */
export function toTsv(rows: (string | null)[][]): string {
  if (rows.length === 1 && rows[0]?.length === 1) return rows[0][0] ?? ''
  return rows
    .map((cells) => cells.map((cell) => (cell ?? '').replaceAll(/[\t\r\n]+/g, ' ')).join('\t'))
    .join('\n')
}
