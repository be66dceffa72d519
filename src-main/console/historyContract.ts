import { z } from 'zod'
import { contract } from '../contract.ts'

export const historyEntrySchema = z.object({
  id: z.number(),
  /** Where it ran, by the name that this had then. */
  environment: z.string(),
  /** It ran on the present environment. */
  isHere: z.boolean(),
  at: z.date(),
  text: z.string(),
  durationMs: z.number(),
  rows: z.number(),
  error: z.string().nullable(),
})

export type HistoryEntry = z.infer<typeof historyEntrySchema>

/** What ran on the present environment, or on any. */
const scopeSchema = z.enum(['environment', 'all']).default('environment')
export type HistoryScope = z.infer<typeof scopeSchema>

/** What was run. */
export const historyContract = {
  /** What was run, newest first: all that holds every word. `total` counts what is kept. */
  listHistory: contract
    .route({ method: 'GET', path: '/console/history' })
    .input(
      z.object({
        search: z.string().default(''),
        scope: scopeSchema,
        limit: z.coerce.number().int().min(1).max(500).default(100),
      }),
    )
    .output(z.object({ entries: z.array(historyEntrySchema), total: z.number().int() })),
  /** Forgets one entry, or without an id all of the scope. */
  removeHistory: contract
    .route({ method: 'DELETE', path: '/console/history' })
    .input(z.object({ id: z.coerce.number().int().optional(), scope: scopeSchema }))
    .output(z.object({ removed: z.number().int() })),
}
