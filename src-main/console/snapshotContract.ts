import { z } from 'zod'
import { contract } from '../contract.ts'
import { pinnedResultSchema } from './sessionContract.ts'
import { session } from './statementContract.ts'

export const snapshotSchema = z.object({
  id: z.string(),
  ranAt: z.date(),
  rows: z.number().int(),
  sizeBytes: z.number().int(),
  /** Columns that are not kept: they are masked by policy, or nobody can tell whether they hold what is. */
  leftOut: z.array(z.string()),
})

export type Snapshot = z.infer<typeof snapshotSchema>

/** What a statement gave when it was run before: results that are kept by themselves, within bounds. */
export const snapshotContract = {
  /** The earlier runs of the statement that gave a result, with the same values, newest first; not the one that gave it. */
  listSnapshots: contract
    .route({ method: 'GET', path: '/console/results/{resultId}/snapshots' })
    .input(z.object({ resultId: z.string() }))
    .output(
      z.object({
        snapshots: z.array(snapshotSchema),
        /** So many are kept of one statement, and a result of so many bytes at most. */
        mostRuns: z.number().int(),
        mostBytes: z.number().int(),
      }),
    ),
  /** Takes what an earlier run gave into a tab, as a pinned result. */
  recallSnapshot: contract
    .route({ method: 'POST', path: '/console/snapshots/{snapshotId}/recall' })
    .input(session.extend({ snapshotId: z.string() }))
    .output(pinnedResultSchema),
  /** Forgets the earlier runs of the statement that gave a result. */
  removeSnapshots: contract
    .route({ method: 'DELETE', path: '/console/results/{resultId}/snapshots' })
    .input(z.object({ resultId: z.string() }))
    .output(z.object({ removed: z.number().int() })),
}
