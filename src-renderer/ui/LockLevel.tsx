const levels = ['share update exclusive', 'share', 'share row exclusive', 'access exclusive']

/** A lock in four steps: the fuller, the more has to wait. */
export function LockLevel({ lock, blocks }: { lock: string | null; blocks: string | null }) {
  const step = lock === null ? 0 : Math.max(1, levels.indexOf(lock) + 1)
  const tone = blocks === 'reads and writes' ? ' lock--all' : blocks === 'writes' ? ' lock--writes' : ''
  return (
    <span className="cell" title={blocks ? `keeps out ${blocks}` : 'others go on'}>
      <span className={`lock${tone}`} aria-hidden="true">
        {[1, 2, 3, 4].map((bar) => (
          <i key={bar} className={bar <= step ? 'is-on' : undefined} />
        ))}
      </span>
      <span className={lock === null ? 't3' : undefined}>{lock ?? 'none'}</span>
    </span>
  )
}
