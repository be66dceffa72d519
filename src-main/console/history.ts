import type { AppDb } from '../adapters/appdb.ts'
import type { HistoryEntry } from './contract.ts'

const kept = 5000

/** What was run, in the desktop's own database, newest first. */
export function createHistory(db: AppDb, environmentId: string) {
  const insert = db.prepare(
    'insert into console_history (environment_id, at, text, duration_ms, rows, error) values (?, ?, ?, ?, ?, ?)',
  )
  const prune = db.prepare(
    'delete from console_history where id <= (select max(id) from console_history) - ?',
  )
  const select = db.prepare<
    [string, string, number],
    { id: number; at: number; text: string; duration_ms: number; rows: number; error: string | null }
  >(
    `select id, at, text, duration_ms, rows, error from console_history
     where environment_id = ? and instr(lower(text), lower(?)) > 0
     order by id desc
     limit ?`,
  )
  return {
    add: (entry: Omit<HistoryEntry, 'id'>) => {
      insert.run(environmentId, entry.at.getTime(), entry.text, entry.durationMs, entry.rows, entry.error)
      prune.run(kept)
    },
    list: (search: string, limit: number): HistoryEntry[] =>
      select.all(environmentId, search, limit).map(({ duration_ms, at, ...row }) => ({
        ...row,
        at: new Date(at),
        durationMs: duration_ms,
      })),
  }
}
