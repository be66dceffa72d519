import { z } from 'zod'
import { contract } from '../contract.ts'
import { parameterValueSchema, source } from './statementContract.ts'

/** How long one statement takes, run again and again. Times are those of the whole answer, as it came here. */
export const benchmarkSchema = z.object({
  statement: z.string(),
  /** In the order of the runs. */
  durationsMs: z.array(z.number()),
  minMs: z.number(),
  p50Ms: z.number(),
  p90Ms: z.number(),
  p99Ms: z.number(),
  maxMs: z.number(),
  meanMs: z.number(),
  /** Somebody ended it before all runs were done. */
  isCancelled: z.boolean(),
})

export type Benchmark = z.infer<typeof benchmarkSchema>

export const benchmarkContract = {
  /**
   * Runs one statement so often on the tab's session, each time in a transaction, or behind a savepoint of the open one, that
   * is rolled back; its rows are dropped. `cancel` ends it: what was measured until then is the answer.
   */
  benchmark: contract
    .input(
      source.extend({
        runs: z.number().int().min(2).max(1000),
        parameters: z.record(z.string(), parameterValueSchema).optional(),
      }),
    )
    .output(benchmarkSchema),
}
