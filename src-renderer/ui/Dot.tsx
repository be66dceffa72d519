const labels = { ok: 'ready', running: 'starting', failed: 'down', warning: 'degraded', stopped: 'absent' }

/** Whether a service answers; `label` replaces the state's name for assistive technology. */
export function Dot({ state, label = labels[state] }: { state: keyof typeof labels; label?: string }) {
  return <span className={`dot dot--${state}`} role="img" aria-label={label} title={label} />
}
