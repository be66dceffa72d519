import { useMutation, useQuery } from '@tanstack/react-query'
import type { RowEdit } from '../../src-main/rowEditContract.ts'
import { queryClient, rpc } from '../rpc/client.ts'
import { type Staged, stepsTo } from './staged.ts'

type Steps = Record<string, RowEdit | null>

// By table, what the backend has not taken yet: it goes along with the next change.
const unkept = new Map<string, Steps>()

/**
 * The staged changes of a table. The backend keeps each at once, so that they outlive the tab, the window and a crash;
 * what it could not take stays here until it does.
 */
export function useStaged(schema: string, name: string) {
  const id = JSON.stringify([schema, name])
  // Never read again by itself: what is here may be newer than what the backend could take.
  const options = rpc.drafts.readEdits.queryOptions({
    input: { schema, name },
    staleTime: Number.POSITIVE_INFINITY,
    gcTime: Number.POSITIVE_INFINITY,
  })
  const read = useQuery(options)
  const keep = useMutation(
    rpc.drafts.keepEdits.mutationOptions({
      scope: { id: `staged ${id}` },
      onSuccess: (_kept, { edits }) => {
        const left = Object.entries(unkept.get(id) ?? {}).filter(([key, edit]) => edits[key] !== edit)
        unkept.set(id, Object.fromEntries(left))
        void queryClient.invalidateQueries({ queryKey: rpc.drafts.listEdits.key() })
      },
    }),
  )
  const send = () => keep.mutate({ schema, name, edits: unkept.get(id) ?? {} })
  return {
    staged: read.data ?? {},
    isRead: read.isSuccess,
    /** Why they could not be read, or the last of them not be kept. */
    error: read.error ?? keep.error,
    change: (next: (was: Staged) => Staged) => {
      const was = queryClient.getQueryData<Staged>(options.queryKey) ?? {}
      const staged = next(was)
      queryClient.setQueryData(options.queryKey, staged)
      unkept.set(id, { ...unkept.get(id), ...stepsTo(was, staged) })
      send()
    },
    tryAgain: () => (read.isError ? void read.refetch() : send()),
  }
}
