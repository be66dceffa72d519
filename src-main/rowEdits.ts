import { z } from 'zod'
import type { Queryable } from './adapters/postgres.ts'
import { AtlasError } from './errors.ts'
import {
  type EditableTable,
  editableTableSchema,
  type RowEdit,
  type RowEditOutcome,
} from './rowEditContract.ts'
import { identifier, join, literal, query, type Sql, sql } from './sql.ts'

/** A table by its oid, with its key and its columns; no row where it has no key, or is no table. */
export const editableTable = (oid: number) =>
  query(
    editableTableSchema,
    sql`select n.nspname as schema, c.relname as name,
               (select array_agg(a.attname::text order by k.place)
                  from unnest(i.indkey::int2[]) with ordinality as k (number, place)
                  join pg_attribute a on a.attrelid = c.oid and a.attnum = k.number
                 where k.place <= i.indnkeyatts) as key,
               (select json_agg(json_build_object(
                         'name', a.attname, 'type', format_type(a.atttypid, a.atttypmod),
                         'isNotNull', a.attnotnull, 'hasDefault', a.atthasdef or a.attidentity <> '',
                         'isGenerated', a.attgenerated <> '' or a.attidentity = 'a',
                         'choices', (select json_agg(e.enumlabel order by e.enumsortorder)
                                       from pg_enum e where e.enumtypid = a.atttypid)) order by a.attnum)
                  from pg_attribute a
                 where a.attrelid = c.oid and a.attnum > 0 and not a.attisdropped) as columns
          from pg_class c
          join pg_namespace n on n.oid = c.relnamespace
          join lateral (
            select i.indkey, i.indnkeyatts
              from pg_index i
             where i.indrelid = c.oid and i.indisunique and i.indisvalid and i.indpred is null and i.indexprs is null
               and not exists (select 1 from pg_attribute a
                                where a.attrelid = c.oid and a.attnum = any (i.indkey::int2[]) and not a.attnotnull)
             order by i.indisprimary desc, i.indnkeyatts
             limit 1) i on true
         where c.oid = ${oid}::oid and c.relkind in ('r', 'p', 'f')`,
  )

/** Of `update` and `delete`: the row by its key, as long as it still holds what was seen. */
function found(table: EditableTable, edit: Exclude<RowEdit, { kind: 'insert' }>, cell: Cell): Sql {
  const key = table.key.map((name) => sql`${identifier(name)} = ${cell(edit.key[name] ?? null)}`)
  const seen = Object.entries(edit.before)
    .filter(([name]) => !table.key.includes(name))
    // The text that a value is sent as: types without an equality of their own (json, point) compare too.
    .map(([name, value]) =>
      value === null
        ? sql`${identifier(name)} is null`
        : sql`format('%s', ${identifier(name)}) = ${cell(value)}`,
    )
  return join([...key, ...seen], '\n   and ')
}

type Cell = (value: string | null) => Sql

// Untyped parameters: the server reads each text as the type of its column.
const parameter: Cell = (value) => sql`${value}`
const written: Cell = (value) => (value === null ? sql`null` : literal(value))

function statementOf(table: EditableTable, edit: RowEdit, cell: Cell): Sql {
  const target = identifier(table.schema, table.name)
  if (edit.kind === 'insert') {
    const names = Object.keys(edit.values)
    if (names.length === 0) return sql`insert into ${target} default values`
    const values = join(names.map((name) => cell(edit.values[name] ?? null)))
    return sql`insert into ${target} (${join(
      names.map((name) => identifier(name)),
      ', ',
    )})\nvalues (${values})`
  }
  if (edit.kind === 'delete') return sql`delete from ${target}\n where ${found(table, edit, cell)}`
  const changes = Object.entries(edit.values).map(
    ([name, value]) => sql`${identifier(name)} = ${cell(value)}`,
  )
  return sql`update ${target}\n   set ${join(changes, ',\n       ')}\n where ${found(table, edit, cell)}`
}

/** The statements that `applyRowEdits` sends, as people read them: with their values in place. */
export function writeRowEdits(table: EditableTable, edits: RowEdit[]): string {
  return edits.map((edit) => `${statementOf(table, edit, written).text};`).join('\n')
}

const counter = { insert: 'inserted', update: 'updated', delete: 'deleted' } as const

/**
 * Applies staged changes one by one, in the transaction that `tx` has open. The caller rolls back when it throws:
 * `CONFLICT` where a row is gone or no longer holds what was seen, with what it holds now; else the server's error, its
 * `object` the row that it is about.
 */
export async function applyRowEdits(
  tx: Pick<Queryable, 'run' | 'row'>,
  table: EditableTable,
  edits: RowEdit[],
): Promise<RowEditOutcome> {
  const outcome: RowEditOutcome = { inserted: 0, updated: 0, deleted: 0 }
  for (const edit of edits) {
    const touched = await tx.run(statementOf(table, edit, parameter)).catch((error) => {
      throw error instanceof AtlasError ? placed(error, table, edit) : error
    })
    if (touched === 1) outcome[counter[edit.kind]]++
    else if (edit.kind !== 'insert') throw await conflict(tx, table, edit, touched)
  }
  return outcome
}

const nothing = 'None of the staged changes was saved.'

function placed(error: AtlasError, table: EditableTable, edit: RowEdit): AtlasError {
  const fault = { ...error.fault, object: error.fault.object ?? describe(table, edit), saved: nothing }
  return new AtlasError(error.code, error.message, fault, { cause: error })
}

async function conflict(
  tx: Pick<Queryable, 'row'>,
  table: EditableTable,
  edit: Exclude<RowEdit, { kind: 'insert' }>,
  touched: number,
): Promise<AtlasError> {
  const object = describe(table, edit)
  if (touched > 1) {
    return new AtlasError('CONFLICT', `${touched} rows have this key`, {
      object,
      saved: nothing,
      next: 'Write the statement by hand.',
    })
  }
  const names = Object.keys({ ...edit.before, ...edit.key })
  const current = await tx.row(
    query(
      z.object({ values: z.array(z.string().nullable()) }),
      sql`select array[${join(
        names.map(
          (name) => sql`case when ${identifier(name)} is not null then format('%s', ${identifier(name)}) end`,
        ),
      )}]::text[] as values
            from ${identifier(table.schema, table.name)}
           where ${found(table, { ...edit, before: {} }, parameter)}`,
    ),
  )
  const changed = names
    .map((name, at) => ({
      name,
      was: edit.before[name] ?? edit.key[name] ?? null,
      is: current?.values[at] ?? null,
    }))
    .filter(({ was, is }) => was !== is)
    .map(({ name, was, is }) => `${name}: was ${was ?? 'NULL'}, is now ${is ?? 'NULL'}`)
  return new AtlasError(
    'CONFLICT',
    current ? 'Somebody changed this row since it was read' : 'This row is gone',
    {
      object,
      ...(changed.length > 0 && current ? { detail: changed.join('\n') } : {}),
      saved: nothing,
      next: 'Read the rows again, then make the change on what is there now.',
    },
  )
}

function describe({ schema, name }: EditableTable, edit: RowEdit): string {
  if (edit.kind === 'insert') return `${schema}.${name}, a new row`
  const key = Object.entries(edit.key).map(([column, value]) => `${column} = ${value}`)
  return `${schema}.${name}, ${key.join(', ')}`
}
