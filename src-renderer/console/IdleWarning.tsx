import { Clock, useNow } from './Clock.tsx'

const shownAfterMs = 30_000

/** Of an open transaction in which nothing runs: after a while it is in the way of others. */
export function IdleWarning({ since }: { since: Date }) {
  if (useNow() - since.getTime() < shownAfterMs) return null
  return (
    <span
      className="tx__fact tx__idle"
      role="status"
      title="Others who want the same rows or tables wait for its end, and VACUUM keeps what it might still see"
    >
      idle for <Clock since={since} />, its locks are held
    </span>
  )
}
