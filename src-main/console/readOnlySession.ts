import type { Database, Session } from '../adapters/postgres.ts'
import { AtlasError } from '../errors.ts'
import { parseStatements } from '../sqlParse.ts'
import { openReader } from './reader.ts'
import { rolledBack } from './rolledBack.ts'
import type { SessionState } from './sessionContract.ts'
import { applySettings } from './settings.ts'

/** A session on which nothing can be written. */
export interface ReadOnlySession {
  /** Does work in a read-only transaction that is rolled back behind it, and ends it on the server when `signal` is aborted. */
  run<Result>(signal: AbortSignal | undefined, work: (session: Session) => Promise<Result>): Promise<Result>
  close(): Promise<void>
}

/**
 * Opens a session of its own, set up as a tab's, on which the statement of a result can be run again: what is not committed,
 * and the tab's temporary tables, are not seen there. Throws `UNSUPPORTED` where the statement is no SELECT.
 */
export async function openReadOnlySession(
  db: Pick<Database, 'session' | 'interruptible'>,
  panel: string,
  text: string,
  { settings, isReadOnly }: Pick<SessionState, 'settings' | 'isReadOnly'>,
): Promise<ReadOnlySession> {
  const parsed = await parseStatements(text).catch(() => [])
  if (parsed.length !== 1 || parsed[0]?.kind !== 'SelectStmt') {
    throw new AtlasError('UNSUPPORTED', 'Only a SELECT is run again', {
      saved: 'Nothing was run.',
      next: 'Work with the rows that are held.',
    })
  }
  const { session, guard } = isReadOnly
    ? await openReader(db, panel)
    : { session: await db.session(panel), guard: undefined }
  try {
    await applySettings(session, guard?.login ? { ...settings, role: null } : settings)
  } catch (error) {
    await session.close()
    throw error
  }
  return {
    run: (signal, work) =>
      db.interruptible(session, signal, () =>
        rolledBack(session, { isOpen: false, guard: guard ?? { role: null } }, () => work(session)),
      ),
    close: () => session.close(),
  }
}
