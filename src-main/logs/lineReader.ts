/**
 * One line as the engine stamped it: `bytes` from `start` to `end`. They are part of what was read, so who keeps a line
 * beyond the call copies them. No view of its own: at fifty thousand lines a second those are what fills the memory.
 */
export interface RawLine {
  /** Milliseconds since 1970; fractions are kept as far as a number can. */
  at: number
  isError: boolean
  bytes: Buffer
  start: number
  end: number
}

const headerBytes = 8
const newline = 10
/** A line without an end is cut here, so that a program that writes none cannot fill the memory. */
const longestLine = 262_144
const empty = Buffer.alloc(0)

interface Open {
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
  const stamps = createStampReader()

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
    const length = stamps.read(data, from, to)
    const at = length > 0 ? stamps.at : 0
    const start = from + length
    let end = to
    if (hasEnd && end > start && data[end - 1] === 13) end -= 1
    const begun = open[stream]
    if (!begun && hasEnd) {
      take({ at, isError: stream === 2, bytes: data, start, end })
      return
    }
    const line = begun ?? { at, parts: [], size: 0 }
    line.parts.push(Buffer.from(data.subarray(start, end)))
    line.size += end - start
    if (hasEnd || line.size >= longestLine) {
      open[stream] = undefined
      const bytes = Buffer.concat(line.parts)
      take({ at: line.at, isError: stream === 2, bytes, start: 0, end: bytes.length })
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

const [dash, colon, dot, plus, blank, letterT] = [45, 58, 46, 43, 32, 84]
const isDigit = (byte: number | undefined) => byte !== undefined && byte >= 48 && byte <= 57

/**
 * Reads `2026-11-25T09:12:09.418123456Z ` at the begin of a piece, without making a text of it. The second is computed once
 * for all lines that share it.
 */
function createStampReader() {
  const second = Buffer.alloc(19)
  let secondMs = 0

  /** The digits from `from` to `to` as a number. */
  const number = (data: Buffer, from: number, to: number) => {
    let value = 0
    for (let at = from; at < to; at++) value = value * 10 + ((data[at] ?? 48) - 48)
    return value
  }

  return {
    /** Of the stamp that was read last. */
    at: 0,

    /** How many bytes the stamp and its blank take; 0 where there is none. */
    read(data: Buffer, from: number, to: number): number {
      if (to - from < 20 || data[from + 4] !== dash || data[from + 10] !== letterT) return 0
      if (data.compare(second, 0, 19, from, from + 19) !== 0) {
        const parsed = Date.parse(`${data.toString('latin1', from, from + 19)}Z`)
        if (Number.isNaN(parsed)) return 0
        data.copy(second, 0, from, from + 19)
        secondMs = parsed
      }
      let end = from + 19
      let fraction = 0
      if (data[end] === dot) {
        const begin = end + 1
        for (end = begin; end < to && isDigit(data[end]); ) end += 1
        fraction = number(data, begin, end) / 10 ** (end - begin - 3)
      }
      const sign = data[end]
      if (sign === plus || sign === dash) {
        if (data[end + 3] !== colon) return 0
        const minutes = number(data, end + 1, end + 3) * 60 + number(data, end + 4, end + 6)
        fraction -= (sign === plus ? minutes : -minutes) * 60_000
        end += 6
      } else end += 1
      // An empty line is a stamp and a blank; some engines leave the blank out.
      if (end < to && data[end] !== blank) return 0
      this.at = secondMs + fraction
      return Math.min(to, end + 1) - from
    },
  }
}
