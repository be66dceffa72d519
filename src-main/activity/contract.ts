import { z } from 'zod'
import { contract } from '../contract.ts'
import { startedJobSchema } from '../jobs/contract.ts'
import { logContract } from './log.contract.ts'

export const sessionSchema = z.object({
  processId: z.number(),
  /** When it connected, to the microsecond: names a session for sure where a process id is used again. */
  startedAt: z.string(),
  user: z.string(),
  database: z.string(),
  application: z.string(),
  address: z.string().nullable(),
  state: z.string(),
  /** `Lock: transactionid`; null while it works or idles. */
  waitsFor: z.string().nullable(),
  transactionMs: z.number().nullable(),
  /** Of the statement that runs, or since the last one ended. */
  stateMs: z.number().nullable(),
  query: z.string(),
  isOwn: z.boolean(),
  /** The processes that hold what it waits for; 0 is a prepared transaction. */
  blockedBy: z.array(z.number()),
  /** The lock that it waits for: `ShareLock on public.t`. */
  lock: z.string().nullable(),
  waitingMs: z.number().nullable(),
})

export type Session = z.infer<typeof sessionSchema>

export const preparedSchema = z.object({
  /** The name that its transaction manager gave it. */
  name: z.string(),
  /** Its transaction id: names it for sure where a name is used again. */
  transaction: z.string(),
  ageMs: z.number(),
  /** Transactions that began since: vacuum keeps every row that went in that time. */
  transactionsSince: z.number(),
  owner: z.string(),
  database: z.string(),
  /** It can be finished from here: it is of this database, and the user is its owner or a superuser. */
  isFinishable: z.boolean(),
  /** Of this database: `RowExclusiveLock on public.orders`. */
  locks: z.array(z.string()),
})

export type Prepared = z.infer<typeof preparedSchema>

export const settingSchema = z.object({
  name: z.string(),
  /** With its unit, as `show` writes it; null where it may hold a password, or where this user may not see it. */
  value: z.string().nullable(),
  /** What it was compiled with. */
  default: z.string().nullable(),
  category: z.string(),
  description: z.string(),
  /** `configuration file`, `database`, `command line`, … */
  source: z.string(),
  /** `postgresql.conf:17`, for those who may see it. */
  place: z.string().nullable(),
  /** When it takes effect: `postmaster` after a restart, `sighup` after a reload, `user` at once. */
  context: z.string(),
  isChanged: z.boolean(),
  isPendingRestart: z.boolean(),
})

export type Setting = z.infer<typeof settingSchema>

const target = z.object({ processId: z.number().int(), startedAt: z.string() })
const name = z.string().min(1).max(63)
const statement = z.object({ sql: z.string() })

export const maintenanceSchema = z.enum([
  'vacuum',
  'vacuum full',
  'analyze',
  'reindex',
  'reindex concurrently',
  'cluster',
])

export type Maintenance = z.infer<typeof maintenanceSchema>

/** `index` is that of `cluster`. */
const upkeep = z.object({ action: maintenanceSchema, schema: name, name, index: name.optional() })
const outcome = z.enum(['commit', 'rollback'])

export const activityContract = {
  ...logContract,
  /** Every client of the server, and who waits for whom. */
  list: contract.route({ method: 'GET', path: '/activity' }).output(z.array(sessionSchema)),
  /** Transactions that were prepared for a two-phase commit and hold their locks with no session, the oldest first. */
  prepared: contract.route({ method: 'GET', path: '/prepared-transactions' }).output(z.array(preparedSchema)),
  /** The statement that `finishPrepared` would send. */
  previewFinish: contract
    .route({ method: 'POST', path: '/prepared-transactions/preview' })
    .input(z.object({ name: z.string(), outcome }))
    .output(statement),
  /** Commits a prepared transaction or rolls it back, for good. Throws `NOT_FOUND` where it is gone. */
  finishPrepared: contract
    .route({ method: 'POST', path: '/prepared-transactions/finish' })
    .input(z.object({ name: z.string(), transaction: z.string(), outcome }))
    .output(z.object({ statement: z.string() })),
  /** Every setting of the server as this connection has it. */
  settings: contract.route({ method: 'GET', path: '/settings-of-server' }).output(z.array(settingSchema)),
  /** Lets the server read its configuration files again. `FORBIDDEN` without the right to. */
  reload: contract
    .route({ method: 'POST', path: '/settings-of-server/reload' })
    .output(z.object({ isSent: z.boolean() })),
  /** Asks a session to end its statement. Throws `NOT_FOUND` where it is gone. */
  cancel: contract
    .route({ method: 'POST', path: '/activity/{processId}/cancel' })
    .input(target)
    .output(z.object({ isSent: z.boolean() })),
  /** Ends a session; its transaction is rolled back. */
  terminate: contract
    .route({ method: 'POST', path: '/activity/{processId}/terminate' })
    .input(target)
    .output(z.object({ isSent: z.boolean() })),
  /** The statement that `maintain` would send. */
  previewMaintain: contract
    .route({ method: 'POST', path: '/activity/maintain/preview' })
    .input(upkeep)
    .output(statement),
  /** Vacuums, analyzes, reindexes or clusters a table as a job that shows the server's own progress. */
  maintain: contract
    .route({ method: 'POST', path: '/activity/maintain' })
    .input(upkeep)
    .output(startedJobSchema),
}
