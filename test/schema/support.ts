import type { Database, Queryable } from '../../src-main/adapters/postgres.ts'
import type { Sql } from '../../src-main/sql.ts'

/** A database that remembers the statements that went through it. */
export function recording(db: Pick<Database, 'rows' | 'row' | 'flat' | 'transaction'>) {
  const statements: Sql[] = []
  return {
    statements,
    db: {
      transaction: db.transaction,
      rows: ((query) => {
        statements.push(query.statement)
        return db.rows(query)
      }) as Queryable['rows'],
      row: ((query) => {
        statements.push(query.statement)
        return db.row(query)
      }) as Queryable['row'],
      flat: ((statement) => {
        statements.push(statement)
        return db.flat(statement)
      }) as Queryable['flat'],
    },
  }
}

/** A node of `explain (format json)`. */
export interface PlanNode {
  'Node Type': string
  'Relation Name'?: string
  'Subplan Name'?: string
  Plans?: PlanNode[]
}

export function* nodesOf(node: PlanNode): Generator<PlanNode> {
  yield node
  for (const child of node.Plans ?? []) yield* nodesOf(child)
}
