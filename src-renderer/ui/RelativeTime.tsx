import { useEffect, useState } from 'react'
import { formatExact, formatRelative } from './format.ts'

/** A time as people say it, with the exact one in its tooltip. Follows the clock. */
export function RelativeTime({ time }: { time: Date }) {
  const [now, setNow] = useState(Date.now)
  useEffect(() => {
    const timer = setInterval(() => setNow(Date.now()), 10_000)
    return () => clearInterval(timer)
  }, [])
  return (
    <time dateTime={time.toISOString()} title={formatExact(time)}>
      {formatRelative(time, now)}
    </time>
  )
}
