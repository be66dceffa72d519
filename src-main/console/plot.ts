import { AtlasError } from '../errors.ts'
import type { Plot, PlotRequest } from './plotContract.ts'
import { histogramOf } from './plotHistogram.ts'
import { lineOfRows, reductionOf } from './plotLine.ts'
import {
  axisOf,
  createAggregate,
  createSeriesNames,
  type EachRow,
  numberOf,
  type Point,
  thinned,
} from './plotPoints.ts'
import type { HeldResult } from './run.ts'

const stepRows = 20_000
const linePoints = 4000
const scatterPoints = 5000
const shownGroups = 500
const mostGroups = 100_000
const mostPoints = 2_000_000

type Source = Pick<HeldResult, 'spool' | 'columns' | 'arrangement'>
/** The points of a picture of a result, of every row that is held or that `isArranged` lets through. */
export async function plotResult(
  source: Source,
  request: PlotRequest,
  isArranged: boolean,
  signal: AbortSignal | undefined,
): Promise<Plot> {
  for (const at of [request.x, request.series, ...request.y]) {
    if (at !== null && !source.columns[at]) {
      throw new AtlasError('INPUT_INVALID', 'The result has no such column', { object: `column ${at + 1}` })
    }
  }
  const each = passesOver(source, isArranged, signal)
  const rows = isArranged ? (source.arrangement?.rows.length ?? 0) : source.spool.rows
  if (request.kind === 'histogram') return { rows, ...(await histogramOf(source.columns, request, each)) }
  if (request.kind === 'scatter') return { rows, ...(await scatterOf(source.columns, request, each, rows)) }
  const isRowByRow =
    request.kind === 'line' &&
    request.aggregate === 'none' &&
    request.y.length > 0 &&
    !isNamed(source, request.x)
  const made = isRowByRow
    ? await lineOfRows(source, request, each)
    : await groupsOf(source.columns, request, each)
  return { rows, stepWidth: null, ...made }
}

/** Whether what stands along x are names. */
const isNamed = ({ columns }: Source, x: number | null) =>
  x !== null && axisOf(columns[x]?.type ?? '') === 'category'

function passesOver({ spool, arrangement }: Source, isArranged: boolean, signal?: AbortSignal): EachRow {
  const total = spool.rows
  let wanted: Uint8Array | undefined
  if (isArranged && arrangement) {
    wanted = new Uint8Array(total)
    for (const row of arrangement.rows) wanted[row] = 1
  }
  return async (columns, take) => {
    for (let from = 0; from < total; from += stepRows) {
      spool.scan(
        columns,
        (row, cells) => {
          if (!wanted || wanted[row])
            take(
              cells.map((cell) => cell?.toString('utf8') ?? null),
              row,
            )
        },
        from,
        Math.min(total, from + stepRows),
      )
      await new Promise((next) => setImmediate(next))
      signal?.throwIfAborted()
    }
  }
}

async function scatterOf(
  columns: HeldResult['columns'],
  { x, y, series }: PlotRequest,
  each: EachRow,
  rows: number,
): Promise<Omit<Plot, 'rows'>> {
  const xAxis = axisOf(columns[x ?? 0]?.type ?? '')
  const every = Math.max(1, Math.ceil((rows * y.length) / scatterPoints))
  const wanted = [...new Set([x ?? 0, ...y, ...(series === null ? [] : [series])])]
  const nameOf = createSeriesNames()
  const made = new Map<string, Point[]>()
  let [met, leftOut] = [0, 0]
  await each(wanted, (cells) => {
    if (met++ % every !== 0) return
    const at = (column: number) => cells[wanted.indexOf(column)] ?? null
    const xText = at(x ?? 0)
    for (const column of y) {
      const yText = at(column)
      const point = [
        numberOf(xText ?? '', xAxis === 'time' ? 'time' : 'number'),
        numberOf(yText ?? '', 'number'),
      ]
      if (xText === null || yText === null || xText === '' || yText === '' || point.some(Number.isNaN)) {
        leftOut++
        continue
      }
      const name = series === null ? (columns[column]?.name ?? '') : nameOf(at(series))
      const points = made.get(name) ?? []
      made.set(name, points)
      points.push([point[0] ?? 0, point[1] ?? 0, xText, yText])
    }
  })
  return {
    axis: xAxis === 'time' ? 'time' : 'number',
    series: [...made].map(([name, points]) => ({ name, points })),
    categories: [],
    stepWidth: null,
    leftOut,
    reduction: every > 1 ? `every ${ordinal(every)} row is drawn` : null,
  }
}

interface Group {
  x: number
  xText: string
  values: ReturnType<typeof createAggregate>
}

/** Of lines and bars: a point a row, or one for all rows with the same x. */
async function groupsOf(
  columns: HeldResult['columns'],
  { kind, x, y, series, aggregate }: PlotRequest,
  each: EachRow,
): Promise<Omit<Plot, 'rows' | 'stepWidth'>> {
  const axis = x === null ? 'number' : axisOf(columns[x]?.type ?? '')
  const isCounting = aggregate === 'count' || y.length === 0
  const measured = isCounting ? [-1] : y
  const wanted = [...new Set([x ?? -1, ...measured, series ?? -1].filter((column) => column >= 0))]
  const nameOf = createSeriesNames()
  const made = new Map<string, Map<string, Group>>()
  let [groups, leftOut] = [0, 0]
  await each(wanted, (cells, row) => {
    const at = (column: number) => cells[wanted.indexOf(column)] ?? null
    const xText = x === null ? String(row + 1) : (at(x) ?? 'NULL')
    const xValue = axis === 'category' ? 0 : numberOf(xText, axis)
    for (const column of measured) {
      const text = column < 0 ? '1' : at(column)
      const value = column < 0 ? 1 : numberOf(text ?? '', 'number')
      if (text === null || text === '' || Number.isNaN(value) || Number.isNaN(xValue)) {
        leftOut++
        continue
      }
      const own = column < 0 ? 'rows' : (columns[column]?.name ?? '')
      const split = series === null ? '' : nameOf(at(series))
      const name = split === '' ? own : measured.length > 1 ? `${split}, ${own}` : split
      const points = made.get(name) ?? new Map<string, Group>()
      made.set(name, points)
      const isAlone = aggregate === 'none' && !isCounting
      const id = isAlone ? `${row} ${column}` : xText
      let group = points.get(id)
      if (!group) {
        if (++groups > (isAlone ? mostPoints : mostGroups)) throw tooMany(isAlone)
        group = { x: xValue, xText, values: createAggregate(isCounting ? 'count' : aggregate) }
        points.set(id, group)
      }
      group.values.add(text, value)
    }
  })
  const finished = [...made].map(([name, points]) => ({
    name,
    points: [...points.values()].map(({ x: at, xText, values }): Point => {
      const text = values.text()
      return [at, numberOf(text, 'number'), xText, text]
    }),
  }))
  if (kind === 'line' && axis !== 'category') {
    const most = Math.floor(linePoints / finished.length)
    const lines = finished.map(({ name, points }) => {
      points.sort((one, other) => one[0] - other[0])
      const stay = thinned(
        points.length,
        (at) => points[at]?.[0] ?? 0,
        (at) => points[at]?.[1] ?? 0,
        most,
      )
      return { name, points: stay.flatMap((at) => (points[at] ? [points[at]] : [])) }
    })
    const drawn = lines.reduce((sum, { points }) => sum + points.length, 0)
    return { axis, series: lines, categories: [], leftOut, reduction: reductionOf(drawn, groups) }
  }
  return { axis: 'category', leftOut, ...onNames(finished, axis) }
}

/** Points beside each other under names: numbers and times in their order, texts as they came. */
function onNames(series: { name: string; points: Point[] }[], axis: Plot['axis']) {
  const names = new Map<string, number>()
  for (const { points } of series)
    for (const [at, , text] of points) if (!names.has(text)) names.set(text, at)
  const ordered = [...names]
  if (axis !== 'category') ordered.sort((a, b) => a[1] - b[1])
  const categories = ordered.slice(0, shownGroups).map(([text]) => text)
  const places = new Map(categories.map((text, at) => [text, at]))
  return {
    categories,
    series: series.map(({ name, points }) => ({
      name,
      points: points.flatMap(([, y, text, yText]): Point[] => {
        const place = places.get(text)
        return place === undefined ? [] : [[place, y, text, yText]]
      }),
    })),
    reduction:
      names.size > shownGroups
        ? `the first ${shownGroups} of ${names.size.toLocaleString('en-US')} groups are drawn`
        : null,
  }
}

function tooMany(isAlone: boolean): AtlasError {
  return new AtlasError(
    'UNSUPPORTED',
    isAlone
      ? `More than ${mostPoints.toLocaleString('en-US')} points cannot be drawn one by one`
      : `This has more than ${mostGroups.toLocaleString('en-US')} groups: more than any picture shows`,
    {
      next: isAlone
        ? 'Choose another x, or take the sum or average of rows with the same x.'
        : 'Let the statement keep the greatest (order by … desc limit 500), filter the rows, or draw a histogram.',
    },
  )
}

const ordinal = (number: number) =>
  `${number.toLocaleString('en-US')}${number % 100 > 3 && number % 100 < 21 ? 'th' : (['th', 'st', 'nd', 'rd'][number % 10] ?? 'th')}`
