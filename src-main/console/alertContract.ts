import { z } from 'zod'
import { contract } from '../contract.ts'
import { startedJobSchema } from '../jobs/contract.ts'
import { session } from './statementContract.ts'

/** What of a statement's result somebody waits for. */
export const alertConditionSchema = z
  .object({
    /** A column of the first row, by its place; null is the number of rows. */
    column: z.number().int().min(0).nullable(),
    op: z.enum(['changes', '>', '<', '=']),
    value: z.string().max(1000).default(''),
  })
  .refine(({ column, op, value }) => column !== null || op === 'changes' || /^\d+$/.test(value), {
    path: ['value'],
    message: 'A number of rows is written in digits',
  })

export type AlertCondition = z.infer<typeof alertConditionSchema>

export const alertContract = {
  /**
   * Runs the statement of a result again and again, as `repeat` does but as a job, whoever looks, until the condition has come
   * true: it did not hold for the run before, and does. The job then ends as an alert. `UNSUPPORTED` for what is no SELECT,
   * `CONFLICT` where sixteen wait already.
   */
  startAlert: contract
    .route({ method: 'POST', path: '/console/alerts' })
    .input(
      session.extend({
        resultId: z.string(),
        everyMs: z.number().int().min(500).max(3_600_000),
        condition: alertConditionSchema,
      }),
    )
    .output(startedJobSchema),
}
