import { z } from 'zod'
import { contract } from '../contract.ts'

export const logEntrySchema = z.object({
  /** As the server wrote it, in the zone of `log_timezone`; null where the line says none. */
  at: z.string().nullable(),
  level: z.enum(['debug', 'info', 'warning', 'error']),
  /** The server's own word: `LOG`, `ERROR`, `FATAL`, … */
  severity: z.string(),
  processId: z.number().nullable(),
  user: z.string(),
  database: z.string(),
  application: z.string(),
  sqlState: z.string(),
  message: z.string(),
  /** Detail, hint, context and statement, a line each or more. */
  rest: z.string(),
})

export type LogEntry = z.infer<typeof logEntrySchema>

export const logPageSchema = z.object({
  /** Files of the log, the newest first; empty for the log of the embedded server, which is one file. */
  files: z.array(z.object({ name: z.string(), sizeBytes: z.number(), modifiedAt: z.date() })),
  file: z.string(),
  format: z.enum(['text', 'csv', 'json']),
  sizeBytes: z.number(),
  /** Where in the file the entries begin and end, in bytes: what is before `from` is the next page. */
  from: z.number(),
  to: z.number(),
  /** In the order of the file. */
  entries: z.array(logEntrySchema),
  /** Why there is no log to show, and what would change that. */
  unavailable: z.object({ reason: z.string(), next: z.string() }).nullable(),
})

export type LogPage = z.infer<typeof logPageSchema>

export const logContract = {
  /** The end of the server's log, or the part of a file of it that ends at an offset; at most 256 KB are read. */
  serverLog: contract
    .route({ method: 'GET', path: '/server-log' })
    .input(z.object({ file: z.string().max(1000).optional(), to: z.coerce.number().int().min(0).optional() }))
    .output(logPageSchema),
}
