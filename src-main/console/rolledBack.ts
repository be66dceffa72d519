import type { Session } from '../adapters/postgres.ts'
import { identifier, sql } from '../sql.ts'
import type { ReadOnlyGuard } from './sessionContract.ts'

/** What a tab's session is in. */
export interface TabPlace {
  /** A transaction is open in it. */
  isOpen: boolean
  /** Null where the tab may write. */
  guard: Pick<ReadOnlyGuard, 'role'> | null
}

/** Does work in a transaction, or behind a savepoint of the open one, that is rolled back behind it. */
export async function rolledBack<Result>(
  session: Pick<Session, 'run'>,
  { isOpen, guard }: TabPlace,
  work: () => Promise<Result>,
): Promise<Result> {
  const begin = guard ? sql`begin read only` : sql`begin`
  await session.run(isOpen ? sql`savepoint atlas_rolled_back` : begin)
  try {
    if (guard?.role) await session.run(sql`set local role ${identifier(guard.role)}`)
    return await work()
  } finally {
    await session.run(isOpen ? sql`rollback to savepoint atlas_rolled_back` : sql`rollback`).catch(() => {})
  }
}
