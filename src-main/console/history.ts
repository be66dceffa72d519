import type { AppDb } from '../adapters/appdb.ts'
import type { HistoryEntry, HistoryScope } from './historyContract.ts'

const kept = 5000
const keptCharacters = 100_000

type Scoped = { only: string | null }

interface Row {
  id: number
  environment_id: string
  environment: string
  at: number
  text: string
  duration_ms: number
  rows: number
  error: string | null
}

/** What was run on every environment, in the desktop's own database, newest first; `own` is the one that adds to it. */
export function createHistory(db: AppDb, own: { id: string; name: string }) {
  const insert = db.prepare(
    `insert into console_history (environment_id, environment, at, text, duration_ms, rows, error)
     values (?, ?, ?, ?, ?, ?, ?)`,
  )
  const prune = db.prepare(
    'delete from console_history where id <= (select max(id) from console_history) - ?',
  )
  // Without an environment's id: of all. At most `kept` entries are read.
  const select = db.prepare<[Scoped & { search: string; limit: number }], Row>(
    `select * from console_history
      where (@only is null or environment_id = @only) and instr(lower(text), lower(@search)) > 0
      order by id desc
      limit @limit`,
  )
  const match = db.prepare<[Scoped & { search: string; limit: number }], Row>(
    `select h.*
       from console_history_text t
       join console_history h on h.id = t.rowid
      where t.text match @search and (@only is null or h.environment_id = @only)
      order by h.id desc
      limit @limit`,
  )
  const total = db
    .prepare<[Scoped], number>(
      'select count(*) from console_history where @only is null or environment_id = @only',
    )
    .pluck()
  const removeOne = db.prepare('delete from console_history where id = ?')
  const removeAll = db.prepare<[Scoped]>(
    'delete from console_history where @only is null or environment_id = @only',
  )
  const scoped = (scope: HistoryScope): Scoped => ({ only: scope === 'all' ? null : own.id })
  /** Every word somewhere in the text. The index knows three characters and more. */
  const find = (search: string, limit: number, scope: HistoryScope): Row[] => {
    const words = search.split(/\s+/).filter((word) => word !== '')
    if (words.length === 0 || words.some((word) => [...word].length < 3))
      return select.all({ search: search.trim(), limit, ...scoped(scope) })
    const wanted = words.map((word) => `"${word.replaceAll('"', '""')}"`).join(' ')
    return match.all({ search: wanted, limit, ...scoped(scope) })
  }
  return {
    count: (scope: HistoryScope): number => total.get(scoped(scope)) ?? 0,
    /** Adds what ran here. */
    add: (entry: Omit<HistoryEntry, 'id' | 'environment' | 'isHere'>) => {
      insert.run(
        own.id,
        own.name,
        entry.at.getTime(),
        withoutSecrets(entry.text),
        entry.durationMs,
        entry.rows,
        entry.error,
      )
      prune.run(kept)
    },
    list: (search: string, limit: number, scope: HistoryScope): HistoryEntry[] =>
      find(search, limit, scope).map(({ duration_ms, at, environment_id, ...row }) => ({
        ...row,
        isHere: environment_id === own.id,
        at: new Date(at),
        durationMs: duration_ms,
      })),
    /** Forgets one entry, of whatever environment, or all of the scope; tells how many. */
    remove: (id: number | undefined, scope: HistoryScope): number =>
      (id === undefined ? removeAll.run(scoped(scope)) : removeOne.run(id)).changes,
  }
}

/** A history outlives the moment: the literal of `PASSWORD '…'` does not go into it. */
function withoutSecrets(text: string): string {
  return text.slice(0, keptCharacters).replace(/(\bpassword\s+)[eE]?'(?:[^']|'')*'/gi, "$1'•••'")
}
