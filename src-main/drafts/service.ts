import type { AppDb } from '../adapters/appdb.ts'
import type { ServiceOf } from '../contract.ts'
import { AtlasError } from '../errors.ts'
import { type draftsContract, draftViewSchema } from './contract.ts'

interface Row {
  id: string
  title: string
  is_active: number
  view: string
}

interface Held {
  text: string
  version: number
  /** Set while it is not on disk yet. */
  timer?: NodeJS.Timeout
}

export interface Drafts extends ServiceOf<typeof draftsContract> {
  /** Writes what is not on disk yet. */
  close(): void
}

// A small text is on disk with every edit; of a large one a second may be lost, and only if the window dies too.
const smallCharacters = 256 * 1024
const writeLargeMs = 1000

/** The texts of tabs, in the desktop's own database. */
export function createDrafts({ db, environmentId }: { db: AppDb; environmentId: string }): Drafts {
  const texts = new Map<string, Held>()
  const select = db.prepare<[string], Row>(
    'select id, title, is_active, view from drafts where environment_id = ? order by position, id',
  )
  const selectText = db.prepare<[string, string], { text: string; version: number }>(
    'select text, version from drafts where environment_id = ? and id = ?',
  )
  const upsert = db.prepare(
    `insert into drafts (environment_id, id, position, is_active, title, view) values (?, ?, ?, ?, ?, ?)
     on conflict (environment_id, id) do update
        set position = excluded.position, is_active = excluded.is_active, title = excluded.title, view = excluded.view`,
  )
  const deactivate = db.prepare('update drafts set is_active = 0 where environment_id = ? and id <> ?')
  const writeText = db.prepare('update drafts set text = ?, version = ? where environment_id = ? and id = ?')
  const removeDraft = db.prepare('delete from drafts where environment_id = ? and id = ?')

  const textOf = (id: string): Held => {
    const held = texts.get(id) ?? selectText.get(environmentId, id)
    if (!held) throw new AtlasError('NOT_FOUND', 'There is no such tab', { object: id })
    texts.set(id, held)
    return held
  }
  const write = (id: string) => {
    const held = texts.get(id)
    if (!held) return
    clearTimeout(held.timer)
    delete held.timer
    writeText.run(held.text, held.version, environmentId, id)
  }
  const changed = (id: string, text: string) => {
    const held = textOf(id)
    held.text = text
    held.version++
    if (text.length <= smallCharacters) write(id)
    else held.timer ??= setTimeout(() => write(id), writeLargeMs).unref()
    return { version: held.version }
  }

  return {
    list: async () =>
      select.all(environmentId).map(({ is_active, view, ...draft }) => ({
        ...draft,
        isActive: is_active === 1,
        view: draftViewSchema.parse(JSON.parse(view)),
      })),
    read: async ({ id }) => {
      const { text, version } = textOf(id)
      return { text, version }
    },
    update: async ({ id, title, isActive, position, view }) => {
      db.transaction(() => {
        if (isActive) deactivate.run(environmentId, id)
        upsert.run(environmentId, id, position, isActive ? 1 : 0, title, JSON.stringify(view))
      })()
      return { id }
    },
    edit: async ({ id, version, edits }) => {
      const held = textOf(id)
      if (held.version !== version) {
        throw new AtlasError('CONFLICT', 'The text was changed elsewhere', { object: id })
      }
      let { text } = held
      for (const { offset, length, text: added } of edits)
        text = text.slice(0, offset) + added + text.slice(offset + length)
      return changed(id, text)
    },
    // One kind of line end, which offsets count in.
    replace: async ({ id, text }) => changed(id, text.replaceAll(/\r\n?/g, '\n')),
    remove: async ({ id }) => {
      clearTimeout(texts.get(id)?.timer)
      texts.delete(id)
      removeDraft.run(environmentId, id)
      return { id }
    },
    close: () => {
      for (const [id, { timer }] of texts) if (timer) write(id)
    },
  }
}
