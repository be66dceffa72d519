import {
  IconBookmark,
  IconDatabaseEdit,
  IconIndentIncrease,
  IconPlayerPlay,
  IconPlayerStop,
} from '@tabler/icons-react'
import type { SessionState } from '../../src-main/console/sessionContract.ts'
import type { ParameterValue } from '../../src-main/console/statementContract.ts'
import { formatCount, plural } from '../ui/format.ts'
import { Clock } from './Clock.tsx'
import { ExplainButton } from './ExplainButton.tsx'
import { IdleWarning } from './IdleWarning.tsx'
import { ReadOnlySwitch } from './ReadOnlySwitch.tsx'
import { useConsoles } from './tabs.ts'

interface Props {
  id: string
  session: SessionState | undefined
  onRun: () => void
  onCancel: () => void
  onEnd: (how: 'commit' | 'rollback') => void
  /** The values that it was run with last. */
  parameters: Record<string, ParameterValue>
  onParameters: () => void
  onFormat: () => void
  onSave: () => void
  onSession: () => void
  onExplain: (isAnalyzed: boolean) => void
  onMeasure: (runs: number) => void
}

/** 0 is all of it. */
const bounds = [0, 500, 10_000, 100_000, 1_000_000]

/** Run and cancel, the transaction as long as one is open, the bound of results, and the session. */
export function ConsoleBar({ id, session, parameters, ...on }: Props) {
  const { onRun, onCancel, onEnd, onExplain } = on
  const maxRows = useConsoles((state) => state.maxRows)
  const isRunning = session?.isRunning ?? false
  const idleSince =
    session?.startedAt && session.run && !isRunning
      ? new Date(session.startedAt.getTime() + session.run.durationMs)
      : undefined
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
      <ExplainButton id={id} isDisabled={isRunning} onExplain={onExplain} onMeasure={on.onMeasure} />
      {session && session.transaction !== 'idle' && (
        <span className="tx">
          <span className="tx__state">
            <IconDatabaseEdit className="icon icon--14" />
            {session.transaction === 'open' ? 'Transaction open' : 'Transaction failed'}{' '}
            {session.transactionSince && <Clock since={session.transactionSince} />}
          </span>
          {idleSince && <IdleWarning since={idleSince} />}
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
      {Object.entries(parameters)
        .slice(0, 3)
        .map(([name, { value }]) => (
          <button
            key={name}
            type="button"
            className="btn btn--ghost btn--sm con__value-chip"
            title="Run with other values"
            onClick={on.onParameters}
          >
            {name} = <span className="mono clip">{value ?? 'NULL'}</span>
          </button>
        ))}
      <button type="button" className="icon-btn" title="Format (Shift+Alt+F)" onClick={on.onFormat}>
        <IconIndentIncrease className="icon" />
      </button>
      <button
        type="button"
        className="icon-btn"
        title="Save: query, snippet or migration (Ctrl+S)"
        onClick={on.onSave}
      >
        <IconBookmark className="icon" />
      </button>
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
      <button
        type="button"
        className="btn btn--ghost btn--sm num"
        title="This tab's session: autocommit, isolation, role, search path, timeouts"
        disabled={!session}
        onClick={on.onSession}
      >
        {session?.settings.isAutocommit === false && <span className="t-warn">manual commit</span>}
        {session?.settings.role && <span className="mono">{session.settings.role}</span>}
        {session?.processId ? `pid ${session.processId}` : 'no session yet'}
      </button>
    </div>
  )
}
