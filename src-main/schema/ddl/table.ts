type Flat = (string | null | undefined)[]

/** A column as the catalogue says it; names, types and expressions as in SQL. */
export interface ColumnShape {
  name: string
  type: string
  /** It came not from a parent alone. */
  isLocal: boolean
  default: string | undefined
  parentsDefault: string | undefined
  isNotNull: boolean
  isParentsNotNull: boolean
  /** Where it is not the type's own. */
  storage: string | undefined
  typesStorage: string
  /** Of the not-null constraint, where somebody chose it. */
  notNullName: string | undefined
  collation: string | undefined
  compression: string | undefined
  generated: { from: string; how: 'stored' | 'virtual' } | undefined
  identity: { when: 'always' | 'by default'; sequence: string; options: string } | undefined
  statisticsTarget: string | undefined
  options: string | undefined
  foreignOptions: string | undefined
}

/** A table, a partition, a foreign table or a view. */
export interface TableShape {
  kind: 'table' | 'partitioned table' | 'foreign table' | 'view' | 'materialized view'
  name: string
  isUnlogged: boolean
  /** The table that it is a partition of, and of which values. */
  partitionOf: { parent: string; bound: string } | undefined
  /** What it is partitioned by itself. */
  partitionKey: string | undefined
  inherits: string[]
  /** `fillfactor='70'` */
  options: string[]
  accessMethod: string | undefined
  tablespace: string | undefined
  server: string | undefined
  ofType: string | undefined
  view: { query: string; isPopulated: boolean } | undefined
  /** Its columns stand as those of its parent do. */
  hasParentsOrder: boolean
  columns: ColumnShape[]
}

const kinds: Record<string, TableShape['kind']> = {
  r: 'table',
  p: 'partitioned table',
  f: 'foreign table',
  v: 'view',
  m: 'materialized view',
}

/** Reads a row of `listTableHeads` with its rows of `listTableColumns`. */
export function readTable(head: Flat, columns: Flat[]): TableShape {
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
  return {
    kind: kinds[relkind ?? ''] ?? 'table',
    name: name ?? '',
    isUnlogged: persistence === 'u',
    partitionOf: parent ? { parent, bound: bound ?? '' } : undefined,
    partitionKey: key ?? undefined,
    inherits: inherited?.split(', ') ?? [],
    options: options?.split('\n') ?? [],
    accessMethod: method ?? undefined,
    tablespace: space ?? undefined,
    server: server ?? undefined,
    ofType: ofType ?? undefined,
    view: view ? { query: view.replace(/;\s*$/, ''), isPopulated: head[14] !== 'f' } : undefined,
    hasParentsOrder: head[15] === 't',
    columns: columns.map(readColumn),
  }
}

function readColumn(row: Flat): ColumnShape {
  const text = (at: number) => row[at] ?? undefined
  const [generatedFrom, how] = [text(12), text(13)]
  const [when, sequence] = [text(14), text(15)]
  return {
    name: text(1) ?? '',
    type: text(2) ?? '',
    isLocal: row[3] === 't',
    default: text(4),
    parentsDefault: text(5),
    isNotNull: row[6] === 't',
    isParentsNotNull: row[7] === 't',
    storage: text(8),
    notNullName: text(9),
    collation: text(10),
    compression: text(11),
    generated: generatedFrom && how ? { from: generatedFrom, how: how as 'stored' | 'virtual' } : undefined,
    identity:
      when && sequence
        ? { when: when as 'always' | 'by default', sequence, options: text(16) ?? '' }
        : undefined,
    statisticsTarget: text(17),
    options: text(18),
    foreignOptions: text(19),
    typesStorage: text(20) ?? 'plain',
  }
}

/** The statements that make a table or a view. */
export function tableStatements(table: TableShape): string[] {
  const { kind, name, partitionOf, columns, view, options } = table
  if (view) {
    const made = `create ${kind} ${name}${options.length > 0 ? ` with (${options.join(', ')})` : ''} as\n${view.query}`
    return [view.isPopulated ? made : `${made}\nwith no data`]
  }
  const alter = (what: string) => `alter ${kind === 'foreign table' ? kind : 'table'} only ${name} ${what}`
  // A partition takes its columns from its parent, in the parent's order, unless it was made by itself and attached.
  const isAttached = partitionOf !== undefined && !table.hasParentsOrder
  const isPartition = partitionOf !== undefined && !isAttached
  const lines = columns.filter(({ isLocal }) => !isPartition && (partitionOf || isLocal)).map(columnLine)
  const later = columns.flatMap((column) => (isPartition || !column.isLocal ? differences(column) : []))
  const body = table.ofType
    ? ` of ${table.ofType}`
    : isPartition
      ? ` partition of ${partitionOf.parent} ${partitionOf.bound}`
      : ` (${lines.length > 0 ? `\n  ${lines.join(',\n  ')}\n` : ''})`
  const statement = [
    `create ${table.isUnlogged ? 'unlogged ' : ''}${kind === 'foreign table' ? 'foreign ' : ''}table ${name}${body}`,
    table.inherits.length > 0 && `inherits (${table.inherits.join(', ')})`,
    ...tableTail(table),
  ]
    .filter(Boolean)
    .join(isPartition ? ' ' : '\n')
  return [
    statement,
    ...later.map(alter),
    ...columns.flatMap(columnSettings).map(alter),
    ...(isAttached
      ? [`alter table only ${partitionOf.parent} attach partition ${name} ${partitionOf.bound}`]
      : []),
  ]
}

/** What comes after the columns. */
export function tableTail(table: TableShape): string[] {
  return [
    table.partitionKey && `partition by ${table.partitionKey}`,
    table.accessMethod && `using ${table.accessMethod}`,
    table.kind === 'foreign table' && table.server,
    table.options.length > 0 && `with (${table.options.join(', ')})`,
    table.tablespace && `tablespace ${table.tablespace}`,
  ].filter((part) => part !== undefined && part !== false && part !== '') as string[]
}

/** `name text collate "C" default 'x' not null` */
export function columnLine(column: ColumnShape): string {
  const { name, type, collation, compression, generated, identity, isNotNull, notNullName } = column
  return [
    name,
    type,
    compression && `compression ${compression}`,
    collation && `collate ${collation}`,
    generated && `generated always as (${generated.from}) ${generated.how}`,
    identity && identityClause(identity),
    column.default && `default ${column.default}`,
    isNotNull && `${notNullName ? `constraint ${notNullName} ` : ''}not null`,
  ]
    .filter(Boolean)
    .join(' ')
}

export function identityClause({ when, sequence, options }: NonNullable<ColumnShape['identity']>): string {
  return `generated ${when} as identity (${[`sequence name ${sequence}`, options].filter(Boolean).join(' ')})`
}

/** What is set on a column after its table was made. */
function columnSettings({ name, storage, statisticsTarget, options, foreignOptions }: ColumnShape): string[] {
  return [
    storage && `set storage ${storage}`,
    statisticsTarget && `set statistics ${statisticsTarget}`,
    options && `set (${options})`,
    foreignOptions && `options (${foreignOptions})`,
  ].flatMap((setting) => (setting ? [`alter column ${name} ${setting}`] : []))
}

/** How a column that came from a parent differs from it. */
function differences(column: ColumnShape): string[] {
  const { name, parentsDefault, isNotNull, isParentsNotNull } = column
  const changes: string[] = []
  if (column.default !== parentsDefault)
    changes.push(
      column.default
        ? `alter column ${name} set default ${column.default}`
        : `alter column ${name} drop default`,
    )
  if (isNotNull && !isParentsNotNull) changes.push(`alter column ${name} set not null`)
  return changes
}
