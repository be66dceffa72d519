import type { RawLine } from './lineReader.ts'
import type { Source } from './source.ts'

const queuedLines = 4000

/**
 * Reads what several containers wrote before, in the order of time: always the oldest of the first lines goes next. A
 * container that is far ahead waits for the others, so no more than a few thousand lines of each are in memory.
 */
export async function mergeHistory(
  sources: readonly Source[],
  take: (source: Source, line: RawLine) => void,
  whenFull: () => Promise<void>,
): Promise<void> {
  const queues = sources.map((source) => ({ source, lines: [] as RawLine[], at: 0, hasEnded: false }))
  let wake = () => {}
  for (const queue of queues) {
    void queue.source
      .readHistory((line) => {
        queue.lines.push(line)
        if (queue.lines.length - queue.at > queuedLines) queue.source.pause()
        wake()
      })
      .then(() => {
        queue.hasEnded = true
        wake()
      })
  }
  for (;;) {
    const waits = queues.some(({ lines, at, hasEnded }) => !hasEnded && at >= lines.length)
    if (waits) {
      for (const { source, lines, at } of queues) if (lines.length - at < queuedLines / 2) source.resume()
      await new Promise<void>((resolve) => {
        wake = resolve
      })
      continue
    }
    const open = queues.filter(({ lines, at }) => at < lines.length)
    if (open.length === 0) break
    takeWhileAllHave(open)
    await whenFull()
  }
  for (const { source } of queues) source.resume()

  function takeWhileAllHave(open: typeof queues) {
    for (;;) {
      let oldest = open[0]
      for (const queue of open) {
        if ((queue.lines[queue.at]?.at ?? 0) < (oldest?.lines[oldest.at]?.at ?? 0)) oldest = queue
      }
      const line = oldest?.lines[oldest.at]
      if (!oldest || !line) return
      take(oldest.source, line)
      oldest.at += 1
      if (oldest.at < oldest.lines.length) continue
      oldest.lines = []
      oldest.at = 0
      return
    }
  }
}
