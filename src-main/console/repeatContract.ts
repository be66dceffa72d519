import { eventIterator } from '@orpc/contract'
import { z } from 'zod'
import { contract } from '../contract.ts'
import { comparisonSchema } from './compareContract.ts'
import { session, statementSchema } from './statementContract.ts'

export const repetitionSchema = z.object({
  at: z.date(),
  /** How often it has been run, this time included. */
  count: z.number().int(),
  /** A result of its own; where it failed, why: then it is the last. */
  statement: statementSchema,
  /** Against the run before; null where it failed. */
  comparison: comparisonSchema.nullable(),
})

export type Repetition = z.infer<typeof repetitionSchema>

export const repeatContract = {
  /**
   * Runs the statement of a result again and again, each time when the last one has ended and the time has passed, until
   * it fails, its tab runs something else, or the caller goes away. On a session of its own, set up as the tab's, in
   * read-only transactions that are rolled back: it sees what is committed and can change nothing. `UNSUPPORTED` for what is
   * no SELECT. The last two runs are held.
   */
  repeat: contract
    .input(
      session.extend({
        resultId: z.string(),
        everyMs: z.number().int().min(500).max(3_600_000),
      }),
    )
    .output(eventIterator(repetitionSchema)),
}
