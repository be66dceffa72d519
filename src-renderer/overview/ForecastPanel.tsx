import { IconArrowRight } from '@tabler/icons-react'
import { useQuery } from '@tanstack/react-query'
import { Link } from '@tanstack/react-router'
import { rpc } from '../rpc/client.ts'
import { layerOf } from '../ui/Layer.tsx'
import { QueryPanel } from '../ui/QueryPanel.tsx'
import { State } from '../ui/State.tsx'

const day = 86_400_000
const months = ['Jan', 'Feb', 'Mar', 'Apr', 'May', 'Jun', 'Jul', 'Aug', 'Sep', 'Oct', 'Nov', 'Dec']

/** How far ahead partitions are made, a year from now on. */
export function ForecastPanel() {
  const partitions = useQuery(rpc.partitions.check.queryOptions())
  const now = Date.now()
  const at = (time: number) => Math.max(0, Math.min(100, ((time - now) / (365 * day)) * 100))
  const ticks = Array.from({ length: 4 }, (_, index) => {
    const date = new Date(now)
    return new Date(Date.UTC(date.getUTCFullYear(), date.getUTCMonth() + 1 + index * 3, 1))
  })
  return (
    <section className="panel forecast" style={{ gridColumn: '1 / -1' }}>
      <header className="panel__head">
        <h2 className="panel__title">Partitions made ahead</h2>
        <span className="panel__note">horizon {partitions.data?.horizonMonths ?? 3} months</span>
        <span className="panel__actions">
          <Link className="link" to="/partitions">
            Timelines
            <IconArrowRight className="icon" />
          </Link>
        </span>
      </header>
      <QueryPanel query={partitions} rows={4}>
        {({ tables }) => (
          <div className="panel__body ahead">
            <div className="ahead__axis" aria-hidden="true">
              <span />
              <div>
                {ticks.map((tick) => (
                  <span key={tick.getTime()} style={{ left: `${at(tick.getTime())}%` }}>
                    {months[tick.getUTCMonth()]}
                  </span>
                ))}
              </div>
              <span />
            </div>
            {tables
              .filter(
                ({ coveredUntil, findings }) =>
                  coveredUntil || findings.some(({ kind }) => kind === 'uncovered'),
              )
              .slice(0, 6)
              .map((table) => {
                const end = table.coveredUntil?.getTime() ?? now
                const days = Math.floor((end - now) / day)
                const urgent = table.findings.find(({ severity }) => severity !== 'note')
                return (
                  <div key={`${table.schema}.${table.name}`} className="ahead__row">
                    <span className={`layer layer--${layerOf(table.schema)} ahead__name`}>
                      <span className="mono clip">
                        {table.schema}.{table.name}
                      </span>
                    </span>
                    <span className="ahead__bar">
                      <span
                        className={`ahead__fill ahead__fill--${layerOf(table.schema) === 'chart' ? 'other' : layerOf(table.schema)}${at(end) >= 100 ? ' ahead__fill--beyond' : ''}`}
                        style={{ left: 0, width: `${at(end)}%` }}
                      />
                    </span>
                    <span className="ahead__left num">
                      {urgent && <State name="warning" label={urgent.text} />}
                      {days} days
                    </span>
                  </div>
                )
              })}
          </div>
        )}
      </QueryPanel>
    </section>
  )
}
