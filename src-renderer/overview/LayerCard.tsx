import { Link } from '@tanstack/react-router'
import type { Overview } from '../../src-main/overview/contract.ts'
import { Dot } from '../ui/Dot.tsx'
import { formatBytes, formatCompact, formatCount } from '../ui/format.ts'
import { Layer } from '../ui/Layer.tsx'
import { RelativeTime } from '../ui/RelativeTime.tsx'

type LayerOverview = Overview['layers'][number]

/** One layer: how much it holds, how fresh it is, what came by the hour, and its largest tables. */
export function LayerCard({ layer }: { layer: LayerOverview }) {
  const newRows = layer.hourlyRows.reduce((sum, rows) => sum + rows, 0)
  return (
    <Link
      to="/schema"
      search={{ schema: layer.name, table: layer.tables[0]?.name }}
      className={`flow-layer flow-layer--${layer.name}`}
    >
      <div className="flow-layer__head">
        <Layer schema={layer.name} />
        <span className="t3 small num">{formatBytes(layer.sizeBytes)}</span>
      </div>
      <div className="flow-layer__figure">
        <span className="figure num">{formatCompact(layer.estimatedRows)}</span>
        <span className="t3 small" title="estimated from the statistics; no table is counted">
          rows
        </span>
        <span className="flow-layer__today num">+{formatCount(newRows)} in 24 h</span>
      </div>
      <div className="flow-layer__fresh">
        <Dot state={layer.freshAt ? 'ok' : 'stopped'} />
        {layer.freshAt ? <RelativeTime time={layer.freshAt} /> : 'nothing yet'}
      </div>
      <HourlyRows layer={layer} />
      <table className="flow-layer__tables">
        <tbody>
          {layer.tables.slice(0, 2).map((table) => (
            <tr key={table.name}>
              <td className="mono">{table.name}</td>
              <td className="r num">{formatCount(table.estimatedRows)}</td>
              <td className="r num t3">{formatBytes(table.sizeBytes)}</td>
            </tr>
          ))}
        </tbody>
      </table>
    </Link>
  )
}

const [barWidth, gap, height] = [8, 2, 34]

/** A bar an hour, the newest on the right; an hour without rows is a line, so that silence is seen. */
function HourlyRows({ layer: { name, hourlyRows } }: { layer: LayerOverview }) {
  const most = Math.max(...hourlyRows, 1)
  const bars = hourlyRows.map((rows, at) => ({
    hour: 23 - at,
    rows,
    x: at * (barWidth + gap) + gap / 2,
    size: rows === 0 ? 1 : Math.max(2, (rows / most) * height),
  }))
  return (
    <div className={`hourly hourly--${name}`}>
      <svg
        viewBox={`0 0 ${24 * (barWidth + gap)} ${height}`}
        preserveAspectRatio="none"
        role="img"
        aria-label={`rows into ${name} by hour, last 24 hours, at most ${formatCount(most)}`}
      >
        {bars.map(({ hour, rows, x, size }) => (
          <rect
            key={hour}
            className={rows === 0 ? 'zero' : undefined}
            x={x}
            y={height - size}
            width={barWidth}
            height={size}
            rx={rows === 0 ? 0 : 1}
          >
            <title>{`${formatCount(rows)} rows ${hour === 0 ? 'in the last hour' : `${hour} h ago`}`}</title>
          </rect>
        ))}
      </svg>
    </div>
  )
}
