import { z } from 'zod'
import { contract } from '../contract.ts'
import { source } from './statementContract.ts'

/** One step of a plan. Times and rows are of all its loops together; null where it was not run. */
export const planNodeSchema = z.object({
  id: z.number().int(),
  parentId: z.number().int().nullable(),
  depth: z.number().int(),
  /** `Index Scan`. */
  type: z.string(),
  /** What it works on: `chart.staging_template s using staging_pkey`. */
  target: z.string(),
  totalMs: z.number().nullable(),
  /** Without its children. */
  exclusiveMs: z.number().nullable(),
  exclusiveCost: z.number(),
  estimatedRows: z.number(),
  actualRows: z.number().nullable(),
  loops: z.number().nullable(),
  /** Actual by estimated rows, or the other way round: how far the planner was off. */
  errorFactor: z.number().nullable(),
  /** Blocks of 8 kB, its children not counted. */
  blocks: z.object({ hit: z.number(), read: z.number(), written: z.number(), temp: z.number() }),
  ioMs: z.number(),
  /** None is launched by a plan that was not run: null. */
  workers: z.object({ planned: z.number(), launched: z.number().nullable() }).nullable(),
})

export type PlanNode = z.infer<typeof planNodeSchema>

export const planSchema = z.object({
  statement: z.string(),
  isAnalyzed: z.boolean(),
  planningMs: z.number().nullable(),
  executionMs: z.number().nullable(),
  jitMs: z.number().nullable(),
  triggers: z.array(z.object({ name: z.string(), ms: z.number(), calls: z.number() })),
  settings: z.array(z.tuple([z.string(), z.string()])),
  nodes: z.array(planNodeSchema),
  hints: z.array(
    z.object({
      nodeId: z.number().int().nullable(),
      text: z.string(),
      /** What would help, to try. */
      sql: z.string().nullable(),
    }),
  ),
  /** As the server gave it, its steps in the order of `nodes`: what else it says of them is read there. */
  json: z.string(),
})

export type Plan = z.infer<typeof planSchema>

export const explainContract = {
  /**
   * The plan of one statement on the tab's session. Analyzed, it is run in a transaction, or behind a savepoint of the open
   * one, that is rolled back.
   */
  explain: contract.input(source.extend({ isAnalyzed: z.boolean() })).output(planSchema),
  /** Reads a plan that somebody has as JSON: `explain (format json)`, or a file of auto_explain. */
  readPlan: contract.input(z.object({ json: z.string().max(64 * 1024 * 1024) })).output(planSchema),
}
