import type { AppDb } from '../adapters/appdb.ts'
import type { ServiceOf } from '../contract.ts'
import { AtlasError } from '../errors.ts'
import { createScriptIndex, type LocatedPiece, type ScriptIndex } from '../scriptIndex.ts'
import { type draftsContract, draftViewSchema } from './contract.ts'
import { createEditDrafts } from './edits.ts'

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
  /** Made when a statement of the text is first asked for. */
  index?: ScriptIndex
}

/** A text as it is at one version. */
export interface DraftText {
  text: string
  /** The statement that a cursor is in. Throws `UnterminatedError`. */
  locate(cursor: number): Promise<LocatedPiece | undefined>
}

export interface Drafts extends ServiceOf<typeof draftsContract> {
  /** The text of a tab for who works with it in this process. `CONFLICT` where it is at another version. */
  at(id: string, version: number): DraftText
  /** Writes what is not on disk yet. */
  close(): void
}

// A small text is on disk with every edit; of a large one a second may be lost, and only if the window dies too.
const smallCharacters = 256 * 1024
const writeLargeMs = 1000

/** The texts of tabs and staged changes of rows, in the desktop's own database. */
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
  const atVersion = (id: string, version: number): Held => {
    const held = textOf(id)
    if (held.version === version) return held
    throw new AtlasError('CONFLICT', 'The text was changed elsewhere', { object: id })
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
    ...createEditDrafts(db, environmentId),
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
      const held = atVersion(id, version)
      let { text } = held
      for (const { offset, length, text: added } of edits) {
        text = text.slice(0, offset) + added + text.slice(offset + length)
        held.index?.edited(offset, length, added.length)
      }
      return changed(id, text)
    },
    replace: async ({ id, text }) => {
      delete textOf(id).index
      // One kind of line end, which offsets count in.
      return changed(id, text.replaceAll(/\r\n?/g, '\n'))
    },
    at: (id, version) => {
      const held = atVersion(id, version)
      held.index ??= createScriptIndex()
      const { text, index } = held
      return { text, locate: (cursor) => index.locate(text, cursor) }
    },
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
