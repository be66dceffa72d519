import { IconDatabaseEdit, IconPlayerPlay, IconPlayerStop } from '@tabler/icons-react'
import type { SessionState } from '../../src-main/console/contract.ts'
import { formatCount, plural } from '../ui/format.ts'
import { Clock } from './Clock.tsx'
import { ReadOnlySwitch } from './ReadOnlySwitch.tsx'
import { useConsoles } from './tabs.ts'

interface Props {
  id: string
  session: SessionState | undefined
  onRun: () => void
  onCancel: () => void
  onEnd: (how: 'commit' | 'rollback') => void
}

/** 0 is all of it. */
const bounds = [0, 500, 10_000, 100_000, 1_000_000]

/** Run and cancel, the transaction as long as one is open, the bound of results, and the session. */
export function ConsoleBar({ id, session, onRun, onCancel, onEnd }: Props) {
  const maxRows = useConsoles((state) => state.maxRows)
  const isRunning = session?.isRunning ?? false
  return (
    <div className="con__bar toolbar">
      <button type="button" className="btn btn--primary btn--sm" disabled={isRunning} onClick={onRun}>
        <IconPlayerPlay className="icon icon--14" />
        Run all
        <span className="keys">
          <kbd>Ctrl</kbd>
          <kbd>Shift</kbd>
          <kbd>Enter</kbd>
        </span>
      </button>
      <button
        type="button"
        className="btn btn--sm"
        disabled={!isRunning || session?.isCancelling}
        onClick={onCancel}
      >
        <IconPlayerStop className="icon icon--14" />
        {session?.isCancelling ? 'Cancelling' : 'Cancel'}
        {isRunning && session?.startedAt && <Clock since={session.startedAt} />}
      </button>
      {session && session.transaction !== 'idle' && (
        <span className="tx">
          <span className="tx__state">
            <IconDatabaseEdit className="icon icon--14" />
            {session.transaction === 'open' ? 'Transaction open' : 'Transaction failed'}{' '}
            {session.transactionSince && <Clock since={session.transactionSince} />}
          </span>
          {session.changedRows > 0 && (
            <span className="tx__fact num">{plural(session.changedRows, 'row')} changed</span>
          )}
          <button
            type="button"
            className="btn btn--sm"
            disabled={isRunning}
            onClick={() => onEnd('rollback')}
          >
            Roll back
          </button>
          {session.transaction === 'open' && (
            <button
              type="button"
              className="btn btn--sm tx__commit"
              disabled={isRunning}
              onClick={() => onEnd('commit')}
            >
              Commit
            </button>
          )}
        </span>
      )}
      <span className="toolbar__fill" />
      <ReadOnlySwitch id={id} session={session} />
      <label className="con__bound small t2">
        limit
        <select
          aria-label="Rows at most"
          title="A result stops at this many rows and says so"
          value={maxRows}
          onChange={(event) => useConsoles.setState({ maxRows: Number(event.target.value) })}
        >
          {bounds.map((bound) => (
            <option key={bound} value={bound}>
              {bound === 0 ? 'none' : formatCount(bound)}
            </option>
          ))}
        </select>
      </label>
      <span className="small t3 num" title="The backend's process id: this tab's own session">
        {session?.processId ? `pid ${session.processId}` : 'no session yet'}
      </span>
    </div>
  )
}
