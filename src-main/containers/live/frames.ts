/** Bytes that a container wrote, and where: 1 is standard output, 2 standard error. */
export interface Frame {
  stream: number
  payload: Buffer
}

const headerBytes = 8

/**
 * Splits the engine's multiplexed stream: eight bytes of header (stream, three zeros, length as big endian) before each
 * payload. Engine API, "Attach to a container", stream format. Frames may be cut anywhere between chunks.
 */
export function createFrameReader(take: (frame: Frame) => void): (chunk: Buffer) => void {
  let rest: Buffer | undefined
  return (chunk) => {
    let data = rest ? Buffer.concat([rest, chunk]) : chunk
    while (data.length >= headerBytes) {
      const end = headerBytes + data.readUInt32BE(4)
      if (data.length < end) break
      take({ stream: data[0] ?? 1, payload: data.subarray(headerBytes, end) })
      data = data.subarray(end)
    }
    rest = data.length > 0 ? data : undefined
  }
}

/** The text of a whole multiplexed answer; of a terminal's, whose stream has no frames, the bytes as they are. */
export function textOf(answer: Buffer, hasTerminal: boolean): string {
  if (hasTerminal) return answer.toString('utf8')
  const parts: Buffer[] = []
  createFrameReader(({ payload }) => parts.push(payload))(answer)
  return Buffer.concat(parts).toString('utf8')
}
