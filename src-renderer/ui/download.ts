/** Hands a text to the browser as a file to save. */
export function download(fileName: string, text: string): void {
  downloadBlob(fileName, new Blob([text], { type: 'text/plain;charset=utf-8' }))
}

/** Hands anything to the browser as a file to save. */
export function downloadBlob(fileName: string, blob: Blob): void {
  const url = URL.createObjectURL(blob)
  const link = document.createElement('a')
  link.href = url
  link.download = fileName
  link.click()
  setTimeout(() => URL.revokeObjectURL(url), 10_000)
}

/**
 * Rows as CSV (RFC 4180). A text that a spreadsheet would take for a formula gets an apostrophe before it; numbers,
 * negative ones included, stay as they are.
 */
export function toCsv(rows: (string | null)[][]): string {
  const isNumber = /^[+-]?\d+(\.\d+)?([eE][+-]?\d+)?$/
  const cell = (value: string | null) => {
    const text =
      value === null ? '' : /^[=+\-@\t\r]/.test(value) && !isNumber.test(value) ? `'${value}` : value
    return /[",\r\n]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text
  }
  return `${rows.map((row) => row.map(cell).join(',')).join('\r\n')}\r\n`
}
