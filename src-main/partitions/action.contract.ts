import { z } from 'zod'
import { contract } from '../contract.ts'
import { startedJobSchema } from '../jobs/contract.ts'
import { relationSchema, strategy } from './table.contract.ts'

/** A day of a range over time, or any other bound, as text that PostgreSQL reads. */
const boundText = z.string().min(1).max(200)

export const boundInputSchema = z.discriminatedUnion('kind', [
  z.object({ kind: z.literal('range'), from: boundText, to: boundText }),
  z.object({ kind: z.literal('list'), values: z.array(z.string().max(1000)).min(1).max(1000) }),
  z.object({
    kind: z.literal('hash'),
    modulus: z.number().int().positive(),
    remainder: z.number().int().min(0),
  }),
  z.object({ kind: z.literal('default') }),
])

export type BoundInput = z.infer<typeof boundInputSchema>

const attachSchema = z.object({
  kind: z.literal('attach'),
  table: relationSchema,
  partition: relationSchema,
  bound: boundInputSchema,
})

const detachSchema = z.object({
  kind: z.literal('detach'),
  partition: relationSchema,
  isConcurrent: z.boolean(),
  /** Where the table is moved to; it stays in its schema without. */
  toSchema: z.string().min(1).optional(),
})

export const actionSchema = z.discriminatedUnion('kind', [
  /** Makes the next partitions after the last one, each as long as it. */
  z.object({
    kind: z.literal('ensure'),
    table: relationSchema,
    count: z.number().int().min(1).max(400),
  }),
  /** Makes a partition of what lies in the default one. */
  z.object({
    kind: z.literal('split'),
    table: relationSchema,
    name: z.string().min(1),
    bound: boundInputSchema,
    batchRows: z.number().int().min(1).max(1_000_000).default(20_000),
  }),
  attachSchema,
  /** Makes one partition, which may be partitioned again. Rows of its bound leave the default partition. */
  z.object({
    kind: z.literal('create'),
    table: relationSchema,
    name: z.string().min(1),
    bound: boundInputSchema,
    by: z.object({ strategy, columns: z.array(z.string().min(1)).min(1).max(32) }).optional(),
  }),
  /** Makes what is missing between the first and the last partition, in periods as long as the last. */
  z.object({ kind: z.literal('fill'), table: relationSchema }),
  detachSchema,
  /** Detaches or drops what ended before a day (`2026-01-31`, midnight UTC), except what a legal hold keeps. */
  z.object({
    kind: z.literal('retain'),
    table: relationSchema,
    before: z.iso.date(),
    toSchema: z.string().min(1).optional(),
    /** What leaves is dropped with its rows, and does not stay as a table. */
    isDropped: z.boolean().optional(),
  }),
  z.object({ kind: z.literal('finalize'), partition: relationSchema }),
  z.object({ kind: z.literal('drop'), partition: relationSchema }),
  z.object({ kind: z.literal('analyze'), table: relationSchema }),
])

export type Action = z.infer<typeof actionSchema>

export const planSchema = z.object({
  title: z.string(),
  /** What will be touched: name and value, the ones to look at marked. */
  facts: z.array(z.object({ name: z.string(), value: z.string(), isWarning: z.boolean() })),
  /** Statements that commit together, in their order. */
  transactions: z.array(
    z.object({
      /** False for what PostgreSQL runs outside a transaction only. */
      isTransaction: z.boolean(),
      steps: z.array(
        z.object({
          sql: z.string(),
          lock: z.string().nullable(),
          on: z.string().nullable(),
          blocks: z.string().nullable(),
          note: z.string().nullable(),
        }),
      ),
    }),
  ),
  isDestructive: z.boolean(),
  /** Why it cannot be done, and what can instead. A plan that is refused does not run. */
  refusal: z.object({ reason: z.string(), instead: z.string() }).nullable(),
  /** What has to be repeated as `confirm` before it runs; null where nothing has. */
  confirm: z.string().nullable(),
  /** What takes it back, as an action that can be planned; null where none does. */
  undo: z.discriminatedUnion('kind', [attachSchema, detachSchema]).nullable(),
  /** What the button says: `Drop about 3,904,118 rows`. */
  button: z.string(),
})

export type Plan = z.infer<typeof planSchema>

export const actionContract = {
  /** Reads the default partition of a table: its rows by the period (or value) that a partition is missing for. */
  countDefault: contract
    .route({ method: 'POST', path: '/partitions/count-default' })
    .input(relationSchema)
    .output(
      z.array(
        z.object({
          label: z.string(),
          rows: z.number(),
          /** The partition that would take them; null where the app cannot tell it. */
          split: z.object({ name: z.string(), bound: boundInputSchema }).nullable(),
        }),
      ),
    ),
  /** Tables that have the columns of a partitioned one and are no partitions. */
  listCandidates: contract
    .route({ method: 'GET', path: '/partitions/candidates' })
    .input(relationSchema)
    .output(z.array(relationSchema.extend({ estimatedRows: z.number() }))),
  /** What an action would do: its statements, their locks, what they touch. Changes nothing. */
  plan: contract
    .route({ method: 'POST', path: '/partitions/plan' })
    .input(z.object({ action: actionSchema }))
    .output(planSchema),
  /** Does it. A plan that asks for confirmation needs `confirm`, else `CONFIRMATION_NEEDED`. */
  apply: contract
    .route({ method: 'POST', path: '/partitions/apply' })
    .input(z.object({ action: actionSchema, confirm: z.string().optional() }))
    .output(startedJobSchema),
  /** Makes what is missing up to the horizon on every partitioned table of the platform. */
  ensure: contract
    .route({ method: 'POST', path: '/partitions/ensure' })
    .input(z.object({ horizonMonths: z.number().int().min(1).max(60).optional() }))
    .output(startedJobSchema),
}
