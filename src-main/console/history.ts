import type { AppDb } from '../adapters/appdb.ts'
import type { HistoryEntry } from './historyContract.ts'

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
  type Row = {
    id: number
    at: number
    text: string
    duration_ms: number
    rows: number
    error: string | null
  }
  const select = db.prepare<[string, string, number], Row>(
    `select id, at, text, duration_ms, rows, error
       from console_history
      where environment_id = ? and instr(lower(text), lower(?)) > 0
      order by id desc
      limit ?`,
  )
  const match = db.prepare<[string, string, number], Row>(
    `select h.id, h.at, h.text, h.duration_ms, h.rows, h.error
       from console_history_text t
       join console_history h on h.id = t.rowid
      where t.text match ? and h.environment_id = ?
      order by h.id desc
      limit ?`,
  )
  const total = db
    .prepare<[string], number>('select count(*) from console_history where environment_id = ?')
    .pluck()
  const removeOne = db.prepare('delete from console_history where environment_id = ? and id = ?')
  const removeAll = db.prepare('delete from console_history where environment_id = ?')
  /** Every word somewhere in the text. The index knows three characters and more. */
  const find = (search: string, limit: number): Row[] => {
    const words = search.split(/\s+/).filter((word) => word !== '')
    if (words.length === 0 || words.some((word) => [...word].length < 3))
      return select.all(environmentId, search.trim(), limit)
    const wanted = words.map((word) => `"${word.replaceAll('"', '""')}"`).join(' ')
    return match.all(wanted, environmentId, limit)
  }
  return {
    count: (): number => total.get(environmentId) ?? 0,
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
      find(search, limit).map(({ duration_ms, at, ...row }) => ({
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
