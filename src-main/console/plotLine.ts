import type { Plot, PlotRequest } from './plotContract.ts'
import { axisOf, createSeriesNames, type EachRow, numberOf, type Point, thinned } from './plotPoints.ts'
import type { HeldResult } from './run.ts'

const linePoints = 4000
const firstCapacity = 1024

/** Points of a series as numbers alone, with the row that each is of: 20 bytes a point, however many there are. */
function createPoints(column: number) {
  let [x, y] = [new Float64Array(firstCapacity), new Float64Array(firstCapacity)]
  let rows = new Uint32Array(firstCapacity)
  let count = 0
  let isSorted = true
  const grow = () => {
    const [oldX, oldY, oldRows] = [x, y, rows]
    ;[x, y] = [new Float64Array(count * 2), new Float64Array(count * 2)]
    rows = new Uint32Array(count * 2)
    x.set(oldX)
    y.set(oldY)
    rows.set(oldRows)
  }
  return {
    column,
    add: (atX: number, atY: number, row: number): void => {
      if (count === rows.length) grow()
      if (count > 0 && atX < (x[count - 1] ?? 0)) isSorted = false
      x[count] = atX
      y[count] = atY
      rows[count++] = row
    },
    count: () => count,
    /** At most `most` of them in the order of x. */
    thin: (most: number): { x: number; y: number; row: number }[] => {
      const order = Uint32Array.from({ length: count }, (_unused, at) => at)
      if (!isSorted) order.sort((a, b) => (x[a] ?? 0) - (x[b] ?? 0) || a - b)
      const [xAt, yAt] = [(at: number) => x[order[at] ?? 0] ?? 0, (at: number) => y[order[at] ?? 0] ?? 0]
      return thinned(count, xAt, yAt, most).map((at) => ({
        x: xAt(at),
        y: yAt(at),
        row: rows[order[at] ?? 0] ?? 0,
      }))
    },
  }
}

/** A line with a point for each row. What is exact of the points that are drawn is read when it is known which they are. */
export async function lineOfRows(
  { columns, spool }: Pick<HeldResult, 'columns' | 'spool'>,
  { x, y, series }: PlotRequest,
  each: EachRow,
): Promise<Omit<Plot, 'rows' | 'stepWidth'>> {
  const axis = x !== null && axisOf(columns[x]?.type ?? '') === 'time' ? 'time' : 'number'
  const wanted = [...new Set([x ?? -1, ...y, series ?? -1].filter((column) => column >= 0))]
  const places = new Map(wanted.map((column, at) => [column, at]))
  const nameOf = createSeriesNames()
  const made = new Map<string, ReturnType<typeof createPoints>>()
  let leftOut = 0
  await each(wanted, (cells, row) => {
    const at = (column: number) => cells[places.get(column) ?? -1] ?? null
    const xText = x === null ? null : at(x)
    const xValue = x === null ? row + 1 : xText ? numberOf(xText, axis) : Number.NaN
    for (const column of y) {
      const text = at(column)
      const value = text ? numberOf(text, 'number') : Number.NaN
      if (Number.isNaN(value) || Number.isNaN(xValue)) {
        leftOut++
        continue
      }
      const own = columns[column]?.name ?? ''
      const split = series === null ? own : nameOf(at(series))
      const name = series !== null && y.length > 1 ? `${split}, ${own}` : split
      let points = made.get(name)
      if (!points) {
        points = createPoints(column)
        made.set(name, points)
      }
      points.add(xValue, value, row)
    }
  })
  const total = [...made.values()].reduce((sum, points) => sum + points.count(), 0)
  let drawn = 0
  const lines = [...made].map(([name, points]) => ({
    name,
    points: points.thin(Math.floor(linePoints / made.size)).map((point): Point => {
      drawn++
      const [cells = []] = spool.read(point.row, 1).rows
      const xText = x === null ? String(point.row + 1) : (cells[x] ?? '')
      return [point.x, point.y, xText, cells[points.column] ?? '']
    }),
  }))
  return { axis, series: lines, categories: [], leftOut, reduction: reductionOf(drawn, total) }
}

/** What is said where fewer points are drawn than there are. */
export const reductionOf = (drawn: number, total: number): string | null =>
  drawn < total
    ? `${drawn.toLocaleString('en-US')} of ${total.toLocaleString('en-US')} points are drawn: of each step the first, least, greatest and last`
    : null
