import type { Partition, PartitionedTable } from '../../src-main/partitions/contract.ts'
import { formatBytes, formatCompact, formatCount, plural } from '../ui/format.ts'
import { Layer, layerOf } from '../ui/Layer.tsx'
import { State } from '../ui/State.tsx'

/** What the height of a bar says. */
export type Height = 'rows' | 'bytes'

interface Props {
  table: PartitionedTable
  height: Height
  selected: string | undefined
  onSelect: (partition: string) => void
}

const axisHeight = 84
const month = 31 * 86_400_000

/** One table: each partition a bar over its bounds, its height rows or bytes, what is missing hatched. */
export function Timeline({ table, height, selected, onSelect }: Props) {
  const now = Date.now()
  const bars = table.partitions.filter(
    (partition): partition is Partition & { from: Date; to: Date } =>
      partition.from !== null && partition.to !== null,
  )
  const rest = table.partitions.filter(({ from }) => from === null)
  const amountOf = (partition: Partition) =>
    height === 'rows' ? partition.estimatedRows : partition.sizeBytes
  const highest = Math.max(1, ...bars.map(amountOf))
  const first = Math.min(...bars.map(({ from }) => from.getTime()))
  const last = Math.max(...bars.map(({ to }) => to.getTime()))
  const isLive = last > now && first < now
  const at = (time: number) => ((time - first) / (last - first)) * 100
  const isDense = bars.length > 16
  return (
    <section className={`tl tl--${layerOf(table.schema)}`} style={{ flex: 'none' }}>
      <header className="tl__head">
        <b>
          <Layer schema={table.schema} name={table.name} />
        </b>
        <span className="tl__meta">
          by {table.step} of <span className="mono">{table.key}</span>
        </span>
        <span className="tl__meta num">
          {formatCompact(table.estimatedRows)} rows, {formatBytes(table.sizeBytes)}
        </span>
        <span className="tl__fill" />
        {table.findings.map((finding) => (
          <span key={finding} className="chip chip--warning">
            <State name="warning" />
            {finding}
          </span>
        ))}
        {table.findings.length === 0 && table.coveredUntil && (
          <span className="chip chip--ok">
            <State name="succeeded" />
            {plural(Math.floor((table.coveredUntil.getTime() - now) / 86_400_000), 'day')} ahead
          </span>
        )}
      </header>
      <div className="tl__body">
        <div className="tl__axis" style={{ height: axisHeight }}>
          {isLive && (
            <span className="tl__today" style={{ left: `${at(now)}%` }}>
              <i>today</i>
            </span>
          )}
          {table.gaps.map((gap) => (
            <span
              key={gap.from.getTime()}
              className="gap"
              title={`No partition from ${day(gap.from)} to ${day(gap.to)}`}
              style={{
                left: `${at(gap.from.getTime())}%`,
                width: `${at(gap.to.getTime()) - at(gap.from.getTime())}%`,
              }}
            >
              <span className="gap__box" style={{ height: axisHeight - 20 }}>
                {gap.to.getTime() - gap.from.getTime() > 2 * month && <span>missing</span>}
              </span>
            </span>
          ))}
          {bars.map((partition) => {
            const key = `${partition.schema}.${partition.name}`
            const state =
              partition.from.getTime() > now ? 'premade' : partition.to.getTime() <= now ? 'past' : 'current'
            const value = amountOf(partition)
            const pixels =
              value > 0 ? Math.max(3, (value / highest) * (axisHeight - 16)) : state === 'premade' ? 0 : 2
            return (
              <button
                key={key}
                type="button"
                className={`bar bar--${state}${key === selected ? ' is-selected' : ''}`}
                style={{
                  left: `${at(partition.from.getTime())}%`,
                  width: `${at(partition.to.getTime()) - at(partition.from.getTime())}%`,
                  cursor: 'pointer',
                }}
                title={`${partition.name}: ${day(partition.from)} to ${day(partition.to)}, about ${formatCount(partition.estimatedRows)} rows, ${formatBytes(partition.sizeBytes)}`}
                aria-label={`${partition.name}, ${state}`}
                onClick={() => onSelect(key)}
              >
                <span className="bar__box" style={{ height: Math.max(pixels, state === 'premade' ? 22 : 0) }}>
                  <span className="bar__fill" style={{ height: pixels }} />
                </span>
                {!isDense && value > 0 && (
                  <span className="bar__value" style={{ bottom: pixels + 2 }}>
                    {height === 'rows' ? formatCompact(value) : formatBytes(value)}
                  </span>
                )}
                {!isDense && (
                  <span className="bar__name">
                    <span className="mono">{shortName(partition.name, table.name)}</span>
                  </span>
                )}
              </button>
            )
          })}
        </div>
        <div className="column" style={{ gap: 4, justifyContent: 'end', paddingBottom: 40 }}>
          {rest.map((partition) => {
            const key = `${partition.schema}.${partition.name}`
            return (
              <button
                key={key}
                type="button"
                className={`small mono clip${key === selected ? ' t-accent' : ''}`}
                style={{ cursor: 'pointer' }}
                title={`${partition.bound}, about ${formatCount(partition.estimatedRows)} rows`}
                onClick={() => onSelect(key)}
              >
                {partition.isDefault ? 'default' : partition.name}{' '}
                <span className="t3 num">{formatCompact(partition.estimatedRows)}</span>
              </button>
            )
          })}
        </div>
      </div>
    </section>
  )
}

/** `raw_data_2025_10` of raw_data_template is `2025_10`. */
function shortName(name: string, parent: string): string {
  const stem = parent.replace(/_template$/, '')
  return name.startsWith(`${stem}_`) ? name.slice(stem.length + 1) : name
}

function day(date: Date): string {
  return date.toISOString().slice(0, 10)
}
