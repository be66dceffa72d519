import { quoteIdentifier } from '../sql.ts'
import { isWrittenIntoRows } from './effects.ts'
import type { LintContext } from './lintRules.ts'
import { findAll, type Node, type RangeVar, relationName, stringsOf, unwrap } from './tree.ts'

/** The rules about `alter table`. */
export function lintTable(node: Node, text: string, context: LintContext): void {
  if (node.objtype !== 'OBJECT_TABLE') return
  const table = relationName(node.relation as RangeVar)
  for (const wrapped of (node.cmds as unknown[]) ?? []) {
    const command = unwrap(wrapped)[1]
    const [, definition] = unwrap(command.def)
    if (command.subtype === 'AT_AddColumn') lintTypes(definition, context)
    if (!context.isNew(table)) lintCommand(command, definition, { table, text, context })
  }
}

/** The rules about the columns of a new table. */
export function lintColumns(node: Node, context: LintContext): void {
  for (const element of (node.tableElts as unknown[]) ?? []) {
    const [kind, column] = unwrap(element)
    if (kind === 'ColumnDef') lintTypes(column, context)
  }
}

interface Where {
  table: string
  text: string
  context: LintContext
}

function lintCommand(command: Node, definition: Node, { table, text, context }: Where): void {
  const { report } = context
  const column = quoted(command.name)
  switch (command.subtype) {
    case 'AT_AddColumn':
      lintNewColumn(definition, { table, text, context })
      break
    case 'AT_AddConstraint':
      lintConstraint(definition, { table, text, context })
      break
    case 'AT_AlterColumnType':
      report('changing-column-type', definition.location)
      break
    case 'AT_SetNotNull': {
      const name = quoteIdentifier(`${String(command.name)}_is_set`)
      report(
        'adding-not-nullable-field',
        undefined,
        `alter table ${table} add constraint ${name} check (${column} is not null) not valid;\n-- in the next migration\nalter table ${table} validate constraint ${name};\nalter table ${table} alter column ${column} set not null;\nalter table ${table} drop constraint ${name};`,
      )
      break
    }
    case 'AT_DropNotNull':
      report('ban-drop-not-null')
      break
    case 'AT_DropColumn':
      report('ban-drop-column')
      break
    case 'AT_DetachPartition':
      if (!definition.concurrent)
        report(
          'require-concurrent-partition-detach',
          undefined,
          `-- atlas: no-transaction\n${text} concurrently;`,
        )
      break
    case 'AT_SetLogged':
    case 'AT_SetUnLogged':
    case 'AT_SetTableSpace':
    case 'AT_SetAccessMethod':
      report('table-rewrite')
      break
  }
}

function lintNewColumn(column: Node, { table, context }: Where): void {
  const constraints = [...findAll(column.constraints, 'Constraint')]
  const has = (type: string) => constraints.some(({ contype }) => contype === type)
  const name = quoted(column.colname)
  if (isWrittenIntoRows(column)) {
    context.report(
      'adding-field-with-default',
      column.location,
      has('CONSTR_DEFAULT')
        ? `alter table ${table} add column ${name} …;\nalter table ${table} alter column ${name} set default …;\n-- then fill the old rows in batches`
        : null,
    )
  } else if (has('CONSTR_NOTNULL') && !has('CONSTR_DEFAULT') && !has('CONSTR_GENERATED')) {
    context.report('adding-required-field', column.location)
  }
  for (const constraint of constraints) lintConstraint(constraint, { table, text: '', context }, true)
}

function lintConstraint(constraint: Node, { table, text, context }: Where, isOfColumn = false): void {
  const { report } = context
  const name = quoted(constraint.conname ?? 'its_name')
  const validate = `-- in the next migration\nalter table ${table} validate constraint ${name};`
  const notValid = isOfColumn || text === '' ? null : `${text} not valid;\n${validate}`
  switch (constraint.contype) {
    case 'CONSTR_FOREIGN':
      // A new column without a value refers to nothing: there is nothing to look up.
      if (!constraint.skip_validation && !isOfColumn)
        report('adding-foreign-key-constraint', constraint.location, notValid)
      break
    case 'CONSTR_CHECK':
      if (!constraint.skip_validation && !isOfColumn)
        report('constraint-missing-not-valid', constraint.location, notValid)
      break
    case 'CONSTR_UNIQUE':
    case 'CONSTR_PRIMARY': {
      if (constraint.indexname) break
      const isKey = constraint.contype === 'CONSTR_PRIMARY'
      const keys = stringsOf(constraint.keys).map(quoteIdentifier).join(', ')
      report(
        isKey ? 'adding-serial-primary-key-field' : 'disallowed-unique-constraint',
        constraint.location,
        keys === ''
          ? null
          : `-- atlas: no-transaction\ncreate unique index concurrently if not exists ${name} on ${table} (${keys});\nalter table ${table} add constraint ${name} ${isKey ? 'primary key' : 'unique'} using index ${name};`,
      )
      break
    }
    case 'CONSTR_EXCLUSION':
      report('exclusion-constraint', constraint.location)
      break
  }
}

function lintTypes(column: Node, { report }: LintContext): void {
  const typeName = column.typeName as Node | undefined
  const type = stringsOf(typeName?.names).at(-1) ?? ''
  const constraints = [...findAll(column.constraints, 'Constraint')]
  const isKey = constraints.some(({ contype }) =>
    ['CONSTR_PRIMARY', 'CONSTR_IDENTITY', 'CONSTR_FOREIGN'].includes(String(contype)),
  )
  if (/^(small)?serial[24]?$/.test(type) || (isKey && /^int[24]$/.test(type)))
    report('prefer-bigint-over-int', typeName?.location)
  if (/serial[248]?$/.test(type)) report('prefer-identity', typeName?.location)
  if (type === 'varchar' && Array.isArray(typeName?.typmods)) report('prefer-text-field', typeName?.location)
  if (type === 'bpchar') report('ban-char-field', typeName?.location)
  if (type === 'timestamp') report('prefer-timestamp-tz', typeName?.location)
}

const quoted = (name: unknown) => {
  const text = String(name ?? '')
  return /^[a-z_][a-z0-9_]*$/.test(text) ? text : quoteIdentifier(text || 'name')
}
