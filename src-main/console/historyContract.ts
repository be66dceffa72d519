import { z } from 'zod'
import { contract } from '../contract.ts'

export const historyEntrySchema = z.object({
  id: z.number(),
  at: z.date(),
  text: z.string(),
  durationMs: z.number(),
  rows: z.number(),
  error: z.string().nullable(),
})

export type HistoryEntry = z.infer<typeof historyEntrySchema>

/** What was run. */
export const historyContract = {
  /** What was run on this environment, newest first: all that holds every word. `total` counts what is kept. */
  listHistory: contract
    .route({ method: 'GET', path: '/console/history' })
    .input(
      z.object({
        search: z.string().default(''),
        limit: z.coerce.number().int().min(1).max(500).default(100),
      }),
    )
    .output(z.object({ entries: z.array(historyEntrySchema), total: z.number().int() })),
  /** Forgets one entry, or without an id all of this environment. */
  removeHistory: contract
    .route({ method: 'DELETE', path: '/console/history' })
    .input(z.object({ id: z.coerce.number().int().optional() }))
    .output(z.object({ removed: z.number().int() })),
}
