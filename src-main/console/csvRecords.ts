const quote = 0x22
const newline = 0x0a

/**
 * Where the records of CSV end (behind their line end), and how many lines each takes: a line end in quotes ends none. What
 * comes behind the last line end is no whole record yet.
 */
export function splitRecords(bytes: Buffer): { ends: number[]; lines: number[] } {
  const ends: number[] = []
  const lines: number[] = []
  let isQuoted = false
  let passed = 0
  for (let at = 0; at < bytes.length; at++) {
    const byte = bytes[at]
    if (byte === quote) isQuoted = !isQuoted
    else if (byte === newline) {
      passed++
      if (isQuoted) continue
      ends.push(at + 1)
      lines.push(passed)
      passed = 0
    }
  }
  return { ends, lines }
}

/** Where the last whole record ends, and how many lines there are up to it. */
export function measureRecords(bytes: Buffer): { end: number; lines: number } {
  if (bytes.includes(quote)) {
    const { ends, lines } = splitRecords(bytes)
    return { end: ends.at(-1) ?? 0, lines: lines.reduce((sum, count) => sum + count, 0) }
  }
  const end = bytes.lastIndexOf(newline) + 1
  let lines = 0
  for (let at = 0; at < end; at++) if (bytes[at] === newline) lines++
  return { end, lines }
}
