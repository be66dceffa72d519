import type { Session } from '../adapters/postgres.ts'
import { identifier, type Sql, sql } from '../sql.ts'
import { parseStatements } from '../sqlParse.ts'
import type { ReadOnlyGuard } from './sessionContract.ts'

/** What lasts is set for the session and writes nothing: parameters, and the channels that it listens to. */
type Step = 'begin' | 'commit' | 'lasting' | 'other'

const lasting = new Set(['VariableSetStmt', 'ListenStmt', 'UnlistenStmt'])

async function stepOf(text: string): Promise<Step> {
  const [statement] = await parseStatements(text).catch(() => [])
  if (statement?.kind !== 'TransactionStmt') return lasting.has(statement?.kind ?? '') ? 'lasting' : 'other'
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
  guard: Pick<ReadOnlyGuard, 'role'>,
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
    const end: Sql = step === 'lasting' ? sql`commit` : sql`rollback`
    if (isOpen()) await session.run(end).catch(() => {})
  }
}
