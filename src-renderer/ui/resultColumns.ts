export interface ResultColumn {
  name: string
  type: string
  /** Its place in the rows, where columns are shown in another order or not all of them. */
  at?: number
}

/** Where a column's values stand in a row. */
export const placeOf = (columns: readonly ResultColumn[], shown: number): number =>
  columns[shown]?.at ?? shown

const numeric = /^(int[248]|numeric|float[48]|money|oid|xid8?)$/

// The first rows of a series are short, its last ones are not.
const least: Record<string, number> = { int4: 84, int8: 104, numeric: 88 }

/** Whether values of a type stand right. */
export function isNumeric(type: string): boolean {
  return numeric.test(type)
}

/** Whether values of a type are read as code. */
export function isCode(type: string): boolean {
  return type === 'json' || type === 'jsonb' || type === 'bytea' || type === 'xml'
}

/** Wide enough for most of the first rows and for the head, by the usual width of a character. */
export function guessWidth(
  { name, type }: ResultColumn,
  rows: (string | null)[][],
  at: number,
  /** Characters that stand beside the value of a row. */
  beside: (row: number) => number = () => 0,
): number {
  const sample = rows.slice(0, 100).map((row) => row[at]?.length ?? 4)
  const lengths = [...sample].sort((a, b) => a - b)
  // What stands beside is why somebody looks: it is shown, however rare.
  const doubled = sample.map((length, row) => (beside(row) > 0 ? length + beside(row) : 0))
  const most = Math.max(lengths[Math.floor(lengths.length * 0.95)] ?? 8, ...doubled)
  return Math.round(
    Math.min(
      340,
      Math.max(
        least[type] ?? 64,
        Math.max(most * (isNumeric(type) ? 7.8 : 6.9), name.length * 7.2, type.length * 6.4) + 22,
      ),
    ),
  )
}
