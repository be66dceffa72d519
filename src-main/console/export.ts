import type { exportFormats } from './contract.ts'

const rowsAtOnce = 1000
const formula = /^[=+\-@\t\r]/
const isNumber = /^[+-]?(\d+\.?\d*|\.\d+)([eE][+-]?\d+)?$/

interface ExportSource {
  columns: { name: string }[]
  rowCount: number
  rows(from: number, count: number): (string | null)[][]
}

interface ExportOptions {
  format: (typeof exportFormats)[number]
  rows?: { from: number; count: number } | undefined
  columns?: number[] | undefined
  hasHeader: boolean
  neutraliseFormulas: boolean
}

/**
 * A result as text, in pieces of at most a thousand rows. CSV is quoted as RFC 4180 has it, with NULL as nothing and the empty text as
 * `""`, as PostgreSQL's COPY has it; JSONL keeps every value as its text, so that no number loses a digit.
 */
export function* exportRows(source: ExportSource, options: ExportOptions): Generator<string> {
  const chosen = options.columns ?? source.columns.map((_column, at) => at)
  const names = chosen.map((at) => source.columns[at]?.name ?? '')
  const encode = encoder(options, names)
  if (options.hasHeader && options.format !== 'jsonl') yield encode(names)
  const from = options.rows?.from ?? 0
  const end = Math.min(source.rowCount, from + (options.rows?.count ?? source.rowCount))
  for (let at = from; at < end; at += rowsAtOnce) {
    const rows = source.rows(at, Math.min(rowsAtOnce, end - at))
    yield rows.map((row) => encode(chosen.map((column) => row[column] ?? null))).join('')
  }
}

function encoder({ format, neutraliseFormulas }: ExportOptions, names: string[]) {
  const calm = (text: string) =>
    neutraliseFormulas && formula.test(text) && !isNumber.test(text) ? `'${text}` : text
  if (format === 'jsonl') {
    const keys = uniqueNames(names)
    return (cells: (string | null)[]) =>
      `${JSON.stringify(Object.fromEntries(cells.map((cell, at) => [keys[at], cell])))}\n`
  }
  if (format === 'tsv') {
    return (cells: (string | null)[]) =>
      `${cells.map((cell) => calm(cell ?? '').replace(/[\t\r\n]+/g, ' ')).join('\t')}\n`
  }
  return (cells: (string | null)[]) =>
    `${cells.map((cell) => (cell === null ? '' : quoteCsv(calm(cell)))).join(',')}\n`
}

function quoteCsv(text: string): string {
  return text === '' || /[",\r\n]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text
}

/** Columns of the same name all stay: `id`, `id_2`, `id_3`. */
function uniqueNames(names: string[]): string[] {
  const used = new Set<string>()
  return names.map((name) => {
    let candidate = name
    for (let number = 2; used.has(candidate); number++) candidate = `${name}_${number}`
    used.add(candidate)
    return candidate
  })
}
