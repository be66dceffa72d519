import type { Definition } from '../ddl/definition.ts'
import { isRoutine } from '../ddl/definitions.ts'
import type { Choice } from './choose.ts'
import { namesColumn } from './namesColumn.ts'
import { asSteps, holdsRows, type Sides, tableOf } from './sides.ts'

// What stands in the way of a change of a column's type, or goes with the column.
const boundToColumns =
  /^(view|materialized view|rule|policy|trigger|publication|statistics|function|procedure|index|constraint)$/
const comesAndGoes =
  /^(table|view|materialized view|foreign table|partitioned table|sequence|enum|domain|composite type|range type|function|procedure|aggregate|window function|schema)$/

/** Adds to what is made anew all that depends on it, so that nothing stands in the way of a drop. */
export function remakeDependents(sides: Sides, choice: Choice): void {
  const { now, pairs, nowKeys } = sides
  const byAddress = new Map(now.all.map((definition) => [definition.address, definition]))
  const dependents = reversed(sides, byAddress)
  const queue: Definition[] = []
  const remake = (definition: Definition) => {
    const key = nowKeys.get(definition.address) ?? ''
    if (choice.gone.has(key) || choice.remade.has(key) || choice.blocked.has(key) || !pairs.get(key)?.wanted)
      return
    if (definition.kind === 'settings' || definition.kind === 'sequence owner') {
      // What it stands on comes again, so it is set again; nothing depends on it.
      const wanted = pairs.get(key)?.wanted
      if (wanted && !choice.altered.has(key)) choice.altered.set(key, asSteps(wanted, wanted.statements))
      return
    }
    choice.remade.add(key)
    choice.altered.delete(key)
    queue.push(definition)
  }
  for (const key of [...choice.remade, ...choice.gone, ...choice.swapped]) {
    const definition = pairs.get(key)?.now
    if (definition) queue.push(definition)
  }
  for (const [key, columns] of choice.touched) {
    const table = pairs.get(key)?.now
    for (const other of dependents.get(table?.address ?? '') ?? [])
      if (boundToColumns.test(other.kind) && namesColumn(other.statements.join(' '), columns)) remake(other)
  }
  for (let cause = queue.shift(); cause; cause = queue.shift()) {
    for (const other of dependents.get(cause.address) ?? []) {
      if (holdsRows(other)) makeWay(other, cause)
      else if (other.kind !== 'schema' && other.kind !== 'extension') remake(other)
    }
  }
  const tables = [...choice.remade, ...choice.touched.keys()].flatMap((key) => {
    const definition = pairs.get(key)?.now
    return definition && tableOf(definition) ? [definition.name] : []
  })
  for (const definition of now.all)
    if (definition.kind === 'publication' && tables.some((name) => definition.statements[0]?.includes(name)))
      remake(definition)
  setDefaultPrivilegesAside()

  /** What a table needs is made anew: its defaults let go of it for so long. */
  function makeWay(definition: Definition, cause: Definition): void {
    const key = nowKeys.get(definition.address) ?? ''
    const table = tableOf(definition)
    if (!table || choice.gone.has(key) || choice.remade.has(key)) return
    const isGone = choice.gone.has(nowKeys.get(cause.address) ?? '')
    if (isRoutine(cause.kind)) {
      const bare = cause.name.slice(0, cause.name.indexOf('('))
      const using = table.columns.filter((column) => column.default?.includes(bare))
      for (const { name } of using)
        choice.first.push({
          text: `alter table ${table.name} alter column ${name} drop default`,
          object: table.name,
        })
      const wanted = tableOf(pairs.get(key)?.wanted)
      const again = (wanted?.columns ?? []).flatMap(({ name, default: value }) =>
        value && using.some((one) => one.name === name)
          ? [
              {
                text: `alter table ${table.name} alter column ${name} set default ${value}`,
                object: table.name,
              },
            ]
          : [],
      )
      choice.altered.set(key, [...(choice.altered.get(key) ?? []), ...again])
      for (const { name, generated } of table.columns)
        if (generated?.from.includes(bare) && !isGone)
          choice.problems.push(
            `${table.name}.${name} is computed by ${cause.name}: drop the column by hand first.`,
          )
    } else if (tableOf(cause) && (table.partitionOf || table.inherits.includes(cause.name))) {
      // Partitions go with their table.
      if (!isGone) remake(definition)
    } else if (/type$|^domain$/.test(cause.kind) && !isGone) {
      choice.problems.push(
        `${table.name} has a column of the type ${cause.name}, which cannot be altered: change it by hand first.`,
      )
    }
  }

  /** Privileges that new objects get by themselves would be none that anybody wants. */
  function setDefaultPrivilegesAside(): void {
    if (sides.ignore.has('grants')) return
    const isAnyMade = [...choice.made, ...choice.remade].some((key) => {
      const pair = pairs.get(key)
      return comesAndGoes.test((pair?.wanted ?? pair?.now)?.kind ?? '')
    })
    if (!isAnyMade) return
    for (const definition of now.all) if (definition.kind === 'default privileges') remake(definition)
  }
}

/** What depends on each address. A part of a partitioned table comes after its partitions, but needs none of them. */
function reversed({ now }: Sides, byAddress: Map<string, Definition>): Map<string, Definition[]> {
  const dependents = new Map<string, Definition[]>()
  for (const [address, others] of now.needs) {
    const definition = byAddress.get(address)
    if (!definition) continue
    const isOfPartitioned = byAddress.get(definition.holder ?? '')?.kind === 'partitioned table'
    for (const other of others) {
      if (isOfPartitioned && other !== definition.holder && tableOf(byAddress.get(other))?.partitionOf)
        continue
      const list = dependents.get(other)
      if (list) list.push(definition)
      else dependents.set(other, [definition])
    }
  }
  return dependents
}
