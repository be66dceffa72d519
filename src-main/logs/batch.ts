/** A line as it is kept. Service and source are numbers of the session. */
export interface Entry {
  at: number
  source: number
  service: number
  level: number
  isError: boolean
  /** Holds the text from `start` to `end`. */
  bytes: Buffer
  start: number
  end: number
}

export const recordBytes = 24
const roomOf = { lines: 20_000, bytes: 4 * 1024 ** 2 }

export type Batch = ReturnType<typeof createBatch>

/**
 * Lines on their way to the disk, as the bytes that will stand there: no object a line, so that fifty thousand a second leave
 * little behind. `add` copies the text.
 */
export function createBatch() {
  let text = Buffer.allocUnsafe(roomOf.bytes + 1024 ** 2)
  let index = Buffer.alloc(roomOf.lines * recordBytes)
  let count = 0
  let bytes = 0
  let lastAt = Number.NEGATIVE_INFINITY
  let isSorted = true
  const atOf = (line: number) => index.readDoubleLE(line * recordBytes)

  return {
    get count() {
      return count
    },
    get bytes() {
      return bytes
    },
    /** Nothing more should be added; what was on its way already still finds room. */
    get isFull() {
      return count >= roomOf.lines - 2048 || bytes >= roomOf.bytes
    },

    add({ at, source, service, level, isError, bytes: line, start, end }: Entry): void {
      const length = end - start
      if (bytes + length > text.length) {
        const larger = Buffer.allocUnsafe(Math.max(text.length * 2, bytes + length))
        text.copy(larger, 0, 0, bytes)
        text = larger
      }
      line.copy(text, bytes, start, end)
      const record = count * recordBytes
      if (record === index.length) index = Buffer.concat([index, Buffer.alloc(index.length)])
      index.writeDoubleLE(at, record)
      index.writeUInt32LE(bytes, record + 8)
      index.writeUInt32LE(length, record + 12)
      index.writeUInt16LE(source, record + 16)
      index.writeUInt16LE(service, record + 18)
      index.writeUInt8(level, record + 20)
      index.writeUInt8(isError ? 1 : 0, record + 21)
      if (at < lastAt) isSorted = false
      lastAt = at
      bytes += length
      count += 1
    },

    /** Calls `see` with what the index holds of each line. */
    forEach(see: (at: number, service: number, level: number) => void): void {
      for (let line = 0; line < count; line++) {
        const start = line * recordBytes
        see(index.readDoubleLE(start), index.readUInt16LE(start + 18), index.readUInt8(start + 20))
      }
    },

    /** Text and index as they are written behind `textOffset` bytes of text, in the order of time where it is asked for. */
    encode(textOffset: number, isByTime: boolean): { text: Buffer; index: Buffer } {
      const needsOrder = isByTime && !isSorted
      const written = Buffer.from(index.subarray(0, count * recordBytes))
      if (!needsOrder) {
        for (let line = 0; line < count; line++)
          written.writeUInt32LE(
            textOffset + index.readUInt32LE(line * recordBytes + 8),
            line * recordBytes + 8,
          )
        return { text: text.subarray(0, bytes), index: written }
      }
      const order = Array.from({ length: count }, (_, line) => line)
      order.sort((a, b) => atOf(a) - atOf(b) || a - b)
      const sorted = Buffer.allocUnsafe(bytes)
      let at = 0
      for (const [position, line] of order.entries()) {
        const from = line * recordBytes
        const [offset, length] = [index.readUInt32LE(from + 8), index.readUInt32LE(from + 12)]
        index.copy(written, position * recordBytes, from, from + recordBytes)
        written.writeUInt32LE(textOffset + at, position * recordBytes + 8)
        text.copy(sorted, at, offset, offset + length)
        at += length
      }
      return { text: sorted, index: written }
    },

    clear(): void {
      count = 0
      bytes = 0
      lastAt = Number.NEGATIVE_INFINITY
      isSorted = true
      // A batch of giant lines gives its room back.
      if (text.length > 4 * roomOf.bytes) text = Buffer.allocUnsafe(roomOf.bytes + 1024 ** 2)
    },
  }
}
