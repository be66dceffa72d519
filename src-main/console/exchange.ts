import type { ServiceOf } from '../contract.ts'
import { suggestPath } from '../exportFile.ts'
import type { exchangeContract } from './exchangeContract.ts'
import { exportRows } from './export.ts'
import { startExport, writeValue } from './exporter.ts'
import { previewFile, startImport } from './importer.ts'
import type { ConsoleDependencies, Tabs } from './tabs.ts'

/** Results out to files, files in to tables. */
export function createExchange(
  dependencies: ConsoleDependencies,
  tabs: Tabs,
): ServiceOf<typeof exchangeContract> {
  return {
    export: async ({ resultId, arrangementId, ...options }) => {
      const { columns, spool, arrangement } = tabs.resultOf(resultId)
      const numbers =
        arrangementId !== undefined && arrangement?.id === arrangementId ? arrangement.rows : undefined
      return pieces(
        exportRows(
          {
            columns,
            rowCount: numbers?.length ?? spool.rows,
            rows: (from, count) =>
              numbers
                ? spool.readMany(numbers.subarray(from, from + count)).rows
                : spool.read(from, count).rows,
          },
          options,
        ),
      )
    },

    suggestPath: async ({ name }) => ({ path: suggestPath(name) }),
    exportFile: async ({ resultId, ...request }) => {
      const { tab, result } = tabs.holderOf(resultId)
      return startExport({ ...dependencies, tab: tab.state() }, result, request)
    },
    exportValue: async ({ resultId, ...request }) => ({
      sizeBytes: await writeValue(tabs.resultOf(resultId), request),
    }),
    previewFile: async (file) => previewFile(file),
    importFile: async (request) => startImport(dependencies, request),
  }
}

async function* pieces(parts: Generator<string>): AsyncGenerator<string> {
  yield* parts
}
