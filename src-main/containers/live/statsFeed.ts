import type { Sample } from '../detailContract.ts'
import { type Engine, label } from '../own.ts'
import type { ProjectWatch } from './projectWatch.ts'
import { type EngineStats, sampleOf, type Totals, totalsOf } from './stats.ts'

export const keptSeconds = 900

export type StatsFeed = ReturnType<typeof feedStats>

/**
 * Streams the numbers of every running container of a project, one connection each, and keeps the last fifteen minutes.
 * Follows containers as they come and go.
 */
export function feedStats(engine: Engine, watch: Pick<ProjectWatch, 'known' | 'onChange'>) {
  const streams = new Map<string, { destroy(): void }>()
  const history = new Map<string, Sample[]>()
  const listeners = new Set<(sample: Sample) => void>()
  let isClosed = false

  function sync() {
    const running = new Set(
      [...watch.known.values()]
        .filter(({ inspect }) => inspect.State.Status === 'running')
        .map(({ inspect }) => inspect.Id),
    )
    for (const [id, stream] of streams) {
      if (running.has(id)) continue
      stream.destroy()
      streams.delete(id)
    }
    for (const id of running) if (!streams.has(id)) void open(id)
  }

  async function open(id: string): Promise<void> {
    streams.set(id, { destroy: () => {} })
    const labels = watch.known.get(id)?.inspect.Config.Labels ?? {}
    const service = labels[label.service] ?? ''
    try {
      const stream = (await engine.call(service, (docker) =>
        docker.getContainer(id).stats({ stream: true }),
      )) as NodeJS.ReadableStream & { destroy(): void }
      if (isClosed || !streams.has(id)) return stream.destroy()
      streams.set(id, stream)
      let rest = ''
      let before: Totals | undefined
      stream.on('data', (chunk: Buffer) => {
        const lines = (rest + chunk.toString('utf8')).split('\n')
        rest = lines.pop() ?? ''
        for (const line of lines) {
          if (!line.trim()) continue
          const stats = JSON.parse(line) as EngineStats
          const sample = sampleOf(stats, before, { service, container: id })
          // The first answer has nothing to compare with: its rates would be nought.
          if (before) keep(sample)
          before = totalsOf(stats)
        }
      })
      stream.on('error', () => {})
      stream.on('close', () => streams.delete(id))
    } catch {
      streams.delete(id)
    }
  }

  function keep(sample: Sample) {
    const samples = history.get(sample.container) ?? []
    samples.push(sample)
    if (samples.length > keptSeconds) samples.shift()
    history.set(sample.container, samples)
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
      isClosed = true
      stop()
      for (const stream of streams.values()) stream.destroy()
      streams.clear()
    },
  }
}
