const pageRows = 200
const keptPages = 200
const mostFailures = 3

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
  const failures = new Map<number, number>()
  let wanted = { from: 0, to: 0, rowCount: 0 }
  let fallback = before

  const expected = (page: number, rowCount: number) => Math.min(pageRows, rowCount - page * pageRows)
  const show = () => {
    const { from, to, rowCount } = wanted
    for (let page = Math.floor(from / pageRows); page * pageRows < Math.min(to, rowCount); page++) {
      const isWhole = (pages.get(page)?.rows.length ?? 0) >= expected(page, rowCount)
      if (!asked.has(page) && !isWhole) void ask(page, rowCount)
    }
  }
  const ask = async (page: number, rowCount: number) => {
    asked.add(page)
    let isWantedAgain = false
    try {
      const { rows, cuts, numbers = [] } = await fetchRows(page * pageRows, pageRows)
      pages.set(page, { rows, numbers, cuts: new Set(cuts.map(([row, column]) => `${row}:${column}`)) })
      for (const old of pages.keys()) {
        if (pages.size <= keptPages) break
        pages.delete(old)
      }
      failures.delete(page)
      // More rows of it came while it was on its way.
      isWantedAgain = expected(page, wanted.rowCount) > expected(page, rowCount)
      arrived()
    } catch {
      // A connection that was lost is back with the next call; where the result is gone the view says so.
      const times = (failures.get(page) ?? 0) + 1
      failures.set(page, times)
      isWantedAgain = times < mostFailures
    } finally {
      asked.delete(page)
      if (isWantedAgain) show()
      // Or every result of a grid would hold the one before.
      if (asked.size === 0) fallback = undefined
    }
  }

  return {
    show: (from, to, rowCount) => {
      wanted = { from, to, rowCount }
      show()
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
