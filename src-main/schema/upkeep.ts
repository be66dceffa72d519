import type { Queryable } from '../adapters/postgres.ts'
import type { ServiceOf } from '../contract.ts'
import { AtlasError } from '../errors.ts'
import type { schemaContract } from './contract.ts'
import type { ModelCache } from './model/cache.ts'
import { holdersOf } from './model/model.ts'
import type { TableSummary } from './objects/contract.ts'
import { listUpkeep } from './upkeepSql.ts'

/** What the tables of a schema take and when they were looked after: one statement beside the model, whatever their number. */
export function createUpkeep(
  db: Pick<Queryable, 'rows'>,
  models: ModelCache,
): Pick<ServiceOf<typeof schemaContract>, 'listTables'> {
  return {
    listTables: async ({ schema }) => {
      const { relations, others } = await models.top()
      if (!others.some(({ kind, name }) => kind === 'schema' && name === schema)) {
        throw new AtlasError('OBJECT_NOT_FOUND', 'There is no such schema', {
          object: schema,
          next: 'It may have been dropped or renamed: read the tree again.',
        })
      }
      const tables = [...relations.values()]
        .filter(
          (one) => one.schema === schema && !one.parent && one.kind !== 'view' && one.kind !== 'sequence',
        )
        .map((table) => ({ table, holders: holdersOf(table) }))
      const pairs = tables.flatMap(({ table, holders }) =>
        holders.map((holder) => [table.oid, holder.oid] as const),
      )
      const known = await db.rows(
        listUpkeep(
          pairs.map(([root]) => root),
          pairs.map(([, leaf]) => leaf),
        ),
      )
      const byRoot = new Map(known.map(({ root, ...upkeep }) => [root, upkeep]))
      return tables
        .map(({ table: { oid, name, kind, comment }, holders }) => ({
          schema,
          name,
          kind: kind as TableSummary['kind'],
          partitions: kind === 'partitioned table' ? holders.length : 0,
          comment,
          ...(byRoot.get(oid) ?? nothingKept),
        }))
        .sort((a, b) => (a.name < b.name ? -1 : 1))
    },
  }
}

/** Of a table without partitions, and of one that was dropped while it was looked at. */
const nothingKept = {
  estimatedRows: 0,
  deadRows: 0,
  tableBytes: 0,
  indexBytes: 0,
  lastVacuum: null,
  lastAnalyze: null,
}
