import { z } from 'zod'
import type { Database } from '../adapters/postgres.ts'
import { query, quoteIdentifier, sql, trustedStatement } from '../sql.ts'
import type { Danger } from './danger.ts'
import type { DangerousStatement } from './guard.ts'
import { relationBlasts } from './sql.ts'
import type { Blast } from './statementContract.ts'

type Transactions = Pick<Database, 'transaction'>

/** How far each statement reaches: rows by the server's plan, and what hangs on its tables. Reads only, for seconds at most. */
export async function measureBlasts(db: Transactions, found: DangerousStatement[]): Promise<Blast[]> {
  const blasts: Blast[] = []
  for (const { statement, dangers } of found) {
    const objects = await describeObjects(db, dangers)
    const known = objects.reduce((sum, { rows }) => sum + (rows ?? 0), 0)
    blasts.push({
      line: statement.line,
      text: statement.text.slice(0, 2000),
      what: [...new Set(dangers.map(({ what }) => what))].join(', '),
      isCascade: dangers.some(({ isCascade }) => isCascade),
      rows:
        (await plannedRows(db, statement.text, dangers)) ??
        (objects.some(({ rows }) => rows !== null) ? known : null),
      objects,
    })
  }
  return blasts
}

async function describeObjects(db: Transactions, dangers: Danger[]): Promise<Blast['objects']> {
  const all = dangers.flatMap(({ objects }) => objects)
  const names = all.map(({ name }) => name.map(quoteIdentifier).join('.'))
  const types = all.map(({ type }) => type)
  const known = await readOnly(db, (tx) => tx.rows(relationBlasts(names, types))).catch(() => [])
  return all.map(({ type, name }, at) => {
    const relation = known.find(({ asked }) => asked === at + 1)
    return {
      type,
      name: name.join('.'),
      rows: relation?.rows ?? null,
      sizeBytes: relation?.sizeBytes ?? null,
      partitions: relation?.partitions ?? 0,
      triggers: relation?.triggers ?? [],
      references: relation?.references ?? [],
      dependants: relation?.dependants ?? [],
    }
  })
}

/** The rows that the planner expects an `UPDATE` or `DELETE` to touch. The statement is planned and not run. */
async function plannedRows(db: Transactions, text: string, dangers: Danger[]): Promise<number | undefined> {
  if (dangers.length !== 1 || !['delete', 'update'].includes(dangers[0]?.kind ?? '')) return undefined
  const plan = z.object({ 'QUERY PLAN': z.array(z.object({ Plan: z.unknown() })) })
  try {
    const answer = await readOnly(db, (tx) =>
      tx.row(query(plan, sql`explain (format json) ${trustedStatement(text)}`)),
    )
    return rowsOfModify(answer?.['QUERY PLAN'][0]?.Plan)
  } catch {
    // A DO block, a temporary table of the session, a table that the script makes first: the statistics have to do.
    return undefined
  }
}

function rowsOfModify(plan: unknown): number | undefined {
  const { Plans = [], ...node } = (plan ?? {}) as {
    Plans?: unknown[]
    'Node Type'?: string
    'Plan Rows'?: number
  }
  if (node['Node Type'] !== 'ModifyTable') return Plans.map(rowsOfModify).find((rows) => rows !== undefined)
  return Plans.reduce<number>(
    (sum, child) => sum + ((child as { 'Plan Rows'?: number })['Plan Rows'] ?? 0),
    0,
  )
}

function readOnly<Result>(
  db: Transactions,
  work: Parameters<Transactions['transaction']>[0] extends (tx: infer Tx) => unknown
    ? (tx: Tx) => Promise<Result>
    : never,
): Promise<Result> {
  return db.transaction(async (tx) => {
    await tx.run(sql`set transaction read only`)
    await tx.run(sql`set local statement_timeout = '3s'`)
    return work(tx)
  })
}
