const restMs = 50
const restsPerRead = 3
const longestRestMs = 300

/**
 * Yields what `read` answers now, and again after each change, at most once in `pauseMs`: what changes in between is in the
 * next answer. The first change after a rest is told at once. An answer that is large takes its reader long: the rest grows
 * with it, so that most of the time is everybody else's. Ends when the signal is aborted.
 */
export async function* follow<T>(
  subscribe: (changed: () => void) => () => void,
  read: () => T,
  signal: AbortSignal | undefined,
  pauseMs = restMs,
): AsyncGenerator<T> {
  let wake = () => {}
  let isDirty = true
  const mark = () => {
    isDirty = true
    wake()
  }
  const unsubscribe = subscribe(mark)
  signal?.addEventListener('abort', mark)
  try {
    while (!signal?.aborted) {
      if (!isDirty) {
        await new Promise<void>((resolve) => {
          wake = resolve
        })
        continue
      }
      isDirty = false
      const begun = performance.now()
      yield read()
      const rest = Math.max(pauseMs, Math.min(longestRestMs, restsPerRead * (performance.now() - begun)))
      await new Promise((resolve) => setTimeout(resolve, rest))
    }
  } finally {
    unsubscribe()
    signal?.removeEventListener('abort', mark)
  }
}
