import { createHash, randomUUID } from 'node:crypto'
import { join } from 'node:path'
import type { AppDb } from '../adapters/appdb.ts'
import type { Queryable } from '../adapters/postgres.ts'
import type { ServiceOf } from '../contract.ts'
import { AtlasError } from '../errors.ts'
import { headBytes } from './dataRow.ts'
import { keptColumns } from './keptColumns.ts'
import type { Pin } from './pins.ts'
import type { HeldResult } from './run.ts'
import type { snapshotContract } from './snapshotContract.ts'
import { openSpool, removeKept, reopenSpool } from './spool.ts'
import type { StatementRun } from './statementContract.ts'

const mostRuns = 20
const mostValueCharacters = 1000
const mostBytes = 4 * 1024 ** 2
const mostBytesTogether = 256 * 1024 ** 2
/** Counted for a smaller one too, which is a row and two files: without it there could be millions. */
const leastBytes = 64 * 1024

/** The statement names the result that it was made from. */
type Definition = { statement: StatementRun } & Omit<HeldResult, 'spool' | 'arrangement'>

interface Row {
  id: string
  ran_at: number
  size_bytes: number
  left_out: string
  definition: string
}

interface Dependencies {
  db: Pick<Queryable, 'row' | 'rows'>
  appDb: AppDb
  environmentId: string
  folder: string
  spoolFolder: string
}

/**
 * What statements gave, kept with each run: the last twenty of each statement, small ones only, oldest gone first. Without the
 * columns that policy masks.
 */
export function createSnapshots({ db, appDb, environmentId, folder, spoolFolder }: Dependencies) {
  const insert = appDb.prepare('insert into snapshots values (?, ?, ?, ?, ?, ?, ?)')
  const list = appDb.prepare<[string, string], Row>(
    `select id, ran_at, size_bytes, left_out, definition from snapshots
      where environment_id = ? and statement = ? order by rowid desc`,
  )
  const find = appDb.prepare<[string, string], Row>(
    'select id, ran_at, size_bytes, left_out, definition from snapshots where environment_id = ? and id = ?',
  )
  /** Those of one statement beyond its runs. */
  const outrun = appDb
    .prepare<[string, string, number], string>(
      `select id from snapshots
        where environment_id = ? and statement = ? order by rowid desc limit -1 offset ?`,
    )
    .pluck()
  /** Those of all environments beyond the bytes. */
  const surplus = appDb
    .prepare<[number, number], string>(
      `select id
         from (select id, sum(max(size_bytes, ?)) over (order by rowid desc) as together from snapshots)
        where together > ?`,
    )
    .pluck()
  const remove = appDb.prepare('delete from snapshots where id = ?')
  const pending = new Set<Promise<void>>()

  const forget = (id: string) => {
    remove.run(id)
    removeKept(folder, id)
  }

  const keep = async (statement: StatementRun, held: () => HeldResult | undefined, ranAt: Date) => {
    const first = held()
    if (!first) return
    const kept = await keptColumns(db, first)
    // The tab may have run something else while the catalogue was asked.
    const result = held()
    if (!result || kept.length === 0) return
    // Whole results of others may be among them.
    if (result.values.some((value) => (value?.length ?? 0) > mostValueCharacters)) return
    const id = randomUUID()
    const pick = <One>(list: readonly One[]) => kept.flatMap((at) => list[at] ?? [])
    const columns = pick(result.columns)
    const leftOut = result.columns.filter((_column, at) => !kept.includes(at)).map(({ name }) => name)
    if (leftOut.length === 0) result.spool.keep(folder, id)
    else keepSome(result, kept, id)
    const { spool: _spool, arrangement: _order, ...told } = result
    const definition: Definition = {
      ...told,
      columns,
      fields: pick(result.fields),
      statement: { ...statement, columns },
    }
    const name = nameOf(result)
    insert.run(
      id,
      environmentId,
      name,
      ranAt.getTime(),
      statement.sizeBytes,
      JSON.stringify(leftOut),
      JSON.stringify(definition),
    )
    for (const old of outrun.all(environmentId, name, mostRuns)) forget(old)
    for (const old of surplus.all(leastBytes, mostBytesTogether)) forget(old)
  }

  /** Writes the rows anew with some of their columns (DataRow: protocol, 55.7). */
  const keepSome = ({ spool }: HeldResult, kept: number[], id: string) => {
    const made = openSpool(spoolFolder, id)
    try {
      spool.scan(kept, (_row, cells) => {
        let size = headBytes
        for (const cell of cells) size += 4 + (cell?.length ?? 0)
        const message = Buffer.allocUnsafe(size)
        message.write('D')
        message.writeInt32BE(size - 1, 1)
        message.writeInt16BE(cells.length, 5)
        let at = headBytes
        for (const cell of cells) {
          at = message.writeInt32BE(cell?.length ?? -1, at)
          if (cell) at += cell.copy(message, at)
        }
        made.row(size)
        made.bytes(message)
      })
      made.keep(folder, id)
    } finally {
      made.close()
    }
  }

  return {
    /** Keeps what a statement of a run gave, if it is whole and small. What fails is not kept, and nobody waits for it. */
    add: (statement: StatementRun, held: () => HeldResult | undefined, ranAt: Date): void => {
      const isKept =
        statement.status === 'succeeded' &&
        statement.resultId !== null &&
        !statement.isCut &&
        statement.sizeBytes <= mostBytes &&
        /^(?:SELECT|VALUES|TABLE)\b/.test(statement.command ?? '')
      if (!isKept) return
      const kept = keep(statement, held, ranAt).catch(() => {})
      pending.add(kept)
      void kept.then(() => pending.delete(kept))
    },

    /** The runs of the statement that gave a result, newest first, but for the one that gave it. */
    list: (resultId: string, result: Pick<HeldResult, 'text' | 'values'>): Answer => ({
      snapshots: list
        .all(environmentId, nameOf(result))
        .flatMap(({ id, ran_at, size_bytes, left_out, definition }) => {
          const { statement } = JSON.parse(definition) as Definition
          const leftOut = JSON.parse(left_out) as string[]
          const told = { id, ranAt: new Date(ran_at), rows: statement.rows, sizeBytes: size_bytes, leftOut }
          return statement.resultId === resultId ? [] : [told]
        }),
      mostRuns,
      mostBytes,
    }),

    /** A result as it was kept, under a name of its own. Throws `NOT_FOUND`. */
    open: (snapshotId: string): Pin => {
      const found = find.get(environmentId, snapshotId)
      try {
        if (!found) throw new Error('It is not there')
        const { statement, ...told } = JSON.parse(found.definition) as Definition
        const pinned = {
          ranAt: new Date(found.ran_at),
          name: null,
          statement: { ...statement, resultId: randomUUID() },
        }
        return { pinned, result: { ...told, spool: reopenSpool(folder, snapshotId, statement.rows) } }
      } catch (cause) {
        forget(snapshotId)
        throw new AtlasError(
          'NOT_FOUND',
          'This run is no longer kept',
          { object: snapshotId, next: 'Choose another one.' },
          { cause },
        )
      }
    },

    remove: (result: Pick<HeldResult, 'text' | 'values'>): number => {
      const found = list.all(environmentId, nameOf(result))
      for (const { id } of found) forget(id)
      return found.length
    },

    /** Resolves when nothing is being kept any more. */
    settled: async (): Promise<void> => {
      await Promise.all(pending)
    },
  }
}

type Answer = Awaited<ReturnType<ServiceOf<typeof snapshotContract>['listSnapshots']>>

/** A statement by what was sent: its text and its values. */
const nameOf = ({ text, values }: Pick<HeldResult, 'text' | 'values'>) =>
  createHash('sha256')
    .update(JSON.stringify([text.trim(), values]))
    .digest('hex')

/** Where the rows of earlier runs lie. */
export const snapshotFolderOf = (home: string) => join(home, 'snapshots')

/** Lets go what is kept of an environment that is no longer there. */
export function forgetSnapshotsOf(appDb: AppDb, environmentId: string, folder: string): void {
  const forgotten = appDb
    .prepare<[string], string>('delete from snapshots where environment_id = ? returning id')
    .pluck()
    .all(environmentId)
  for (const id of forgotten) removeKept(folder, id)
}
