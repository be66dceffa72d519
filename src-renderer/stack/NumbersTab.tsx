import { useState } from 'react'
import type { Container } from '../../src-main/containers/contract.ts'
import type { Sample } from '../../src-main/containers/detailContract.ts'
import { Chart } from '../ui/Chart.tsx'
import type { ChartSeries } from '../ui/chartProps.ts'
import { formatBytes } from '../ui/format.ts'

interface Props {
  container: Container
  samples: readonly Sample[]
}

const spans = [
  { label: '1 min', seconds: 60 },
  { label: '5 min', seconds: 300 },
  { label: '15 min', seconds: 900 },
]
const rate = (value: number) => `${formatBytes(value)}/s`
const percent = (value: number) => `${value.toFixed(value < 10 ? 1 : 0)} %`

/** Processor, memory, network and disk over time, a sample a second; each picture has its newest figures beside it. */
export function NumbersTab({ container, samples }: Props) {
  const [seconds, setSeconds] = useState(300)
  const own = samples.filter((sample) => sample.container === container.id)
  const newest = own.at(-1)
  const shown = own.filter(({ at }) => at > (newest?.at ?? 0) - seconds * 1000)
  const series = (name: string, value: (sample: Sample) => number): ChartSeries => ({
    name,
    points: shown.map((sample) => [sample.at, value(sample)]),
  })
  if (!newest)
    return (
      <p className="small t2">
        {container.state === 'running' ? 'The first sample comes in a second.' : 'It does not run.'}
      </p>
    )
  return (
    <>
      <fieldset className="seg" style={{ alignSelf: 'flex-start' }}>
        <legend className="sr">Time shown</legend>
        {spans.map((span) => (
          <button
            key={span.label}
            type="button"
            aria-pressed={seconds === span.seconds}
            onClick={() => setSeconds(span.seconds)}
          >
            {span.label}
          </button>
        ))}
      </fieldset>
      <Panel title="CPU" now={`${percent(newest.cpuPercent)} of a core`}>
        <Chart label="CPU over time" format={percent} series={[series('CPU', (one) => one.cpuPercent)]} />
      </Panel>
      <Panel
        title="Memory"
        now={`${formatBytes(newest.memoryBytes)}${container.memoryLimitBytes ? ` of ${formatBytes(container.memoryLimitBytes)}` : ''}`}
      >
        <Chart
          label="Memory over time"
          format={formatBytes}
          series={[series('Memory', (one) => one.memoryBytes)]}
          limit={container.memoryLimitBytes ?? undefined}
        />
      </Panel>
      <Panel title="Network" now={`${rate(newest.receivedBytesPerS)} in, ${rate(newest.sentBytesPerS)} out`}>
        <Chart
          label="Network over time"
          format={rate}
          series={[
            series('received', (one) => one.receivedBytesPerS),
            series('sent', (one) => one.sentBytesPerS),
          ]}
        />
      </Panel>
      <Panel
        title="Disk"
        now={`${rate(newest.readBytesPerS)} read, ${rate(newest.writtenBytesPerS)} written`}
      >
        <Chart
          label="Disk over time"
          format={rate}
          series={[
            series('read', (one) => one.readBytesPerS),
            series('written', (one) => one.writtenBytesPerS),
          ]}
        />
      </Panel>
      <p className="small t2 num">
        {newest.processes} processes, restarted {container.restarts} times by the engine
      </p>
    </>
  )
}

function Panel({ title, now, children }: { title: string; now: string; children: React.ReactNode }) {
  return (
    <section className="drawer__section">
      <h3 className="drawer__label">
        {title}
        <span className="t3 num">{now}</span>
      </h3>
      <div className="stack__chart">{children}</div>
    </section>
  )
}
