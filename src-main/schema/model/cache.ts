import type { Queryable } from '../../adapters/postgres.ts'
import { type Model, readInside, readTop } from './model.ts'
import { createSearchIndex, type SearchIndex } from './search.ts'
import { listBodies, revision } from './sql.ts'

interface Held {
  model: Model
  /** Columns and parts of every relation are there. */
  inside: Promise<void>
  index: Promise<SearchIndex> | undefined
}

// As one types, a search asks for the revision at most this often.
const trustedForMs = 5000

/**
 * The catalogue held in memory. Each use asks for its revision, one cheap statement; what changed is read again whole,
 * by a constant number of statements. The search index is made when the first search comes.
 */
export function createModelCache(db: Pick<Queryable, 'flat'>) {
  let held: Held | undefined
  let checking: Promise<Held> | undefined
  let checkedAt = 0

  async function check(): Promise<Held> {
    const [[current] = []] = await db.flat(revision())
    if (!held || held.model.revision !== current) {
      const model = await readTop(db.flat, current ?? '')
      const inside = readInside(db.flat, model)
      // Whoever needs it gets the error; nobody else does.
      inside.catch(() => {
        held = undefined
      })
      held = { model, inside, index: undefined }
    }
    checkedAt = performance.now()
    return held
  }

  /** As of now; callers at the same time share one check. */
  function current(): Promise<Held> {
    checking ??= check().finally(() => {
      checking = undefined
    })
    return checking
  }

  const lately = async () => (held && performance.now() - checkedAt < trustedForMs ? held : await current())

  return {
    /** Relations and what stands beside them, without columns, as of now. */
    top: async (): Promise<Model> => (await current()).model,
    /** Everything, as of a few seconds ago at most. */
    whole: async (): Promise<Model> => {
      const { model, inside } = await lately()
      await inside
      return model
    },
    /** The index over names, columns and comments of everything, and over bodies. */
    index: async (): Promise<SearchIndex> => {
      const now = await lately()
      now.index ??= now.inside.then(async () => createSearchIndex(now.model, await db.flat(listBodies())))
      now.index.catch(() => {
        now.index = undefined
      })
      return now.index
    },
  }
}

export type ModelCache = ReturnType<typeof createModelCache>
