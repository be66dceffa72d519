import type { Database } from '../adapters/postgres.ts'
import type { ServiceOf } from '../contract.ts'
import { AtlasError } from '../errors.ts'
import { sql } from '../sql.ts'
import { createBrowse } from './browse.ts'
import type { schemaContract } from './contract.ts'
import { createDefine } from './define.ts'
import { listUsed, listUsers } from './dependencySql.ts'
import { createDiagram } from './diagram/diagram.ts'
import type { diffContract } from './diff/contract.ts'
import { createGrants } from './grants/service.ts'
import { createModelCache } from './model/cache.ts'
import { createRows } from './rows/service.ts'
import {
  findTable,
  listAuditOf,
  listColumns,
  listConstraints,
  listIndexes,
  listPolicies,
  listReferencing,
  listTriggers,
  listWritingRuns,
  newestPartition,
  platformTables,
  switchTrigger,
  tableCounts,
  viewDefinition,
} from './sql.ts'
import { createUpkeep } from './upkeep.ts'

/** The catalogue as a browser shows it: a constant number of queries, whatever the number of tables. */
export function createSchema({
  db,
}: {
  db: Pick<Database, 'rows' | 'row' | 'flat' | 'transaction'>
}): Omit<ServiceOf<typeof schemaContract>, keyof typeof diffContract> {
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
    ...createDiagram(models),
    ...createGrants({ db, find }),
    ...createUpkeep(db, models),
    ...createRows({ db, find, newestPartition: (oid) => db.row(newestPartition(oid)) }),

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

    previewTrigger: async ({ schema, name, trigger, state }) => ({
      sql: `${switchTrigger(schema, name, trigger, state).text};`,
    }),

    switchTrigger: async ({ schema, name, trigger, state }) => {
      const { oid } = await find(schema, name)
      if (!(await db.rows(listTriggers(oid))).some((one) => one.name === trigger)) {
        throw new AtlasError('OBJECT_NOT_FOUND', 'There is no such trigger', {
          object: `${trigger} on ${schema}.${name}`,
          saved: 'Nothing was changed.',
          next: 'It may have been dropped or renamed: read the table again.',
        })
      }
      const statement = switchTrigger(schema, name, trigger, state)
      await db.transaction(async (tx) => {
        await tx.run(sql`set local lock_timeout = '5s'`)
        await tx.run(statement)
      })
      return { statement: statement.text }
    },

    dependencies: async ({ schema, name }) => {
      const { oid } = await find(schema, name)
      const [uses, usedBy] = await Promise.all([db.rows(listUsed(oid)), db.rows(listUsers(oid))])
      return { uses, usedBy }
    },

    activity: async ({ schema, name }) => {
      const { oid } = await find(schema, name)
      const [counted, platform] = await Promise.all([db.row(tableCounts(oid)), db.row(platformTables())])
      if (!counted) throw new Error('The counts of a table are one row')
      const [runs, audit] = await Promise.all([
        platform?.runs ? db.rows(listWritingRuns(schema, name)) : null,
        platform?.audit ? db.rows(listAuditOf(schema, name)) : null,
      ])
      const { lastVacuum, lastAnalyze, ...counts } = counted
      return { counts, lastVacuum, lastAnalyze, runs, audit }
    },
  }
}
