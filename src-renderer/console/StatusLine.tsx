import { client } from '../rpc/client.ts'
import { formatBytes, formatCount, formatDuration, plural } from '../ui/format.ts'
import { State } from '../ui/State.tsx'
import type { HeldStatement } from './heldStatement.ts'
import type { ResultLook } from './resultLook.ts'

const stops = {
  rows: 'stopped at the limit; the server has more: raise the limit and run again',
  bytes: 'stopped at the size that is kept; ask for fewer columns or rows',
  cancelled: 'cancelled: these rows had come',
  error: 'incomplete: these rows had come before the error',
}

interface Props {
  sessionId: string
  statement: HeldStatement
  look: ResultLook
}

/** What a result is: its rows, its times, its size, and whether it is all. */
export function StatusLine({ sessionId, statement, look }: Props) {
  const { rows, durationMs, stopped } = statement
  return (
    <>
      <span>
        <State name={statement.status} />
        {look.arranged && `${formatCount(look.arranged.rows)} of `}
        {plural(rows, 'row')} in {formatDuration(durationMs)}
      </span>
      <Times statement={statement} />
      <span>{formatBytes(statement.sizeBytes)}</span>
      {statement.isPaused && (
        <span className="t-warn">
          paused: {formatBytes(statement.sizeBytes)} of disk used{' '}
          <button type="button" className="link" onClick={() => void client.console.resume({ sessionId })}>
            Go on
          </button>{' '}
          <button type="button" className="link" onClick={() => void client.console.cancel({ sessionId })}>
            Stop
          </button>
        </span>
      )}
      {stopped && <span className="t-warn">{stops[stopped]}</span>}
      {look.failure && <span className="t-fail">{look.failure}</span>}
      <span className="toolbar__fill" />
    </>
  )
}

/** Where the time went, as far as it can be told from here without a question more. */
function Times({ statement: { roundTripMs, planMs, firstRowMs, durationMs } }: Pick<Props, 'statement'>) {
  if (roundTripMs === null || planMs === null) return null
  const parts = [
    {
      name: 'network',
      ms: roundTripMs,
      how: 'From sending until the first answer, which the server gives before it begins: one way there and back.',
    },
    {
      name: 'plan',
      ms: planMs - roundTripMs,
      how: 'From there until word came that the statement was parsed and planned.',
    },
    ...(firstRowMs === null
      ? []
      : [{ name: 'first row', ms: firstRowMs - planMs, how: 'From there until the first bytes of rows.' }]),
    {
      name: firstRowMs === null ? 'run' : 'rows',
      ms: durationMs - (firstRowMs ?? planMs),
      how: 'From there to the end. The server runs and sends at the same time: these two cannot be told apart.',
    },
  ]
  return (
    <span
      className="con__times"
      title={`Measured here, without a statement more:\n${parts.map(({ name, how }) => `${name}: ${how}`).join('\n')}`}
    >
      {parts.map(({ name, ms }) => (
        <span key={name}>
          {name} {formatDuration(Math.max(0, ms))}
        </span>
      ))}
    </span>
  )
}
