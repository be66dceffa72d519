import { randomBytes } from 'node:crypto'
import { z } from 'zod'
import type { Database, Session } from '../adapters/postgres.ts'
import { AtlasError } from '../errors.ts'
import { scramVerifier } from '../scram.ts'
import { identifier, literal, query, sql } from '../sql.ts'
import type { ReadOnlyGuard } from './sessionContract.ts'

const readRole = 'atlas_read'
/** The login that a read-only session has where the own one could put off any role again. */
export const readLogin = 'atlas_console'
// Two sessions that are opened at once would set the login's password under each other.
const lock = 0x41746c73
const attempts = 3

const loginSchema = z.object({
  name: z.string(),
  /** May run programs and write files on the server, which no read-only transaction prevents. */
  isPowerful: z.boolean(),
  hasRole: z.boolean(),
  hasLogin: z.boolean(),
  canMakeRoles: z.boolean(),
  canReadAll: z.boolean(),
})

/**
 * Opens a session for reading. Its login is the own one, which takes the least role for each statement. A superuser, and who
 * may run programs on the server, can put off any role again (`reset role`, `set_config`, in a `do` block too): such a one
 * gets a login of Atlas' own that has no right but to read, made when `makesLogin` says so, with a new password each time.
 */
export async function openReader(
  db: Pick<Database, 'session'>,
  panel: string,
  { makesLogin = false } = {},
): Promise<{ session: Session; guard: ReadOnlyGuard }> {
  const session = await db.session(panel)
  try {
    const found = await describeLogin(session)
    const guard = { login: null, role: found.hasRole ? readRole : null, warning: null, canMakeLogin: false }
    if (!found.isPowerful) return { session, guard }
    if (!found.hasLogin && makesLogin) await makeLogin(session, found)
    if (!found.hasLogin && !makesLogin) {
      const warning = `${found.name} may run programs and write files on the server, which no read-only transaction prevents.`
      return { session, guard: { ...guard, warning, canMakeLogin: found.canMakeRoles } }
    }
    try {
      const opened = await openAsReader(db, panel, session)
      await session.close()
      return opened
    } catch (error) {
      const warning = `${found.name} may run programs and write files on the server, and ${readLogin} cannot be used instead: ${(error as Error).message}`
      return { session, guard: { ...guard, warning } }
    }
  } catch (error) {
    await session.close()
    throw error
  }
}

async function describeLogin(session: Pick<Session, 'row'>): Promise<z.infer<typeof loginSchema>> {
  const found = await session.row(
    query(
      loginSchema,
      sql`select session_user::text as name,
                 r.rolsuper or pg_has_role(session_user, 'pg_execute_server_program', 'member')
                   or pg_has_role(session_user, 'pg_write_server_files', 'member') as "isPowerful",
                 coalesce((select pg_has_role(session_user, oid,
                                              case when current_setting('server_version_num')::int >= 160000
                                                   then 'set' else 'member' end)
                             from pg_roles where rolname = ${readRole}), false) as "hasRole",
                 exists (select from pg_roles where rolname = ${readLogin}) as "hasLogin",
                 r.rolsuper or r.rolcreaterole as "canMakeRoles",
                 exists (select from pg_roles where rolname = 'pg_read_all_data') as "canReadAll"
            from pg_roles r where r.rolname = session_user`,
    ),
  )
  if (!found) throw new AtlasError('NOT_FOUND', 'The login of the session is no longer there')
  return found
}

async function makeLogin(
  session: Session,
  { hasRole, canReadAll }: z.infer<typeof loginSchema>,
): Promise<void> {
  const granted = hasRole ? readRole : canReadAll ? 'pg_read_all_data' : undefined
  await session.transaction(async (tx) => {
    await tx.run(sql`create role ${identifier(readLogin)} login`)
    if (granted) await tx.run(sql`grant ${identifier(granted)} to ${identifier(readLogin)}`)
    await tx.run(
      sql`comment on role ${identifier(readLogin)} is 'Read-only sessions of the console of Atlas Desktop'`,
    )
  })
}

async function openAsReader(
  db: Pick<Database, 'session'>,
  panel: string,
  session: Session,
): Promise<{ session: Session; guard: ReadOnlyGuard }> {
  await session.run(sql`select pg_advisory_lock(${lock})`)
  try {
    const reader = await logIn(db, panel, session)
    const { isPowerful, hasRole } = await describeLogin(reader)
    if (isPowerful) {
      await reader.close()
      throw new AtlasError('UNSUPPORTED', 'somebody has given it rights beyond reading')
    }
    const guard = { login: readLogin, role: hasRole ? readRole : null, warning: null, canMakeLogin: false }
    return { session: reader, guard }
  } finally {
    await session.run(sql`select pg_advisory_unlock(${lock})`).catch(() => {})
  }
}

/** The lock holds in one database; another one's Atlas may still come between the password and its use. */
async function logIn(db: Pick<Database, 'session'>, panel: string, session: Session): Promise<Session> {
  for (let attempt = 1; ; attempt++) {
    const password = randomBytes(24).toString('base64url')
    await session.run(sql`alter role ${identifier(readLogin)} password ${literal(scramVerifier(password))}`)
    try {
      return await db.session(panel, { user: readLogin, password })
    } catch (error) {
      if (attempt === attempts) throw error
    }
  }
}
