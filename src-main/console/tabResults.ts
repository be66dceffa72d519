import { AtlasError } from '../errors.ts'
import type { Pin } from './pins.ts'
import type { HeldResult } from './run.ts'
import type { ConsoleRun } from './statementContract.ts'

/** Where the pinned results of one tab stay. */
export interface TabPins {
  add: (pin: Pin) => void
  remove: (resultId: string) => void
  rename: (resultId: string, name: string | null) => void
  open: () => Pin[]
}

/** The results that a tab holds: those of what it ran last, and the pinned ones, which outlive that. */
export function createTabResults(kept: TabPins, changed: () => void) {
  const pinned = new Map(kept.open().map((pin) => [pin.pinned.statement.resultId ?? '', pin]))
  const held = new Map([...pinned].map(([id, { result }]): [string, HeldResult] => [id, result]))

  const release = (resultId: string) => {
    held.get(resultId)?.spool.close()
    held.delete(resultId)
  }

  return {
    held,

    pinned: () => [...pinned.values()].map((pin) => pin.pinned),

    /** Keeps a result of the run although the tab runs anew. `CONFLICT` while its rows still come. */
    pin: (resultId: string, run: ConsoleRun | undefined, ranAt: Date): void => {
      const statement = run?.statements.find((one) => one.resultId === resultId)
      const result = held.get(resultId)
      if (pinned.has(resultId) || !statement || !result) return
      if (statement.status === 'running') {
        throw new AtlasError('CONFLICT', 'The rows of this result still come', {
          saved: 'It was not pinned.',
          next: 'Wait for its end, or cancel it: what has come can be pinned then.',
        })
      }
      const pin = { result, pinned: { ranAt, name: null, statement: { ...statement } } }
      kept.add(pin)
      pinned.set(resultId, pin)
      changed()
    },

    /** Gives a pinned result a name. `NOT_FOUND` where it is not pinned. */
    rename: (resultId: string, name: string | null): void => {
      const pin = pinned.get(resultId)
      if (!pin) throw new AtlasError('NOT_FOUND', 'This result is not pinned', { next: 'Pin it first.' })
      kept.rename(resultId, name)
      pin.pinned.name = name
      changed()
    },

    /** Takes up a result that is kept elsewhere, as a pinned one. */
    take: (pin: Pin): void => {
      const id = pin.pinned.statement.resultId ?? ''
      kept.add(pin)
      pinned.set(id, pin)
      held.set(id, pin.result)
      changed()
    },

    /** Lets a pinned result go: at once, or, where the run shows it, with that. */
    unpin: (resultId: string, run: ConsoleRun | undefined): void => {
      if (!pinned.delete(resultId)) return
      kept.remove(resultId)
      if (!run?.statements.some((statement) => statement.resultId === resultId)) release(resultId)
      changed()
    },

    /** Lets a result go that is not pinned. */
    forget: (resultId: string): void => {
      if (!pinned.has(resultId)) release(resultId)
    },

    /** Lets go all that are not pinned. */
    forgetUnpinned: (): void => {
      for (const id of held.keys()) if (!pinned.has(id)) release(id)
    },

    /** Lets go what is pinned: the tab is closed for good. */
    forgetPins: (): void => {
      for (const id of pinned.keys()) kept.remove(id)
    },

    close: (): void => {
      for (const id of held.keys()) release(id)
    },
  }
}
