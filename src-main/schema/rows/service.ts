import { z } from 'zod'
import type { Database } from '../../adapters/postgres.ts'
import type { ServiceOf } from '../../contract.ts'
import { AtlasError } from '../../errors.ts'
import type { EditableTable } from '../../rowEditContract.ts'
import { applyRowEdits, editableTable, writeRowEdits } from '../../rowEdits.ts'
import { identifier, join, query, sql } from '../../sql.ts'
import { checkCondition, readCondition } from './condition.ts'
import type { rowsContract } from './contract.ts'
import {
  asText,
  type KnownColumn,
  listRowColumns,
  type OrderColumn,
  pageOfRows,
  profileOf,
  type Source,
} from './sql.ts'

interface Found {
  oid: number
  kind: string
  estimatedRows: number
}

interface Dependencies {
  db: Pick<Database, 'rows' | 'row' | 'transaction'>
  /** The relation of this name; throws `OBJECT_NOT_FOUND`. */
  find: (schema: string, name: string) => Promise<Found>
  /** The newest partition that holds rows. */
  newestPartition: (oid: number) => Promise<Source | undefined>
}

const cutAt = 1000
const sampledFrom = 200_000

// A filter without an index must not run for ever on a table that others wait for.
const timeoutMs = 30_000

/** The rows of a table: pages by key, one row whole, profiles of columns, and staged changes. */
export function createRows({ db, find, newestPartition }: Dependencies): ServiceOf<typeof rowsContract> {
  async function sourceOf(found: Found, target: Source, partition: Source | undefined) {
    if (found.kind !== 'partitioned table') return { source: target, found }
    const source = partition ?? (await newestPartition(found.oid))
    return { source, found: source ? await find(source.schema, source.name) : found }
  }

  async function requireEditable({ schema, name }: Source): Promise<EditableTable> {
    const { oid } = await find(schema, name)
    const table = await db.row(editableTable(oid))
    if (table) return table
    throw new AtlasError('UNSUPPORTED', 'Rows can only be changed in a table that has a key', {
      object: `${schema}.${name}`,
      saved: 'Nothing was changed.',
      next: 'Give the table a primary key, or write the statement in the console.',
    })
  }

  const reading = <Result>(work: (tx: Pick<Database, 'rows' | 'row' | 'flat'>) => Promise<Result>) =>
    db.transaction(async (tx) => {
      await tx.run(sql`set transaction read only`)
      await tx.run(sql`select set_config('statement_timeout', ${String(timeoutMs)}, true)`)
      return work(tx)
    })

  return {
    listRows: async ({ schema, name, partition, order, filters, where, after, limit }) => {
      const begun = performance.now()
      const condition = where === undefined ? undefined : await readCondition(where)
      const root = await find(schema, name)
      const [{ source, found }, editable] = await Promise.all([
        sourceOf(root, { schema, name }, partition),
        db.row(editableTable(root.oid)),
      ])
      const columns = await db.rows(listRowColumns(found.oid))
      for (const { column } of [...order, ...filters]) requireColumn(columns, column, `${schema}.${name}`)
      const key = editable?.key ?? []
      const paging = key.length > 0 ? 'key' : isStored(found.kind) && order.length === 0 ? 'place' : 'offset'
      const by = paging === 'place' ? [] : orderOf(columns, order, key)
      const page =
        source && columns.length > 0
          ? await reading(async (tx) => {
              if (condition && where) await checkCondition(tx, source, condition, where)
              return tx.rows(
                query(
                  rowSchema,
                  pageOfRows({ source, columns, order: by, paging, filters, condition, after, limit, cutAt }),
                ),
              )
            })
          : []
      const rows = page.slice(0, limit)
      const last = rows.at(-1)
      const isLast = page.length <= limit || !last
      const keys = paging === 'place' ? ['k0'] : by.map((_column, at) => `k${at}`)
      const count = Number(after?.[0] ?? 0) + rows.length
      const cuts: [number, number][] = []
      const values = rows.map((row, at) =>
        columns.map((_column, index) => {
          const value = row[`c${index}`] ?? null
          if (typeof value !== 'string' || [...value].length <= cutAt) return value as string | null
          cuts.push([at, index])
          return [...value].slice(0, cutAt).join('')
        }),
      )
      return {
        columns: columns.map(({ name, type, isSortable }) => ({ name, type, isSortable })),
        rows: values,
        cuts,
        cutAt,
        durationMs: performance.now() - begun,
        next: isLast
          ? null
          : paging === 'offset'
            ? [String(count)]
            : keys.map((one) => (last[one] as string | null) ?? null),
        source: source ?? null,
        editable: editable ?? null,
      }
    },

    getRow: async ({ schema, name, key }) => {
      const table = await requireEditable({ schema, name })
      const where = table.key.map((column) => sql`t.${identifier(column)} = ${key[column] ?? null}`)
      const row = await reading((tx) =>
        tx.row(
          query(
            z.object({ values: z.array(z.string().nullable()) }),
            sql`select array[${join(table.columns.map((column) => asText(sql`t.${identifier(column.name)}`)))}]::text[] as values
                from ${identifier(schema, name)} t
                where ${join(where, ' and ')}`,
          ),
        ),
      )
      if (!row) {
        throw new AtlasError('OBJECT_NOT_FOUND', 'This row is gone', {
          object: `${schema}.${name}`,
          next: 'Somebody deleted it: read the rows again.',
        })
      }
      return {
        values: Object.fromEntries(table.columns.map((column, at) => [column.name, row.values[at] ?? null])),
      }
    },

    profile: async ({ schema, name, column }) => {
      const begun = performance.now()
      const { source, found } = await sourceOf(await find(schema, name), { schema, name }, undefined)
      const known = requireColumn(await db.rows(listRowColumns(found.oid)), column, `${schema}.${name}`)
      const isSampled = isStored(found.kind) && found.estimatedRows > sampledFrom
      const percent = isSampled ? Math.max(0.01, (100 * sampledFrom) / found.estimatedRows) : null
      const profile = source ? await reading((tx) => tx.row(profileOf(source, known, percent))) : undefined
      return {
        ...(profile ?? emptyProfile),
        sampledPercent: percent,
        source: source ?? null,
        durationMs: performance.now() - begun,
      }
    },

    previewEdits: async ({ schema, name, edits }) => ({
      sql: writeRowEdits(await requireEditable({ schema, name }), edits),
    }),

    applyEdits: async ({ schema, name, edits }) => {
      const table = await requireEditable({ schema, name })
      return db.transaction((tx) => applyRowEdits(tx, table, edits))
    },
  }
}

const rowSchema = z.record(z.string(), z.union([z.string(), z.number()]).nullable())

const emptyProfile = {
  rows: 0,
  nulls: 0,
  distinct: 0,
  least: null,
  most: null,
  averageBytes: null,
  top: [],
  histogram: null,
}

const isStored = (kind: string) => kind === 'table' || kind === 'materialized view'

/** What was asked for, then the key, which makes the order total. */
function orderOf(
  columns: KnownColumn[],
  order: { column: string; isDescending: boolean }[],
  key: string[],
): OrderColumn[] {
  const asked = new Set(order.map(({ column }) => column))
  const isDescending = order.at(-1)?.isDescending ?? false
  const all = [
    ...order,
    ...key.filter((column) => !asked.has(column)).map((column) => ({ column, isDescending })),
  ]
  return all.map(({ column, isDescending: down }) => ({
    name: column,
    isDescending: down,
    isNullable: columns.find(({ name }) => name === column)?.isNullable ?? true,
  }))
}

function requireColumn(columns: KnownColumn[], name: string, object: string): KnownColumn {
  const column = columns.find((one) => one.name === name)
  if (column) return column
  throw new AtlasError('OBJECT_NOT_FOUND', 'There is no such column', {
    object: `${object}.${name}`,
    next: 'It may have been dropped or renamed: read the table again.',
  })
}
