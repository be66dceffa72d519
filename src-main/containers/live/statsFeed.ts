import { setTimeout as sleep } from 'node:timers/promises'
import type { Sample } from '../detailContract.ts'
import { type Engine, eachOf, label } from '../own.ts'
import type { ProjectWatch } from './projectWatch.ts'
import { type EngineStats, sampleOf, totalsOf } from './stats.ts'

const keptSeconds = 900
/** Past so many the engine would be busy with measuring: they are asked in turn, each no more often than this. */
const streamedAtMost = 100
const turnMs = 5000

export type StatsFeed = ReturnType<typeof feedStats>

/**
 * The numbers of every running container of a project, and the last fifteen minutes of them: streamed, one connection each,
 * a sample a second; of very many asked in turn. Follows containers as they come and go.
 */
export function feedStats(engine: Engine, watch: Pick<ProjectWatch, 'known' | 'onChange'>) {
  const streams = new Map<string, { destroy(): void }>()
  const history = new Map<string, Sample[]>()
  const newest = new Map<string, EngineStats>()
  const listeners = new Set<(sample: Sample) => void>()
  const closing = new AbortController()
  let running = new Set<string>()
  let isInTurns = false

  function sync() {
    running = new Set(
      [...watch.known.values()]
        .filter(({ inspect }) => inspect.State.Status === 'running')
        .map(({ inspect }) => inspect.Id),
    )
    for (const id of history.keys()) if (!watch.known.has(id)) history.delete(id)
    for (const id of newest.keys()) if (!running.has(id)) newest.delete(id)
    const isStreamed = running.size <= streamedAtMost
    for (const [id, stream] of streams) {
      if (isStreamed && running.has(id)) continue
      stream.destroy()
      streams.delete(id)
    }
    if (!isStreamed) void askInTurns()
    else for (const id of running) if (!streams.has(id)) void open(id)
  }

  async function askInTurns(): Promise<void> {
    if (isInTurns) return
    isInTurns = true
    while (!closing.signal.aborted && running.size > streamedAtMost) {
      const rest = sleep(turnMs, undefined, { signal: closing.signal }).catch(() => {})
      await eachOf([...running], async (id) => {
        if (!running.has(id) || closing.signal.aborted) return
        const once = { stream: false, 'one-shot': true } as { stream: false }
        const stats = await engine
          .call(id.slice(0, 12), (docker) => docker.getContainer(id).stats(once))
          .catch(() => undefined)
        if (stats) take(id, stats as EngineStats)
      })
      await rest
    }
    isInTurns = false
  }

  async function open(id: string): Promise<void> {
    streams.set(id, { destroy: () => {} })
    try {
      const stream = (await engine.call(id.slice(0, 12), (docker) =>
        docker.getContainer(id).stats({ stream: true }),
      )) as NodeJS.ReadableStream & { destroy(): void }
      if (closing.signal.aborted || !streams.has(id)) return stream.destroy()
      streams.set(id, stream)
      let rest = ''
      stream.on('data', (chunk: Buffer) => {
        const lines = (rest + chunk.toString('utf8')).split('\n')
        rest = lines.pop() ?? ''
        for (const line of lines) if (line.trim()) take(id, JSON.parse(line) as EngineStats)
      })
      stream.on('error', () => {})
      stream.on('close', () => streams.delete(id))
    } catch {
      streams.delete(id)
    }
  }

  function take(id: string, stats: EngineStats) {
    const before = newest.get(id)
    newest.set(id, stats)
    // The first answer has nothing to compare with: its rates would be nought.
    if (!before) return
    const service = watch.known.get(id)?.inspect.Config.Labels?.[label.service] ?? ''
    // An answer that was asked for once comes without what the engine measured before it.
    const compared = { ...stats, precpu_stats: before.cpu_stats ?? {} }
    const sample = sampleOf(compared, totalsOf(before), { service, container: id })
    const samples = history.get(id) ?? []
    samples.push(sample)
    if (samples.length > keptSeconds) samples.shift()
    history.set(id, samples)
    for (const listen of listeners) listen(sample)
  }

  const stop = watch.onChange(sync)
  sync()

  return {
    /** The kept samples in the order of time. */
    history: (): Sample[] => [...history.values()].flat().sort((a, b) => a.at - b.at),
    onSample(listen: (sample: Sample) => void): () => void {
      listeners.add(listen)
      return () => listeners.delete(listen)
    },
    close() {
      closing.abort()
      stop()
      for (const stream of streams.values()) stream.destroy()
      streams.clear()
    },
  }
}
