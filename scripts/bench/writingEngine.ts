import type { ServerResponse } from 'node:http'
import { startFakeEngine } from '../../test/support/fakeEngine.ts'
import { composeContainer } from '../../test/support/fakeEngineViews.ts'

/** An engine with one container that writes a log as fast as it is told to. */
export interface WritingEngine {
  address: string
  /** The container begins to write. */
  begin(): void
  /** Resolves when the last line was handed over. */
  finished: Promise<void>
  close(): Promise<void>
}

export async function startWritingEngine(
  socket: string,
  linesPerS: number,
  seconds: number,
): Promise<WritingEngine> {
  let written = 0
  const { promise: hasBegun, resolve: begin } = Promise.withResolvers<void>()
  const { promise: finished, resolve: finish } = Promise.withResolvers<void>()

  async function write(response: ServerResponse): Promise<void> {
    const batchMs = 20
    const linesAtOnce = (linesPerS * batchMs) / 1000
    const total = linesPerS * seconds
    await hasBegun
    const begun = Date.now()
    while (written < total) {
      const due = Math.min(total, Math.floor(((Date.now() - begun) / 1000) * linesPerS))
      while (written < due) {
        const count = Math.min(linesAtOnce, due - written)
        if (!response.write(batch(begun, written, count, linesPerS)))
          await new Promise((resolve) => response.once('drain', resolve))
        written += count
      }
      await new Promise((resolve) => setTimeout(resolve, batchMs))
    }
    finish()
  }

  const engine = await startFakeEngine({
    socket,
    writeLog: (response, isFollowing) => {
      if (isFollowing) void write(response)
      else response.end()
    },
  })
  const writer = composeContainer('bench', 'writer')
  engine.containers.set(writer.id, writer)
  return { address: engine.address, begin, finished, close: engine.close }
}

/** Frames of the engine's stream: eight bytes of header before each line. */
function batch(begun: number, from: number, count: number, linesPerS: number): Buffer {
  const lines: Buffer[] = []
  for (let line = from; line < from + count; line++) {
    const at = begun + (line / linesPerS) * 1000
    const nanoseconds = String(Math.floor((at % 1000) * 1e6)).padStart(9, '0')
    const stamp = `${new Date(at).toISOString().slice(0, 19)}.${nanoseconds}Z`
    const level = line % 1000 === 0 ? 'ERROR' : 'INFO'
    const payload = Buffer.from(
      `${stamp} ${level} request ${line} of the load took ${line % 97} ms and answered 200\n`,
    )
    const header = Buffer.alloc(8)
    header[0] = 1
    header.writeUInt32BE(payload.length, 4)
    lines.push(header, payload)
  }
  return Buffer.concat(lines)
}
