import { IconPlayerStop } from '@tabler/icons-react'
import { useEffect, useRef, useState, useSyncExternalStore } from 'react'
import type { Repetition } from '../../src-main/console/repeatContract.ts'
import { client } from '../rpc/client.ts'
import { ErrorNotice, FaultNotice } from '../ui/ErrorNotice.tsx'
import { formatDuration, formatTime } from '../ui/format.ts'
import { Loading } from '../ui/Loading.tsx'
import { State } from '../ui/State.tsx'
import { CompareCounts } from './CompareCounts.tsx'
import { ComparedGrid } from './ComparedGrid.tsx'
import type { HeldStatement } from './heldStatement.ts'
import { paces } from './paces.ts'

interface Props {
  sessionId: string
  statement: HeldStatement
  everyMs: number
  onPace: (everyMs: number) => void
  onStop: () => void
}

const seesPage = (changed: () => void) => {
  document.addEventListener('visibilitychange', changed)
  return () => document.removeEventListener('visibilitychange', changed)
}

/** A statement that is run again and again while it is looked at: what the last run changed stands out. */
export function WatchView({ sessionId, statement, everyMs, onPace, onStop }: Props) {
  const { resultId } = statement
  const [latest, setLatest] = useState<Repetition>()
  const [error, setError] = useState<unknown>()
  const isSeen = useSyncExternalStore(seesPage, () => document.visibilityState === 'visible')
  /** From where it goes on behind a pause. */
  const last = useRef<string>(undefined)
  const [hasEnded, setEnded] = useState(false)

  useEffect(() => {
    if (!isSeen) return
    const abort = new AbortController()
    const follow = async () => {
      try {
        const feed = await client.console.repeat(
          { sessionId, resultId: last.current ?? resultId, everyMs },
          { signal: abort.signal },
        )
        for await (const repetition of feed) {
          setLatest(repetition)
          last.current = repetition.statement.resultId ?? undefined
        }
        if (!abort.signal.aborted) setEnded(true)
      } catch (caught) {
        if (!abort.signal.aborted) setError(caught)
      }
    }
    setEnded(false)
    setError(undefined)
    void follow()
    return () => abort.abort()
  }, [sessionId, resultId, everyMs, isSeen])

  const failure = latest?.statement.status === 'failed' ? latest.statement.error : undefined
  const isGoing = isSeen && !hasEnded && error === undefined
  return (
    <>
      <div className="con__tools">
        <button type="button" className="btn btn--sm btn--danger" onClick={onStop}>
          <IconPlayerStop className="icon icon--14" />
          Stop watching
        </button>
        <label className="row small t2">
          every
          <select
            className="input input--sm"
            aria-label="How often"
            value={everyMs}
            onChange={(event) => onPace(Number(event.target.value))}
          >
            {paces.map(([label, pace]) => (
              <option key={pace} value={pace}>
                {label}
              </option>
            ))}
          </select>
        </label>
        <span className="row small num" role="status">
          <State name={isGoing ? 'running' : failure || error ? 'failed' : 'stopped'} />
          {isGoing
            ? latest
              ? `run ${latest.count}`
              : 'first run'
            : failure || error
              ? 'ended by an error'
              : 'paused'}
          {latest && `, ${formatTime(latest.at).slice(-8)}, ${formatDuration(latest.statement.durationMs)}`}
        </span>
        <span className="toolbar__fill" />
        {latest?.comparison && <CompareCounts comparison={latest.comparison} />}
      </div>
      {error !== undefined && <ErrorNotice error={error} />}
      {failure && <FaultNotice fault={{ ...failure.data, code: failure.code, message: failure.message }} />}
      {latest?.comparison ? (
        <ComparedGrid comparison={latest.comparison} isDifferencesOnly={false} label="Watched result" />
      ) : (
        !failure && error === undefined && <Loading rows={6} />
      )}
    </>
  )
}
