import type { ServiceOf } from '../contract.ts'
import { AtlasError } from '../errors.ts'
import { compareResults, type HeldComparison, readCompared } from './compare.ts'
import type { compareContract } from './compareContract.ts'
import { describeEditing } from './tableEdits.ts'
import type { ConsoleDependencies, Tabs } from './tabs.ts'

const keptComparisons = 8

/** Results against each other. */
export function createComparisons(
  { db }: Pick<ConsoleDependencies, 'db'>,
  tabs: Pick<Tabs, 'resultOf'>,
): ServiceOf<typeof compareContract> {
  const held = new Map<string, HeldComparison>()

  return {
    compare: async ({ beforeId, afterId, key, unkeyed }, { signal }) => {
      const before = { id: beforeId, ...tabs.resultOf(beforeId) }
      const after = { id: afterId, ...tabs.resultOf(afterId) }
      // Without the catalogue the rows are compared as a whole.
      const editing = key ? undefined : await describeEditing(db, after.fields).catch(() => undefined)
      const tableKey = (editing?.table?.key ?? []).map((name) => editing?.columns.indexOf(name) ?? -1)
      const made = await compareResults(before, after, { key, tableKey, unkeyed, signal })
      held.set(made.comparison.comparisonId, made)
      for (const old of held.keys()) {
        if (held.size <= keptComparisons) break
        held.delete(old)
      }
      return made.comparison
    },
    listCompared: async ({ comparisonId, ...wanted }) => {
      const found = held.get(comparisonId)
      if (!found) {
        throw new AtlasError('NOT_FOUND', 'This comparison is no longer held', {
          object: comparisonId,
          next: 'Compare the results again.',
        })
      }
      return readCompared(found, tabs.resultOf(found.beforeId), tabs.resultOf(found.afterId), wanted)
    },
  }
}
