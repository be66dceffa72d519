import { literal, quoteIdentifier } from '../sql.ts'
import type { TextFormat } from './exchangeContract.ts'

const rowsAtOnce = 1000
const formula = /^[=+\-@\t\r]/
const isNumber = /^[+-]?(\d+\.?\d*|\.\d+)([eE][+-]?\d+)?$/
const numberTypes = /^(?:int[248]|numeric|float[48]|oid)$/
const insertsTogether = 100

export interface ExportColumn {
  name: string
  type: string
}

type Row = (string | null)[]

export interface ExportSource {
  columns: ExportColumn[]
  rowCount: number
  rows(from: number, count: number): Row[]
}

export interface ExportOptions {
  format: TextFormat
  rows?: { from: number; count: number } | undefined
  columns?: number[] | undefined
  hasHeader: boolean
  neutraliseFormulas: boolean
  /** The table that `insert` names. */
  table?: string | undefined
}

/** Rows as text: what stands before, between and behind them is the encoder's. */
export interface RowEncoder {
  head: string
  row(cells: Row, isFirst: boolean): string
  foot: string
}

/** A result as text, in pieces of at most a thousand rows. */
export function* exportRows(source: ExportSource, options: ExportOptions): Generator<string> {
  const chosen = options.columns ?? source.columns.map((_column, at) => at)
  const encoder = createEncoder(
    options,
    chosen.map((at) => source.columns[at] ?? { name: '', type: 'text' }),
  )
  const from = options.rows?.from ?? 0
  const end = Math.min(source.rowCount, from + (options.rows?.count ?? source.rowCount))
  if (encoder.head) yield encoder.head
  for (let at = from; at < end; at += rowsAtOnce) {
    const rows = source.rows(at, Math.min(rowsAtOnce, end - at))
    yield rows
      .map((row, place) =>
        encoder.row(
          chosen.map((column) => row[column] ?? null),
          at + place === from,
        ),
      )
      .join('')
  }
  if (encoder.foot) yield encoder.foot
}

/**
 * CSV is byte for byte what PostgreSQL's COPY writes: NULL is nothing, the empty text `""`. JSON keeps every digit of a number
 * (its text stands unquoted), JSON values as they are, and all else as text. SQL inserts quote what is no number.
 */
export function createEncoder(options: ExportOptions, columns: ExportColumn[]): RowEncoder {
  const names = columns.map(({ name }) => name)
  const calm = (text: string) =>
    options.neutraliseFormulas && formula.test(text) && !isNumber.test(text) ? `'${text}` : text
  switch (options.format) {
    case 'json':
      return { head: '[', row: jsonRow(columns, (isFirst) => (isFirst ? '\n' : ',\n'), ''), foot: '\n]\n' }
    case 'jsonl':
      return { head: '', row: jsonRow(columns, () => '', '\n'), foot: '' }
    case 'insert':
      return insertEncoder(options.table ?? 'result', columns)
    case 'markdown': {
      const line = (cells: Row) => `| ${cells.map((cell) => markdown(cell ?? 'NULL')).join(' | ')} |\n`
      const rule = `|${columns.map(({ type }) => (numberTypes.test(type) ? ' ---: ' : ' --- ')).join('|')}|\n`
      return { head: line(names) + rule, row: line, foot: '' }
    }
    case 'tsv': {
      const line = (cells: Row) =>
        `${cells.map((cell) => calm(cell ?? '').replace(/[\t\r\n]+/g, ' ')).join('\t')}\n`
      return { head: options.hasHeader ? line(names) : '', row: line, foot: '' }
    }
    case 'csv': {
      const isAlone = columns.length === 1
      const line = (cells: Row) =>
        `${cells.map((cell) => (cell === null ? '' : quoteCsv(calm(cell), isAlone))).join(',')}\n`
      return { head: options.hasHeader ? line(names) : '', row: line, foot: '' }
    }
  }
}

// `\.` alone on a line ended the data in old releases: COPY quotes it.
function quoteCsv(text: string, isAlone: boolean): string {
  return text === '' || /[",\r\n]/.test(text) || (isAlone && text === '\\.')
    ? `"${text.replaceAll('"', '""')}"`
    : text
}

function markdown(text: string): string {
  return text.replaceAll(/\s+/g, ' ').replaceAll(/[\\|`<>*_[\]]/g, '\\$&')
}

function jsonRow(columns: ExportColumn[], before: (isFirst: boolean) => string, after: string) {
  const keys = uniqueNames(columns.map(({ name }) => name)).map((name) => JSON.stringify(name))
  return (cells: Row, isFirst: boolean) =>
    `${before(isFirst)}{${cells.map((cell, at) => `${keys[at]}:${jsonValue(cell, columns[at]?.type ?? '')}`).join(',')}}${after}`
}

function jsonValue(cell: string | null, type: string): string {
  if (cell === null) return 'null'
  if (type === 'bool') return cell === 't' ? 'true' : 'false'
  if (type === 'json' || type === 'jsonb') return cell.replaceAll(/[\r\n]+/g, ' ')
  return numberTypes.test(type) && /^-?(?:0|[1-9]\d*)(?:\.\d+)?(?:e[+-]?\d+)?$/.test(cell)
    ? cell
    : JSON.stringify(cell)
}

function insertEncoder(table: string, columns: ExportColumn[]): RowEncoder {
  const target = table.split('.').map(quoteIdentifier).join('.')
  const names = uniqueNames(columns.map(({ name }) => name || 'column')).map(quoteIdentifier)
  const start = `insert into ${target} (${names.join(', ')}) values\n`
  let written = 0
  return {
    head: '',
    row: (cells) => {
      const before = written % insertsTogether === 0 ? `${written > 0 ? ';\n' : ''}${start}` : ',\n'
      written++
      return `${before}  (${cells.map((cell, at) => sqlValue(cell, columns[at]?.type ?? '')).join(', ')})`
    },
    get foot() {
      return written > 0 ? ';\n' : ''
    },
  }
}

function sqlValue(cell: string | null, type: string): string {
  if (cell === null) return 'null'
  if (type === 'bool') return cell === 't' ? 'true' : 'false'
  return numberTypes.test(type) && isNumber.test(cell) ? cell : literal(cell).text.trim()
}

/** Columns of the same name all stay: `id`, `id_2`, `id_3`. */
export function uniqueNames(names: string[]): string[] {
  const used = new Set<string>()
  return names.map((name) => {
    let candidate = name
    for (let number = 2; used.has(candidate); number++) candidate = `${name}_${number}`
    used.add(candidate)
    return candidate
  })
}
