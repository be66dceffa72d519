const restMs = 50

/**
 * Yields what `read` answers now, and again after each change, at most once in `pauseMs`: what changes in between is in the
 * next answer. Ends when the signal is aborted.
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
      yield read()
      await new Promise((resolve) => setTimeout(resolve, pauseMs))
    }
  } finally {
    unsubscribe()
    signal?.removeEventListener('abort', mark)
  }
}
