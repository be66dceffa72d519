import type { PlotRequest } from '../../src-main/console/plotContract.ts'

interface Column {
  name: string
  type: string
}

const numberTypes = /^(?:int[248]|numeric|float[48]|money)$/
const timeTypes = /^(?:date|timestamp|timestamptz)$/

export const isNumber = ({ type }: Column): boolean => numberTypes.test(type)
export const isTime = ({ type }: Column): boolean => timeTypes.test(type)

/** A key is no measure: its sum says nothing. */
const isKey = ({ name }: Column): boolean => /(?:^|_)(?:id|key|no|number)$/i.test(name)

/**
 * The picture that columns ask for by their types: numbers over time are a line, numbers by name are bars, two numbers a
 * scatter, one a histogram, names alone are counted.
 */
export function suggestPlot(columns: readonly Column[]): PlotRequest {
  const places = (test: (column: Column) => boolean) =>
    columns.flatMap((column, at) => (test(column) ? [at] : []))
  const times = places(isTime)
  const names = places(
    (column) => !isNumber(column) && !isTime(column) && !/^(?:jsonb?|bytea)$/.test(column.type),
  )
  const numbers = places(isNumber)
  const measures = numbers.filter((at) => !isKey(columns[at] ?? { name: '', type: '' }))
  const series = null
  const [time] = times
  const [first = 0, second] = measures
  const [name] = names
  if (time !== undefined && measures.length > 0) {
    const split = names.length === 1 ? (name ?? null) : null
    return {
      kind: 'line',
      x: time,
      y: split === null ? measures.slice(0, 4) : [first],
      series: split,
      // With more names than lines can be drawn for, rows share their instants.
      aggregate: names.length > 1 ? 'sum' : 'none',
    }
  }
  if (name !== undefined && measures.length > 0)
    return {
      kind: 'bar',
      x: name,
      y: [first],
      series: names.length === 2 ? (names[1] ?? null) : null,
      aggregate: 'sum',
    }
  if (second !== undefined) return { kind: 'scatter', x: first, y: [second], series, aggregate: 'none' }
  const [number] = measures.length > 0 ? measures : numbers
  if (number !== undefined) return { kind: 'histogram', x: null, y: [number], series, aggregate: 'none' }
  return { kind: 'bar', x: name ?? time ?? 0, y: [], series, aggregate: 'count' }
}
