const signals = ['SIGINT', 'SIGTERM', 'SIGHUP'] as const
/** A terminal tells every process of its group at once, and npm passes the signal on: what comes so soon is the same wish. */
const sameMs = 1000

/**
 * Calls `stop` once when this process is told to end: what is under way ends orderly. Told again later, the process ends
 * at once. What it returns takes the watch away.
 */
export function onInterrupt(stop: (signal: NodeJS.Signals) => void): () => void {
  let since: number | undefined
  const receive = (signal: NodeJS.Signals) => {
    if (since === undefined) {
      since = performance.now()
      stop(signal)
    } else if (performance.now() - since > sameMs) process.exit(1)
  }
  for (const signal of signals) process.on(signal, receive)
  return () => {
    for (const signal of signals) process.off(signal, receive)
  }
}
