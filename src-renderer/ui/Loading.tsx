import { useEffect, useState } from 'react'
import { State } from './State.tsx'

/** Rows as they will stand when the answer comes. The clock comes after a second. */
export function Loading({ rows = 8 }: { rows?: number }) {
  const [seconds, setSeconds] = useState(0)
  useEffect(() => {
    const begun = performance.now()
    const timer = setInterval(() => setSeconds((performance.now() - begun) / 1000), 500)
    return () => clearInterval(timer)
  }, [])
  return (
    <div role="status" aria-label="Loading">
      {Array.from({ length: rows }, (_, index) => (
        <div
          // biome-ignore lint/suspicious/noArrayIndexKey: the rows are all alike
          key={index}
          style={{ height: 28, padding: '9px 12px', borderBottom: '1px solid var(--border-faint)' }}
        >
          <span className="skeleton" style={{ width: `${32 + ((index * 17) % 40)}%` }} />
        </div>
      ))}
      {seconds >= 1 && (
        <p className="row t2 small" style={{ padding: '6px 12px' }}>
          <State name="running" />
          <span className="num">{seconds.toFixed(0)} s</span>
        </p>
      )}
    </div>
  )
}
