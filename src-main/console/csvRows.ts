const headBytes = 7
const [comma, quote, newline, return_] = [0x2c, 0x22, 0x0a, 0x0d]
const [backslash, dot] = [0x5c, 0x2e]

/** Bytes that put a value into quotes. */
const isSpecial = new Uint8Array(256)
for (const byte of [comma, quote, newline, return_]) isSpecial[byte] = 1

/**
 * Writes DataRow messages as CSV, byte for byte what PostgreSQL's COPY writes (`CopyAttributeOutCSV`): NULL is nothing, the
 * empty text `""`, and `\.` alone in its line, which ended the data in old releases, is quoted. No value becomes a string.
 * What is given back is valid until the next call.
 */
export function createCsvEncoder(): (messages: Buffer) => Buffer {
  let out = Buffer.allocUnsafe(0)
  return (messages) => {
    // A value doubles at most, and its quotes and comma take less than its length did.
    if (out.length < 2 * messages.length) out = Buffer.allocUnsafe(2 * messages.length)
    let filled = 0
    for (let at = 0; at < messages.length; ) {
      const next = at + 1 + messages.readInt32BE(at + 1)
      const count = messages.readUInt16BE(at + headBytes - 2)
      let from = at + headBytes
      for (let column = 0; column < count; column++) {
        if (column > 0) out[filled++] = comma
        const length = messages.readInt32BE(from)
        from += 4
        if (length < 0) continue
        const end = from + length
        const isMark =
          count === 1 && length === 2 && messages[from] === backslash && messages[from + 1] === dot
        filled = isMark || length === 0 ? -1 - filled : copyPlain(messages, from, end, out, filled)
        if (filled < 0) filled = copyQuoted(messages, from, end, out, -1 - filled)
        from = end
      }
      out[filled++] = newline
      at = next
    }
    return out.subarray(0, filled)
  }
}

/** Copies a value; where it needs quotes, gives `-1 - filled` back. */
function copyPlain(bytes: Buffer, from: number, end: number, out: Buffer, filled: number): number {
  let to = filled
  for (let at = from; at < end; at++) {
    const byte = bytes[at] ?? 0
    if (isSpecial[byte] === 1) return -1 - filled
    out[to++] = byte
  }
  return to
}

function copyQuoted(bytes: Buffer, from: number, end: number, out: Buffer, filled: number): number {
  let to = filled
  out[to++] = quote
  for (let at = from; at < end; at++) {
    const byte = bytes[at] ?? 0
    if (byte === quote) out[to++] = quote
    out[to++] = byte
  }
  out[to++] = quote
  return to
}
