import { setTimeout as sleep } from 'node:timers/promises'
import { createBatch } from './batch.ts'
import { type LogSummary, levels } from './contract.ts'
import { levelNumber, levelOf } from './level.ts'
import type { RawLine } from './lineReader.ts'
import { mergeHistory } from './merge.ts'
import type { OpenLog } from './openLog.ts'
import { createSource, type FollowedContainer, type Source } from './source.ts'
import { openSpool, type Spool } from './spool.ts'
import type { createView } from './view.ts'

/** The containers of a project, as they come and go. */
export interface ContainerList {
  project: string
  list: () => FollowedContainer[]
  onChange: (listen: () => void) => () => void
  release: () => void
}

const batchMs = 50
const gatherMs = 400

export type LogSession = Awaited<ReturnType<typeof openSession>>
type View = ReturnType<typeof createView>

/** Follows every container of a project into one spool, in the order of time within a batch. */
export async function openSession(containers: ContainerList, openLog: OpenLog, folder: string) {
  const spool: Spool = await openSpool(folder)
  const sources = new Map<string, Source>()
  const numbers = new Map<Source, { source: number; service: number; level: number }>()
  const serviceNames: string[] = []
  const lineCounts: number[] = []
  const levelCounts = levels.map(() => 0)
  const listeners = new Set<() => void>()
  const views = new Set<View>()
  // One is filled while the other is written.
  let [pending, writing] = [createBatch(), createBatch()]
  let isClosed = false
  let isPaused = false
  let isWriting = false
  let isInHistory = true
  let [firstAt, lastAt]: [number | null, number | null] = [null, null]
  const changed = () => {
    for (const listen of listeners) listen()
  }

  function take(source: Source, line: RawLine) {
    const number = numbers.get(source)
    if (!number) return
    // The words of levels are ASCII, and this is the cheapest text that bytes can become.
    const head = line.bytes.toString('latin1', line.start, Math.min(line.end, line.start + 400))
    number.level = levelNumber(levelOf(head, levels[number.level] ?? 'none'))
    pending.add({
      ...line,
      source: number.source,
      service: number.service,
      level: number.level,
    })
    // The engine keeps what is not read yet: nothing is lost while the streams wait for the disk.
    if (!isPaused && pending.isFull) {
      isPaused = true
      for (const each of sources.values()) each.pause()
    }
  }

  /** Writes what has come, in the order of time. */
  async function flush(): Promise<void> {
    if (pending.count > 0) {
      isWriting = true
      ;[pending, writing] = [writing, pending]
      await spool.append(writing, !isInHistory)
      isWriting = false
      writing.forEach((at, service, level) => {
        lineCounts[service] = (lineCounts[service] ?? 0) + 1
        levelCounts[level] = (levelCounts[level] ?? 0) + 1
        if (at > 0) {
          firstAt ??= at
          if (lastAt === null || at > lastAt) lastAt = at
        }
      })
      writing.clear()
      for (const view of views) void view.scan()
      changed()
    }
    if (isPaused) {
      isPaused = false
      for (const each of sources.values()) each.resume()
    }
  }

  async function writeForEver(): Promise<void> {
    while (!isClosed) {
      await flush()
      await sleep(batchMs)
    }
  }

  function addSource(container: FollowedContainer): Source {
    let service = serviceNames.indexOf(container.service)
    if (service < 0) service = serviceNames.push(container.service) - 1
    const source: Source = createSource({
      openLog,
      container,
      take: (line) => take(source, line),
      readLastSecond: (since) => readSince(numbers.get(source)?.source ?? -1, since),
      changed,
    })
    numbers.set(source, { source: numbers.size, service, level: 0 })
    sources.set(container.id, source)
    return source
  }

  /** The lines of a source from an instant on, backwards through the spool; what is still pending is written first. */
  async function readSince(source: number, sinceMs: number): Promise<{ at: number; text: string }[]> {
    await written()
    const found: { at: number; text: string }[] = []
    let end = spool.lines
    while (end > spool.firstLine) {
      const from = Math.max(spool.firstLine, end - 4096)
      let entries = await spool.readIndex(from, end - from)
      // A piece that crosses into another file comes short.
      const got = (entries.at(-1)?.line ?? end - 1) + 1
      if (got < end) entries = [...entries, ...(await spool.readIndex(got, end - got))]
      const own = entries.filter((entry) => entry.source === source && entry.at >= sinceMs)
      for (const entry of own) {
        const [text = ''] = await spool.readTexts([entry])
        found.push({ at: entry.at, text })
      }
      // Batches overlap by less than this.
      if ((entries[0]?.at ?? 0) < sinceMs - 5000) break
      end = from
    }
    return found
  }

  function sync() {
    if (isInHistory) return
    for (const container of containers.list()) {
      const source = sources.get(container.id)
      if (source) source.update(container)
      else void addSource(container).follow()
    }
  }

  async function begin(): Promise<void> {
    // The first list comes a moment after the watch begins; who is not on it by then is followed from its begin.
    const until = Date.now() + 10_000
    while (containers.list().length === 0 && Date.now() < until && !isClosed) await sleep(50)
    await sleep(gatherMs)
    const first = containers.list().map(addSource)
    await mergeHistory(first, take, async () => {
      while (isPaused && !isClosed) await sleep(5)
    })
    await written()
    isInHistory = false
    sync()
    changed()
  }

  /** Resolves when all that has come until now is on disk. */
  const written = async () => {
    while ((pending.count > 0 || isWriting) && !isClosed) await sleep(10)
  }

  const stopListening = containers.onChange(sync)
  const ended = writeForEver()
  void begin()

  return {
    spool,
    serviceNames: serviceNames as readonly string[],
    views,
    onChange(listen: () => void): () => void {
      listeners.add(listen)
      return () => listeners.delete(listen)
    },
    summary: (): Omit<LogSummary, 'viewId' | 'rows' | 'matches' | 'scannedLines' | 'patternError'> => ({
      project: containers.project,
      lines: spool.lines,
      firstLine: spool.firstLine,
      services: serviceNames.map((name, at) => ({ name, lines: lineCounts[at] ?? 0 })),
      warnings: levelCounts[levelNumber('warn')] ?? 0,
      errors: levelCounts[levelNumber('error')] ?? 0,
      firstAt,
      lastAt,
      sizeBytes: spool.bytes,
      phase: sources.size === 0 ? 'waiting' : isInHistory ? 'history' : 'following',
    }),
    async close(): Promise<void> {
      isClosed = true
      stopListening()
      for (const source of sources.values()) source.close()
      for (const view of views) view.close()
      await ended
      await spool.close()
      containers.release()
    },
  }
}
