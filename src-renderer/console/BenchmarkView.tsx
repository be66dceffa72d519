import { ErrorNotice } from '../ui/ErrorNotice.tsx'
import { plural } from '../ui/format.ts'
import { Plot } from '../ui/Plot.tsx'
import { useBenchmarks } from './benchmarks.ts'
import { firstWords } from './heldStatement.ts'

/** How long a statement took, run by run. */
export function BenchmarkView({ id }: { id: string }) {
  const measured = useBenchmarks((state) => state[id])
  if (measured?.error !== undefined) return <ErrorNotice error={measured.error} />
  if (!measured?.benchmark) return null
  const { benchmark } = measured
  const { durationsMs, statement } = benchmark
  const points = durationsMs.map((ms, at) => [at + 1, ms, `run ${at + 1}`, formatMs(ms)] as const)
  return (
    <div className="con__chart">
      <p className="con__tools small num" role="status">
        {figures.map(([name, of]) => (
          <span key={name}>
            <span className="t3">{name}</span> {formatMs(benchmark[of])}
          </span>
        ))}
        <span className="toolbar__fill" />
        <span className="mono t2 clip">{firstWords(statement)}</span>
      </p>
      <div className="con__plot">
        <Plot
          label={`duration of ${plural(durationsMs.length, 'run')}`}
          kind="line"
          axis="number"
          series={[{ name: 'duration', points }]}
          categories={[]}
          xName="run"
          yName="ms"
          onReady={() => {}}
        />
      </div>
      <p className="con__plotnote small t2 num">
        {plural(durationsMs.length, 'run')}
        {benchmark.isCancelled && ', ended by hand'}, each rolled back; the way to the server and back, and
        the rows, are in each time
      </p>
    </div>
  )
}

const figures = [
  ['min', 'minMs'],
  ['p50', 'p50Ms'],
  ['p90', 'p90Ms'],
  ['p99', 'p99Ms'],
  ['max', 'maxMs'],
  ['mean', 'meanMs'],
] as const

/** What is measured to be compared is told to three digits. */
const formatMs = (ms: number) => `${ms.toLocaleString('en-US', { maximumSignificantDigits: 3 })} ms`
