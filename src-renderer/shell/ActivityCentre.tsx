import { useNavigate } from '@tanstack/react-router'
import { Dialog } from '../ui/Dialog.tsx'
import { JobCard } from '../ui/JobCard.tsx'
import { useJobs } from '../ui/useJobs.ts'

/** All long work: what runs, and how the last ones ended. */
export function ActivityCentre({ onClose }: { onClose: () => void }) {
  const jobs = useJobs()
  const navigate = useNavigate()
  return (
    <Dialog title="Activity" onClose={onClose}>
      {jobs.length === 0 && (
        <p className="t2">Nothing has run yet. Migrations and sample data show here while they work.</p>
      )}
      <div className="column scroll" style={{ gap: 8, maxHeight: '60vh' }}>
        {jobs.slice(0, 30).map((job) => (
          <JobCard
            key={job.id}
            job={job}
            onShow={
              job.link
                ? () => {
                    onClose()
                    void navigate({ to: job.link })
                  }
                : undefined
            }
          />
        ))}
      </div>
    </Dialog>
  )
}
