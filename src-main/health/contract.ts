import { z } from 'zod'
import { contract } from '../contract.ts'
import { faultSchema } from '../errors.ts'

/** One outside service: whether it answers, or in one calm sentence why not. */
export const serviceHealthSchema = z.object({
  status: z.enum(['ready', 'absent', 'failing']),
  /** `PostgreSQL 18.4`, or why it is absent. */
  detail: z.string(),
  version: z.string().optional(),
  latencyMs: z.number().optional(),
  /** Where it was asked: host and port, or a socket. */
  address: z.string().optional(),
  code: z.string().optional(),
  fault: faultSchema.optional(),
})

export type ServiceHealth = z.infer<typeof serviceHealthSchema>

export const healthSchema = z.object({
  postgres: serviceHealthSchema,
  redis: serviceHealthSchema,
  docker: serviceHealthSchema,
})

export type HealthAnswer = z.infer<typeof healthSchema>

export const healthContract = {
  /** Asks PostgreSQL, Redis and Docker at the same time; each may be absent. Answers within five seconds. */
  get: contract.route({ method: 'GET', path: '/services' }).output(healthSchema),
}
