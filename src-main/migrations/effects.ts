import { findAll, type Node, qualified, type RangeVar, relationName, stringsOf, unwrap } from './tree.ts'

/** Lock levels in PostgreSQL's order (manual, 13.3.1), weakest first. */
export const lockLevels = [
  'access share',
  'row share',
  'row exclusive',
  'share update exclusive',
  'share',
  'share row exclusive',
  'exclusive',
  'access exclusive',
] as const

export type LockLevel = (typeof lockLevels)[number]

/** What a statement does to tables, told from its parse tree. */
export interface Effects {
  /** Per table, by the name that the statement writes, the strongest lock. */
  locks: Map<string, LockLevel>
  /** It copies a table, or reads all of one, under its lock. */
  isRewrite: boolean
  isScan: boolean
  isIrreversible: boolean
  /** Tables that it makes: what comes later meets nobody on them. */
  creates: string[]
}

/** What of others a lock keeps out; nothing below `share update exclusive`. */
export function blockedBy(lock: LockLevel | null): string | null {
  if (lock === 'access exclusive') return 'reads and writes'
  if (lock === 'share update exclusive') return 'schema changes'
  return lock && lockLevels.indexOf(lock) >= lockLevels.indexOf('share') ? 'writes' : null
}

export function strongest(levels: Iterable<LockLevel>): LockLevel | null {
  return [...levels].sort((a, b) => lockLevels.indexOf(b) - lockLevels.indexOf(a))[0] ?? null
}

type Read = (node: Node, effects: Effects) => void

const lockOn =
  (level: LockLevel, extra: Partial<Effects> = {}, field = 'relation'): Read =>
  (node, effects) => {
    add(effects, node[field], level)
    Object.assign(effects, extra)
  }

/** By the kind of the statement. What stands here not takes no lock on a table that is worth a word. */
const readers: Record<string, Read> = {
  AlterTableStmt: (node, effects) => {
    if (node.objtype === 'OBJECT_INDEX') return add(effects, node.relation, 'share update exclusive')
    for (const command of (node.cmds as unknown[]) ?? [])
      readCommand(unwrap(command)[1], node.relation, effects)
  },
  CreateStmt: (node, effects) => {
    effects.creates.push(relationName(node.relation as RangeVar))
    for (const parent of (node.inhRelations as Node[]) ?? [])
      add(effects, unwrap(parent)[1], node.partbound ? 'access exclusive' : 'share update exclusive')
    for (const { contype, pktable } of findAll(node.tableElts, 'Constraint'))
      if (contype === 'CONSTR_FOREIGN') add(effects, pktable, 'share row exclusive')
  },
  CreateTableAsStmt: (node, effects) => {
    effects.creates.push(relationName((node.into as { rel: RangeVar }).rel))
  },
  ViewStmt: (node, effects) => {
    if (node.replace) add(effects, node.view, 'access exclusive')
    else effects.creates.push(relationName(node.view as RangeVar))
  },
  CreateForeignTableStmt: (node, effects) => {
    effects.creates.push(relationName((node.base as { relation: RangeVar }).relation))
  },
  IndexStmt: (node, effects) => {
    add(effects, node.relation, node.concurrent ? 'share update exclusive' : 'share')
    effects.isScan = true
  },
  DropStmt: (node, effects) => {
    const type = String(node.removeType)
    const isLone = ['OBJECT_TRIGGER', 'OBJECT_POLICY', 'OBJECT_RULE'].includes(type)
    const isRelation = /TABLE|VIEW|INDEX|SEQUENCE/.test(type)
    for (const object of (node.objects as unknown[]) ?? []) {
      const parts = stringsOf(object)
      const name = qualified(isLone ? parts.slice(0, -1) : parts)
      if (isLone || isRelation)
        effects.locks.set(name, node.concurrent ? 'share update exclusive' : 'access exclusive')
    }
    effects.isIrreversible = /TABLE|SCHEMA|MATVIEW|SEQUENCE|TYPE|COLUMN/.test(type)
  },
  TruncateStmt: (node, effects) => {
    for (const relation of (node.relations as Node[]) ?? [])
      add(effects, unwrap(relation)[1], 'access exclusive')
    effects.isIrreversible = true
  },
  RenameStmt: (node, effects) => {
    const isIndex = node.renameType === 'OBJECT_INDEX'
    add(effects, node.relation, isIndex ? 'share update exclusive' : 'access exclusive')
  },
  ReindexStmt: (node, effects) => {
    const isConcurrent = [...findAll(node.params, 'DefElem')].some(
      ({ defname }) => defname === 'concurrently',
    )
    add(effects, node.relation, isConcurrent ? 'share update exclusive' : 'share')
    effects.isScan = true
  },
  VacuumStmt: (node, effects) => {
    const isFull = [...findAll(node.options, 'DefElem')].some(({ defname }) => defname === 'full')
    for (const { relation } of findAll(node.rels, 'VacuumRelation'))
      add(effects, relation, isFull ? 'access exclusive' : 'share update exclusive')
    effects.isRewrite = isFull
  },
  RefreshMatViewStmt: (node, effects) => {
    add(effects, node.relation, node.concurrent ? 'exclusive' : 'access exclusive')
    effects.isRewrite = !node.concurrent
  },
  LockStmt: (node, effects) => {
    const level = lockLevels[Number(node.mode) - 1] ?? 'access exclusive'
    for (const relation of (node.relations as Node[]) ?? []) add(effects, unwrap(relation)[1], level)
  },
  CommentStmt: (node, effects) => {
    const parts = stringsOf(node.object)
    const table = { OBJECT_TABLE: parts, OBJECT_COLUMN: parts.slice(0, -1) }[String(node.objtype)]
    if (table?.length) effects.locks.set(qualified(table), 'share update exclusive')
  },
  ClusterStmt: lockOn('access exclusive', { isRewrite: true }),
  AlterObjectSchemaStmt: lockOn('access exclusive'),
  CreateTrigStmt: lockOn('share row exclusive'),
  RuleStmt: lockOn('access exclusive'),
  CreatePolicyStmt: lockOn('access exclusive', {}, 'table'),
  AlterPolicyStmt: lockOn('access exclusive', {}, 'table'),
  InsertStmt: lockOn('row exclusive'),
  UpdateStmt: lockOn('row exclusive'),
  MergeStmt: lockOn('row exclusive'),
  DeleteStmt: lockOn('row exclusive', { isIrreversible: true }),
  CopyStmt: (node, effects) => {
    if (node.is_from) add(effects, node.relation, 'row exclusive')
  },
  DropdbStmt: (_node, effects) => {
    effects.isIrreversible = true
  },
  DropOwnedStmt: (_node, effects) => {
    effects.isIrreversible = true
  },
}

/** Reads what a statement does to tables. */
export function effectsOf({ kind, node }: { kind: string; node: Node }): Effects {
  const effects: Effects = {
    locks: new Map(),
    isRewrite: false,
    isScan: false,
    isIrreversible: false,
    creates: [],
  }
  readers[kind]?.(node, effects)
  return effects
}

const gentle = new Set([
  'AT_SetStatistics',
  'AT_ClusterOn',
  'AT_DropCluster',
  'AT_SetOptions',
  'AT_ResetOptions',
  'AT_SetRelOptions',
  'AT_ResetRelOptions',
  'AT_ValidateConstraint',
  'AT_AttachPartition',
  'AT_DetachPartitionFinalize',
])
const rewriting = new Set([
  'AT_AlterColumnType',
  'AT_SetLogged',
  'AT_SetUnLogged',
  'AT_SetAccessMethod',
  'AT_SetTableSpace',
])
const scanning = new Set(['AT_SetNotNull', 'AT_ValidateConstraint', 'AT_AttachPartition'])

function readCommand(command: Node, relation: unknown, effects: Effects): void {
  const subtype = String(command.subtype)
  const [, definition] = unwrap(command.def)
  const isForeign = subtype === 'AT_AddConstraint' && definition.contype === 'CONSTR_FOREIGN'
  const isConcurrent = subtype === 'AT_DetachPartition' && definition.concurrent === true
  const level: LockLevel =
    gentle.has(subtype) || isConcurrent
      ? 'share update exclusive'
      : isForeign || /^AT_(Enable|Disable)(Always|Replica)?Trig/.test(subtype)
        ? 'share row exclusive'
        : 'access exclusive'
  add(effects, relation, level)
  if (isForeign) add(effects, definition.pktable, level)
  if (subtype === 'AT_AttachPartition' || subtype === 'AT_DetachPartition')
    add(effects, definition.name, isConcurrent ? level : 'access exclusive')
  if (rewriting.has(subtype) || (subtype === 'AT_AddColumn' && isWrittenIntoRows(definition)))
    effects.isRewrite = true
  if (scanning.has(subtype)) effects.isScan = true
  if (subtype === 'AT_AddConstraint' && !definition.skip_validation && !definition.indexname)
    effects.isScan = true
  if (subtype === 'AT_DropColumn') effects.isIrreversible = true
}

// Stable within a statement: evaluated once and kept in the catalogue (since PostgreSQL 11).
const stableFunctions = new Set([
  'now',
  'transaction_timestamp',
  'statement_timestamp',
  'current_setting',
  'current_schema',
  'timezone',
  'to_timestamp',
  'lower',
  'upper',
  'make_interval',
  'jsonb_build_object',
  'json_build_object',
])

/** Whether a new column makes PostgreSQL write every row: its default differs from row to row, or it is computed. */
export function isWrittenIntoRows(column: Node): boolean {
  const type = stringsOf((column.typeName as Node | undefined)?.names).at(-1) ?? ''
  if (/^(big|small)?serial[248]?$/.test(type)) return true
  return [...findAll(column.constraints, 'Constraint')].some(({ contype, raw_expr, generated_kind }) => {
    if (contype === 'CONSTR_IDENTITY') return true
    if (contype === 'CONSTR_GENERATED') return generated_kind !== 'v'
    if (contype !== 'CONSTR_DEFAULT') return false
    return [...findAll(raw_expr, 'FuncCall')].some(
      ({ funcname }) => !stableFunctions.has(stringsOf(funcname).at(-1) ?? ''),
    )
  })
}

function add(effects: Effects, relation: unknown, level: LockLevel): void {
  const named = relation as RangeVar | undefined
  if (!named?.relname || named.relpersistence === 't') return
  const name = relationName(named)
  const before = effects.locks.get(name)
  effects.locks.set(name, before ? (strongest([before, level]) ?? level) : level)
}
