import { eventIterator } from '@orpc/contract'
import { z } from 'zod'
import { contract } from '../contract.ts'
import { faultSchema } from '../errors.ts'

export const resultColumnSchema = z.object({ name: z.string(), type: z.string() })

/** How one statement of a run went. */
export const statementSchema = z.object({
  index: z.number().int(),
  text: z.string(),
  line: z.number().int(),
  status: z.enum(['running', 'succeeded', 'failed', 'cancelled']),
  /** As PostgreSQL says it: `INSERT 0 5`. */
  command: z.string().nullable(),
  /** Rows of the result that are held, or rows that the statement touched. */
  rows: z.number(),
  durationMs: z.number(),
  firstRowMs: z.number().nullable(),
  columns: z.array(resultColumnSchema),
  /** Asks for its rows; null where it has none. */
  resultId: z.string().nullable(),
  /** The rows stop here although the server has more. */
  isCut: z.boolean(),
  notices: z.array(z.string()),
  error: z
    .object({
      code: z.string(),
      message: z.string(),
      data: faultSchema,
      line: z.number().int(),
      column: z.number().int(),
    })
    .nullable(),
})

export type StatementRun = z.infer<typeof statementSchema>

export const consoleRunSchema = z.object({
  runId: z.string(),
  status: z.enum(['running', 'succeeded', 'failed', 'cancelled']),
  /** Of the session, after what has run so far. */
  transaction: z.enum(['idle', 'open', 'failed']),
  durationMs: z.number(),
  statements: z.array(statementSchema),
})

export type ConsoleRun = z.infer<typeof consoleRunSchema>

export const historyEntrySchema = z.object({
  id: z.number(),
  at: z.date(),
  text: z.string(),
  durationMs: z.number(),
  rows: z.number(),
  error: z.string().nullable(),
})

export type HistoryEntry = z.infer<typeof historyEntrySchema>

const session = z.object({ sessionId: z.string().min(1).max(100) })

export const consoleContract = {
  /**
   * Runs a script in a session of its own (one a tab), statement by statement, and says how it goes until it has ended.
   * Going away cancels nothing; `cancel` does.
   */
  run: contract
    .input(
      session.extend({
        text: z.string().max(64 * 1024 * 1024),
        maxRows: z.number().int().min(1).max(1_000_000).default(100_000),
        /** In production a statement that destroys needs this. */
        isConfirmed: z.boolean().default(false),
      }),
    )
    .output(eventIterator(consoleRunSchema)),
  cancel: contract
    .route({ method: 'POST', path: '/console/cancel' })
    .input(session)
    .output(z.object({ isCancelled: z.boolean() })),
  /** Rows of a result as exact text, each value cut at 64 KiB. */
  listRows: contract
    .route({ method: 'GET', path: '/console/results/{resultId}' })
    .input(
      z.object({
        resultId: z.string(),
        from: z.coerce.number().int().min(0),
        count: z.coerce.number().int().min(1).max(5000),
      }),
    )
    .output(z.object({ rows: z.array(z.array(z.string().nullable())) })),
  /** Ends a session: an open transaction is rolled back, its results are forgotten. */
  close: contract
    .route({ method: 'POST', path: '/console/close' })
    .input(session)
    .output(z.object({ isClosed: z.boolean() })),
  listHistory: contract
    .route({ method: 'GET', path: '/console/history' })
    .input(
      z.object({
        search: z.string().default(''),
        limit: z.coerce.number().int().min(1).max(500).default(100),
      }),
    )
    .output(z.array(historyEntrySchema)),
}
