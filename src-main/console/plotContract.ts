import { z } from 'zod'
import { contract } from '../contract.ts'

export const plotKinds = ['line', 'bar', 'scatter', 'histogram'] as const
export type PlotKind = (typeof plotKinds)[number]

export const aggregates = ['none', 'sum', 'avg', 'min', 'max', 'count'] as const
export type Aggregate = (typeof aggregates)[number]

export const plotSchema = z.object({
  /** What stands along x: instants in milliseconds since 1970, numbers, or names in their order. */
  axis: z.enum(['time', 'number', 'category']),
  series: z.array(
    z.object({
      name: z.string(),
      /** x and y to draw, and both as exact text to tell. On an axis of names x is their place in `categories`. */
      points: z.array(z.tuple([z.number(), z.number(), z.string(), z.string()])),
    }),
  ),
  categories: z.array(z.string()),
  /** Of a histogram: how wide a step is, in the units of x. */
  stepWidth: z.number().nullable(),
  /** Rows that were looked at, and of those the ones without a number (or time) to draw. */
  rows: z.number().int(),
  leftOut: z.number().int(),
  /** How the rows became fewer points, as a sentence; null where every one is drawn. */
  reduction: z.string().nullable(),
})

export type Plot = z.infer<typeof plotSchema>

export const plotRequestSchema = z.object({
  kind: z.enum(plotKinds),
  /** Null counts the rows themselves; a histogram has none. */
  x: z.number().int().min(0).nullable(),
  /** Of a histogram the one column that is counted. */
  y: z.array(z.number().int().min(0)).max(12),
  /** The column whose values are a series each. */
  series: z.number().int().min(0).nullable().default(null),
  /** What is made of rows with one x. */
  aggregate: z.enum(aggregates).default('none'),
})

export type PlotRequest = z.infer<typeof plotRequestSchema>

export const plotContract = {
  /**
   * The points of a picture of a result, at most a few thousand, made in the data process from every row that is held: sums
   * of whole and decimal numbers are exact. `UNSUPPORTED` where more than 100,000 groups would come of it.
   */
  plot: contract
    .input(
      z.object({
        resultId: z.string(),
        /** Of `arrange`: only rows that its filter lets through. */
        arrangementId: z.string().optional(),
        plot: plotRequestSchema,
      }),
    )
    .output(plotSchema),
}
