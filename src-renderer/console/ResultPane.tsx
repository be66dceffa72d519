import { IconTerminal2 } from '@tabler/icons-react'
import { useState } from 'react'
import type { ConsoleRun, SessionState, StatementRun } from '../../src-main/console/contract.ts'
import { EmptyState } from '../ui/EmptyState.tsx'
import { ErrorNotice } from '../ui/ErrorNotice.tsx'
import { formatCount } from '../ui/format.ts'
import { State } from '../ui/State.tsx'
import { ExportMenu } from './ExportMenu.tsx'
import { firstWords, Messages } from './Messages.tsx'
import { type HeldStatement, ResultView } from './ResultView.tsx'
import { starters } from './starters.ts'

interface Props {
  session: SessionState | undefined
  /** Why the last run did not begin. */
  error: unknown
  onStart: (text: string) => void
}

/** What the statements of the last run gave: a grid each, and the messages of all. */
export function ResultPane({ session, error, onStart }: Props) {
  const run = session?.run ?? undefined
  // A choice holds for its run: the next one shows what it gives.
  const [chosen, setChosen] = useState<{ runId: string; tab: string }>()
  if (error !== undefined && error !== null) {
    return (
      <section className="res res--note" aria-label="Result">
        <ErrorNotice error={error} />
      </section>
    )
  }
  if (!run) return <Beginning onStart={onStart} />
  const held = run.statements.filter(hasResult)
  const hasFailed = run.statements.some(({ status }) => status === 'failed')
  const last = held.at(-1)
  const usual = last && !hasFailed ? last.resultId : 'messages'
  const tab = chosen?.runId === run.runId ? chosen.tab : usual
  const shown = held.find(({ resultId }) => resultId === tab)
  const choose = (name: string) => setChosen({ runId: run.runId, tab: name })
  return (
    <section className="res" aria-label="Result">
      <div className="res__bar">
        <div className="tabs tabs--flush con__results" role="tablist" aria-label="Results">
          {held.map((statement, at) => (
            <button
              key={statement.resultId}
              type="button"
              role="tab"
              aria-selected={statement === shown}
              title={firstWords(statement.text)}
              onClick={() => choose(statement.resultId)}
            >
              {statement.status !== 'succeeded' && <State name={statement.status} />}
              {statement.title ?? `Result ${held.length > 1 ? at + 1 : ''}`}
              <span className="t3 num">{formatCount(statement.rows)}</span>
            </button>
          ))}
          <button type="button" role="tab" aria-selected={!shown} onClick={() => choose('messages')}>
            {hasFailed && <State name="failed" />}
            Messages
            <span className="count">{formatCount(countMessages(run))}</span>
          </button>
        </div>
        <span className="toolbar__fill" />
        {shown && <ExportMenu resultId={shown.resultId} title={`result-${shown.index + 1}`} />}
      </div>
      {session?.remark && (
        <p className="con__remark small">
          <State name="warning" />
          {session.remark}
        </p>
      )}
      {session && session.rolledBack.length > 0 && (
        <ul className="con__lost" aria-label="Rolled back">
          {session.rolledBack.map(({ text, command }, at) => (
            // biome-ignore lint/suspicious/noArrayIndexKey: the same statement may stand there twice
            <li key={at}>
              <b>{command}</b> <span className="mono">{firstWords(text)}</span>
            </li>
          ))}
        </ul>
      )}
      {shown ? <ResultView key={shown.resultId} statement={shown} /> : <Messages run={run} />}
    </section>
  )
}

function Beginning({ onStart }: Pick<Props, 'onStart'>) {
  return (
    <section className="res" aria-label="Result">
      <EmptyState
        icon={<IconTerminal2 className="icon icon--18" />}
        title="Nothing has run in this tab"
        actions={starters.map(([label, text]) => (
          <button key={label} type="button" className="btn btn--sm" onClick={() => onStart(text)}>
            {label}
          </button>
        ))}
      >
        Results come here, every value as the server sent it. Write a statement, or begin with a question.
      </EmptyState>
    </section>
  )
}

function hasResult(statement: StatementRun): statement is HeldStatement {
  return statement.resultId !== null
}

function countMessages({ statements }: ConsoleRun): number {
  return statements.reduce((sum, { notices }) => sum + 1 + notices.length, 0)
}
