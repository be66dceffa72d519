import { z } from 'zod'
import type { Session } from '../adapters/postgres.ts'
import { identifier, query, type Sql, sql } from '../sql.ts'
import { parseStatements } from '../sqlParse.ts'

type Step = 'begin' | 'commit' | 'setting' | 'other'

const role = 'atlas_read'

/** How a session keeps from writing: the role that it takes beside, and what neither can prevent. */
export interface ReadOnlyGuard {
  role: string | null
  warning: string | null
}

/**
 * What a login can do beside the data: the server's read-only transaction binds the database, not its programs and files,
 * and a superuser can put off any role again.
 */
export async function describeReadOnly(session: Pick<Session, 'row'>): Promise<ReadOnlyGuard> {
  const found = await session.row(
    query(
      z.object({ hasRole: z.boolean(), isPowerful: z.boolean(), login: z.string() }),
      sql`select coalesce((select pg_has_role(session_user, oid,
                                            case when current_setting('server_version_num')::int >= 160000
                                                 then 'set' else 'member' end)
                             from pg_roles where rolname = ${role}), false) as "hasRole",
                 r.rolsuper or pg_has_role(session_user, 'pg_execute_server_program', 'member')
                   or pg_has_role(session_user, 'pg_write_server_files', 'member') as "isPowerful",
                 session_user::text as login
            from pg_roles r where r.rolname = session_user`,
    ),
  )
  const warning = found?.isPowerful
    ? `${found.login} may run programs and write files on the server, which no read-only transaction prevents. Use a login without these rights.`
    : null
  return { role: found?.hasRole ? role : null, warning }
}

async function stepOf(text: string): Promise<Step> {
  const [statement] = await parseStatements(text).catch(() => [])
  if (statement?.kind === 'VariableSetStmt') return 'setting'
  if (statement?.kind !== 'TransactionStmt') return 'other'
  const { kind } = statement.node
  if (kind === 'TRANS_STMT_BEGIN' || kind === 'TRANS_STMT_START') return 'begin'
  return kind === 'TRANS_STMT_COMMIT' || kind === 'TRANS_STMT_PREPARE' ? 'commit' : 'other'
}

/**
 * Runs one statement so that it cannot write. It runs in a read-only transaction whose snapshot is taken before, since
 * only until then PostgreSQL lets a transaction become read-write; with the least role; and the transaction is rolled back
 * behind it, which undoes what older releases let pass (large objects). A transaction that the user opens stays open,
 * read-only, and ends in a rollback. No text is searched for words.
 */
export async function runReadOnly(
  session: Pick<Session, 'client' | 'run'>,
  guard: ReadOnlyGuard,
  text: string,
  isOpen: () => boolean,
  run: (text: string) => Promise<void>,
): Promise<void> {
  const step = await stepOf(text)
  const bind = async () => {
    await session.run(sql`set transaction read only`)
    if (guard.role) await session.run(sql`set local role ${identifier(guard.role)}`)
    await session.run(sql`select 1`)
  }
  if (isOpen()) {
    await bind().catch(() => {
      // A failed transaction runs nothing but its end.
    })
    return run(step === 'commit' ? 'rollback' : text)
  }
  if (step === 'begin') {
    await run(text)
    return bind()
  }
  await session.run(sql`begin read only`)
  await bind()
  try {
    await run(text)
  } finally {
    // What a statement sets for the session must outlive it; it cannot write at the same time.
    const end: Sql = step === 'setting' ? sql`commit` : sql`rollback`
    if (isOpen()) await session.run(end).catch(() => {})
  }
}
