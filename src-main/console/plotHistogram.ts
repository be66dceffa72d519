import type { Plot, PlotRequest } from './plotContract.ts'
import { axisOf, createSeriesNames, type EachRow, numberOf, type Point } from './plotPoints.ts'
import type { HeldResult } from './run.ts'

const steps = 30
const minuteMs = 60_000

/** How often values come in each of thirty equal steps from the least to the greatest; of few whole numbers, each for itself. */
export async function histogramOf(
  columns: HeldResult['columns'],
  { y: [column = 0], series }: PlotRequest,
  each: EachRow,
): Promise<Omit<Plot, 'rows'>> {
  const axis = axisOf(columns[column]?.type ?? '') === 'time' ? 'time' : 'number'
  const wanted = [...new Set(series === null ? [column] : [column, series])]
  let [least, greatest, leftOut, isWhole] = [
    Number.POSITIVE_INFINITY,
    Number.NEGATIVE_INFINITY,
    0,
    axis === 'number',
  ]
  const read = (text: string | null | undefined) => (text ? numberOf(text, axis) : Number.NaN)
  await each([column], ([text]) => {
    const value = read(text)
    if (Number.isNaN(value)) leftOut++
    else {
      least = Math.min(least, value)
      greatest = Math.max(greatest, value)
      isWhole &&= Number.isInteger(value)
    }
  })
  const range = greatest - least
  if (range === Number.NEGATIVE_INFINITY)
    return { axis, series: [], categories: [], stepWidth: null, leftOut, reduction: null }
  const width = isWhole ? Math.max(1, Math.ceil((range + 1) / steps)) : range / steps || 1
  const count = Math.max(1, isWhole ? Math.ceil((range + 1) / width) : range === 0 ? 1 : steps)
  const nameOf = createSeriesNames()
  const counts = new Map<string, Float64Array>()
  await each(wanted, (cells) => {
    const value = read(cells[0])
    if (Number.isNaN(value)) return
    const name =
      series === null ? (columns[column]?.name ?? '') : nameOf(cells[wanted.indexOf(series)] ?? null)
    const own = counts.get(name) ?? new Float64Array(count)
    counts.set(name, own)
    const step = Math.min(count - 1, Math.floor((value - least) / width))
    own[step] = (own[step] ?? 0) + 1
  })
  const edge = (at: number) =>
    axis === 'time' ? instant(least + at * width, width) : shorten(least + at * width)
  const nameStep = (at: number) =>
    isWhole && width === 1
      ? String(least + at)
      : `${edge(at)} to ${at === count - 1 ? '' : 'below '}${edge(at + 1)}`
  return {
    axis,
    series: [...counts].map(([name, own]) => ({
      name,
      points: [...own].map((value, at): Point => [least + at * width, value, nameStep(at), String(value)]),
    })),
    categories: [],
    stepWidth: width,
    leftOut,
    reduction: null,
  }
}

const shorten = (value: number) => String(Number(value.toPrecision(6)))

const instant = (value: number, width: number) =>
  new Date(value)
    .toISOString()
    .replace('T', ' ')
    .slice(0, width < minuteMs ? 19 : 16)
