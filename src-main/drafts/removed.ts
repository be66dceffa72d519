import { randomUUID } from 'node:crypto'
import type { AppDb } from '../adapters/appdb.ts'

/**
 * Takes the drafts of an environment that is no longer there out of the desktop's database. The texts of its tabs go into a
 * folder of the library, which every environment shows; changes of rows, which nothing is left for, go with it.
 */
export function leaveDrafts(db: AppDb, environmentId: string, folder: string): void {
  const texts = db.prepare<[string], { title: string; text: string }>(
    'select title, text from drafts where environment_id = ? order by position, id',
  )
  const keep = db.prepare(
    `insert into library (id, kind, folder, name, text, updated_at) values (?, 'query', ?, ?, ?, ?)
     on conflict (kind, folder, name) do nothing`,
  )
  db.transaction(() => {
    for (const { title, text } of texts.all(environmentId)) {
      if (text.trim() === '') continue
      const base = title.slice(0, 90)
      let name = base
      // A tab of an earlier environment of this name may have had this title.
      for (let next = 2; keep.run(randomUUID(), folder, name, text, Date.now()).changes === 0; next++)
        name = `${base} ${next}`
    }
    for (const table of ['drafts', 'staged_edits', 'console_sessions'])
      db.prepare(`delete from ${table} where environment_id = ?`).run(environmentId)
  })()
}

/** Environments that have drafts and are not among those that were made, nor among `others`. */
export const listForsaken = (db: AppDb, others: readonly string[]): string[] =>
  db
    .prepare<[string], string>(
      `select environment_id
         from (select environment_id from drafts union select environment_id from staged_edits)
        where environment_id not in (select id from environments)
          and environment_id not in (select value from json_each(?))`,
    )
    .pluck()
    .all(JSON.stringify(others))
