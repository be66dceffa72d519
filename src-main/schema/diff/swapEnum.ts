import type { Definition } from '../ddl/definition.ts'
import { type Sides, tableOf } from './sides.ts'
import type { Step } from './step.ts'

/**
 * An enum without some of its labels, or with others between: no statement can do that, so another type takes its name and
 * the columns of tables move over to it, by the text of their values.
 */
export function swapEnum({ name, statements }: Definition, { now }: Sides, problems: string[]): Step[] {
  const aside = renamed(name)
  const steps: Step[] = [
    { text: `alter type ${name} rename to ${aside.own}`, object: name },
    ...statements.map((text) => ({ text, object: name })),
  ]
  for (const definition of now.all) {
    const table = tableOf(definition)
    if (!table || table.view) continue
    for (const { name: column, type, isLocal, default: value } of table.columns) {
      const isArray = type === `${name}[]`
      if (type !== name && !isArray) continue
      if (!isLocal || table.partitionOf) continue
      const change = [
        value && `alter column ${column} drop default`,
        `alter column ${column} type ${type} using ${column}::text${isArray ? '[]' : ''}::${type}`,
        value && `alter column ${column} set default ${value}`,
      ].filter(Boolean)
      steps.push({
        text: `alter table ${table.name} ${change.join(', ')}`,
        object: table.name,
        risk: `fails where ${table.name}.${column} holds a label that is gone, and writes all rows anew`,
      })
    }
  }
  for (const { name: other, shape } of now.all) {
    const isOf = (type: string) => type === name || type === `${name}[]`
    if (shape?.type === 'domain' && isOf(shape.base))
      problems.push(`${other} is a domain of ${name}: change it by hand first.`)
    if (shape?.type === 'composite' && shape.attributes.some(({ type }) => isOf(type)))
      problems.push(`${other} has an attribute of the type ${name}: change it by hand first.`)
  }
  return [...steps, { text: `drop type ${aside.qualified}`, object: name }]
}

/** A name for the old type while the new one has its own. */
function renamed(name: string): { own: string; qualified: string } {
  const schema = /^(?:"(?:[^"]|"")*"|[^".]+)\./.exec(name)?.[0] ?? ''
  const own = `atlas_before_${Math.abs(hash(name)).toString(36)}`
  return { own, qualified: schema + own }
}

const hash = (text: string) => [...text].reduce((sum, sign) => (sum * 31 + (sign.codePointAt(0) ?? 0)) | 0, 7)
