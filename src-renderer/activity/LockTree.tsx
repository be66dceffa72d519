import type { Session } from '../../src-main/activity/contract.ts'
import { formatDuration, plural } from '../ui/format.ts'
import { forestOf } from './forest.ts'
import { SessionState } from './SessionState.tsx'
import { idOf } from './session.ts'

interface Props {
  sessions: Session[]
  chosen: string | undefined
  onChoose: (id: string) => void
}

/** Those that hold what others wait for, and the others behind them. */
export function LockTree({ sessions, chosen, onChoose }: Props) {
  const branches = forestOf(sessions)
  if (branches.length === 0) return null
  return (
    <section className="locks" aria-label="Who waits for whom">
      <h2 className="section-head">Who waits for whom</h2>
      {branches.map(({ session, depth, waiting }) => (
        <button
          key={idOf(session)}
          type="button"
          className={`locks__line${idOf(session) === chosen ? ' is-selected' : ''}`}
          style={{ paddingLeft: 16 + depth * 24 }}
          onClick={() => onChoose(idOf(session))}
        >
          {depth > 0 && <span className="locks__branch" aria-hidden="true" />}
          <SessionState session={session} />
          <b className="mono num">{session.processId}</b>
          <span title={session.user}>{session.application || session.user}</span>
          {waiting > 0 && depth === 0 && (
            <span className="t-warn">holds up {plural(waiting, 'session')}</span>
          )}
          {session.lock && (
            <span className="t2">
              waits {session.waitingMs !== null && formatDuration(Math.max(0, session.waitingMs))} for{' '}
              <span className="mono">{session.lock}</span>
            </span>
          )}
          {!session.lock && <span className="t2">{session.state}</span>}
          <span className="mono t3 clip grow">{session.query}</span>
        </button>
      ))}
    </section>
  )
}
