import { setTimeout as wait } from 'node:timers/promises'
import type { ServiceOf } from '../contract.ts'
import type { compareContract } from './compareContract.ts'
import { openReadOnlySession } from './readOnlySession.ts'
import type { Repetition, repeatContract } from './repeatContract.ts'
import { runAgain } from './runAgain.ts'
import type { Tab } from './tab.ts'
import type { ConsoleDependencies, Tabs } from './tabs.ts'

const leastPauseMs = 100

/** Statements that are run again and again while somebody looks. */
export function createRepeats(
  { db }: Pick<ConsoleDependencies, 'db'>,
  tabs: Pick<Tabs, 'of' | 'resultOf' | 'runs'>,
  { compare }: Pick<ServiceOf<typeof compareContract>, 'compare'>,
): ServiceOf<typeof repeatContract> {
  async function* repetitions(
    tab: Tab,
    firstId: string,
    everyMs: number,
    signal: AbortSignal | undefined,
  ): AsyncGenerator<Repetition> {
    const { text, values } = tabs.resultOf(firstId)
    const again = await openReadOnlySession(db, 'watch', text, tab.state())
    /** Runs that are held, oldest first; the result that all began with is the tab's. */
    const held: string[] = []
    try {
      let previousId = firstId
      for (let count = 1; tab.results.has(previousId) && !signal?.aborted; count++) {
        const at = new Date()
        const { statement, result } = await runAgain(tabs.runs, again, { text, values }, signal)
        // The tab has run something else meanwhile, or is closed: its results are gone, and nobody waits for these.
        if (!tab.results.has(previousId)) return result?.spool.close()
        if (result && statement.resultId !== null) {
          tab.results.set(statement.resultId, result)
          held.push(statement.resultId)
        }
        if (signal?.aborted) return
        const afterId = statement.status === 'succeeded' ? statement.resultId : null
        const comparison = afterId
          ? await compare({ beforeId: previousId, afterId, unkeyed: 'position' }, { signal })
          : null
        yield { at, count, statement, comparison }
        if (!afterId) return
        for (const id of held.splice(0, held.length - 2)) tab.forget(id)
        previousId = afterId
        const pauseMs = Math.max(leastPauseMs, everyMs - (Date.now() - at.getTime()))
        await wait(pauseMs, undefined, { signal }).catch(() => {})
      }
    } finally {
      // The last one stays: whoever looked may look on.
      for (const id of held.slice(0, -1)) tab.forget(id)
      await again.close()
    }
  }

  return {
    repeat: async ({ sessionId, resultId, everyMs }, { signal }) =>
      repetitions(tabs.of(sessionId), resultId, everyMs, signal),
  }
}
