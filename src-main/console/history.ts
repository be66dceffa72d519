import type { AppDb } from '../adapters/appdb.ts'
import type { HistoryEntry } from './contract.ts'

const kept = 5000
const keptCharacters = 100_000

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
  const removeOne = db.prepare('delete from console_history where environment_id = ? and id = ?')
  const removeAll = db.prepare('delete from console_history where environment_id = ?')
  return {
    add: (entry: Omit<HistoryEntry, 'id'>) => {
      insert.run(
        environmentId,
        entry.at.getTime(),
        withoutSecrets(entry.text),
        entry.durationMs,
        entry.rows,
        entry.error,
      )
      prune.run(kept)
    },
    list: (search: string, limit: number): HistoryEntry[] =>
      select.all(environmentId, search, limit).map(({ duration_ms, at, ...row }) => ({
        ...row,
        at: new Date(at),
        durationMs: duration_ms,
      })),
    remove: (id: number | undefined): number =>
      (id === undefined ? removeAll.run(environmentId) : removeOne.run(environmentId, id)).changes,
  }
}

/** A history outlives the moment: the literal of `PASSWORD '…'` does not go into it. */
function withoutSecrets(text: string): string {
  return text.slice(0, keptCharacters).replace(/(\bpassword\s+)[eE]?'(?:[^']|'')*'/gi, "$1'•••'")
}
