const pageRows = 200
const keptPages = 200

export interface ResultRows {
  rows: (string | null)[][]
  /** Row of this answer, column, characters in full. */
  cuts: [number, number, number][]
  /** The numbers of the rows where they are not in the order in which they came. */
  numbers?: number[]
}

/** Values are cut to what a cell may show, unless they are wanted whole. */
export type FetchRows = (from: number, count: number, values?: 'whole') => Promise<ResultRows>

export interface ResultPages {
  /** Makes sure that the rows between are here or on their way; `rowCount` is how many there are by now. */
  show(from: number, to: number, rowCount: number): void
  /** Undefined while it is on its way. */
  cell(row: number, column: number): ResultCell | undefined
  /** The number of a row in the result as it came. */
  number(row: number): number
  /** The rows that are here of the first page, to guess widths by. */
  sample(): (string | null)[][]
}

export interface ResultCell {
  /** Null is NULL. */
  text: string | null
  isCut: boolean
}

/**
 * The pages of a result that are in sight or were lately: each is asked for once, and again while it still grows. Until a
 * page is here, the cells that stood there `before` stay.
 */
export function createResultPages(
  fetchRows: FetchRows,
  arrived: () => void,
  before?: ResultPages,
): ResultPages {
  const pages = new Map<number, { rows: (string | null)[][]; cuts: Set<string>; numbers: number[] }>()
  const asked = new Set<number>()
  let fallback = before

  const ask = async (page: number) => {
    asked.add(page)
    try {
      const { rows, cuts, numbers = [] } = await fetchRows(page * pageRows, pageRows)
      pages.set(page, { rows, numbers, cuts: new Set(cuts.map(([row, column]) => `${row}:${column}`)) })
      for (const old of pages.keys()) {
        if (pages.size <= keptPages) break
        pages.delete(old)
      }
      arrived()
    } catch {
      // The result is gone or the connection is lost: the view says so, the cells stay empty.
    } finally {
      asked.delete(page)
      // Or every result of a grid would hold the one before.
      if (asked.size === 0) fallback = undefined
    }
  }

  return {
    show: (from, to, rowCount) => {
      for (let page = Math.floor(from / pageRows); page * pageRows < Math.min(to, rowCount); page++) {
        const expected = Math.min(pageRows, rowCount - page * pageRows)
        if (!asked.has(page) && (pages.get(page)?.rows.length ?? 0) < expected) void ask(page)
      }
    },
    cell: (row, column) => {
      const page = pages.get(Math.floor(row / pageRows))
      const text = page?.rows[row % pageRows]?.[column]
      if (!page) return fallback?.cell(row, column)
      if (text === undefined) return undefined
      return { text, isCut: page.cuts.has(`${row % pageRows}:${column}`) }
    },
    number: (row) => pages.get(Math.floor(row / pageRows))?.numbers[row % pageRows] ?? row,
    sample: () => pages.get(0)?.rows ?? [],
  }
}
