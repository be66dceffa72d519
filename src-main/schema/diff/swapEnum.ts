import type { Definition } from '../ddl/definition.ts'
import { columnLine } from '../ddl/table.ts'
import { namesColumn } from './namesColumn.ts'
import { type Sides, tableOf } from './sides.ts'
import type { Step } from './step.ts'

interface Swap {
  steps: Step[]
  /** The columns that take part, by the key of their table: what uses them must be made anew. */
  touched: Map<string, string[]>
  /** Why the type cannot be swapped, which makes the steps useless. */
  problems: string[]
}

/**
 * An enum without some of its labels, or with others between: no statement can do that, so another type takes its name and
 * the columns of tables move over to it, by the text of their values. `gone` are the quoted
 * labels that it had; tables that go themselves are left alone.
 */
export function swapEnum(
  { name, statements }: Definition,
  gone: string[],
  isGoing: (key: string) => boolean,
  { now, nowKeys, pairs }: Sides,
): Swap {
  const touched: Swap['touched'] = new Map()
  const aside = renamed(name)
  const isOf = (type: string) => type === name || type === `${name}[]`
  const problems: string[] = []
  const steps: Step[] = [
    { text: `alter type ${name} rename to ${aside.own}`, object: name },
    ...statements.map((text) => ({ text, object: name })),
  ]
  const moves: Step[] = []
  const defaults: Step[] = []
  for (const definition of now.all) {
    const key = nowKeys.get(definition.address) ?? ''
    const table = tableOf(definition)
    if (!table || table.view || isGoing(key)) continue
    const typed = table.columns.filter(({ type }) => isOf(type))
    const names = typed.map((column) => column.name)
    if (names.length === 0) continue
    const computed = table.columns.filter(({ generated }) => generated && namesColumn(generated.from, names))
    touched.set(key, [...names, ...computed.map((column) => column.name)])
    if (table.partitionKey && namesColumn(table.partitionKey, names))
      problems.push(`${table.name} is partitioned by it, and no statement changes the type of a key.`)
    const relation = table.kind === 'foreign table' ? 'foreign table' : 'table'
    const step = (what: string, risk?: string): Step => ({
      text: `alter ${relation} ${what}`,
      object: table.name,
      risk,
    })
    // Partitions and children may have other defaults than their parents, whose own would reach them too.
    for (const { name: column, default: value } of typed) {
      if (value) steps.push(step(`only ${table.name} alter column ${column} drop default`))
      if (value && !gone.some((label) => value.includes(label)))
        defaults.push(step(`only ${table.name} alter column ${column} set default ${value}`))
    }
    if (table.partitionOf) continue
    const own = computed.filter(({ isLocal }) => isLocal)
    for (const column of own) steps.push(step(`${table.name} drop column ${column.name}`))
    for (const { name: column, type, isLocal } of typed)
      if (isLocal)
        moves.push(
          step(
            `${table.name} alter column ${column} type ${type} using ${column}::text${type === name ? '' : '[]'}::${type}`,
            `fails where ${table.name}.${column} holds a label that is gone, and writes all rows anew`,
          ),
        )
    const wanted = tableOf(pairs.get(key)?.wanted)
    for (const column of own) {
      const isOver = gone.some((label) => column.generated?.from.includes(label))
      const wish = wanted?.columns.find((one) => one.name === column.name && one.generated)
      defaults.push(step(`${table.name} add column ${columnLine(isOver && wish ? wish : column)}`))
    }
  }
  for (const { name: other, shape } of now.all) {
    if (shape?.type === 'domain' && isOf(shape.base))
      problems.push(`${other} is a domain of it: change that by hand first.`)
    if (shape?.type === 'composite' && shape.attributes.some(({ type }) => isOf(type)))
      problems.push(`${other} has an attribute of it: change that by hand first.`)
  }
  return {
    touched,
    steps: [...steps, ...moves, ...defaults, { text: `drop type ${aside.qualified}`, object: name }],
    problems: problems.map((problem) => `${name} keeps its labels: ${problem}`),
  }
}

/** A name for the old type while the new one has its own. */
function renamed(name: string): { own: string; qualified: string } {
  const schema = /^(?:"(?:[^"]|"")*"|[^".]+)\./.exec(name)?.[0] ?? ''
  const own = `atlas_before_${Math.abs(hash(name)).toString(36)}`
  return { own, qualified: schema + own }
}

const hash = (text: string) => [...text].reduce((sum, sign) => (sum * 31 + (sign.codePointAt(0) ?? 0)) | 0, 7)
