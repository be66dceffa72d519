import { IconTerminal2 } from '@tabler/icons-react'
import { useState } from 'react'
import type { SessionState } from '../../src-main/console/sessionContract.ts'
import type { ConsoleRun, StatementRun } from '../../src-main/console/statementContract.ts'
import { EmptyState } from '../ui/EmptyState.tsx'
import { ErrorNotice } from '../ui/ErrorNotice.tsx'
import { formatCount } from '../ui/format.ts'
import { State } from '../ui/State.tsx'
import { ExportMenu } from './ExportMenu.tsx'
import { ImportButton } from './ImportButton.tsx'
import { firstWords, Messages } from './Messages.tsx'
import { PlanPane } from './PlanPane.tsx'
import { usePlans } from './plans.ts'
import { type HeldStatement, ResultView } from './ResultView.tsx'
import { starters } from './starters.ts'

interface Props {
  id: string
  session: SessionState | undefined
  /** Why the last run did not begin. */
  error: unknown
  onStart: (text: string) => void
}

/** What the statements of the last run gave: a grid each, and the messages of all. */
export function ResultPane({ id, session, error, onStart }: Props) {
  const run = session?.run ?? undefined
  // A choice holds for its run: the next one shows what it gives.
  const [chosen, setChosen] = useState<{ runId: string; tab: string }>()
  const newestPlan = usePlans((state) => state.plans[id]?.[0])
  const planError = usePlans((state) => state.errors[id])
  const hasPlan = newestPlan !== undefined || (planError !== undefined && planError !== null)
  const isPlanNewest = newestPlan ? newestPlan.at > (session?.startedAt ?? new Date(0)) : hasPlan
  if (error !== undefined && error !== null) {
    return (
      <section className="res res--note" aria-label="Result">
        <ErrorNotice error={error} />
      </section>
    )
  }
  if (!run) {
    if (!hasPlan) return <Beginning onStart={onStart} />
    return (
      <section className="res" aria-label="Result">
        <PlanPane id={id} />
      </section>
    )
  }
  const held = run.statements.filter(hasResult)
  const hasFailed = run.statements.some(({ status }) => status === 'failed')
  const last = held.at(-1)
  const usual = isPlanNewest ? 'plan' : last && !hasFailed ? last.resultId : 'messages'
  const tab = chosen?.runId === `${run.runId} ${newestPlan?.id}` ? chosen.tab : usual
  const shown = held.find(({ resultId }) => resultId === tab)
  const choose = (name: string) => setChosen({ runId: `${run.runId} ${newestPlan?.id}`, tab: name })
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
          <button
            type="button"
            role="tab"
            aria-selected={!shown && tab !== 'plan'}
            onClick={() => choose('messages')}
          >
            {hasFailed && <State name="failed" />}
            Messages
            <span className="count">{formatCount(countMessages(run))}</span>
          </button>
          {hasPlan && (
            <button type="button" role="tab" aria-selected={tab === 'plan'} onClick={() => choose('plan')}>
              Plan
            </button>
          )}
        </div>
        <span className="toolbar__fill" />
        <ImportButton />
        {shown && <ExportMenu statement={shown} />}
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
      {shown ? (
        <ResultView key={shown.resultId} sessionId={id} statement={shown} />
      ) : tab === 'plan' ? (
        <PlanPane id={id} />
      ) : (
        <Messages run={run} />
      )}
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
