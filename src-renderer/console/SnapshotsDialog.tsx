import { IconArrowsDiff, IconHistory, IconPinned } from '@tabler/icons-react'
import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query'
import { client, rpc } from '../rpc/client.ts'
import { Dialog } from '../ui/Dialog.tsx'
import { EmptyState } from '../ui/EmptyState.tsx'
import { ErrorNotice } from '../ui/ErrorNotice.tsx'
import { formatBytes, formatCount, formatExact, formatTime } from '../ui/format.ts'
import { QueryPanel } from '../ui/QueryPanel.tsx'
import { type HeldStatement, isHeld } from './heldStatement.ts'

interface Props {
  sessionId: string
  statement: HeldStatement
  onCompare: (before: HeldStatement) => void
  onClose: () => void
}

/** What the statement of a result gave when it was run before: to be looked at, or compared with. */
export function SnapshotsDialog({ sessionId, statement, onCompare, onClose }: Props) {
  const cache = useQueryClient()
  const { resultId } = statement
  const options = rpc.console.listSnapshots.queryOptions({ input: { resultId } })
  const found = useQuery({ ...options, gcTime: 0 })
  const recall = useMutation({
    mutationFn: async ({ snapshotId, isCompared }: { snapshotId: string; isCompared: boolean }) => {
      const recalled = await client.console.recallSnapshot({ sessionId, snapshotId })
      if (isCompared && isHeld(recalled.statement)) onCompare(recalled.statement)
    },
    onSuccess: onClose,
  })
  const remove = useMutation({
    mutationFn: () => client.console.removeSnapshots({ resultId }),
    onSuccess: () => cache.invalidateQueries({ queryKey: options.queryKey }),
  })
  const error = recall.error ?? remove.error
  return (
    <Dialog title="Earlier runs" width={660} onClose={onClose}>
      <QueryPanel query={found}>
        {({ snapshots, mostRuns, mostBytes }) => (
          <>
            {snapshots.length === 0 ? (
              <EmptyState icon={<IconHistory className="icon icon--18" />} title="No earlier run is kept">
                Run the statement again: this result is there to compare with then.
              </EmptyState>
            ) : (
              <div className="table-wrap con__snapshots">
                <table className="table" aria-label="Earlier runs">
                  <thead>
                    <tr>
                      <th>Run</th>
                      <th className="r">Rows</th>
                      <th className="r">Size</th>
                      <th>Without</th>
                      <th />
                    </tr>
                  </thead>
                  <tbody>
                    {snapshots.map(({ id, ranAt, rows, sizeBytes, leftOut }) => (
                      <tr key={id}>
                        <td className="num" title={formatExact(ranAt)}>
                          {formatTime(ranAt)}
                        </td>
                        <td className="num r">{formatCount(rows)}</td>
                        <td className="num r">{formatBytes(sizeBytes)}</td>
                        <td className="mono small clip" title={leftOut.join(', ')}>
                          {leftOut.join(', ')}
                        </td>
                        <td className="r">
                          <button
                            type="button"
                            className="btn btn--sm btn--ghost"
                            disabled={recall.isPending}
                            onClick={() => recall.mutate({ snapshotId: id, isCompared: false })}
                          >
                            <IconPinned className="icon icon--14" />
                            Open
                          </button>
                          <button
                            type="button"
                            className="btn btn--sm"
                            disabled={recall.isPending}
                            onClick={() => recall.mutate({ snapshotId: id, isCompared: true })}
                          >
                            <IconArrowsDiff className="icon icon--14" />
                            Compare
                          </button>
                        </td>
                      </tr>
                    ))}
                  </tbody>
                </table>
              </div>
            )}
            {error && <ErrorNotice error={error} />}
            <p className="row small t3">
              <span className="grow">
                The last {mostRuns} runs of a statement are kept on this machine, results up to{' '}
                {formatBytes(mostBytes)}, without columns that are masked by policy or may be made of one.
              </span>
              <button
                type="button"
                className="btn btn--sm btn--ghost"
                disabled={remove.isPending || snapshots.length === 0}
                onClick={() => remove.mutate()}
              >
                Forget these
              </button>
            </p>
          </>
        )}
      </QueryPanel>
    </Dialog>
  )
}
