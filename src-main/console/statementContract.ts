import { eventIterator } from '@orpc/contract'
import { z } from 'zod'
import { contract } from '../contract.ts'
import { faultSchema } from '../errors.ts'
import { startedJobSchema } from '../jobs/contract.ts'

/** Types that a parameter is asked in; `auto` leaves it to the server, which sees where the parameter stands. */
export const parameterTypes = [
  ...(['auto', 'text', 'int8', 'numeric', 'float8', 'bool', 'date', 'timestamptz', 'timestamp'] as const),
  ...(['interval', 'uuid', 'jsonb', 'text[]', 'int8[]'] as const),
] as const

export const parameterValueSchema = z.object({
  type: z.enum(parameterTypes).default('auto'),
  /** As the server reads it in text form; null is NULL. */
  value: z.string().nullable(),
})

export type ParameterValue = z.infer<typeof parameterValueSchema>

export const resultColumnSchema = z.object({ name: z.string(), type: z.string() })

/** How one statement of a run went. */
export const statementSchema = z.object({
  index: z.number().int(),
  /** The statement, or the beginning of a long one; `length` is of all of it, in UTF-16 units. */
  text: z.string(),
  length: z.number().int().default(0),
  line: z.number().int(),
  status: z.enum(['running', 'succeeded', 'failed', 'cancelled', 'skipped']),
  /** As PostgreSQL says it: `INSERT 0 5`. */
  command: z.string().nullable(),
  /** Rows of the result that are held, or rows that the statement touched. */
  rows: z.number(),
  durationMs: z.number(),
  /** Until the server answered before it began: a way there and back. Null where it was never reached. */
  roundTripMs: z.number().nullable(),
  /** Until word came that it was parsed and planned, the way there and back included. */
  planMs: z.number().nullable(),
  /** Until the first bytes of rows came. From there to the end the server runs and sends at the same time. */
  firstRowMs: z.number().nullable(),
  columns: z.array(resultColumnSchema),
  /** Asks for its rows; null where it has none. */
  resultId: z.string().nullable(),
  /** The rows stop here although the server has more. */
  isCut: z.boolean(),
  /** Why they stop: at the bound of rows or of bytes, by a cancel, or because the statement failed. */
  stopped: z.enum(['rows', 'bytes', 'cancelled', 'error']).nullable(),
  /** The server waits: so much is kept already that somebody has to say whether to go on. */
  isPaused: z.boolean(),
  sizeBytes: z.number(),
  /** What psql writes above and below the grid of one of its commands. */
  title: z.string().nullable(),
  footers: z.array(z.string()),
  /** One value a line was asked for: `\\x`, `\\gx`. */
  isExpanded: z.boolean(),
  /** A text that a command asks to be opened in a tab. */
  opened: z.string().nullable(),
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

/** What a statement would destroy, and what hangs on it. */
export const blastSchema = z.object({
  line: z.number().int(),
  text: z.string(),
  what: z.string(),
  isCascade: z.boolean(),
  /** Rows that it touches, by the server's plan or by its statistics; null where neither knows. */
  rows: z.number().nullable(),
  objects: z.array(
    z.object({
      type: z.string(),
      name: z.string(),
      rows: z.number().nullable(),
      sizeBytes: z.number().nullable(),
      partitions: z.number().int(),
      triggers: z.array(z.string()),
      /** Foreign keys of other tables that point here, with what they do: `orders: cascade`. */
      references: z.array(z.string()),
      /** Views and functions that are built on it. */
      dependants: z.array(z.string()),
    }),
  ),
})

export type Blast = z.infer<typeof blastSchema>

/** What a write has done in its open transaction: rows as they were, and as they are if it is committed. */
export const previewSchema = z.object({
  verb: z.enum(['insert', 'update', 'delete']),
  table: z.string(),
  columns: z.array(z.string()),
  /** All that it touched; `changes` holds the first 500. */
  rows: z.number().int(),
  changes: z.array(
    z.object({
      before: z.array(z.string().nullable()).nullable(),
      after: z.array(z.string().nullable()).nullable(),
    }),
  ),
})

export type Preview = z.infer<typeof previewSchema>

/** The tab that a call is about. */
export const session = z.object({ sessionId: z.string().min(1).max(100) })

/** The text that a call is about, and what of it. */
export const source = session.extend({
  /** Without it the tab's own draft is meant, at this version: for one statement, megabytes need not cross. */
  text: z
    .string()
    .max(64 * 1024 * 1024)
    .optional(),
  version: z.number().int().optional(),
  /** Only the statement at this offset of the text. */
  cursor: z.number().int().min(0).optional(),
  /** Only what begins and ends here. */
  range: z.object({ start: z.number().int().min(0), end: z.number().int().min(0) }).optional(),
})

/** What is run: scripts, files, and what they would do or need. */
export const statementContract = {
  /**
   * Runs a script in a session of its own (one a tab), statement by statement, and says how it goes until it has ended.
   * Going away cancels nothing; `cancel` does.
   */
  run: contract
    .input(
      source.extend({
        /** The rows that are asked for; 0 is all. */
        maxRows: z.number().int().min(0).default(0),
        /** The values of `:name`, by name, which go to the server as parameters. */
        parameters: z.record(z.string(), parameterValueSchema).optional(),
        /** A statement that destroys needs this. */
        isConfirmed: z.boolean().default(false),
        /** In production it needs the name too that `assess` asks for. */
        typedName: z.string().optional(),
      }),
    )
    .output(eventIterator(consoleRunSchema)),
  /** What of a text destroys, how much, and what name has to be typed for it in production. Changes nothing. */
  assess: contract
    .input(source.extend({ parameters: z.record(z.string(), parameterValueSchema).optional() }))
    .output(z.object({ blasts: z.array(blastSchema), nameToType: z.string().nullable() })),
  /**
   * Runs one `INSERT`, `UPDATE` or `DELETE` in a transaction that stays open in the tab, and tells what it did there.
   * Commit it or roll it back with `run`.
   */
  preview: contract.input(source).output(previewSchema),
  /**
   * The statement at an offset of the tab's own text: what `run` with this cursor sends. Null where there is none, where it is
   * not closed, or where the text is at another version.
   */
  locate: contract
    .route({ method: 'POST', path: '/console/locate' })
    .input(session.extend({ version: z.number().int(), cursor: z.number().int().min(0) }))
    .output(z.object({ start: z.number().int(), end: z.number().int() }).nullable()),
  /** Functions of the server itself, each with the ways to call it: `name(arguments) → result`. The same until it is upgraded. */
  listFunctions: contract
    .route({ method: 'GET', path: '/console/functions' })
    .output(z.array(z.object({ name: z.string(), signatures: z.array(z.string()) }))),
  /** The parameters that a run would ask for, each once, with the type that the server gives it; null where it cannot tell. */
  listParameters: contract
    .route({ method: 'POST', path: '/console/parameters' })
    .input(source)
    .output(z.array(z.object({ name: z.string(), type: z.string().nullable() }))),
  /**
   * Runs a file of the machine on which Atlas runs, as a job, on a session of its own: it is read as it goes, so its size
   * does not matter. Rows of its queries are passed over. In production the name of the environment has to be typed.
   */
  runFile: contract
    .route({ method: 'POST', path: '/console/files' })
    .input(
      z.object({
        path: z.string().min(1).max(4096),
        /** Ends at the first error; else what failed is counted and the rest is run. */
        isStoppedByError: z.boolean().default(true),
        /** All or nothing. */
        isOneTransaction: z.boolean().default(false),
        typedName: z.string().optional(),
      }),
    )
    .output(startedJobSchema),
}
