import { eventIterator } from '@orpc/contract'
import { z } from 'zod'
import { contract } from '../contract.ts'
import { startedJobSchema } from '../jobs/contract.ts'

export const auditActions = ['insert', 'update', 'delete', 'truncate', 'event'] as const

export const auditEntrySchema = z.object({
  sequence: z.number(),
  /** ISO 8601 in UTC with microseconds. */
  occurredAt: z.string(),
  action: z.enum(auditActions),
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

/** A place in the log: the time and the number of an entry, `2026-11-25T09:12:37.123456Z 4711`. */
const placeSchema = z.string().regex(/^\d{4,6}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d{1,6})?Z \d+$/)

/** What to look for. Always a window of time, so that only its partitions are read. */
export const auditFilterSchema = z.object({
  from: z.coerce.date(),
  to: z.coerce.date(),
  /** Part of the user, of the person on whose behalf, or of the application. */
  actor: z.string().max(200).optional(),
  /** `schema.table`, or a schema alone. */
  table: z.string().max(200).optional(),
  action: z.enum(auditActions).optional(),
  /** The key of a row as JSON (`{"code": "crm"}`), or part of its text. */
  key: z.string().max(2000).optional(),
  /** Part of the values before or after, in any case. */
  text: z.string().max(200).optional(),
  transaction: z.coerce.number().int().optional(),
  /** Also what the app itself has read: left out unless asked for. */
  withOwnReads: z.coerce.boolean().optional(),
})

export type AuditFilter = z.infer<typeof auditFilterSchema>

const pageSchema = z.object({
  entries: z.array(auditEntrySchema),
  /** Goes on from here; null at the beginning of the window. */
  next: placeSchema.nullable(),
  /** The page is not full because the time to search was over: until when it has searched. */
  searchedUntil: z.string().nullable(),
  /** Personal values are masked for this role. */
  isMasked: z.boolean(),
})

export type AuditPage = z.infer<typeof pageSchema>

export const verificationSchema = z.object({
  isIntact: z.boolean(),
  checkedEntries: z.number(),
  durationMs: z.number(),
  finishedAt: z.date(),
  /** The first entry that does not fit, and in which way. */
  firstBad: z.object({ sequence: z.number().nullable(), kind: z.string(), detail: z.string() }).nullable(),
})

export type Verification = z.infer<typeof verificationSchema>

export const exportFormats = ['csv', 'jsonl'] as const

export const auditContract = {
  /** Entries of a window, newest first, by the keys of the log: a page deep down costs what the first does. */
  list: contract
    .route({ method: 'GET', path: '/audit' })
    .input(
      auditFilterSchema.extend({
        before: placeSchema.optional(),
        limit: z.coerce.number().int().min(1).max(500).default(200),
      }),
    )
    .output(pageSchema),
  /** How many entries each hour of a window has. */
  heatmap: contract
    .route({ method: 'GET', path: '/audit/activity' })
    .input(auditFilterSchema)
    .output(z.array(z.object({ day: z.string(), hour: z.number(), entries: z.number() }))),
  /** Entries as they are made, in the order of the log and without a gap, from now on or after a place. */
  watch: contract
    .input(auditFilterSchema.omit({ from: true, to: true }).extend({ after: placeSchema.optional() }))
    .output(
      eventIterator(
        z.object({
          entries: z.array(auditEntrySchema),
          /** Entries that passed, wanted or not. */
          seen: z.number(),
          place: placeSchema,
        }),
      ),
    ),
  /**
   * Writes the filtered entries to a file as a job, newest first, and beside it `path.manifest.json`, by which a copy is
   * known again. While it is written, and if that fails, the file is named `.partial` and there is no manifest.
   */
  export: contract
    .route({ method: 'POST', path: '/audit/export' })
    .input(
      z.object({
        filter: auditFilterSchema,
        format: z.enum(exportFormats),
        path: z.string().min(1),
        isReplacing: z.boolean().default(false),
      }),
    )
    .output(startedJobSchema),
  /** Checks the hash chain from its first entry to its last, as a job. A broken chain is a result, never an error. */
  verify: contract.route({ method: 'POST', path: '/audit/verify' }).output(startedJobSchema),
  /** What the last check of this session found; null before the first. */
  lastVerification: contract
    .route({ method: 'GET', path: '/audit/verification' })
    .output(verificationSchema.nullable()),
}
