import type { Definition } from './definition.ts'

type Flat = (string | null | undefined)[]

const kinds: Record<string, string> = {
  r: 'table',
  p: 'partitioned table',
  f: 'foreign table',
  v: 'view',
  m: 'materialized view',
}

interface TableDefinition extends Pick<Definition, 'kind' | 'name' | 'statements'> {
  /** The tables that it is a partition or a child of, quoted. */
  parents: string[]
}

/** The statements that make a table or a view, from what the catalogue says of it and of its columns. */
export function tableStatement(head: Flat, columns: Flat[]): TableDefinition {
  const [
    ,
    relkind,
    persistence,
    name,
    parent,
    bound,
    key,
    inherited,
    options,
    method,
    space,
    server,
    ofType,
    view,
  ] = head
  const kind = kinds[relkind ?? ''] ?? 'table'
  const table = name ?? ''
  if (view) {
    const made = `create ${kind} ${table}${options ? ` with (${options})` : ''} as\n${view.replace(/;\s*$/, '')}`
    const isEmpty = relkind === 'm' && head[14] === 'f'
    return { kind, name: table, statements: [isEmpty ? `${made}\nwith no data` : made], parents: [] }
  }
  const alter = (what: string) => `alter ${relkind === 'f' ? 'foreign table' : 'table'} only ${table} ${what}`
  // A partition takes its columns from its parent, in the parent's order, unless it was made by itself and attached.
  const isAttached = Boolean(parent) && head[15] !== 't'
  const isPartition = Boolean(parent) && !isAttached
  const lines = columns.filter((column) => !isPartition && (parent || isLocal(column))).map(columnLine)
  const later = columns.flatMap((column) => (isPartition || !isLocal(column) ? differences(column) : []))
  const body = ofType
    ? ` of ${ofType}`
    : isPartition
      ? ` partition of ${parent} ${bound ?? ''}`
      : ` (${lines.length > 0 ? `\n  ${lines.join(',\n  ')}\n` : ''})`
  const head_ = `create ${persistence === 'u' ? 'unlogged ' : ''}${relkind === 'f' ? 'foreign ' : ''}table ${table}`
  const statement = [
    `${head_}${body}`,
    inherited && `inherits (${inherited})`,
    key && `partition by ${key}`,
    method && `using ${method}`,
    server && relkind === 'f' && server,
    options && `with (${options})`,
    space && `tablespace ${space}`,
  ]
    .filter(Boolean)
    .join(isPartition ? ' ' : '\n')
  const perColumn = columns.flatMap((column) => (column[8] ? column[8].split('\n').map(alter) : []))
  return {
    kind,
    name: table,
    statements: [
      statement,
      ...later.map(alter),
      ...perColumn,
      ...(isAttached ? [`alter table only ${parent} attach partition ${table} ${bound}`] : []),
    ],
    parents: [parent, ...(inherited?.split(', ') ?? [])].filter((one) => one !== null && one !== undefined),
  }
}

const isLocal = (column: Flat) => column[3] === 't'

function columnLine(column: Flat): string {
  const [, , line, , fallback, , isNotNull, , , constraint] = column
  const notNull = isNotNull === 't' && `${constraint ? `constraint ${constraint} ` : ''}not null`
  return [line, fallback && `default ${fallback}`, notNull].filter(Boolean).join(' ')
}

/** How a column that came from a parent differs from it. */
function differences(column: Flat): string[] {
  const [, name, , , own, parents, isNotNull, isParentsNotNull] = column
  const changes: string[] = []
  if (own !== parents)
    changes.push(own ? `alter column ${name} set default ${own}` : `alter column ${name} drop default`)
  if (isNotNull === 't' && isParentsNotNull === 'f') changes.push(`alter column ${name} set not null`)
  return changes
}
