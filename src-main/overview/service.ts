import type { Queryable } from '../adapters/postgres.ts'
import type { ServiceOf } from '../contract.ts'
import type { overviewContract } from './contract.ts'
import { deployedParts, freshness, layerTables, listSources } from './sql.ts'

const layers = ['explore', 'chart', 'navigate'] as const

/** The platform at a glance, in four catalogue-sized queries. */
export function createOverview({
  db,
}: {
  db: Pick<Queryable, 'rows' | 'row'>
}): ServiceOf<typeof overviewContract> {
  return {
    get: async () => {
      const parts = (await db.row(deployedParts()))?.parts ?? 0
      if (parts < 4) {
        return {
          deployment: parts === 0 ? 'none' : 'partial',
          layers: [],
          sources: [],
          rejected: 0,
          openAlerts: 0,
        }
      }
      const [tables, fresh, sources] = await Promise.all([
        db.rows(layerTables()),
        db.row(freshness()),
        db.rows(listSources()),
      ])
      const freshAt = { explore: fresh?.landed, chart: fresh?.validated, navigate: fresh?.published }
      return {
        deployment: 'complete',
        layers: layers.map((name) => {
          const own = tables.filter(({ layer }) => layer === name)
          return {
            name,
            estimatedRows: own.reduce((sum, { estimatedRows }) => sum + estimatedRows, 0),
            sizeBytes: own.reduce((sum, { sizeBytes }) => sum + sizeBytes, 0),
            freshAt: freshAt[name] ?? null,
            tables: own.map(({ layer: _layer, ...table }) => table),
          }
        }),
        sources,
        rejected: fresh?.rejected ?? 0,
        openAlerts: fresh?.alerts ?? 0,
      }
    },
  }
}
