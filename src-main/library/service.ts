import { randomUUID } from 'node:crypto'
import type { AppDb } from '../adapters/appdb.ts'
import type { ServiceOf } from '../contract.ts'
import { AtlasError } from '../errors.ts'
import type { LibraryEntry, libraryContract } from './contract.ts'

type Row = Omit<LibraryEntry, 'updatedAt'> & { updated_at: number }

/** Saved queries and snippets, in the desktop's own database. */
export function createLibrary({ db }: { db: AppDb }): ServiceOf<typeof libraryContract> {
  const select = db.prepare<[], Row>(
    'select id, kind, folder, name, text, updated_at from library order by kind, folder, name',
  )
  const taken = db.prepare<[string, string, string, string]>(
    'select id from library where kind = ? and folder = ? and name = ? and id <> ?',
  )
  const upsert = db.prepare(
    `insert into library (id, kind, folder, name, text, updated_at) values (?, ?, ?, ?, ?, ?)
     on conflict (id) do update
        set kind = excluded.kind, folder = excluded.folder, name = excluded.name, text = excluded.text,
            updated_at = excluded.updated_at`,
  )
  const removeEntry = db.prepare('delete from library where id = ?')

  return {
    list: async () =>
      select.all().map(({ updated_at, ...entry }) => ({ ...entry, updatedAt: new Date(updated_at) })),
    save: async ({ id = randomUUID(), kind, folder, name, text }) => {
      const path = folder
        .split('/')
        .map((part) => part.trim())
        .filter((part) => part !== '')
        .join('/')
      if (taken.get(kind, path, name, id)) {
        throw new AtlasError('CONFLICT', `There is a ${kind} of this name`, {
          object: path === '' ? name : `${path}/${name}`,
          saved: 'Nothing was saved.',
          next: 'Choose another name or folder, or open that one and save it.',
        })
      }
      const updatedAt = new Date()
      upsert.run(id, kind, path, name, text, updatedAt.getTime())
      return { id, kind, folder: path, name, text, updatedAt }
    },
    remove: async ({ id }) => {
      if (removeEntry.run(id).changes === 0)
        throw new AtlasError('NOT_FOUND', 'It is not in the library', { object: id })
      return { id }
    },
  }
}
