import { AtlasError } from '../errors.ts'
import type { Arrangement } from './resultContract.ts'
import type { HeldResult } from './run.ts'

const stepRows = 20_000
const maxSortedRows = 5_000_000
const numeric = /^(?:int[248]|numeric|float[48]|oid|money)$/
const temporal = /^(?:date|timestamp|timestamptz)$/

/**
 * The rows of a result that pass a filter, in the order that is asked for, as their numbers: the result itself stays as it
 * came. Numbers sort as numbers and times as times, NULL last. Lets other work go between steps. `UNSUPPORTED` for a sort of
 * more than five million rows.
 */
export async function arrange(
  { spool, columns }: Pick<HeldResult, 'spool' | 'columns'>,
  { find, filters, sort }: Arrangement,
): Promise<Uint32Array> {
  const all = columns.map((_column, at) => at)
  const needle = find.toLowerCase()
  const tests = filters.map((filter) => createTest(filter, columns[filter.column]?.type ?? 'text'))
  const total = spool.rows
  const wanted = needle ? all : [...new Set(filters.map(({ column }) => column))]
  const places = filters.map(({ column }) => wanted.indexOf(column))
  let kept = new Uint32Array(Math.min(total, stepRows))
  let count = 0
  for (let from = 0; from < total; from += stepRows) {
    spool.scan(
      wanted,
      (row, cells) => {
        const text = (at: number) => cells[at]?.toString('utf8') ?? null
        if (needle && !cells.some((cell) => cell?.toString('utf8').toLowerCase().includes(needle))) return
        if (!tests.every((passes, at) => passes(text(places[at] ?? 0)))) return
        if (count === kept.length) {
          const larger = new Uint32Array(Math.min(total, kept.length * 2))
          larger.set(kept)
          kept = larger
        }
        kept[count++] = row
      },
      from,
      Math.min(total, from + stepRows),
    )
    await breathe()
  }
  const rows = kept.subarray(0, count)
  return sort ? sortRows(spool, rows, sort, columns[sort.column]?.type ?? 'text') : rows
}

type Filter = Arrangement['filters'][number]

/** Whether a value, as text, passes a filter on a column of a type. */
export function createTest({ op, value }: Filter, type: string): (text: string | null) => boolean {
  const key = keyOf(type)
  const wanted = key(value)
  const needle = value.toLowerCase()
  switch (op) {
    case 'null':
      return (text) => text === null
    case 'not null':
      return (text) => text !== null
    case 'contains':
      return (text) => text?.toLowerCase().includes(needle) ?? false
    case '=':
      return (text) => text === value
    case '<>':
      return (text) => text !== value
    case '<':
      return (text) => text !== null && key(text) < wanted
    case '>':
      return (text) => text !== null && key(text) > wanted
  }
}

/** What a value sorts by. */
function keyOf(type: string): (text: string) => number | string {
  if (numeric.test(type)) return (text) => Number(text.replace(/^\$/, '').replaceAll(',', ''))
  return temporal.test(type) ? instantOf : (text) => text
}

/** A date or time as a number: BC before all, infinities at the ends. */
function instantOf(text: string): number {
  if (text.endsWith('infinity'))
    return text.startsWith('-') ? Number.NEGATIVE_INFINITY : Number.POSITIVE_INFINITY
  const [
    ,
    year = '',
    month = '1',
    day = '1',
    hour = '0',
    minute = '0',
    second = '0',
    sign = '+',
    zone = '0',
  ] = /^(\d+)-(\d+)-(\d+)(?:[ T](\d+):(\d+):(\d+(?:\.\d+)?))?(?:([+-])(\d+))?/.exec(text) ?? []
  const years = text.endsWith('BC') ? 1 - Number(year) : Number(year)
  const days = years * 372 + Number(month) * 31 + Number(day)
  const hours = Number(hour) - Number(`${sign}${zone}`)
  return days * 86_400 + hours * 3600 + Number(minute) * 60 + Number(second)
}

async function sortRows(
  spool: HeldResult['spool'],
  rows: Uint32Array,
  { column, isDescending }: NonNullable<Arrangement['sort']>,
  type: string,
): Promise<Uint32Array> {
  if (rows.length > maxSortedRows) {
    throw new AtlasError(
      'UNSUPPORTED',
      `${rows.length.toLocaleString('en-US')} rows are too many to sort here`,
      {
        saved: 'The rows stay in their order.',
        next: 'Sort them on the server, with order by, or filter them first.',
      },
    )
  }
  const isNumber = numeric.test(type) || temporal.test(type)
  const key = keyOf(type)
  const keys: Float64Array | string[] = isNumber
    ? new Float64Array(spool.rows)
    : new Array<string>(spool.rows)
  const nulls = new Uint8Array(spool.rows)
  for (let from = 0; from < spool.rows; from += stepRows) {
    spool.scan(
      [column],
      (row, [cell]) => {
        if (!cell) nulls[row] = 1
        else keys[row] = key(cell.toString('utf8')) as never
      },
      from,
      from + stepRows,
    )
    await breathe()
  }
  const sign = isDescending ? -1 : 1
  // Doubles of two large numbers may be equal where the numbers are not.
  const exact = (a: number, b: number) =>
    type === 'int8' || type === 'numeric'
      ? compareDigits(spool.read(a, 1).rows[0]?.[column] ?? '', spool.read(b, 1).rows[0]?.[column] ?? '')
      : 0
  const compare = (a: number, b: number): number => {
    if (nulls[a] || nulls[b]) return (nulls[a] ?? 0) - (nulls[b] ?? 0) || a - b
    const [one, other] = [keys[a] as number, keys[b] as number]
    if (one < other) return -sign
    if (one > other) return sign
    if (isNumber && Math.abs(one) > Number.MAX_SAFE_INTEGER) return sign * exact(a, b) || a - b
    return a - b
  }
  return mergeSort(rows, compare)
}

/** Whole numbers of any size by their digits. */
function compareDigits(one: string, other: string): number {
  const integer = /^-?\d+$/
  if (!integer.test(one) || !integer.test(other)) return 0
  const [a, b] = [BigInt(one), BigInt(other)]
  return a < b ? -1 : a > b ? 1 : 0
}

/** Sorts in runs, then merges them, so that no step takes long. */
async function mergeSort(rows: Uint32Array, compare: (a: number, b: number) => number): Promise<Uint32Array> {
  let from = rows.slice()
  let into = new Uint32Array(rows.length)
  for (let at = 0; at < from.length; at += stepRows) {
    from.subarray(at, at + stepRows).sort(compare)
    await breathe()
  }
  for (let width = stepRows; width < from.length; width *= 2) {
    for (let start = 0; start < from.length; start += 2 * width) {
      const middle = Math.min(start + width, from.length)
      const end = Math.min(start + 2 * width, from.length)
      let [left, right] = [start, middle]
      for (let at = start; at < end; at++) {
        const takesLeft = right >= end || (left < middle && compare(from[left] ?? 0, from[right] ?? 0) <= 0)
        into[at] = from[takesLeft ? left++ : right++] ?? 0
        if (at % 50_000 === 0) await breathe()
      }
    }
    ;[from, into] = [into, from]
  }
  return from
}

const breathe = () => new Promise((next) => setImmediate(next))
