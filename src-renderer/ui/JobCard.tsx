import type { Job } from '../../src-main/jobs/contract.ts'
import { client } from '../rpc/client.ts'
import { FaultNotice } from './ErrorNotice.tsx'
import { formatDuration } from './format.ts'
import { RelativeTime } from './RelativeTime.tsx'
import { State } from './State.tsx'

/** Long work: what it does now, how far it is, and how it ended; `onShow` leads to what it works on. */
export function JobCard({ job, onShow }: { job: Job; onShow?: () => void }) {
  const isRunning = job.status === 'running'
  return (
    <div className="job dialog" style={{ boxShadow: 'inset 0 0 0 1px var(--border)' }}>
      <State name={job.status} />
      <div className="grow">
        <p className="job__title clip">{job.title}</p>
        <p className="job__text num">
          <span className="clip">{job.detail}</span>
          {isRunning && job.isCancellable && (
            <button type="button" className="link" onClick={() => void client.jobs.cancel({ id: job.id })}>
              Cancel
            </button>
          )}
          {onShow && (
            <button type="button" className="link link--accent" onClick={onShow}>
              Show
            </button>
          )}
          {job.finishedAt && (
            <span className="t3">
              {formatDuration(job.finishedAt.getTime() - job.startedAt.getTime())},{' '}
              <RelativeTime time={job.finishedAt} />
            </span>
          )}
        </p>
        {isRunning && (
          <span
            className="meter job__meter"
            role="progressbar"
            aria-label={job.title}
            aria-valuenow={Math.round((job.progress ?? 0) * 100)}
          >
            <span style={{ width: `${(job.progress ?? 0.03) * 100}%` }} />
          </span>
        )}
        {job.error && (
          <FaultNotice fault={{ ...job.error.data, code: job.error.code, message: job.error.message }} />
        )}
      </div>
    </div>
  )
}
