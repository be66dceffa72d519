import type { Queryable } from '../adapters/postgres.ts'
import type { ServiceOf } from '../contract.ts'
import { layerName, type overviewContract } from './contract.ts'
import { deployedParts, freshness, hourlyRows, layerTables, listSources } from './sql.ts'

/** The platform at a glance, in five catalogue-sized queries. */
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
      const [tables, fresh, hours, sources] = await Promise.all([
        db.rows(layerTables()),
        db.row(freshness()),
        db.rows(hourlyRows()),
        db.rows(listSources()),
      ])
      return {
        deployment: 'complete',
        layers: layerName.options.map((name) => {
          const own = tables.filter(({ layer }) => layer === name)
          return {
            name,
            estimatedRows: own.reduce((sum, { estimatedRows }) => sum + estimatedRows, 0),
            sizeBytes: own.reduce((sum, { sizeBytes }) => sum + sizeBytes, 0),
            freshAt: fresh?.[name] ?? null,
            hourlyRows: Array.from({ length: 24 }, (_, at) => {
              const hour = hours.find(({ layer, hoursAgo }) => layer === name && hoursAgo === 23 - at)
              return hour?.rows ?? 0
            }),
            tables: own.map(({ layer: _layer, ...table }) => table),
          }
        }),
        sources,
        rejected: hours.reduce((sum, { rejected }) => sum + rejected, 0),
        openAlerts: fresh?.alerts ?? 0,
      }
    },
  }
}
