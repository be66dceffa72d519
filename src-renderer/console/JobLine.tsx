import { ErrorNotice, FaultNotice } from '../ui/ErrorNotice.tsx'
import { State } from '../ui/State.tsx'
import type { FollowedJob } from './useJob.ts'

/** How a job goes, in the dialog that started it; it goes on when that is closed. */
export function JobLine({ followed }: { followed: FollowedJob }) {
  const { job, error } = followed
  if (error) return <ErrorNotice error={error} />
  if (!job) return null
  if (job.error)
    return <FaultNotice fault={{ ...job.error.data, code: job.error.code, message: job.error.message }} />
  return (
    <p className="row small" role="status">
      <State name={job.status} />
      <span className="num">{job.detail}</span>
      {job.status === 'running' && job.progress !== undefined && <progress value={job.progress} />}
      {job.status === 'running' && (
        <button type="button" className="link" onClick={followed.cancel}>
          Cancel
        </button>
      )}
    </p>
  )
}
