import { useEffect } from 'react'
import { create } from 'zustand'
import type { Job } from '../../src-main/jobs/contract.ts'
import { client, queryClient } from '../rpc/client.ts'
import { useLive } from '../rpc/useLive.ts'

const seenKey = 'atlas.alerts.seen'

const useJobsStore = create<{ jobs: Job[]; endedIds?: ReadonlySet<string>; alertsSeenAt: number }>(() => ({
  jobs: [],
  alertsSeenAt: Number(localStorage.getItem(seenKey) ?? 0),
}))

/** Alerts that have happened since somebody looked at the jobs. */
export function useUnseenAlerts(): number {
  return useJobsStore(
    ({ jobs, alertsSeenAt }) =>
      jobs.filter((job) => hasHappened(job) && (job.finishedAt?.getTime() ?? 0) > alertsSeenAt).length,
  )
}

/** Takes the alerts so far as seen. */
export function seeAlerts(): void {
  const alertsSeenAt = Date.now()
  localStorage.setItem(seenKey, String(alertsSeenAt))
  useJobsStore.setState({ alertsSeenAt })
}

const hasHappened = ({ isAlert, status }: Job) => isAlert === true && status === 'succeeded'

/** A browser tells it where somebody has allowed it to; in the desktop no page may, and its main process does. */
function notify({ id, title }: Job): void {
  if ('Notification' in window && Notification.permission === 'granted')
    new Notification('Atlas Desktop', { body: title, tag: id })
}

/** Every job, live: those that run, then the last finished ones. */
export function useJobs(): Job[] {
  return useJobsStore(({ jobs }) => jobs)
}

/** The job with this id, or undefined before the feed has it. */
export function useJob(id: string | undefined): Job | undefined {
  return useJobsStore(({ jobs }) => jobs.find((job) => job.id === id))
}

/** Holds the one feed of the window; when a job ends, everything on the screen is read again. */
export function useJobsFeed(): void {
  const { data } = useLive('jobs', (signal) => client.jobs.watch(undefined, { signal }))
  useEffect(() => {
    if (!data) return
    const known = useJobsStore.getState().endedIds
    const all = data.filter(({ status }) => status !== 'running')
    useJobsStore.setState({ jobs: data, endedIds: new Set(all.map(({ id }) => id)) })
    // A short one may have begun and ended between two words of the feed: it was never seen to run.
    const ended = known ? all.filter(({ id }) => !known.has(id)) : []
    for (const job of ended.filter(hasHappened)) notify(job)
    if (ended.length > 0) void queryClient.invalidateQueries()
  }, [data])
}
