import { useEffect, useState } from 'react'
import type { AuditEntry, AuditFilter } from '../../src-main/audit/contract.ts'
import { client } from '../rpc/client.ts'

const kept = 1000

/**
 * Entries as they are made, the newest first, at most a thousand. A feed that breaks is taken up where it was, so that
 * none is missed; `seen` counts also those that are not wanted.
 */
export function useTail(filter: AuditFilter, isLive: boolean) {
  const [tail, setTail] = useState<{ entries: AuditEntry[]; seen: number; isBroken: boolean }>(empty)
  const { from: _from, to: _to, ...wanted } = filter
  const key = JSON.stringify(wanted)
  // biome-ignore lint/correctness/useExhaustiveDependencies: the key stands for what is wanted
  useEffect(() => {
    if (!isLive) return
    const abort = new AbortController()
    let after: string | undefined
    const follow = async () => {
      while (!abort.signal.aborted) {
        try {
          for await (const { entries, seen, place } of await client.audit.watch(
            { ...wanted, after },
            { signal: abort.signal },
          )) {
            after = place
            setTail((last) => ({
              entries: [...entries.toReversed(), ...last.entries].slice(0, kept),
              seen: last.seen + seen,
              isBroken: false,
            }))
          }
        } catch {
          if (abort.signal.aborted) return
          setTail((last) => ({ ...last, isBroken: true }))
          await new Promise((resolve) => setTimeout(resolve, 1000))
        }
      }
    }
    void follow()
    return () => {
      abort.abort()
      setTail(empty)
    }
  }, [key, isLive])
  return tail
}

const empty = { entries: [], seen: 0, isBroken: false }
