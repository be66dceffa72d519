import type { Queryable, Session } from '../adapters/postgres.ts'
import type { ResultField } from '../adapters/statement.ts'
import type { EditableTable, RowEdit, RowEditOutcome } from '../rowEditContract.ts'
import { applyRowEdits, editableTable } from '../rowEdits.ts'
import { sql } from '../sql.ts'
import type { Editing } from './resultContract.ts'
import { columnNames } from './sql.ts'

/** Which columns of a result can be edited: those that come unchanged from its one table, if the key is among them. */
export async function describeEditing(
  db: Pick<Queryable, 'row' | 'rows'>,
  fields: ResultField[],
): Promise<Editing> {
  const oids = [...new Set(fields.map(({ tableOid }) => tableOid).filter((oid) => oid !== 0))]
  const no = (reason: string): Editing => ({ table: null, columns: [], reason })
  if (oids.length === 0) return no('No column comes from a table unchanged.')
  if (oids.length > 1) return no('The columns come from several tables.')
  const [oid = 0] = oids
  const table = await db.row(editableTable(oid))
  if (!table) return no('It is no table with a primary key or a unique index without NULL.')
  const names = new Map((await db.rows(columnNames(oid))).map(({ number, name }) => [number, name]))
  const columns = fields.map(({ tableOid, columnNumber }) =>
    tableOid === oid ? (names.get(columnNumber) ?? null) : null,
  )
  const missing = table.key.filter((name) => !columns.includes(name))
  if (missing.length > 0)
    return no(`The key of ${table.schema}.${table.name} is not in the result: ${missing.join(', ')}.`)
  return { table, columns, reason: null }
}

/** Applies staged changes on a session: in a transaction of their own, or behind a savepoint of the one that is open. */
export async function applyOnSession(
  session: Pick<Session, 'run' | 'row'>,
  isOpen: boolean,
  table: EditableTable,
  edits: RowEdit[],
): Promise<RowEditOutcome> {
  await session.run(isOpen ? sql`savepoint atlas_edit` : sql`begin`)
  try {
    const outcome = await applyRowEdits(session, table, edits)
    await session.run(isOpen ? sql`release savepoint atlas_edit` : sql`commit`)
    return outcome
  } catch (error) {
    await session.run(isOpen ? sql`rollback to savepoint atlas_edit` : sql`rollback`).catch(() => {})
    throw error
  }
}
