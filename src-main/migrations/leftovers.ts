import type { Queryable } from '../adapters/postgres.ts'
import { AtlasError } from '../errors.ts'
import { identifier } from '../sql.ts'
import { type ParsedStatement, parseStatements } from '../sqlParse.ts'
import { type InvalidIndex, indexState, invalidIndexes } from './lockSql.ts'
import { nameOf, type RangeVar, stringsOf } from './tree.ts'

/** What is known of a statement that runs by itself and may have been cut off. */
export interface LoneStatement {
  /** It waits for other transactions without standing in their way: no time-out for its locks. */
  isConcurrent: boolean
  /** Running it a second time does no harm. */
  isRepeatable: boolean
  /** The index that it builds or drops; its schema may be missing. */
  index: { schema: string | undefined; name: string; isDropped: boolean } | undefined
  /** `reindex … concurrently` leaves indexes whose names end so. */
  isReindex: boolean
}

const harmless = new Set([
  'VacuumStmt',
  'ReindexStmt',
  'RefreshMatViewStmt',
  'ClusterStmt',
  'VariableSetStmt',
])

/** Reads what a statement is by the parser; of one that cannot be parsed, nothing is known. */
export async function readLoneStatement(text: string): Promise<LoneStatement> {
  const parsed = await parseStatements(text).catch((): ParsedStatement[] => [])
  const { kind = '', node = {} } = parsed[0] ?? {}
  const isConcurrent =
    node.concurrent === true ||
    (kind === 'ReindexStmt' && JSON.stringify(node.params ?? []).includes('concurrently'))
  const hasGuard = node.if_not_exists === true || node.missing_ok === true || node.skipIfNewValExists === true
  return {
    isConcurrent,
    isRepeatable: harmless.has(kind) || hasGuard,
    index: isConcurrent ? indexOf(kind, node) : undefined,
    isReindex: kind === 'ReindexStmt',
  }
}

function indexOf(kind: string, node: Record<string, unknown>): LoneStatement['index'] {
  if (kind === 'IndexStmt' && typeof node.idxname === 'string') {
    const { schemaname } = node.relation as RangeVar
    return { schema: schemaname, name: node.idxname, isDropped: false }
  }
  if (kind === 'DropStmt' && node.removeType === 'OBJECT_INDEX') {
    const parts = stringsOf((node.objects as unknown[])[0])
    return { schema: parts.at(-2), name: parts.at(-1) ?? '', isDropped: true }
  }
  return undefined
}

/** Throws where an interrupted build has left an invalid index in the way of a statement, with what removes it. */
export async function refuseLeftovers(db: Pick<Queryable, 'rows'>, statement: LoneStatement): Promise<void> {
  if (!statement.isConcurrent) return
  const { index, isReindex } = statement
  const invalid = await db.rows(invalidIndexes())
  const left = invalid.find(
    ({ schema, name }) =>
      (index !== undefined &&
        !index.isDropped &&
        name === index.name &&
        (index.schema ?? schema) === schema) ||
      (isReindex && /_cc(new|old)\d*$/.test(name)),
  )
  if (left) throw leftover(left)
}

/**
 * Whether a statement that was begun is done, told from the catalogue. Throws where nothing can tell, and where an
 * invalid index is left.
 */
export async function isDone(
  db: Pick<Queryable, 'rows' | 'row'>,
  statement: LoneStatement,
  unknown: () => AtlasError,
): Promise<boolean> {
  await refuseLeftovers(db, statement)
  if (statement.index) {
    const state = await db.row(indexState(statement.index.schema ?? null, statement.index.name))
    return statement.index.isDropped ? !state?.exists : (state?.exists ?? false)
  }
  if (statement.isRepeatable) return false
  throw unknown()
}

/** The statement that removes an invalid index. */
export function dropSql({ schema, name }: Pick<InvalidIndex, 'schema' | 'name'>): string {
  return `drop index concurrently if exists ${identifier(schema, name).text}`
}

function leftover(index: InvalidIndex): AtlasError {
  const name = nameOf(index)
  return new AtlasError('MIGRATION_FAILED', `An interrupted build has left the invalid index ${name}`, {
    object: name,
    detail: `It belongs to ${index.table}, takes space and slows writes, and answers no query.`,
    saved: 'The statements before it stay done and are recorded.',
    next: `Run \`${dropSql(index)}\`, then apply again.`,
  })
}
