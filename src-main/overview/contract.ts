import { z } from 'zod'
import { contract } from '../contract.ts'

export const layerName = z.enum(['explore', 'chart', 'navigate'])

const layerSchema = z.object({
  name: layerName,
  estimatedRows: z.number(),
  sizeBytes: z.number(),
  /** When rows came last, as the platform's own records say. */
  freshAt: z.date().nullable(),
  /** Rows that came in the last 24 hours, by hour; the last one is the hour up to now. */
  hourlyRows: z.array(z.number()).length(24),
  tables: z.array(z.object({ name: z.string(), estimatedRows: z.number(), sizeBytes: z.number() })),
})

export const overviewSchema = z.object({
  /** How far the platform is deployed on this database. */
  deployment: z.enum(['none', 'partial', 'complete']),
  layers: z.array(layerSchema),
  sources: z.array(z.object({ code: z.string(), kind: z.string(), landedAt: z.date().nullable() })),
  /** Records that validation rejected in the last 24 hours. */
  rejected: z.number(),
  openAlerts: z.number(),
})

export type Overview = z.infer<typeof overviewSchema>

export const overviewContract = {
  get: contract.route({ method: 'GET', path: '/overview' }).output(overviewSchema),
}
