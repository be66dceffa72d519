import { z } from 'zod'
import { contract } from '../contract.ts'
import { faultSchema } from '../errors.ts'

export const tlsModeSchema = z.enum(['disable', 'prefer', 'require', 'verify-ca', 'verify-full'])

/** Where an environment's PostgreSQL is. */
const postgresSchema = z.discriminatedUnion('type', [
  z.object({ type: z.literal('embedded') }),
  z.object({
    type: z.literal('server'),
    host: z.string().min(1).max(255),
    port: z.number().int().min(1).max(65_535),
    database: z.string().min(1).max(63),
    user: z.string().min(1).max(63),
    tls: tlsModeSchema,
    /** A PEM file on this machine; the system's authorities where it is absent. */
    caFile: z.string().optional(),
  }),
])

/** An environment without its secrets: what may be shown. */
export const environmentSchema = z.object({
  id: z.string(),
  name: z.string().trim().min(1).max(60),
  kind: z.enum(['local', 'staging', 'production']),
  postgres: postgresSchema,
  /** Without its password. */
  redisUrl: z.url({ protocol: /^rediss?$/ }).optional(),
  hasPassword: z.boolean(),
  hasRedisPassword: z.boolean(),
  /** `ATLAS_DATABASE_URL` defines it: it is not stored and cannot be edited. */
  isFromVariables: z.boolean(),
})

export type Environment = z.infer<typeof environmentSchema>

/** What a form sends. A password left out keeps the stored one; an empty one removes it. */
export const environmentInputSchema = environmentSchema
  .omit({ id: true, hasPassword: true, hasRedisPassword: true, isFromVariables: true })
  .extend({ password: z.string().max(1000).optional(), redisPassword: z.string().max(1000).optional() })

export type EnvironmentInput = z.infer<typeof environmentInputSchema>

const trialSchema = z.object({
  status: z.enum(['ready', 'absent', 'failing']),
  version: z.string().optional(),
  latencyMs: z.number().optional(),
  /** What will not work, or not be safe, although it answers. */
  warnings: z.array(z.string()).optional(),
  code: z.string().optional(),
  message: z.string().optional(),
  fault: faultSchema.optional(),
})

export const environmentsContract = {
  list: contract.route({ method: 'GET', path: '/environments' }).output(z.array(environmentSchema)),
  /** The environment of this connection. */
  current: contract.route({ method: 'GET', path: '/environments/current' }).output(environmentSchema),
  create: contract
    .route({ method: 'POST', path: '/environments' })
    .input(environmentInputSchema)
    .output(environmentSchema),
  update: contract
    .route({ method: 'PUT', path: '/environments/{id}' })
    .input(environmentInputSchema.extend({ id: z.string() }))
    .output(environmentSchema),
  remove: contract
    .route({ method: 'DELETE', path: '/environments/{id}' })
    .input(z.object({ id: z.string() }))
    .output(z.object({ id: z.string() })),
  /** Tries a connection without saving anything; with `id`, the stored secrets fill in what the form leaves out. */
  test: contract
    .route({ method: 'POST', path: '/environments/test' })
    .input(environmentInputSchema.extend({ id: z.string().optional() }))
    .output(z.object({ postgres: trialSchema, redis: trialSchema })),
}
