import { z } from 'zod'
import type { Database } from '../adapters/postgres.ts'
import type { ServiceOf } from '../contract.ts'
import { AtlasError } from '../errors.ts'
import { query } from '../sql.ts'
import { createBrowse } from './browse.ts'
import type { schemaContract } from './contract.ts'
import { createDefine } from './define.ts'
import { createModelCache } from './model/cache.ts'
import {
  findTable,
  firstRows,
  listColumns,
  listConstraints,
  listIndexes,
  listPolicies,
  listReferencing,
  listTriggers,
  newestPartition,
  viewDefinition,
} from './sql.ts'

const cutAt = 1000

/** The catalogue as a browser shows it: a constant number of queries, whatever the number of tables. */
export function createSchema({
  db,
}: {
  db: Pick<Database, 'rows' | 'row' | 'flat' | 'transaction'>
}): ServiceOf<typeof schemaContract> {
  const models = createModelCache(db)

  async function find(schema: string, name: string) {
    const table = await db.row(findTable(schema, name))
    if (table) return table
    throw new AtlasError('OBJECT_NOT_FOUND', 'There is no such table or view', {
      object: `${schema}.${name}`,
      next: 'It may have been dropped or renamed: read the tree again.',
    })
  }

  return {
    ...createBrowse(models),
    ...createDefine(db, models),

    describe: async ({ schema, name }) => {
      const { oid, ...summary } = await find(schema, name)
      const isView = summary.kind === 'view' || summary.kind === 'materialized view'
      const [columnList, indexes, constraints, referencedBy, triggers, policies, view] = await Promise.all([
        db.rows(listColumns(oid)),
        db.rows(listIndexes(oid)),
        db.rows(listConstraints(oid)),
        db.rows(listReferencing(oid)),
        db.rows(listTriggers(oid)),
        db.rows(listPolicies(oid)),
        isView ? db.row(viewDefinition(oid)) : undefined,
      ])
      return {
        ...summary,
        columnList,
        indexes,
        constraints,
        referencedBy,
        triggers,
        policies,
        viewDefinition: view?.text ?? null,
      }
    },

    listRows: async ({ schema, name, limit }) => {
      const table = await find(schema, name)
      const columns = await db.rows(listColumns(table.oid))
      const begun = performance.now()
      // A partitioned table is looked at through its newest partition: reading its root would plan and touch them all.
      const source =
        table.kind === 'partitioned table' ? await db.row(newestPartition(table.oid)) : { schema, name }
      const names = columns.map((column) => column.name)
      const rows =
        source && names.length > 0
          ? await db.rows(query(rowSchema, firstRows(source.schema, source.name, names, limit, cutAt)))
          : []
      return {
        columns: columns.map((column) => ({ name: column.name, type: column.type })),
        rows: rows.map((row) => names.map((_name, index) => row[`c${index}`] ?? null)),
        cutAt,
        durationMs: performance.now() - begun,
      }
    },
  }
}

const rowSchema = z.record(z.string(), z.string().nullable())
