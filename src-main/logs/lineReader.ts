/** One line as the engine stamped it. */
export interface RawLine {
  /** Milliseconds since 1970; fractions are kept as far as a number can. */
  at: number
  /** The engine's own stamp, RFC 3339 with nanoseconds. */
  stamp: string
  isError: boolean
  /** Part of what was read: who keeps it beyond the call copies it. */
  text: Buffer
}

const headerBytes = 8
const newline = 10
/** A line without an end is cut here, so that a program that writes none cannot fill the memory. */
const longestLine = 262_144
const empty = Buffer.alloc(0)

interface Open {
  stamp: string
  at: number
  parts: Buffer[]
  size: number
}

/**
 * Turns the engine's log stream (`timestamps=1`) into lines. Frames may be cut anywhere between chunks; a line longer than
 * 16 kB comes as several frames of which each has a stamp and only the last a newline. A terminal's stream has no frames.
 */
export function createLineReader(
  hasTerminal: boolean,
  take: (line: RawLine) => void,
): (chunk: Buffer) => void {
  let rest: Buffer = empty
  const open: (Open | undefined)[] = []
  const parseStamp = createStampParser()

  const payload = (data: Buffer, from: number, to: number, stream: number) => {
    let at = from
    while (at < to) {
      const found = data.indexOf(newline, at)
      const hasEnd = found >= 0 && found < to
      piece(data, at, hasEnd ? found : to, stream, hasEnd)
      at = hasEnd ? found + 1 : to
    }
  }

  const piece = (data: Buffer, from: number, to: number, stream: number, hasEnd: boolean) => {
    const stamp = parseStamp(data, from, to)
    const start = stamp ? from + stamp.length : from
    let end = to
    if (hasEnd && end > start && data[end - 1] === 13) end -= 1
    const begun = open[stream]
    if (!begun && hasEnd) {
      take({
        at: stamp?.at ?? 0,
        stamp: stamp?.text ?? '',
        isError: stream === 2,
        text: data.subarray(start, end),
      })
      return
    }
    const line = begun ?? { stamp: stamp?.text ?? '', at: stamp?.at ?? 0, parts: [], size: 0 }
    line.parts.push(Buffer.from(data.subarray(start, end)))
    line.size += end - start
    if (hasEnd || line.size >= longestLine) {
      open[stream] = undefined
      take({ at: line.at, stamp: line.stamp, isError: stream === 2, text: Buffer.concat(line.parts) })
    } else open[stream] = line
  }

  if (hasTerminal) {
    return (chunk) => {
      const data = rest.length > 0 ? Buffer.concat([rest, chunk]) : chunk
      const end = data.lastIndexOf(newline) + 1
      if (end > 0) payload(data, 0, end, 1)
      rest = Buffer.from(data.subarray(end))
      if (rest.length >= longestLine) {
        piece(rest, 0, rest.length, 1, true)
        rest = empty
      }
    }
  }
  return (chunk) => {
    const data = rest.length > 0 ? Buffer.concat([rest, chunk]) : chunk
    let at = 0
    while (data.length - at >= headerBytes) {
      const end = at + headerBytes + data.readUInt32BE(at + 4)
      if (end > data.length) break
      payload(data, at + headerBytes, end, data[at] ?? 1)
      at = end
    }
    rest = at < data.length ? Buffer.from(data.subarray(at)) : empty
  }
}

/** Reads `2026-11-25T09:12:09.418123456Z ` at the begin of a piece. The second is parsed once for all lines that share it. */
function createStampParser() {
  let second = ''
  let secondMs = 0
  return (
    data: Buffer,
    from: number,
    to: number,
  ): { text: string; at: number; length: number } | undefined => {
    const dash = 45
    if (to - from < 20 || data[from + 4] !== dash || data[from + 10] !== 84 /* T */) return undefined
    const space = data.indexOf(32, from + 19)
    // An empty line is a stamp and a blank; some engines leave the blank out.
    const end = space < 0 || space > to ? to : space
    if (end - from > 36) return undefined
    const text = data.toString('latin1', from, end)
    const head = text.slice(0, 19)
    if (head !== second) {
      const parsed = Date.parse(`${head}Z`)
      if (Number.isNaN(parsed)) return undefined
      second = head
      secondMs = parsed
    }
    const fraction = text.charCodeAt(19) === 46 ? Number(text.slice(19).replace(/Z.*|[+-].*/, '')) : 0
    const zone = /[+-]\d\d:\d\d$/.exec(text)
    const zoneMs = zone
      ? Number(`${zone[0][0]}1`) * (Number(zone[0].slice(1, 3)) * 60 + Number(zone[0].slice(4))) * 60_000
      : 0
    return { text, at: secondMs - zoneMs + fraction * 1000, length: Math.min(to, end + 1) - from }
  }
}
