import { useEffect } from 'react'
import { create } from 'zustand'
import type { Job } from '../../src-main/jobs/contract.ts'
import { client, queryClient } from '../rpc/client.ts'
import { useLive } from '../rpc/useLive.ts'

const useJobsStore = create<{ jobs: Job[] }>(() => ({ jobs: [] }))

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
    const before = useJobsStore.getState().jobs
    useJobsStore.setState({ jobs: data })
    const wasRunning = new Set(before.filter(({ status }) => status === 'running').map(({ id }) => id))
    if (data.some(({ id, status }) => status !== 'running' && wasRunning.has(id)))
      void queryClient.invalidateQueries()
  }, [data])
}
