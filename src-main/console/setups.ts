import { z } from 'zod'
import type { AppDb } from '../adapters/appdb.ts'
import { sessionSettingsSchema } from './sessionContract.ts'
import type { KeptSession } from './tabSession.ts'

const keptSchema = z.object({ settings: sessionSettingsSchema, isReadOnly: z.boolean() })
const asServerHasIt: KeptSession = { settings: sessionSettingsSchema.parse({}), isReadOnly: false }

/** How the sessions of an environment's tabs are set up, in the desktop's own database: a tab that comes back is set up so. */
export function createSetups(db: AppDb, environmentId: string) {
  const select = db
    .prepare<[string, string], string>(
      'select definition from console_sessions where environment_id = ? and session_id = ?',
    )
    .pluck()
  const upsert = db.prepare(
    `insert into console_sessions (environment_id, session_id, definition) values (?, ?, ?)
     on conflict (environment_id, session_id) do update set definition = excluded.definition`,
  )
  const remove = db.prepare('delete from console_sessions where environment_id = ? and session_id = ?')
  return {
    of: (sessionId: string): { kept: KeptSession; keep: (kept: KeptSession) => void } => {
      const found = select.get(environmentId, sessionId)
      return {
        kept: found === undefined ? asServerHasIt : keptSchema.parse(JSON.parse(found)),
        keep: (kept) => {
          upsert.run(environmentId, sessionId, JSON.stringify(kept))
        },
      }
    },
    remove: (sessionId: string): void => {
      remove.run(environmentId, sessionId)
    },
  }
}
