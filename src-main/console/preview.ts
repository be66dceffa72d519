import type { Database, Session } from '../adapters/postgres.ts'
import type { sendStatement } from '../adapters/statement.ts'
import { AtlasError } from '../errors.ts'
import type { EditableTable } from '../rowEditContract.ts'
import { editableTable } from '../rowEdits.ts'
import { identifier, join, quoteIdentifier, sql } from '../sql.ts'
import { parseStatements } from '../sqlParse.ts'
import type { Statement } from '../sqlText.ts'
import { streamRows } from './rowStream.ts'
import { rowsByKey, tableOid } from './sql.ts'
import type { Preview } from './statementContract.ts'

interface Dependencies {
  session: Session
  db: Pick<Database, 'rows'>
  send: typeof sendStatement
}

type Row = (string | null)[]

const keptRows = 500
const verbs: Record<string, Preview['verb']> = {
  InsertStmt: 'insert',
  UpdateStmt: 'update',
  DeleteStmt: 'delete',
}

/**
 * Runs one write in a transaction that stays open, and pairs its rows as they are now with what they were. What they were
 * is read on another connection, which does not see the change yet.
 */
export async function previewWrite(
  { session, db, send }: Dependencies,
  statements: Statement[],
  isOpen: boolean,
): Promise<Preview> {
  const [statement] = statements
  if (isOpen || !statement || statements.length > 1) {
    throw new AtlasError(
      'UNSUPPORTED',
      isOpen ? 'A transaction is open in this tab' : 'A preview is of one statement',
      {
        saved: 'Nothing was run.',
        next: isOpen
          ? 'Run the statement in it, look, then commit or roll back.'
          : 'Put the cursor into one.',
      },
    )
  }
  const target = await readTarget(statement.text)
  await session.run(sql`begin`)
  try {
    const found = await session.row(tableOid(target.name))
    const table = await session.row(editableTable(found?.oid ?? 0))
    if (!table) {
      throw new AtlasError('UNSUPPORTED', 'A table without a key cannot be compared row by row', {
        object: target.name,
        saved: 'Nothing was changed.',
        next: 'Run it behind begin, and look before you commit.',
      })
    }
    const names = table.columns.map(({ name }) => identifier(target.alias, name))
    const written: Row[] = []
    let rows = 0
    await streamRows(send, session, `${statement.text}\nreturning ${join(names, ', ').text}`, (batch) => {
      rows += batch.rows.length
      written.push(...batch.rows.slice(0, keptRows - written.length))
    })
    const before = target.verb === 'update' ? await readBefore(db, table, written) : []
    return {
      verb: target.verb,
      table: `${table.schema}.${table.name}`,
      columns: table.columns.map(({ name }) => name),
      rows,
      changes: written.map((row) =>
        target.verb === 'delete'
          ? { before: row, after: null }
          : { before: before.find((was) => hasSameKey(table, was, row)) ?? null, after: row },
      ),
    }
  } catch (error) {
    await session.run(sql`rollback`).catch(() => {})
    throw error
  }
}

async function readTarget(text: string) {
  const [statement] = await parseStatements(text)
  const verb = verbs[statement?.kind ?? '']
  const relation = statement?.node.relation as
    | { schemaname?: string; relname?: string; alias?: { aliasname?: string } }
    | undefined
  if (!verb || !relation?.relname || statement?.node.returningClause || statement?.node.returningList) {
    throw new AtlasError('UNSUPPORTED', 'Only an INSERT, UPDATE or DELETE without RETURNING is previewed', {
      saved: 'Nothing was run.',
      next: 'Run it behind begin, and look before you commit.',
    })
  }
  const { schemaname, relname } = relation
  return {
    verb,
    name: (schemaname ? [schemaname, relname] : [relname]).map(quoteIdentifier).join('.'),
    alias: relation.alias?.aliasname ?? relname,
  }
}

function keyOf(table: EditableTable, row: Row): string[] {
  return table.key.map((name) => row[table.columns.findIndex((column) => column.name === name)] ?? '')
}

function hasSameKey(table: EditableTable, one: Row, other: Row): boolean {
  const key = keyOf(table, other)
  return keyOf(table, one).every((value, at) => value === key[at])
}

async function readBefore(db: Pick<Database, 'rows'>, table: EditableTable, written: Row[]): Promise<Row[]> {
  if (written.length === 0) return []
  const found = await db.rows(
    rowsByKey(
      table,
      written.map((row) => keyOf(table, row)),
    ),
  )
  return found.map(({ values }) => values)
}
