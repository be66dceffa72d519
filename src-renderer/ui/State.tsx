import type { ReactNode } from 'react'

export type StateName =
  | 'succeeded'
  | 'running'
  | 'queued'
  | 'failed'
  | 'cancelled'
  | 'skipped'
  | 'warning'
  | 'stopped'

const line = { fill: 'none', stroke: 'currentColor', strokeWidth: 1.6 } as const
const cut = {
  ...line,
  stroke: 'var(--state-knockout)',
  strokeLinecap: 'round',
  strokeLinejoin: 'round',
} as const

/** Each state has a silhouette of its own, so that colour alone never carries it. */
const shapes: Record<StateName, ReactNode> = {
  succeeded: (
    <>
      <circle cx="7" cy="7" r="6" fill="currentColor" />
      <path d="M4.3 7.2l1.9 1.9 3.6-4" {...cut} />
    </>
  ),
  running: (
    <>
      <circle cx="7" cy="7" r="5.2" {...line} />
      <path d="M7 4.1a2.9 2.9 0 0 1 0 5.8z" fill="currentColor" />
    </>
  ),
  queued: <circle cx="7" cy="7" r="5.2" {...line} />,
  failed: (
    <>
      <path d="M4.5 1h5L13 4.5v5L9.5 13h-5L1 9.5v-5z" fill="currentColor" />
      <path d="M5 5l4 4M9 5l-4 4" {...cut} />
    </>
  ),
  cancelled: (
    <>
      <circle cx="7" cy="7" r="5.2" {...line} />
      <path d="M3.6 10.4l6.8-6.8" {...line} />
    </>
  ),
  skipped: (
    <>
      <path d="M1.8 9.6a5.2 5.2 0 0 1 9.4-2.2" {...line} strokeLinecap="round" />
      <path d="M11.9 3.6v4.2H7.7" {...line} strokeLinecap="round" strokeLinejoin="round" />
    </>
  ),
  warning: (
    <>
      <path
        d="M7 1.2c.4 0 .8.2 1 .6l5 8.9c.5.8-.1 1.8-1 1.8H2c-.9 0-1.5-1-1-1.8l5-8.9c.2-.4.6-.6 1-.6z"
        fill="currentColor"
      />
      <path d="M7 5v3M7 10.1v.1" {...cut} />
    </>
  ),
  stopped: <rect x="2.2" y="2.2" width="9.6" height="9.6" rx="2" {...line} />,
}

/** The mark of a state; `label` replaces its name for assistive technology. */
export function State({ name, label = name }: { name: StateName; label?: string }) {
  return (
    <svg
      className={`state state--${name === 'succeeded' ? 'ok' : name}`}
      viewBox="0 0 14 14"
      role="img"
      aria-label={label}
    >
      {shapes[name]}
    </svg>
  )
}
