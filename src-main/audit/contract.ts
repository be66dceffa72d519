import { z } from 'zod'
import { contract } from '../contract.ts'

const action = z.enum(['insert', 'update', 'delete', 'truncate', 'event'])

export const auditEntrySchema = z.object({
  sequence: z.number(),
  /** ISO 8601 in UTC with microseconds. */
  occurredAt: z.string(),
  action,
  schema: z.string(),
  table: z.string(),
  rowKey: z.record(z.string(), z.unknown()),
  old: z.record(z.string(), z.unknown()).nullable(),
  new: z.record(z.string(), z.unknown()).nullable(),
  user: z.string(),
  role: z.string(),
  actor: z.string().nullable(),
  application: z.string(),
  address: z.string().nullable(),
  transactionId: z.number(),
})

export type AuditEntry = z.infer<typeof auditEntrySchema>

/** Always a window of time, so that only its partitions are read. */
const window = z.object({ from: z.coerce.date(), to: z.coerce.date() })

export const auditContract = {
  /** Entries of a window, newest first; `before` goes on from an entry. */
  list: contract
    .route({ method: 'GET', path: '/audit' })
    .input(
      window.extend({
        table: z.string().optional(),
        user: z.string().optional(),
        action: action.optional(),
        before: z.number().int().optional(),
        limit: z.number().int().min(1).max(500).default(200),
      }),
    )
    .output(z.array(auditEntrySchema)),
  /** How many entries each day of a window has, by action. */
  heatmap: contract
    .route({ method: 'GET', path: '/audit/activity' })
    .input(window)
    .output(z.array(z.object({ day: z.string(), hour: z.number(), entries: z.number() }))),
  /** Checks the hash chain of a window. A broken chain is a result, never an error. */
  verify: contract
    .route({ method: 'POST', path: '/audit/verify' })
    .input(z.object({ from: z.coerce.date().optional(), to: z.coerce.date().optional() }))
    .output(
      z.object({
        isIntact: z.boolean(),
        checkedEntries: z.number(),
        durationMs: z.number(),
        /** The first entry that does not fit, and in which way. */
        firstBad: z
          .object({ sequence: z.number().nullable(), kind: z.string(), detail: z.string() })
          .nullable(),
      }),
    ),
}
