import { ComposeProblem, type Path } from './composeFile.ts'

type Lookup = (name: string) => string | undefined

/** What a text became, and the variables that it named and nobody set. */
export interface Interpolated {
  text: string
  unset: string[]
}

/** A text whose `${…}` cannot be filled in. */
export class TemplateError extends Error {}

const operators = [':-', ':?', ':+', '-', '?', '+'] as const

/**
 * Fills variables in as compose does: `$V`, `${V}`, `${V:-default}`, `${V-default}`, `${V:?message}`, `${V?message}`,
 * `${V:+other}`, `${V+other}`, nested in each other; `$$` is a dollar sign. The colon counts an empty value as unset.
 * Throws `TemplateError` for a broken template and for a required variable without a value.
 */
export function interpolateText(text: string, lookup: Lookup): Interpolated {
  const unset: string[] = []
  let result = ''
  let at = 0
  while (at < text.length) {
    const dollar = text.indexOf('$', at)
    if (dollar === -1) break
    result += text.slice(at, dollar)
    const rest = text.slice(dollar + 1)
    const bare = /^[A-Za-z_][A-Za-z0-9_]*/.exec(rest)?.[0]
    if (rest.startsWith('$')) {
      result += '$'
      at = dollar + 2
    } else if (bare !== undefined) {
      const value = lookup(bare)
      if (value === undefined) unset.push(bare)
      result += value ?? ''
      at = dollar + 1 + bare.length
    } else if (rest.startsWith('{')) {
      const end = closingBrace(text, dollar + 2)
      if (end === -1) throw new TemplateError(`the template ${text} has no closing brace`)
      const filled = fillBraces(text.slice(dollar + 2, end), lookup, text)
      unset.push(...filled.unset)
      result += filled.text
      at = end + 1
    } else {
      result += '$'
      at = dollar + 1
    }
  }
  return { text: result + text.slice(at), unset }
}

function closingBrace(text: string, from: number): number {
  let depth = 1
  for (let at = from; at < text.length; at += 1) {
    if (text.startsWith('${', at)) depth += 1
    else if (text[at] === '}') depth -= 1
    if (depth === 0) return at
  }
  return -1
}

function fillBraces(body: string, lookup: Lookup, whole: string): Interpolated {
  const name = /^[A-Za-z_][A-Za-z0-9_]*/.exec(body)?.[0]
  const rest = body.slice(name?.length ?? 0)
  const operator = operators.find((candidate) => rest.startsWith(candidate))
  if (name === undefined || (rest !== '' && !operator))
    throw new TemplateError(`${whole} is no valid template`)
  const value = lookup(name)
  if (!operator) return { text: value ?? '', unset: value === undefined ? [name] : [] }
  const isSet = operator.startsWith(':') ? value !== undefined && value !== '' : value !== undefined
  const argument = () => interpolateText(rest.slice(operator.length), lookup)
  if (operator.endsWith('+')) return isSet ? argument() : { text: '', unset: [] }
  if (isSet) return { text: value ?? '', unset: [] }
  if (operator.endsWith('-')) return argument()
  const message = argument().text
  throw new TemplateError(`the variable ${name} has no value${message === '' ? '' : `: ${message}`}`)
}

/**
 * Fills variables into every text of a tree; keys and top-level `x-` fields stay as they are. `onUnset` hears of each
 * variable that became an empty text.
 */
export function interpolateTree(
  value: unknown,
  lookup: Lookup,
  onUnset: (path: Path, name: string) => void,
  onError: (problem: ComposeProblem) => void,
  path: Path = [],
): unknown {
  if (typeof value === 'string') {
    if (!value.includes('$')) return value
    try {
      const { text, unset } = interpolateText(value, lookup)
      for (const name of unset) onUnset(path, name)
      return text
    } catch (error) {
      if (!(error instanceof TemplateError)) throw error
      onError(new ComposeProblem(path, error.message))
      return value
    }
  }
  if (Array.isArray(value))
    return value.map((item, index) => interpolateTree(item, lookup, onUnset, onError, [...path, index]))
  if (value === null || typeof value !== 'object') return value
  return Object.fromEntries(
    Object.entries(value).map(([key, item]) => [
      key,
      path.length === 0 && key.startsWith('x-')
        ? item
        : interpolateTree(item, lookup, onUnset, onError, [...path, key]),
    ]),
  )
}
