import { useQuery } from '@tanstack/react-query'
import type { ColumnProfile } from '../../src-main/schema/rows/contract.ts'
import { rpc } from '../rpc/client.ts'
import { DrawerHead } from '../ui/DrawerHead.tsx'
import { Facts } from '../ui/Facts.tsx'
import { formatBytes, formatCount, formatDuration } from '../ui/format.ts'
import { QueryPanel } from '../ui/QueryPanel.tsx'
import { usePlace } from './place.ts'

interface Props {
  schema: string
  name: string
  column: string
  type: string
  onClose: () => void
}

/** What a column holds: nulls, distinct values, least and most, how they spread, which come most. */
export function ProfileDrawer({ schema, name, column, type, onClose }: Props) {
  const profile = useQuery({
    ...rpc.schema.profile.queryOptions({ input: { schema, name, column } }),
    staleTime: 60_000,
  })
  return (
    <aside className="drawer drawer--side" aria-label={`Profile of ${column}`}>
      <DrawerHead onClose={onClose}>
        <h3 className="drawer__title mono clip">{column}</h3>
        <p className="drawer__sub mono">{type}</p>
      </DrawerHead>
      <div className="drawer__body">
        <QueryPanel query={profile}>
          {(data) => <Profile data={data} place={{ schema, table: name, column }} />}
        </QueryPanel>
      </div>
    </aside>
  )
}

function Profile({
  data,
  place,
}: {
  data: ColumnProfile
  place: { schema: string; table: string; column: string }
}) {
  const { open } = usePlace()
  const share = (count: number) => (data.rows === 0 ? '' : ` · ${((count / data.rows) * 100).toFixed(1)} %`)
  const most = Math.max(1, ...data.top.map(({ count }) => count))
  const showRows = (value: string) => {
    const filters = [{ column: place.column, operator: '=', value }]
    open({ schema: place.schema, table: place.table, tab: 'data', rows: JSON.stringify({ filters }) })
  }
  return (
    <>
      <Facts
        facts={[
          ['Rows read', formatCount(data.rows)],
          ['Sample', data.sampledPercent !== null && `${data.sampledPercent.toFixed(2)} % of the pages`],
          ['Partition', data.source?.name !== place.table && data.source?.name],
          ['Nulls', `${formatCount(data.nulls)}${share(data.nulls)}`],
          ['Distinct', `${formatCount(data.distinct)}${share(data.distinct)}`],
          ['Least', data.least !== null && <span className="mono">{data.least}</span>],
          ['Most', data.most !== null && <span className="mono">{data.most}</span>],
          ['Size', data.averageBytes !== null && `${formatBytes(data.averageBytes)} on average`],
        ]}
      />
      {data.histogram && data.distinct > 1 && (
        <>
          <p className="drawer__label">Spread from least to most</p>
          <svg
            className="profile__histogram"
            viewBox="0 0 200 60"
            preserveAspectRatio="none"
            role="img"
            aria-label={`Histogram: ${data.histogram.join(', ')}`}
          >
            <path d={barsOf(data.histogram)} />
          </svg>
        </>
      )}
      {data.top.length > 0 && <p className="drawer__label">Most frequent</p>}
      {data.top.map(({ value, count }) => (
        <button
          key={value}
          type="button"
          className="profile__top"
          title={`Rows where ${place.column} = ${value}`}
          onClick={() => showRows(value)}
        >
          <span className="profile__bar" style={{ width: `${(count / most) * 100}%` }} />
          <span className="mono clip grow">{value === '' ? 'empty' : value}</span>
          <span className="num t2">{formatCount(count)}</span>
        </button>
      ))}
      <p className="small t3 num">one statement, {formatDuration(data.durationMs)}</p>
    </>
  )
}

/** Twenty bars in a box of 200 by 60. */
function barsOf(counts: number[]): string {
  const highest = Math.max(1, ...counts)
  return counts
    .map((count, at) => {
      const height = count === 0 ? 0 : Math.max(1, (count / highest) * 58)
      return `M${at * 10 + 0.5} 60v${-height}h9v${height}z`
    })
    .join('')
}
