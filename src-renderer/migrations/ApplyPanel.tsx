import { IconEyeOff, IconHourglass, IconSquare } from '@tabler/icons-react'
import { useEffect, useState } from 'react'
import type { RunnerState } from '../../src-main/migrations/state.contract.ts'
import { client } from '../rpc/client.ts'
import { formatDuration } from '../ui/format.ts'

const shownSteps = 80

/** What the runner does now: statement by statement, what it waits for, and how to stop it. */
export function ApplyPanel({ live }: { live: RunnerState }) {
  const now = useClock()
  const elapsedMs = live.fileStartedAt ? now - live.fileStartedAt.getTime() : 0
  const steps = Math.min(live.statements, shownSteps)
  const done = live.statements === 0 ? 0 : Math.floor(((live.statement - 1) / live.statements) * steps)
  const { wait, holder } = live
  return (
    <div className="apply" role="status">
      <div className="apply__head">
        <b>
          {live.phase === 'waiting'
            ? 'Waiting for another runner'
            : live.phase === 'verifying'
              ? 'Proving it'
              : `Statement ${live.statement} of ${live.statements}`}
        </b>
        <span className="toolbar__fill" />
        <span className="num t2">{formatDuration(Math.max(0, elapsedMs))} elapsed</span>
        {live.jobId && (
          <button
            type="button"
            className="btn btn--danger"
            onClick={() => void client.jobs.cancel({ id: live.jobId ?? '' })}
          >
            <IconSquare className="icon" />
            {live.isTransactional ? 'Cancel and roll back' : 'Cancel'}
          </button>
        )}
      </div>
      <div
        className="apply__bar"
        role="progressbar"
        aria-label="Statements"
        aria-valuemin={0}
        aria-valuenow={Math.max(0, live.statement - 1)}
        aria-valuemax={live.statements}
      >
        {Array.from({ length: steps }, (_, step) => (
          // biome-ignore lint/suspicious/noArrayIndexKey: a step is its place
          <i key={step} className={step < done ? 'is-done' : step === done ? 'is-now' : undefined} />
        ))}
      </div>
      {holder && (
        <p className="apply__note">
          <IconHourglass className="icon icon--14" />
          <span>
            <span className="mono">{holder.application}</span> at {holder.address}, process {holder.processId}
            , at work for {formatDuration(holder.ageSeconds * 1000)}
          </span>
        </p>
      )}
      {wait?.waitsFor && (
        <p className="apply__note">
          <IconHourglass className="icon icon--14" />
          <span>
            Waits {waitedFor(live, now)} for <span className="mono">{wait.waitsFor}</span>
            {wait.blockers.map(({ processId, application, ageSeconds }) => (
              <span key={processId}>
                , held by {application || 'a session'} (process {processId}
                {ageSeconds === null ? '' : `, open for ${formatDuration(ageSeconds * 1000)}`})
              </span>
            ))}
          </span>
        </p>
      )}
      {wait?.phase && (
        <p className="apply__note">
          <IconHourglass className="icon icon--14" />
          <span className="num">
            {wait.phase}
            {wait.total ? `, ${Math.round(((wait.done ?? 0) / wait.total) * 100)} %` : ''}
          </span>
        </p>
      )}
      {live.phase === 'retrying' && live.retryAt && (
        <p className="apply__note num">
          <IconHourglass className="icon icon--14" />
          Try {live.attempt} of {live.attempts} met a lock and was rolled back, so that nobody queues behind
          it; the next one in {formatDuration(Math.max(0, live.retryAt.getTime() - now))}
        </p>
      )}
      {live.phase === 'applying' && !wait?.waitsFor && (
        <p className="apply__note">
          <IconEyeOff className="icon icon--14" />
          {live.isTransactional
            ? 'Nobody sees any of it before the commit.'
            : 'What is done stays done, statement by statement; a cancel stops the one that runs.'}
        </p>
      )}
    </div>
  )
}

function waitedFor({ statementStartedAt }: RunnerState, now: number): string {
  return statementStartedAt ? formatDuration(Math.max(0, now - statementStartedAt.getTime())) : ''
}

/** The time, four times a second. */
export function useClock(): number {
  const [now, setNow] = useState(Date.now)
  useEffect(() => {
    const timer = setInterval(() => setNow(Date.now()), 250)
    return () => clearInterval(timer)
  }, [])
  return now
}
