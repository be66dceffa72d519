import { randomUUID } from 'node:crypto'
import type { ServiceOf } from '../contract.ts'
import { AtlasError } from '../errors.ts'
import { writeRowEdits } from '../rowEdits.ts'
import { arrange } from './arrangement.ts'
import { plotResult } from './plot.ts'
import type { plotContract } from './plotContract.ts'
import type { resultContract } from './resultContract.ts'
import type { HeldResult } from './run.ts'
import type { snapshotContract } from './snapshotContract.ts'
import { applyOnSession, describeEditing } from './tableEdits.ts'
import type { ConsoleDependencies, Tabs } from './tabs.ts'

const shownBytes = 8 * 1024 ** 2

/** Results that are held: their rows and values, in any order, and changes of them. */
export function createResults(
  { db }: Pick<ConsoleDependencies, 'db'>,
  tabs: Tabs,
): ServiceOf<typeof resultContract> & ServiceOf<typeof snapshotContract> & ServiceOf<typeof plotContract> {
  return {
    listRows: async ({ resultId, arrangementId, from, count, maxCharacters }) => {
      const result = tabs.resultOf(resultId)
      const { spool } = result
      if (arrangementId === undefined) return { ...spool.read(from, count, maxCharacters), numbers: [] }
      const numbers = [...requireArrangement(result, arrangementId).subarray(from, from + count)]
      return { ...spool.readMany(numbers, maxCharacters), numbers }
    },
    arrange: async ({ resultId, arrangement }) => {
      const result = tabs.resultOf(resultId)
      const made = { id: randomUUID(), rows: await arrange(result, arrangement) }
      result.arrangement = made
      return { arrangementId: made.id, rows: made.rows.length }
    },
    pin: async ({ sessionId, resultId, isPinned }) => {
      tabs.resultOf(resultId)
      tabs.of(sessionId).pin(resultId, isPinned)
      return { isPinned }
    },
    namePinned: async ({ sessionId, resultId, name }) => {
      tabs.of(sessionId).rename(resultId, name)
      return { name }
    },
    listSnapshots: async ({ resultId }) => tabs.snapshots.list(resultId, tabs.resultOf(resultId)),
    recallSnapshot: async ({ sessionId, snapshotId }) => {
      const pin = tabs.snapshots.open(snapshotId)
      try {
        tabs.of(sessionId).take(pin)
      } catch (error) {
        pin.result.spool.close()
        throw error
      }
      return pin.pinned
    },
    removeSnapshots: async ({ resultId }) => ({ removed: tabs.snapshots.remove(tabs.resultOf(resultId)) }),
    plot: async ({ resultId, arrangementId, plot }, { signal }) => {
      const result = tabs.resultOf(resultId)
      if (arrangementId !== undefined) requireArrangement(result, arrangementId)
      return plotResult(result, plot, arrangementId !== undefined, signal)
    },
    getValue: async ({ resultId, row, column }) => {
      const { spool } = tabs.resultOf(resultId)
      const place = spool.place(row, column)
      if (!place) {
        throw new AtlasError('NOT_FOUND', 'The result has no such value', {
          object: `row ${row}, column ${column}`,
        })
      }
      if (place.length < 0) return { value: null, sizeBytes: 0, isCut: false }
      const isCut = place.length > shownBytes
      const bytes = spool.slice(place.offset, Math.min(place.length, shownBytes))
      // A character that the cut divides is left out.
      const value = isCut ? new TextDecoder().decode(bytes, { stream: true }) : bytes.toString('utf8')
      return { value, sizeBytes: place.length, isCut }
    },
    describeEditing: async ({ resultId }) => describeEditing(db, tabs.resultOf(resultId).fields),
    applyEdits: async ({ sessionId, resultId, edits, isDryRun }) => {
      const { table, reason } = await describeEditing(db, tabs.resultOf(resultId).fields)
      if (!table) throw new AtlasError('UNSUPPORTED', `This result cannot be edited: ${reason}`)
      const text = writeRowEdits(table, edits)
      if (isDryRun) return { sql: text, outcome: null }
      const outcome = await tabs
        .of(sessionId)
        .use((session, isOpen) => applyOnSession(session, isOpen, table, edits))
      return { sql: text, outcome }
    },
  }
}

/** The rows in the order that a caller names. Throws `NOT_FOUND` where another one was asked for since. */
function requireArrangement({ arrangement }: HeldResult, id: string): Uint32Array {
  if (arrangement?.id === id) return arrangement.rows
  throw new AtlasError('NOT_FOUND', 'This order of the rows is no longer held', {
    object: id,
    next: 'Sort or filter again.',
  })
}
