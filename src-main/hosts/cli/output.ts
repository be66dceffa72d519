import type { DescribedError } from '../../log.ts'

/** Standard output: results alone. */
export function print(text: string): void {
  process.stdout.write(`${text}\n`)
}

/** JSON for machines; dates as ISO 8601. */
export function printJson(value: unknown): void {
  print(
    JSON.stringify(value, (_key, item: unknown) => (typeof item === 'bigint' ? item.toString() : item), 2),
  )
}

/** Standard error: what failed, on what, the code, what was saved, what to do next. */
export function printError({ code, message, data }: DescribedError): void {
  const lines = [
    `error: ${message}`,
    `  code: ${[code, data.sqlState].filter(Boolean).join(' ')}`,
    data.object && `  on: ${data.object}`,
    data.detail && `  detail: ${data.detail}`,
    data.hint && `  hint: ${data.hint}`,
    data.saved && `  saved: ${data.saved}`,
    data.next && `  next: ${data.next}`,
  ]
  process.stderr.write(`${lines.filter(Boolean).join('\n')}\n`)
}

/** Rows below their heads, columns as wide as their longest value. */
export function formatTable(heads: string[], rows: string[][]): string {
  const widths = heads.map((head, index) =>
    Math.max(head.length, ...rows.map((row) => row[index]?.length ?? 0)),
  )
  const line = (cells: string[]) =>
    cells
      .map((cell, index) => cell.padEnd(widths[index] ?? 0))
      .join('  ')
      .trimEnd()
  return [line(heads), line(widths.map((width) => '─'.repeat(width))), ...rows.map(line)].join('\n')
}
