import { byteOffsets, type ParsedStatement } from '../sqlParse.ts'
import { placeOf, scanTokens } from '../sqlText.ts'
import { blockedBy, type Effects, lockLevels } from './effects.ts'
import { type LintContext, lintRules, type RuleName } from './lintRules.ts'
import { lintColumns, lintTable } from './lintTable.ts'
import type { MigrationOptions } from './options.ts'
import type { Finding } from './report.contract.ts'
import { type Node, type RangeVar, relationName } from './tree.ts'

interface Linted {
  statement: ParsedStatement
  effects: Effects
}

interface LintFacts {
  options: MigrationOptions
  isNew: (table: string) => boolean
  /** Estimated rows of a table, where the catalogue knows it. */
  rowsOf: (table: string) => number | undefined
}

const fewRows = 1000

/** Reads the statements of a file for what locks, breaks or surprises. Places are those of the file. */
export function lintStatements(text: string, statements: readonly Linted[], facts: LintFacts): Finding[] {
  const findings: Finding[] = []
  const toOffset = byteOffsets(text)
  const lockedTables = new Set<string>()
  const newValues = new Set<string>()
  for (const { statement, effects } of statements) {
    const report: LintContext['report'] = (rule, location, rewrite = null) => {
      const offset = typeof location === 'number' && location > 0 ? toOffset(location) : statement.start
      const { line, column } = placeOf(text, offset)
      const word = /^[\w."]+/.exec(text.slice(offset, offset + 200))?.[0].length ?? 1
      const rows = [...effects.locks.keys()].map(facts.rowsOf).filter((count) => count !== undefined)
      const isSmall = rows.length > 0 && rows.every((count) => count >= 0 && count < fewRows)
      const words = lintRules[rule]
      const severity =
        isSmall && words.severity === 'warning' && aboutSize.has(rule) ? 'info' : words.severity
      findings.push({ rule, line, column, endColumn: column + word, rewrite, ...words, severity })
    }
    const context: LintContext = { options: facts.options, isNew: facts.isNew, report }
    lintStatement(statement, effects, context)
    lintTransaction(statement, effects, context, lockedTables, newValues)
  }
  return findings
}

// What only hurts where there are rows to read or writers to wait.
const aboutSize = new Set<RuleName>([
  'require-concurrent-index-creation',
  'require-concurrent-index-deletion',
  'require-concurrent-reindex',
  'adding-field-with-default',
  'adding-not-nullable-field',
  'changing-column-type',
  'adding-foreign-key-constraint',
  'constraint-missing-not-valid',
  'disallowed-unique-constraint',
  'adding-serial-primary-key-field',
  'exclusion-constraint',
  'table-rewrite',
  'change-of-every-row',
])

function lintStatement({ kind, node, text }: ParsedStatement, effects: Effects, context: LintContext): void {
  const { options, isNew, report } = context
  const isOnNew = [...effects.locks.keys()].every(isNew)
  const isConcurrent = node.concurrent === true || (kind === 'ReindexStmt' && /\bconcurrently\b/i.test(text))
  const concurrently = (pattern: RegExp) =>
    `-- atlas: no-transaction\n${text.replace(pattern, (words) => `${words} concurrently`)};`

  if (isConcurrent && options.isTransactional && kind !== 'RefreshMatViewStmt')
    report('ban-concurrent-index-creation-in-transaction')
  switch (kind) {
    case 'IndexStmt':
      if (!isConcurrent && !isOnNew)
        report('require-concurrent-index-creation', undefined, concurrently(/^create\s+(unique\s+)?index/i))
      if (isConcurrent && !node.if_not_exists) {
        report('prefer-robust-stmts', undefined, `${text.replace(/concurrently/i, '$& if not exists')};`)
      }
      break
    case 'DropStmt':
      if (node.removeType === 'OBJECT_INDEX' && !isConcurrent && !isOnNew)
        report('require-concurrent-index-deletion', undefined, concurrently(/^drop\s+index/i))
      if (node.removeType === 'OBJECT_TABLE' && !isOnNew) report('ban-drop-table')
      break
    case 'ReindexStmt':
      if (!isConcurrent && !isOnNew)
        report('require-concurrent-reindex', undefined, concurrently(/^reindex\s+\w+/i))
      break
    case 'RefreshMatViewStmt':
      if (!isConcurrent && !isOnNew)
        report('refresh-blocks-reads', undefined, `${text.replace(/view/i, '$& concurrently')};`)
      break
    case 'VacuumStmt':
    case 'ClusterStmt':
      if (effects.isRewrite && !isOnNew) report('table-rewrite')
      break
    case 'DropdbStmt':
      report('ban-drop-database')
      break
    case 'TruncateStmt':
      if (node.behavior === 'DROP_CASCADE') report('ban-truncate-cascade')
      break
    case 'RenameStmt':
      if (!isOnNew) lintRename(node, report)
      break
    case 'CreateDomainStmt':
      if (Array.isArray(node.constraints)) report('ban-create-domain-with-constraint')
      break
    case 'AlterDomainStmt':
      if (node.subtype === 'C' || node.subtype === 'AD_AddConstraint' || /\badd\b/i.test(text))
        report('ban-alter-domain-with-add-constraint')
      break
    case 'AlterEnumStmt':
      if (node.newVal && !node.newValNeighbor && !node.oldVal) report('require-enum-value-ordering')
      break
    case 'UpdateStmt':
    case 'DeleteStmt':
      if (!node.whereClause && !isOnNew) report('change-of-every-row')
      break
    case 'TransactionStmt':
      report('transaction-nesting')
      break
    case 'CreateRoleStmt':
    case 'AlterRoleStmt':
    case 'DropRoleStmt':
    case 'GrantRoleStmt':
    case 'CreatedbStmt':
    case 'CreateTableSpaceStmt':
    case 'AlterSystemStmt':
      report('cluster-wide')
      break
    case 'CreateStmt':
      lintColumns(node, context)
      break
    case 'AlterTableStmt':
      lintTable(node, text, context)
      break
  }
  lintNames(text, report)
}

function lintRename(node: Node, report: LintContext['report']): void {
  if (node.renameType === 'OBJECT_COLUMN') report('renaming-column')
  if (node.renameType === 'OBJECT_TABLE') {
    const old = relationName(node.relation as RangeVar)
    const schema = (node.relation as RangeVar).schemaname
    const made = `${schema ? `${schema}.` : ''}${String(node.newname)}`
    report('renaming-table', undefined, `create view ${old} as select * from ${made};`)
  }
}

/** What only shows over the whole file. */
function lintTransaction(
  { kind, node, text }: ParsedStatement,
  effects: Effects,
  { options, isNew, report }: LintContext,
  locked: Set<string>,
  newValues: Set<string>,
): void {
  const levels = [...effects.locks].filter(([table]) => !isNew(table))
  const isHard = levels.some(
    ([, level]) => lockLevels.indexOf(level) >= lockLevels.indexOf('share') && blockedBy(level) !== null,
  )
  if (options.lockTimeoutMs === 0 && isHard) report('require-lock-timeout')
  if (!options.isTransactional) return
  const before = locked.size
  for (const [table, level] of levels) if (level === 'access exclusive') locked.add(table)
  if (before < 2 && locked.size >= 2) report('several-locked-tables')
  if (kind === 'AlterEnumStmt' && typeof node.newVal === 'string') newValues.add(`'${node.newVal}'`)
  else if ([...newValues].some((value) => text.includes(value))) report('enum-value-used')
}

const nameBytes = 63

/** The parser has cut long names already: read them as they are written. */
function lintNames(text: string, report: LintContext['report']): void {
  if (text.length <= nameBytes) return
  for (const { kind, start, end } of scanTokens(text)) {
    if (kind !== 'code' && kind !== 'quoted') continue
    if (Buffer.byteLength(text.slice(start, end)) <= nameBytes + (kind === 'quoted' ? 2 : 0)) continue
    report('identifier-too-long')
    return
  }
}
