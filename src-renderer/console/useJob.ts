import { useMutation, useQuery } from '@tanstack/react-query'
import { client, rpc } from '../rpc/client.ts'

const pollMs = 300

/** Starts a job and follows it until it has ended. */
export function useJob(start: () => Promise<{ jobId: string }>) {
  const started = useMutation({ mutationFn: start })
  const jobId = started.data?.jobId
  const job = useQuery({
    ...rpc.jobs.get.queryOptions({ input: { id: jobId ?? '' } }),
    enabled: jobId !== undefined,
    refetchInterval: ({ state }) => (state.data?.status === 'running' ? pollMs : false),
  })
  return {
    start: () => started.mutate(),
    cancel: () => void (jobId && client.jobs.cancel({ id: jobId })),
    error: started.error,
    job: jobId === undefined ? undefined : job.data,
    isRunning: started.isPending || job.data?.status === 'running',
  }
}

export type FollowedJob = ReturnType<typeof useJob>
