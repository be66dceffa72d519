import type { Readable } from 'node:stream'
import { createLineReader, type RawLine } from './lineReader.ts'
import type { OpenLog } from './openLog.ts'

/** A container whose log is followed. */
export interface FollowedContainer {
  id: string
  name: string
  service: string
  /** Changes with every start. */
  startedAt: string
  isRunning: boolean
  hasTerminal: boolean
}

export type Source = ReturnType<typeof createSource>

interface Dependencies {
  openLog: OpenLog
  container: FollowedContainer
  take: (line: RawLine) => void
  /** What was taken of this source in the last second before its newest line. */
  readLastSecond: (sinceMs: number) => Promise<{ at: number; text: string }[]>
  changed: () => void
}

const againMs = 250
const overlapMs = 1000

/**
 * Follows one container over its restarts. A stream that ends is opened again when the container runs again, a second before
 * the newest line that came; what came already is known by its stamp and text and left out. So nothing is missed: not what
 * was written while nobody listened, and not a line that a second writer stamped a little earlier.
 */
export function createSource({ openLog, container, take, readLastSecond, changed }: Dependencies) {
  let current = container
  let newestAt = 0
  let stream: Readable | undefined
  let phase: 'idle' | 'opening' | 'history' | 'following' = 'idle'
  let isClosed = false
  let isPaused = false
  let followedStart: string | undefined
  let timer: NodeJS.Timeout | undefined

  const note = (line: RawLine) => {
    if (line.at > newestAt) newestAt = line.at
    take(line)
  }

  function listen(opened: Readable, onLine: (line: RawLine) => void): Promise<void> {
    stream = opened
    if (isPaused) opened.pause()
    opened.on('data', createLineReader(current.hasTerminal, onLine))
    return new Promise((resolve) => {
      for (const name of ['end', 'close', 'error']) opened.once(name, () => resolve())
    })
  }

  return {
    get container() {
      return current
    },
    get phase() {
      return phase
    },

    /** Reads what was written until now; lines go to `onLine`. A container that is gone has none. */
    async readHistory(onLine: (line: RawLine) => void): Promise<void> {
      phase = 'history'
      try {
        const opened = await openLog(current.id, { isFollowing: false })
        await listen(opened, (line) => {
          if (line.at > newestAt) newestAt = line.at
          onLine(copyOf(line))
        })
      } catch {
        // It is followed all the same, and says then what is wrong.
      } finally {
        stream = undefined
        phase = 'idle'
      }
    },

    /** Follows, where it is not followed yet and there is something to follow. */
    async follow(): Promise<void> {
      if (isClosed || phase !== 'idle') return
      // An ended container is read once to its end.
      if (!current.isRunning && followedStart === current.startedAt) return
      phase = 'opening'
      const start = current.startedAt
      try {
        const known = newestAt > 0 ? await lastSecond() : undefined
        const since = newestAt > 0 ? stampOf(newestAt - overlapMs) : undefined
        const opened = await openLog(current.id, { isFollowing: true, ...(since && { since }) })
        if (isClosed) {
          opened.destroy()
          return
        }
        phase = 'following'
        changed()
        await listen(opened, known ? withoutKnown(known, note) : note)
        followedStart = start
      } catch {
        // Asked again below: the engine may be on its way back.
      } finally {
        stream = undefined
        phase = 'idle'
      }
      if (isClosed) return
      changed()
      timer = setTimeout(() => void this.follow(), againMs)
    },

    /** The container as it is now; a new start is followed. */
    update(container: FollowedContainer) {
      current = container
      void this.follow()
    },
    pause() {
      isPaused = true
      stream?.pause()
    },
    resume() {
      isPaused = false
      stream?.resume()
    },
    close() {
      isClosed = true
      clearTimeout(timer)
      stream?.destroy()
    },
  }

  async function lastSecond(): Promise<Map<string, number>> {
    const known = new Map<string, number>()
    for (const { at, text } of await readLastSecond(newestAt - overlapMs)) {
      const key = keyOf(at, text)
      known.set(key, (known.get(key) ?? 0) + 1)
    }
    return known
  }

  /** Leaves out each line as often as it came before; done once newer lines arrive. */
  function withoutKnown(known: Map<string, number>, onLine: (line: RawLine) => void) {
    const until = newestAt
    return (line: RawLine) => {
      if (known.size > 0) {
        const key = keyOf(line.at, line.bytes.toString('utf8', line.start, line.end))
        const left = known.get(key)
        if (left !== undefined) {
          if (left === 1) known.delete(key)
          else known.set(key, left - 1)
          return
        }
        if (line.at > until + overlapMs) known.clear()
      }
      onLine(line)
    }
  }
}

function copyOf({ bytes, start, end, ...line }: RawLine): RawLine {
  return { ...line, bytes: Buffer.from(bytes.subarray(start, end)), start: 0, end: end - start }
}

// A number holds an instant of today to a quarter of a microsecond.
const keyOf = (at: number, text: string) => `${at.toFixed(3)} ${text}`

/** Milliseconds as the engine's `since`: seconds with a fraction. */
function stampOf(atMs: number): string {
  const seconds = Math.floor(atMs / 1000)
  return `${seconds}.${String(Math.floor((atMs - seconds * 1000) * 1e6)).padStart(9, '0')}`
}
