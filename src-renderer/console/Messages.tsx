import type { ConsoleRun } from '../../src-main/console/statementContract.ts'
import { FaultNotice } from '../ui/ErrorNotice.tsx'
import { formatDuration } from '../ui/format.ts'
import { State } from '../ui/State.tsx'
import { firstWords } from './heldStatement.ts'

/** What the server said of every statement: its tag, its notices, its error with the place. */
export function Messages({ run }: { run: ConsoleRun }) {
  return (
    <ol className="con__messages">
      {run.statements.map((statement) => (
        <li key={statement.index}>
          <p className="row">
            <State name={statement.status} />
            <span className="mono small">{statement.command ?? firstWords(statement.text)}</span>
            <span className="t3 small num">
              line {statement.line}
              {['succeeded', 'failed', 'cancelled'].includes(statement.status) &&
                `, ${formatDuration(statement.durationMs)}`}
              {statement.status === 'skipped' && ', not run'}
              {statement.status === 'cancelled' && ', cancelled'}
            </span>
          </p>
          {statement.error && statement.status === 'failed' && (
            <FaultNotice
              fault={{
                ...statement.error.data,
                code: statement.error.code,
                message: statement.error.message,
                object:
                  statement.error.data.position === undefined
                    ? statement.error.data.object
                    : `line ${statement.error.line}, column ${statement.error.column}`,
              }}
            />
          )}
          {statement.notices.map((notice, at) => (
            // biome-ignore lint/suspicious/noArrayIndexKey: the same notice may come twice
            <p key={at} className="mono small t2 con__notice">
              {notice}
            </p>
          ))}
        </li>
      ))}
    </ol>
  )
}
