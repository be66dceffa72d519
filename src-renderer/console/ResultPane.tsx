import { IconTerminal2 } from '@tabler/icons-react'
import type { SessionState } from '../../src-main/console/sessionContract.ts'
import { EmptyState } from '../ui/EmptyState.tsx'
import { ErrorNotice } from '../ui/ErrorNotice.tsx'
import { State } from '../ui/State.tsx'
import { BenchmarkView } from './BenchmarkView.tsx'
import { useBenchmarks } from './benchmarks.ts'
import { CompareView } from './CompareView.tsx'
import { firstWords, isHeld } from './heldStatement.ts'
import { Messages } from './Messages.tsx'
import { NotificationsView } from './NotificationsView.tsx'
import { PlanPane } from './PlanPane.tsx'
import { usePlans } from './plans.ts'
import { ResultBar } from './ResultBar.tsx'
import { ResultView } from './ResultView.tsx'
import { chooseResult, compareResults, useResultTabs, watchResult } from './resultTabs.ts'
import { starters } from './starters.ts'
import { WatchView } from './WatchView.tsx'
import './results.css'

interface Props {
  id: string
  session: SessionState | undefined
  /** Why the last run did not begin. */
  error: unknown
  onStart: (text: string) => void
}

/** What the statements of the last run gave, and what is pinned: a grid each, what is made of them, and the messages of all. */
export function ResultPane({ id, session, error, onStart }: Props) {
  const run = session?.run ?? undefined
  const chosen = useResultTabs((state) => state.chosen[id])
  const compared = useResultTabs((state) => state.compared[id])
  const watched = useResultTabs((state) => state.watched[id])
  const newestPlan = usePlans((state) => state.plans[id]?.[0])
  const planError = usePlans((state) => state.errors[id])
  const hasPlan = newestPlan !== undefined || (planError !== undefined && planError !== null)
  const isPlanNewest = newestPlan ? newestPlan.at > (session?.startedAt ?? new Date(0)) : hasPlan
  const measured = useBenchmarks((state) => state[id])
  if (error !== undefined && error !== null) {
    return (
      <section className="res res--note" aria-label="Result">
        <ErrorNotice error={error} />
      </section>
    )
  }
  const held = run?.statements.filter(isHeld) ?? []
  const pinned = (session?.pinned ?? []).flatMap(({ statement, ...pin }) =>
    isHeld(statement) ? [{ ...pin, statement }] : [],
  )
  if (!run && !hasPlan && !measured && pinned.length === 0) return <Beginning onStart={onStart} />

  const ids = new Set([...held, ...pinned.map(({ statement }) => statement)].map(({ resultId }) => resultId))
  const pair =
    compared && ids.has(compared.before.resultId) && ids.has(compared.after.resultId) ? compared : undefined
  const watching = watched && ids.has(watched.statement.resultId) ? watched : undefined
  const isHearing = session !== undefined && (session.isListening || session.notifications > 0)
  const hasFailed = run?.statements.some(({ status }) => status === 'failed') ?? false
  const last = held.at(-1)
  const isMeasureNewest =
    measured !== undefined &&
    measured.at > (session?.startedAt ?? new Date(0)) &&
    measured.at > (newestPlan?.at ?? new Date(0))
  const usual = isMeasureNewest
    ? 'benchmark'
    : isPlanNewest
      ? 'plan'
      : last && !hasFailed
        ? last.resultId
        : run
          ? 'messages'
          : (pinned.at(-1)?.statement.resultId ?? 'plan')
  // A choice holds for its run: the next one shows what it gives.
  const runKey = `${run?.runId} ${newestPlan?.id} ${measured?.at.getTime()}`
  const wanted = chosen?.run === runKey ? chosen.tab : usual
  const isThere =
    ids.has(wanted) ||
    (wanted === 'plan' && hasPlan) ||
    (wanted === 'benchmark' && measured) ||
    (wanted === 'compared' && pair) ||
    (wanted === 'watched' && watching) ||
    (wanted === 'notifications' && isHearing)
  const tab = isThere ? wanted : run ? 'messages' : usual
  const shown =
    held.find(({ resultId }) => resultId === tab) ??
    pinned.find(({ statement }) => statement.resultId === tab)?.statement
  return (
    <section className="res" aria-label="Result">
      <ResultBar
        id={id}
        run={run}
        held={held}
        pinned={pinned}
        shown={shown}
        tab={tab}
        hasPlan={hasPlan}
        hasBenchmark={measured !== undefined}
        hasComparison={pair !== undefined}
        isWatching={watching !== undefined}
        notifications={isHearing ? session.notifications : undefined}
        onChoose={(name) => chooseResult(id, runKey, name)}
        onCompare={(next) => compareResults(id, runKey, next)}
        onWatch={(next) => watchResult(id, runKey, next)}
      />
      <Losses session={session} />
      {shown ? (
        <ResultView key={shown.resultId} sessionId={id} statement={shown} />
      ) : tab === 'compared' && pair ? (
        <CompareView key={`${pair.before.resultId} ${pair.after.resultId}`} pair={pair} pinned={pinned} />
      ) : tab === 'watched' && watching ? (
        <WatchView
          key={watching.statement.resultId}
          sessionId={id}
          {...watching}
          onPace={(everyMs) => watchResult(id, runKey, { ...watching, everyMs })}
          onStop={() => {
            watchResult(id, runKey, undefined)
            chooseResult(id, runKey, watching.statement.resultId)
          }}
        />
      ) : tab === 'notifications' && session ? (
        <NotificationsView sessionId={id} count={session.notifications} isListening={session.isListening} />
      ) : tab === 'benchmark' ? (
        <BenchmarkView id={id} />
      ) : tab === 'plan' || !run ? (
        <PlanPane id={id} />
      ) : (
        <Messages run={run} />
      )}
    </section>
  )
}

/** What the tab has lost with its connection. */
function Losses({ session }: Pick<Props, 'session'>) {
  return (
    <>
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
    </>
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
