import type { Database } from '../../adapters/postgres.ts'
import type { ServiceOf } from '../../contract.ts'
import { AtlasError } from '../../errors.ts'
import type { GrantChange, grantsContract, Privilege } from './contract.ts'
import { canGrantMaintain, changeGrant, findUnchanged, listGrants } from './sql.ts'

interface Dependencies {
  db: Pick<Database, 'rows' | 'row' | 'transaction'>
  /** The relation of this name; throws `OBJECT_NOT_FOUND`. */
  find: (schema: string, name: string) => Promise<{ oid: number; kind: string }>
}

const rowPrivileges: Privilege[] = ['select', 'insert', 'update', 'delete']
const tablePrivileges: Privilege[] = [...rowPrivileges, 'truncate', 'references', 'trigger']

/** Who may do what with a table or view, and the changes of it. */
export function createGrants({ db, find }: Dependencies): ServiceOf<typeof grantsContract> {
  return {
    listGrants: async ({ schema, name }) => {
      const { oid, kind } = await find(schema, name)
      const [grants, server] = await Promise.all([db.rows(listGrants(oid)), db.row(canGrantMaintain())])
      const maintain: Privilege[] = server?.canMaintain ? ['maintain'] : []
      const tables = [...tablePrivileges, ...maintain]
      const ofOthers: Partial<Record<string, Privilege[]>> = {
        view: [...rowPrivileges, 'trigger'],
        'materialized view': ['select', ...maintain],
      }
      return {
        grants,
        choices: {
          object: ofOthers[kind] ?? tables,
          all: tables,
          future: tables,
          schema: ['usage', 'create'],
        },
      }
    },

    previewGrant: async (change) => ({ sql: `${changeGrant(change).text};` }),

    applyGrant: async (change) => {
      await find(change.schema, change.name)
      const statement = changeGrant(change)
      await db.transaction(async (tx) => {
        await tx.run(statement)
        if (change.reach === 'future') return
        const unchanged = await tx.row(findUnchanged(change))
        if (unchanged) throw leftAsItWas(change, unchanged)
      })
      return { sql: `${statement.text};` }
    },
  }
}

/** The server only warns of what the user may not grant, and revokes what the user granted, not what others did. */
function leftAsItWas(
  { action, role }: GrantChange,
  { object, privilege, grantors }: { object: string; privilege: string; grantors: string | null },
): AtlasError {
  const isGrant = action.startsWith('grant')
  return new AtlasError(
    'PERMISSION_DENIED',
    isGrant
      ? `The server did not grant ${privilege} to ${role}`
      : `${role} still holds ${privilege}, granted by ${grantors}`,
    {
      object,
      ...(isGrant && { sqlState: '01007' }),
      saved: 'Nothing was changed.',
      next: isGrant
        ? 'Connect as the owner, or as a role that may grant it on.'
        : `Connect as ${grantors}, or revoke it from whom it was granted through.`,
    },
  )
}
