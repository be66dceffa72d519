const labels = { ok: 'ready', running: 'starting', failed: 'down', warning: 'degraded', stopped: 'absent' }

/** Whether a service answers. */
export function Dot({ state }: { state: keyof typeof labels }) {
  return <span className={`dot dot--${state}`} role="img" aria-label={labels[state]} />
}
