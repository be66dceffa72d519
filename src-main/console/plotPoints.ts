import { createSum } from './exactSum.ts'
import type { Aggregate } from './plotContract.ts'

/** x and y to draw, and both as exact text. */
export type Point = [x: number, y: number, xText: string, yText: string]

/** Passes over the wanted columns of every row that is not filtered out. */
export type EachRow = (
  columns: number[],
  take: (cells: (string | null)[], row: number) => void,
) => Promise<void>

const mostSeries = 12
const others = 'others'

/** The names that series have: the first values that are met; all more of them are one. */
export function createSeriesNames() {
  const names = new Map<string, string>()
  return (value: string | null): string => {
    const name = value ?? 'NULL'
    if (!names.has(name)) names.set(name, names.size < mostSeries ? name : others)
    return names.get(name) ?? name
  }
}

/** What a column's values are along an axis. */
export function axisOf(type: string): 'time' | 'number' | 'category' {
  if (/^(?:int[248]|numeric|float[48]|oid|money)$/.test(type)) return 'number'
  return /^(?:date|timestamp|timestamptz)$/.test(type) ? 'time' : 'category'
}

/** A value as a number to draw: times as milliseconds since 1970, those without a zone as if of UTC; NaN where it has none. */
export function numberOf(text: string, axis: 'time' | 'number'): number {
  if (axis === 'number') {
    const value = Number(text.replace(/^(-?)\$/, '$1').replaceAll(',', ''))
    return Number.isFinite(value) ? value : Number.NaN
  }
  const [, date, time = '00:00:00', zone = 'Z'] =
    /^(\d{4}-\d\d-\d\d)(?: (\d\d:\d\d:\d\d(?:\.\d+)?))?([+-]\d\d(?::\d\d)?)?$/.exec(text) ?? []
  return date ? Date.parse(`${date}T${time}${zone.length === 3 ? `${zone}:00` : zone}`) : Number.NaN
}

/** What becomes of the values of rows that share an x. */
export function createAggregate(kind: Aggregate) {
  const sum = createSum()
  let count = 0
  let chosen: { value: number; text: string } | undefined
  return {
    add: (text: string, value: number): void => {
      count++
      if (kind === 'sum' || kind === 'avg') sum.add(text)
      else if (
        !chosen ||
        (kind === 'min' && value < chosen.value) ||
        (kind === 'max' && value > chosen.value)
      ) {
        chosen = { value, text }
      }
    },
    text: (): string => {
      if (kind === 'count') return String(count)
      if (kind === 'sum') return sum.sum()
      return kind === 'avg' ? sum.average() : (chosen?.text ?? '')
    },
  }
}

/**
 * Which of the points of a line stay, at most `most` of them; they are given in the order of x. Where there are more, x is cut
 * into equal steps and of each the first, the least, the greatest and the last point stay (M4: Jugel et al., VLDB 2014), so
 * that no peak is lost and every point that is drawn is one of the result.
 */
export function thinned(
  count: number,
  x: (at: number) => number,
  y: (at: number) => number,
  most: number,
): number[] {
  if (count <= most) return Array.from({ length: count }, (_unused, at) => at)
  const from = x(0)
  const width = (x(count - 1) - from) / Math.floor(most / 4) || 1
  const stepOf = (at: number) => Math.floor((x(at) - from) / width)
  const kept: number[] = []
  for (let start = 0; start < count; ) {
    const step = stepOf(start)
    let [end, least, greatest] = [start, start, start]
    while (end < count && stepOf(end) === step) {
      if (y(end) < y(least)) least = end
      if (y(end) > y(greatest)) greatest = end
      end++
    }
    kept.push(...[...new Set([start, least, greatest, end - 1])].sort((a, b) => a - b))
    start = end
  }
  return kept
}
