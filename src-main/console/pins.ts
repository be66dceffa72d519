import type { AppDb } from '../adapters/appdb.ts'
import { AtlasError } from '../errors.ts'
import type { HeldResult } from './run.ts'
import type { PinnedResult } from './sessionContract.ts'
import { removeKept, reopenSpool } from './spool.ts'

/** A pinned result that is held: what is told of it, and its rows. */
export interface Pin {
  pinned: PinnedResult
  result: HeldResult
}

const pinsATab = 20

/** What the rows themselves do not tell. */
type Definition = Omit<PinnedResult, 'ranAt'> & Omit<HeldResult, 'spool' | 'arrangement'>

/** Results that are kept until they are let go, over restarts too: what they are in the desktop's database, their rows in a folder. */
export function createPins(appDb: AppDb, environmentId: string, folder: string) {
  const insert = appDb.prepare(
    'insert into pinned_results (environment_id, session_id, id, ran_at, definition) values (?, ?, ?, ?, ?)',
  )
  const list = appDb.prepare<[string, string], { id: string; ran_at: number; definition: string }>(
    'select id, ran_at, definition from pinned_results where environment_id = ? and session_id = ? order by rowid',
  )
  const remove = appDb.prepare('delete from pinned_results where id = ?')

  const rename = appDb.prepare(
    `update pinned_results set definition = json_set(definition, '$.name', ?) where environment_id = ? and id = ?`,
  )
  const findNamed = appDb.prepare<[string, string], { sessionId: string; id: string }>(
    `select session_id as "sessionId", id from pinned_results
      where environment_id = ? and json_extract(definition, '$.name') = ?`,
  )

  return {
    /** The tab and the id of the result that has a name. */
    named: (name: string): { sessionId: string; id: string } | undefined =>
      findNamed.get(environmentId, name),
    /** Throws `CONFLICT` where another result has the name. */
    rename: (resultId: string, name: string | null): void => {
      const taken = name === null ? undefined : findNamed.get(environmentId, name)
      if (taken && taken.id !== resultId) {
        throw new AtlasError('CONFLICT', `Another pinned result is named @${name}`, {
          saved: 'It keeps the name that it had.',
          next: 'Choose another name, or unpin that one.',
        })
      }
      rename.run(name, environmentId, resultId)
    },
    /** Keeps a result that is whole. Throws `CONFLICT` at the bound of pins, and `DISK_FULL`. */
    add: (sessionId: string, { pinned, result }: Pin): void => {
      if (list.all(environmentId, sessionId).length >= pinsATab) {
        throw new AtlasError('CONFLICT', `This tab keeps ${pinsATab} results already`, {
          saved: 'The result stays until the tab runs anew.',
          next: 'Let one of them go first.',
        })
      }
      const { ranAt, ...told } = pinned
      const { spool, arrangement: _order, ...kept } = result
      const id = pinned.statement.resultId ?? ''
      spool.keep(folder, id)
      const definition: Definition = { ...told, ...kept }
      insert.run(environmentId, sessionId, id, ranAt.getTime(), JSON.stringify(definition))
    },
    remove: (resultId: string): void => {
      remove.run(resultId)
      removeKept(folder, resultId)
    },
    /** What a tab has pinned, in the order in which it was; one whose rows are gone is let go. */
    open: (sessionId: string): Pin[] =>
      list.all(environmentId, sessionId).flatMap(({ id, ran_at, definition }) => {
        const { statement, name = null, ...kept } = JSON.parse(definition) as Definition
        try {
          const spool = reopenSpool(folder, id, statement.rows)
          return [{ pinned: { ranAt: new Date(ran_at), name, statement }, result: { ...kept, spool } }]
        } catch {
          remove.run(id)
          removeKept(folder, id)
          return []
        }
      }),
  }
}

/** Lets go what all tabs of an environment have pinned, rows and all: the environment is no longer there. */
export function forgetPinsOf(appDb: AppDb, environmentId: string, folder: string): void {
  const forgotten = appDb
    .prepare<[string], string>('delete from pinned_results where environment_id = ? returning id')
    .pluck()
    .all(environmentId)
  for (const id of forgotten) removeKept(folder, id)
}

export type Pins = ReturnType<typeof createPins>
