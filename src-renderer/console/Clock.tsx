import { useEffect, useState } from 'react'

/** The time, four times a second. */
export function useNow(): number {
  const [now, setNow] = useState(Date.now)
  useEffect(() => {
    const timer = setInterval(() => setNow(Date.now()), 250)
    return () => clearInterval(timer)
  }, [])
  return now
}

/** How long something lasts by now: `0:42`. */
export function Clock({ since }: { since: Date }) {
  const seconds = Math.max(0, Math.floor((useNow() - since.getTime()) / 1000))
  return (
    <span className="num">
      {Math.floor(seconds / 60)}:{String(seconds % 60).padStart(2, '0')}
    </span>
  )
}
