import type { Shape } from '../ddl/definition.ts'
import type { Step } from './step.ts'

type Of<Type extends Shape['type']> = Extract<Shape, { type: Type }>

/** Labels that come to an enum; undefined where one goes or moves, which no statement can do. */
export function addLabels(name: string, now: Of<'enum'>, wanted: Of<'enum'>): Step[] | undefined {
  const kept = wanted.labels.filter((label) => now.labels.includes(label))
  if (JSON.stringify(kept) !== JSON.stringify(now.labels)) return undefined
  return wanted.labels.flatMap((label, index) => {
    if (now.labels.includes(label)) return []
    const before = wanted.labels[index - 1]
    const next = wanted.labels.slice(index + 1).find((other) => now.labels.includes(other))
    const place = before !== undefined ? ` after ${quoted(before)}` : next ? ` before ${quoted(next)}` : ''
    return [{ text: `alter type ${name} add value ${quoted(label)}${place}`, object: name }]
  })
}

/** As the server quotes a literal, so that texts of it can be looked for. */
export function quoted(text: string): string {
  const doubled = text.replaceAll("'", "''")
  return doubled.includes('\\') ? `E'${doubled.replaceAll('\\', '\\\\')}'` : `'${doubled}'`
}

/** Attributes of a composite type; tables of the type follow. */
export function alterComposite(name: string, now: Of<'composite'>, wanted: Of<'composite'>): Step[] {
  const before = new Map(now.attributes.map((one) => [one.name, one.type]))
  const after = new Map(wanted.attributes.map((one) => [one.name, one.type]))
  const alter = (what: string, more: Partial<Step> = {}): Step => ({
    text: `alter type ${name} ${what} cascade`,
    object: name,
    ...more,
  })
  return [
    ...[...before.keys()]
      .filter((attribute) => !after.has(attribute))
      .map((attribute) =>
        alter(`drop attribute ${attribute}`, { destroys: `the values of ${name}.${attribute}` }),
      ),
    ...[...after].flatMap(([attribute, type]) => {
      const old = before.get(attribute)
      if (old === type) return []
      return [
        alter(
          old === undefined
            ? `add attribute ${attribute} ${type}`
            : `alter attribute ${attribute} type ${type}`,
        ),
      ]
    }),
  ]
}

/** Default, not null and constraints of a domain; undefined where what it stands on is another. */
export function alterDomain(name: string, now: Of<'domain'>, wanted: Of<'domain'>): Step[] | undefined {
  if (now.base !== wanted.base) return undefined
  const alter = (what: string, risk?: string): Step => ({
    text: `alter domain ${name} ${what}`,
    object: name,
    risk,
  })
  const [before, after] = [now.constraints ?? [], wanted.constraints ?? []]
  const isIn = (list: typeof before, one: (typeof before)[number]) =>
    list.some((other) => other.name === one.name && other.definition === one.definition)
  const steps = before.filter((one) => !isIn(after, one)).map((one) => alter(`drop constraint ${one.name}`))
  if (now.default !== wanted.default)
    steps.push(alter(wanted.default === null ? 'drop default' : `set default ${wanted.default}`))
  if (now.isNotNull !== wanted.isNotNull)
    steps.push(alter(wanted.isNotNull ? 'set not null' : 'drop not null'))
  const why = `fails where a column of the type ${name} holds another value`
  steps.push(
    ...after
      .filter((one) => !isIn(before, one))
      .map((one) => alter(`add constraint ${one.name} ${one.definition}`, why)),
  )
  return steps
}

/**
 * Sets every option of a sequence: what the text leaves out is what a new one has. `type` is that of the column it numbers.
 */
export function alterSequence(name: string, options: string, type?: string): string {
  const option = (words: string) => new RegExp(`(?:^| )${words} (-?\\d+)`).exec(options)?.[1]
  const as = type ?? /(?:^| )as (\w+)/.exec(options)?.[1] ?? 'bigint'
  const increment = option('increment by') ?? '1'
  const [least, most] = [option('minvalue'), option('maxvalue')]
  const start = option('start with') ?? (increment.startsWith('-') ? (most ?? '-1') : (least ?? '1'))
  return [
    `alter sequence ${name}`,
    type === undefined && `as ${as}`,
    `increment by ${increment}`,
    least ? `minvalue ${least}` : 'no minvalue',
    most ? `maxvalue ${most}` : 'no maxvalue',
    `start with ${start}`,
    `cache ${option('cache') ?? '1'}`,
    /(?:^| )cycle\b/.test(options) ? 'cycle' : 'no cycle',
  ]
    .filter(Boolean)
    .join(' ')
}
