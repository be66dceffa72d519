const hours = Array.from({ length: 24 }, (_, hour) => hour)
const dayMs = 86_400_000

interface Props {
  cells: { day: string; hour: number; entries: number }[]
  from: Date
  days: number
  /** Looks at one hour, or at one day. */
  onPick: (from: Date, to: Date) => void
}

/** Entries by day and hour (UTC): a column a day, a cell an hour, the darker the more. The days are buttons. */
export function ActivityHeatmap({ cells, from, days, onPick }: Props) {
  const most = cells.reduce((highest, { entries }) => Math.max(highest, entries), 1)
  const byCell = new Map(cells.map(({ day, hour, entries }) => [`${day} ${hour}`, entries]))
  const byDay = new Map<string, number>()
  for (const { day, entries } of cells) byDay.set(day, (byDay.get(day) ?? 0) + entries)
  const first = Math.floor(from.getTime() / dayMs) * dayMs
  const labelEvery = Math.max(1, Math.ceil(days / 12))
  return (
    <section className="heat" aria-label="Entries by day and hour, UTC">
      <div className="heat__axis" aria-hidden="true">
        {[0, 6, 12, 18].map((hour) => (
          <span key={hour} style={{ top: hour * 6 }}>
            {String(hour).padStart(2, '0')}
          </span>
        ))}
      </div>
      {Array.from({ length: days + 1 }, (_, index) => {
        const start = first + index * dayMs
        const day = new Date(start).toISOString().slice(0, 10)
        const total = byDay.get(day) ?? 0
        return (
          <div key={day} className="heat__day">
            <div className="heat__hours">
              {hours.map((hour) => {
                const entries = byCell.get(`${day} ${hour}`) ?? 0
                const strength = entries === 0 ? 0 : 20 + (Math.log1p(entries) / Math.log1p(most)) * 80
                return (
                  // biome-ignore lint/a11y/noStaticElementInteractions: the button of the day is the keyboard's way in; an hour is a finer pick of the mouse
                  // biome-ignore lint/a11y/useKeyWithClickEvents: as above
                  <span
                    key={hour}
                    className={entries > 0 ? 'heat__cell heat__cell--some' : 'heat__cell'}
                    title={
                      entries > 0 ? `${day} ${String(hour).padStart(2, '0')}:00 UTC: ${entries}` : undefined
                    }
                    style={
                      strength > 0
                        ? {
                            background: `color-mix(in srgb, var(--accent) ${strength}%, var(--surface-inset))`,
                          }
                        : undefined
                    }
                    onClick={() =>
                      entries > 0 &&
                      onPick(new Date(start + hour * 3_600_000), new Date(start + (hour + 1) * 3_600_000))
                    }
                  />
                )
              })}
            </div>
            <button
              type="button"
              className="heat__name num"
              aria-label={`${day}: ${total} entries`}
              title={`${day}: ${total} entries`}
              onClick={() => onPick(new Date(start), new Date(start + dayMs))}
            >
              {index % labelEvery === 0 ? day.slice(5) : '·'}
            </button>
          </div>
        )
      })}
    </section>
  )
}
