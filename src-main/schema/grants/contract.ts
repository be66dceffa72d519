import { z } from 'zod'
import { contract } from '../../contract.ts'

const name = z.string().min(1).max(63)
const target = z.object({ schema: name, name })

const privilegeSchema = z.enum([
  'select',
  'insert',
  'update',
  'delete',
  'truncate',
  'references',
  'trigger',
  'maintain',
  'usage',
  'create',
])

export type Privilege = z.infer<typeof privilegeSchema>

/**
 * The table or view, all tables and views that its schema has now, those that this user makes there from now on, or the
 * schema itself.
 */
const reachSchema = z.enum(['object', 'all', 'future', 'schema'])

const grantChangeSchema = target.extend({
  /** `public` is everybody. */
  role: name,
  action: z.enum(['grant', 'grant with grant option', 'revoke grant option', 'revoke']),
  reach: reachSchema,
  privileges: z.array(privilegeSchema).min(1),
})

export type GrantChange = z.infer<typeof grantChangeSchema>

export const grantSchema = z.object({
  /** `public` is everybody. */
  role: z.string(),
  grantor: z.string(),
  isOwner: z.boolean(),
  privileges: z.array(z.string()),
  /** Those of the privileges that it may grant on. */
  grantable: z.array(z.string()),
  /** Without usage of the schema none of the privileges can be used. */
  mayUseSchema: z.boolean(),
})

export type Grant = z.infer<typeof grantSchema>

export const grantsContract = {
  /** Who may do what with a table or view as a whole, and what this server can grant by reach. */
  listGrants: contract
    .route({ method: 'GET', path: '/schema/{schema}/{name}/grants' })
    .input(target)
    .output(
      z.object({ grants: z.array(grantSchema), choices: z.record(reachSchema, z.array(privilegeSchema)) }),
    ),
  /** The statement that `applyGrant` would send. */
  previewGrant: contract
    .route({ method: 'POST', path: '/schema-grants/preview' })
    .input(grantChangeSchema)
    .output(z.object({ sql: z.string() })),
  /**
   * Grants or revokes in one transaction. Where the server takes the statement and leaves a privilege as it was, such as
   * one that somebody else granted, nothing is changed: `PERMISSION_DENIED`.
   */
  applyGrant: contract
    .route({ method: 'POST', path: '/schema-grants' })
    .input(grantChangeSchema)
    .output(z.object({ sql: z.string() })),
}
