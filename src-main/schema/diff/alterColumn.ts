import { type ColumnShape, columnLine, identityClause, type TableShape } from '../ddl/table.ts'
import { alterSequence } from './alterType.ts'
import { namesColumn } from './namesColumn.ts'
import type { Step } from './step.ts'

interface Context {
  now: TableShape
  wanted: TableShape
  /** Words between `alter table` and the name where the change must not reach partitions: they have their own. */
  only: string
}

/** The columns whose values or types change, or that go: what uses them must be made anew. */
export interface Touched {
  steps: Step[]
  columns: string[]
}

/** What alters the columns of one table into those of another. */
export function alterColumns({ now, wanted, only }: Context): Touched {
  const steps: Step[] = []
  const columns: string[] = []
  const withoutDefault = new Set<string>()
  const table = wanted.kind === 'foreign table' ? 'foreign table' : 'table'
  const alter = (what: string, more: Partial<Step> = {}) =>
    steps.push({ text: `alter ${table} ${wanted.name} ${what}`, object: wanted.name, ...more })
  const alterOnly = (what: string) =>
    steps.push({ text: `alter ${table} ${only}${wanted.name} ${what}`, object: wanted.name })
  const before = new Map(now.columns.map((column) => [column.name, column]))
  const after = new Map(wanted.columns.map((column) => [column.name, column]))
  // What a parent or a type gives and takes, its own statements give and take.
  const isTyped = wanted.ofType !== undefined && now.ofType === wanted.ofType
  const isJoining = wanted.partitionOf !== undefined && wanted.partitionOf.parent !== now.partitionOf?.parent
  const isOwn = ({ isLocal }: ColumnShape) => !isTyped && (isJoining || (isLocal && !wanted.partitionOf))
  const isRetyped = (old: ColumnShape, column: ColumnShape) =>
    old.type !== column.type || old.collation !== column.collation
  const retyped = wanted.columns
    .filter((column) => isOwn(column) && isRetyped(before.get(column.name) ?? column, column))
    .map(({ name }) => name)
  const anew = wanted.columns.filter((column) => isOwn(column) && isMadeAnew(before.get(column.name), column))

  for (const column of now.columns) {
    if (after.has(column.name) || !isOwn(column)) continue
    columns.push(column.name)
    alter(`drop column ${column.name}`, {
      destroys: column.generated ? undefined : `the values of ${wanted.name}.${column.name}`,
    })
  }
  for (const { name } of anew) {
    columns.push(name)
    alter(`drop column ${name}`, {
      destroys: before.get(name)?.generated ? undefined : `the values of ${wanted.name}.${name}`,
    })
  }
  for (const column of wanted.columns) {
    const old = before.get(column.name)
    if (anew.includes(column)) continue
    if (!old) {
      if (isOwn(column)) addColumn(column)
      else if (column.default !== column.parentsDefault) setDefault(column)
      continue
    }
    if (isOwn(column)) {
      if (old.generated && !column.generated) alter(`alter column ${column.name} drop expression`)
      retype(old, column)
    }
    changeIdentity(old, column)
    const has = withoutDefault.has(column.name) ? undefined : old.default
    if (has !== column.default) setDefault(column)
    if (old.isNotNull !== column.isNotNull)
      alter(`alter column ${column.name} ${column.isNotNull ? 'set' : 'drop'} not null`, {
        risk: column.isNotNull
          ? `fails where ${wanted.name}.${column.name} holds a null, and reads all rows`
          : undefined,
      })
    setUp(old, column)
  }
  anew.forEach(addColumn)
  return { steps, columns }

  function addColumn(column: ColumnShape) {
    const mayFail = column.isNotNull && !column.default && !column.generated && !column.identity
    alter(`add column ${columnLine(column)}`, {
      risk: mayFail ? `fails where ${wanted.name} holds a row: ${column.name} has no default` : undefined,
    })
    setUp(undefined, column)
  }

  function setDefault({ name, default: value }: ColumnShape) {
    alterOnly(value ? `alter column ${name} set default ${value}` : `alter column ${name} drop default`)
  }

  /**
   * A column that is computed otherwise is made anew: before PostgreSQL 17 no statement changes its expression. So is one
   * that is computed from a column whose type changes: it would be in the way.
   */
  function isMadeAnew(old: ColumnShape | undefined, column: ColumnShape): boolean {
    if (!old || (!old.generated && !column.generated)) return false
    if (old.generated?.how === 'stored' && !column.generated) return old.type !== column.type
    const isComputed = (one: ColumnShape) => JSON.stringify([one.generated, one.type, one.collation])
    return isComputed(old) !== isComputed(column) || namesColumn(old.generated?.from ?? '', retyped)
  }

  function retype(old: ColumnShape, column: ColumnShape) {
    const { name, type, collation } = column
    if (!isRetyped(old, column)) return
    columns.push(name)
    // The old default may be none of the new type.
    if (old.default) {
      alterOnly(`alter column ${name} drop default`)
      withoutDefault.add(name)
    }
    alter(
      `alter column ${name} type ${type}${collation ? ` collate ${collation}` : ''} using ${name}::${type}`,
      { risk: `fails where a value of ${wanted.name}.${name} is no ${type}, and may write all rows anew` },
    )
  }

  function changeIdentity({ identity: old }: ColumnShape, { name, identity }: ColumnShape) {
    if (!old && !identity) return
    if (!identity) alter(`alter column ${name} drop identity`)
    else if (!old) {
      if (before.get(name)?.default && !withoutDefault.has(name)) {
        alterOnly(`alter column ${name} drop default`)
        withoutDefault.add(name)
      }
      if (!before.get(name)?.isNotNull) alter(`alter column ${name} set not null`)
      alter(`alter column ${name} add ${identityClause(identity)}`)
    } else {
      if (old.when !== identity.when) alter(`alter column ${name} set generated ${identity.when}`)
      if (old.sequence !== identity.sequence)
        steps.push({
          text: `alter sequence ${old.sequence} rename to ${lastPart(identity.sequence)}`,
          object: wanted.name,
        })
      if (old.options !== identity.options)
        steps.push({
          text: alterSequence(identity.sequence, identity.options, typeOf(name)),
          object: wanted.name,
        })
    }
  }

  function typeOf(name: string): string {
    return after.get(name)?.type ?? 'bigint'
  }

  function setUp(old: ColumnShape | undefined, wish: ColumnShape) {
    const change = (what: string) => alterOnly(`alter column ${wish.name} ${what}`)
    if (old?.storage !== wish.storage) change(`set storage ${wish.storage ?? wish.typesStorage}`)
    if (old && old.compression !== wish.compression)
      change(`set compression ${wish.compression ?? 'default'}`)
    if (old?.statisticsTarget !== wish.statisticsTarget)
      change(`set statistics ${wish.statisticsTarget ?? '-1'}`)
    if (old?.options !== wish.options) {
      if (old?.options) change(`reset (${namesOfOptions(old.options)})`)
      if (wish.options) change(`set (${wish.options})`)
    }
  }
}

const namesOfOptions = (options: string) =>
  options
    .split(', ')
    .map((option) => option.split('=')[0])
    .join(', ')

/** The name alone of a qualified one, quoted as it was. */
export function lastPart(qualified: string): string {
  return /(?:^|\.)("(?:[^"]|"")*"|[^."]*)$/.exec(qualified)?.[1] ?? qualified
}
