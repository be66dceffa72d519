import { z } from 'zod'
import type { Database, Queryable } from '../adapters/postgres.ts'
import { AtlasError } from '../errors.ts'
import { query, sql, trustedStatement } from '../sql.ts'
import { parseStatements } from '../sqlParse.ts'
import type { Members } from './members.ts'
import type { Pruned, Relation } from './table.contract.ts'

const explained = new Set(['SelectStmt', 'InsertStmt', 'UpdateStmt', 'DeleteStmt', 'MergeStmt'])

interface PlanNode {
  'Node Type': string
  'Relation Name'?: string
  Schema?: string
  'Subplans Removed'?: number
  Operation?: string
  Plans?: PlanNode[]
  'Target Tables'?: PlanNode[]
  [name: string]: unknown
}

/**
 * Plans one statement in a read-only transaction that is rolled back, and tells which partitions its plan names. The
 * statement itself is never run; what the planner evaluates on the way (stable functions such as now()) can write nothing.
 * Parameters `$1`, … are planned generically where the server can (PostgreSQL 16 and newer).
 */
export async function prune(
  db: Pick<Database, 'transaction'>,
  statement: string,
  version: number,
  members: Pick<Members, 'tables' | 'rows'>,
): Promise<Pruned> {
  const [parsed, ...more] = await parseStatements(statement)
  if (!parsed || more.length > 0 || !explained.has(parsed.kind)) {
    throw new AtlasError('INPUT_INVALID', 'One SELECT, INSERT, UPDATE, DELETE or MERGE can be checked', {
      object: parsed && more.length > 0 ? `${more.length + 1} statements` : parsed?.kind,
      saved: 'Nothing was run.',
      next: 'Give the one statement whose partitions you want to see.',
    })
  }
  // In the tree and not in the text: a name or a string may hold `$1` too.
  const hasParameters = JSON.stringify(parsed.node).includes('"ParamRef":')
  if (hasParameters && version < 160_000) {
    throw new AtlasError('UNSUPPORTED', 'This server cannot plan a statement with parameters', {
      object: parsed.text.slice(0, 200),
      saved: 'Nothing was run.',
      next: 'Write values in place of $1, $2, …',
    })
  }
  const options = `explain (format json, verbose, summary${hasParameters ? ', generic_plan' : ''}) `
  const answer = await db.transaction(async (tx) => {
    await tx.run(sql`set transaction read only`)
    const plan = await tx.row(query(planRow, trustedStatement(options + parsed.text)))
    await rollBack(tx)
    return plan?.['QUERY PLAN'][0]
  })
  if (!answer) throw new Error('The server did not explain the statement')
  return {
    tables: touchedBy(answer.Plan, members),
    planningMs: answer['Planning Time'],
    cost: Number(answer.Plan['Total Cost'] ?? 0),
  }
}

const planRow = z.object({
  'QUERY PLAN': z.array(z.object({ Plan: z.custom<PlanNode>(), 'Planning Time': z.number() })),
})

/** The transaction has done nothing; its end must not be a commit all the same. */
const rollBack = (tx: Queryable) => tx.run(sql`rollback and chain`)

const keyOf = ({ schema, name }: Relation) => JSON.stringify([schema, name])

function touchedBy(plan: PlanNode, { tables, rows }: Pick<Members, 'tables' | 'rows'>): Pruned['tables'] {
  const roots = new Map(tables.filter(({ parentId }) => parentId === null).map((table) => [table.id, table]))
  const byName = new Map(rows.map((row) => [keyOf(row), row]))
  const rootByName = new Map([...roots.values()].map((table) => [keyOf(table), table]))
  const leaves = Map.groupBy(
    rows.filter(({ isLeaf }) => isLeaf),
    ({ rootId }) => rootId,
  )
  const touched = new Map<number, Map<string, Relation>>()
  const routed = new Set<number>()
  const visit = (node: PlanNode) => {
    const relation = node['Relation Name']
    if (relation !== undefined && node.Schema !== undefined) {
      const key = keyOf({ schema: node.Schema, name: relation })
      const row = byName.get(key)
      if (row) {
        const own = touched.get(row.rootId) ?? new Map<string, Relation>()
        touched.set(row.rootId, own.set(key, { schema: row.schema, name: row.name }))
      }
      const root = rootByName.get(key)
      if (root) {
        touched.set(root.id, touched.get(root.id) ?? new Map())
        if (node.Operation === 'Insert' || node.Operation === 'Merge') routed.add(root.id)
      }
    }
    for (const below of [...(node.Plans ?? []), ...(node['Target Tables'] ?? [])]) visit(below)
  }
  visit(plan)
  return [...touched].flatMap(([id, own]) => {
    const root = roots.get(id)
    if (!root) return []
    const all = leaves.get(id) ?? []
    const read = all.filter((row) => own.has(keyOf(row)))
    return [
      {
        schema: root.schema,
        name: root.name,
        touched: read.map(({ schema, name }) => ({ schema, name })),
        total: all.length,
        pruned: all.length - read.length,
        isRouted: routed.has(id) && read.length === 0,
      },
    ]
  })
}
