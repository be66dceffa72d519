const hours = Array.from({ length: 24 }, (_, hour) => hour)

interface Props {
  cells: { day: string; hour: number; entries: number }[]
  from: Date
  days: number
}

/** Entries by day and hour (UTC): a column a day, a cell an hour, the darker the more. */
export function ActivityHeatmap({ cells, from, days }: Props) {
  const most = Math.max(1, ...cells.map(({ entries }) => entries))
  const byCell = new Map(cells.map(({ day, hour, entries }) => [`${day} ${hour}`, entries]))
  const total = cells.reduce((sum, { entries }) => sum + entries, 0)
  return (
    <div
      className="heat"
      role="img"
      aria-label={`${total} entries in ${days} days; the list below holds them`}
    >
      {Array.from({ length: days + 1 }, (_, index) => {
        const day = new Date(from.getTime() + index * 86_400_000).toISOString().slice(0, 10)
        return (
          <div key={day} className="heat__hours">
            {hours.map((hour) => {
              const entries = byCell.get(`${day} ${hour}`) ?? 0
              const strength = entries === 0 ? 0 : 20 + (Math.log1p(entries) / Math.log1p(most)) * 80
              return (
                <span
                  key={`${day} ${hour}`}
                  className="heat__cell"
                  title={entries > 0 ? `${day} ${hour}:00 UTC: ${entries}` : undefined}
                  style={
                    strength > 0
                      ? { background: `color-mix(in srgb, var(--accent) ${strength}%, var(--surface-inset))` }
                      : undefined
                  }
                />
              )
            })}
          </div>
        )
      })}
      <span className="t3 small" style={{ marginLeft: 8 }}>
        by day and hour, UTC
      </span>
    </div>
  )
}
