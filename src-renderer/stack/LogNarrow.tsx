import type { Level, LogSummary } from '../../src-main/logs/contract.ts'
import { formatCount } from '../ui/format.ts'
import { State } from '../ui/State.tsx'

/** Which lines are shown, beside what is searched for. What is undefined does not narrow. */
export interface Narrowing {
  level: Level | undefined
  /** The last minutes before `from` was chosen; 0 is all of it. */
  minutes: number
  from: Date | undefined
}

export const everything: Narrowing = { level: undefined, minutes: 0, from: undefined }

const windows = [
  { label: 'All of it', minutes: 0 },
  { label: 'Last 5 min', minutes: 5 },
  { label: 'Last 15 min', minutes: 15 },
  { label: 'Last hour', minutes: 60 },
  { label: 'Last day', minutes: 1440 },
]

interface Props {
  summary: LogSummary | undefined
  services: readonly string[]
  service: string
  onService: (service: string) => void
  narrowing: Narrowing
  onNarrow: (narrowing: Narrowing) => void
}

/** Narrows the log to a service, a level, a span of time. */
export function LogNarrow({ summary, services, service, onService, narrowing, onNarrow }: Props) {
  const names = new Set([...services, ...(summary?.services.map(({ name }) => name) ?? [])])
  const level = (wanted: Level | undefined) => ({
    'aria-pressed': narrowing.level === wanted,
    onClick: () => onNarrow({ ...narrowing, level: wanted }),
  })
  return (
    <>
      <select
        className="input input--sm log__select"
        aria-label="Service of the log"
        value={service}
        onChange={(event) => onService(event.target.value)}
      >
        <option value="">All services</option>
        {[...names].map((name) => (
          <option key={name}>{name}</option>
        ))}
      </select>
      <fieldset className="seg">
        <legend className="sr">Level</legend>
        <button type="button" {...level(undefined)}>
          All
        </button>
        <button type="button" {...level('warn')}>
          <State name="warning" label="warnings" />
          <span className="num">{formatCount(summary?.warnings ?? 0)}</span>
        </button>
        <button type="button" {...level('error')}>
          <State name="failed" label="errors" />
          <span className="num">{formatCount(summary?.errors ?? 0)}</span>
        </button>
      </fieldset>
      <select
        className="input input--sm log__select"
        aria-label="Time window"
        value={narrowing.minutes}
        onChange={(event) => {
          const minutes = Number(event.target.value)
          const from = minutes === 0 ? undefined : new Date(Date.now() - minutes * 60_000)
          onNarrow({ ...narrowing, minutes, from })
        }}
      >
        {windows.map(({ label, minutes }) => (
          <option key={label} value={minutes}>
            {label}
          </option>
        ))}
      </select>
    </>
  )
}
