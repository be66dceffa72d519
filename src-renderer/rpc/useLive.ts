import { useEffect, useEffectEvent, useState } from 'react'

interface Live<T> {
  data: T | undefined
  error: unknown
}

/**
 * Follows a feed of the backend: `useLive('jobs', (signal) => client.jobs.watch(undefined, { signal }))` holds its newest
 * value; another key is another feed. A feed that breaks is opened again after a second; the last value stays while it does.
 */
export function useLive<T>(key: string, open: (signal: AbortSignal) => Promise<AsyncIterable<T>>): Live<T> {
  const [live, setLive] = useState<Live<T>>({ data: undefined, error: undefined })
  const openFeed = useEffectEvent(open)

  // biome-ignore lint/correctness/useExhaustiveDependencies: the key says when it is another feed
  useEffect(() => {
    const abort = new AbortController()
    const follow = async () => {
      while (!abort.signal.aborted) {
        try {
          for await (const data of await openFeed(abort.signal)) setLive({ data, error: undefined })
          return
        } catch (error) {
          if (abort.signal.aborted) return
          setLive((last) => ({ ...last, error }))
          await new Promise((resolve) => setTimeout(resolve, 1000))
        }
      }
    }
    void follow()
    return () => abort.abort()
  }, [key])

  return live
}
