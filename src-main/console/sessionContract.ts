import { eventIterator } from '@orpc/contract'
import { z } from 'zod'
import { contract } from '../contract.ts'
import { consoleRunSchema, session, statementSchema } from './statementContract.ts'

export const isolationLevels = ['read committed', 'repeatable read', 'serializable'] as const

/** How a tab's session is set up; null leaves to the server what it has for this role and database. */
export const sessionSettingsSchema = z.object({
  /** Off: the first statement opens a transaction, which stays open until somebody ends it. */
  isAutocommit: z.boolean().default(true),
  isolation: z.enum(isolationLevels).nullable().default(null),
  role: z.string().min(1).max(63).nullable().default(null),
  /** As SQL has it: `explore, public`. */
  searchPath: z.string().min(1).max(1000).nullable().default(null),
  statementTimeoutMs: z.number().int().min(0).max(2_147_483_647).nullable().default(null),
  lockTimeoutMs: z.number().int().min(0).max(2_147_483_647).nullable().default(null),
  idleInTransactionTimeoutMs: z.number().int().min(0).max(2_147_483_647).nullable().default(null),
})

export type SessionSettings = z.infer<typeof sessionSettingsSchema>

/** A result that stays although its tab runs anew, and over a restart. */
export const pinnedResultSchema = z.object({
  /** When it was run. */
  ranAt: z.date(),
  /** By which a statement of any tab reads it: `from @name`. */
  name: z.string().nullable().default(null),
  statement: statementSchema,
})

export type PinnedResult = z.infer<typeof pinnedResultSchema>

/** How a read-only session keeps from writing, beside the server's read-only transactions. */
export const readOnlyGuardSchema = z.object({
  /** The login that it has in the place of the own one, with no right but to read; null where the own one needs none. */
  login: z.string().nullable(),
  /** The role that its statements take; null where the server has none for it. */
  role: z.string().nullable(),
  /** What none of it prevents. */
  warning: z.string().nullable(),
  /** The login that would prevent it can be made. */
  canMakeLogin: z.boolean(),
})

export type ReadOnlyGuard = z.infer<typeof readOnlyGuardSchema>

/** What somebody told a channel that a tab listens to. */
export const notificationSchema = z.object({
  /** The first that came to the tab is 1. */
  number: z.number().int(),
  at: z.date(),
  channel: z.string(),
  payload: z.string(),
  /** The backend of who told it. */
  processId: z.number().int(),
})

/** A tab: its session with the server, and what it ran last. */
export const sessionSchema = z.object({
  isRunning: z.boolean(),
  isCancelling: z.boolean(),
  /** Nothing that it runs can write. */
  isReadOnly: z.boolean(),
  /** Null while it is not read-only, or not connected. */
  guard: readOnlyGuardSchema.nullable(),
  startedAt: z.date().nullable(),
  /** The backend's process id; null while not connected. */
  processId: z.number().int().nullable(),
  transaction: z.enum(['idle', 'open', 'failed']),
  transactionSince: z.date().nullable(),
  /** Rows that the open transaction has changed. */
  changedRows: z.number().int(),
  /** What happened to the connection since the last run. */
  remark: z.string().nullable(),
  /** The statements of the transaction that went with the connection: what they had changed is not there. */
  rolledBack: z.array(z.object({ text: z.string(), command: z.string().nullable() })),
  settings: sessionSettingsSchema,
  run: consoleRunSchema.nullable(),
  /** It listens to a channel, by LISTEN. */
  isListening: z.boolean(),
  /** That came since the tab was opened. */
  notifications: z.number().int(),
  /** In the order in which they were pinned. */
  pinned: z.array(pinnedResultSchema),
})

export type Notification = z.infer<typeof notificationSchema>

export type SessionState = z.infer<typeof sessionSchema>

/** Tabs and their sessions with the server. */
export const sessionContract = {
  /** The tab now and after every change, also after a reload of the window. Opens no connection. */
  watch: contract.input(session).output(eventIterator(sessionSchema)),
  /** Sets a session up anew: at once where no transaction is open, else with the next one. */
  configure: contract
    .route({ method: 'POST', path: '/console/settings' })
    .input(session.extend({ settings: sessionSettingsSchema }))
    .output(sessionSettingsSchema),
  /**
   * Binds a tab to the server's read-only transactions and to the least role, or frees it. A superuser's tab opens its session
   * anew by a login that may only read; `makesLogin` makes that where the server has none.
   */
  setReadOnly: contract
    .route({ method: 'POST', path: '/console/read-only' })
    .input(session.extend({ isReadOnly: z.boolean(), makesLogin: z.boolean().default(false) }))
    .output(readOnlyGuardSchema.nullable()),
  /** What came to the channels that a tab listens to (`LISTEN`): the last thousand, newest first. */
  listNotifications: contract
    .route({ method: 'GET', path: '/console/notifications' })
    .input(session)
    .output(z.array(notificationSchema)),
  cancel: contract
    .route({ method: 'POST', path: '/console/cancel' })
    .input(session)
    .output(z.object({ isCancelled: z.boolean() })),
  /** Goes on with a result that was paused at its size. */
  resume: contract
    .route({ method: 'POST', path: '/console/resume' })
    .input(session)
    .output(z.object({ isResumed: z.boolean() })),
  /** Ends a session: an open transaction is rolled back, its results are forgotten. */
  close: contract
    .route({ method: 'POST', path: '/console/close' })
    .input(session)
    .output(z.object({ isClosed: z.boolean() })),
}
