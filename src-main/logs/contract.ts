import { eventIterator } from '@orpc/contract'
import { z } from 'zod'
import { contract } from '../contract.ts'

/** The level that a line names, in the words of its program; `none` where it names none. */
export const levels = ['none', 'debug', 'info', 'warn', 'error'] as const

export const levelSchema = z.enum(levels)

export type Level = z.infer<typeof levelSchema>

/** Which lines. What is absent does not narrow. */
export const filterSchema = z.object({
  services: z.array(z.string()).max(200).optional(),
  levels: z.array(levelSchema).optional(),
  from: z.date().optional(),
  to: z.date().optional(),
  /** Searched in the whole log, without the codes that colour it. */
  pattern: z.string().max(1000).optional(),
  isRegex: z.boolean().default(false),
  isCaseSensitive: z.boolean().default(false),
  /** The rows are the matching lines alone; else all lines, of which some match. */
  isOnlyMatching: z.boolean().default(true),
})

export type LogFilter = z.infer<typeof filterSchema>

export const logLineSchema = z.object({
  /** Place among the rows of the view, from 0. */
  row: z.number().int(),
  /** Place in the whole log, from 0. */
  line: z.number().int(),
  /** Milliseconds since 1970, as the engine stamped it. */
  at: z.number(),
  service: z.string(),
  level: levelSchema,
  isError: z.boolean(),
  isMatch: z.boolean(),
  /** As the program wrote it, with the codes that colour it. */
  text: z.string(),
})

export type LogLine = z.infer<typeof logLineSchema>

export const logSummarySchema = z.object({
  /** Names the view for `read`, `findMatch` and `export`; it lives as long as its `watch`. */
  viewId: z.string(),
  project: z.string(),
  /** Lines in the log, and the number of the first that is still kept. */
  lines: z.number().int(),
  firstLine: z.number().int(),
  /** Rows of this view. */
  rows: z.number().int(),
  matches: z.number().int(),
  /** Up to here the search has come. */
  scannedLines: z.number().int(),
  services: z.array(z.object({ name: z.string(), lines: z.number().int() })),
  warnings: z.number().int(),
  errors: z.number().int(),
  firstAt: z.number().nullable(),
  lastAt: z.number().nullable(),
  sizeBytes: z.number(),
  /** `history` while what was written before is read. */
  phase: z.enum(['waiting', 'history', 'following']),
  /** Why a pattern finds nothing: it is not valid, or takes too long. */
  patternError: z.string().nullable(),
})

export type LogSummary = z.infer<typeof logSummarySchema>

const view = z.object({ viewId: z.string() })

/** The merged log of a stack. It is kept on disk in the data process; a window reads the rows that it shows. */
export const logsContract = {
  /** What there is, now and after each change, ten times a second at most. Needs no engine: it waits for one. */
  watch: contract
    .input(z.object({ project: z.string().min(1).max(255).optional(), filter: filterSchema }))
    .output(eventIterator(logSummarySchema)),
  /** Rows of a view. Fewer where there are no more. */
  read: contract
    .input(view.extend({ from: z.number().int().min(0), count: z.number().int().min(1).max(1000) }))
    .output(z.array(logLineSchema)),
  /** The row of the next match after a row, or before it, going round at the ends; null where nothing matches. */
  findMatch: contract
    .input(view.extend({ row: z.number().int().min(-1), isBackward: z.boolean() }))
    .output(z.object({ row: z.number().int().nullable(), match: z.number().int() })),
  /** The row at which a line of the log stands in this view, or the next after it. */
  findRow: contract
    .input(view.extend({ line: z.number().int().min(0) }))
    .output(z.object({ row: z.number().int() })),
  /** The rows as text, piece by piece. */
  export: contract
    .input(
      view.extend({ from: z.number().int().min(0).optional(), count: z.number().int().min(1).optional() }),
    )
    .output(eventIterator(z.string())),
}
