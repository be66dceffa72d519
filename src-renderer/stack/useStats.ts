import { useEffect, useRef, useState } from 'react'
import type { Sample } from '../../src-main/containers/detailContract.ts'
import { client } from '../rpc/client.ts'

const kept = 900

/** The samples of each service, oldest first, the last fifteen minutes; new ones come once a second. */
export function useStats(project: string | undefined, isOn: boolean): ReadonlyMap<string, readonly Sample[]> {
  const samples = useRef(new Map<string, Sample[]>())
  const [, setVersion] = useState(0)

  useEffect(() => {
    samples.current = new Map()
    if (!isOn) return
    const abort = new AbortController()
    const follow = async () => {
      while (!abort.signal.aborted) {
        try {
          const feed = await client.containers.watchStats(project ? { project } : {}, {
            signal: abort.signal,
          })
          samples.current = new Map()
          for await (const fresh of feed) {
            for (const sample of fresh) {
              const list = samples.current.get(sample.service) ?? []
              list.push(sample)
              if (list.length > kept) list.shift()
              samples.current.set(sample.service, list)
            }
            setVersion((was) => was + 1)
          }
        } catch {
          // The watch above says that the engine is gone; the numbers come back with it.
        }
        await new Promise((resolve) => setTimeout(resolve, 1000))
      }
    }
    void follow()
    return () => abort.abort()
  }, [project, isOn])

  return samples.current
}
