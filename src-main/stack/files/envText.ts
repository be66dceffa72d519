export interface Variable {
  name: string
  /** As compose reads it, with `${…}` as it was written. */
  value: string
  /** The comment above it. */
  comment: string
  /** Why it can be changed in the text alone. */
  lock?: string
  /** Where its value stands in the text, quotes included. */
  range: [number, number]
  /** What is filled in when compose reads it: a `$` of it is no plain character. */
  isTemplate: boolean
}

type Quote = '' | "'" | '"'

const assignment = /^\uFEFF?[ \t]*(?:export[ \t]+)?([A-Za-z0-9_.[\]-]+)[ \t]*[=:][ \t]*/
const escapes: Record<string, string> = { n: '\n', r: '\r', t: '\t' }

/** The variables of a `.env` text in their order, read as compose does: a quoted value may have several lines. */
export function readVariables(text: string): Variable[] {
  const variables: Variable[] = []
  let comments: string[] = []
  for (let at = 0; at < text.length; ) {
    const line = /^[^\n]*/.exec(text.slice(at))?.[0] ?? ''
    const head = assignment.exec(line)
    if (!head?.[1]) {
      comments = line.startsWith('#') ? [...comments, line.replace(/^#\s?/, '').trimEnd()] : []
      at += line.length + 1
      continue
    }
    const read = readValue(text, at + head[0].length)
    variables.push({ name: head[1], comment: comments.join(' '), ...read })
    comments = []
    const end = text.indexOf('\n', read.range[1])
    at = end === -1 ? text.length : end + 1
  }
  return variables
}

/** The text with another value of that variable; everything else, a comment behind it too, stays as it was typed. */
export function writeVariable(text: string, { range, isTemplate }: Variable, value: string): string {
  const [start, end] = range
  const behind = text[end] === '#' ? ' ' : ''
  return (
    text.slice(0, start) + written(value, isTemplate, text.slice(start, end), text) + behind + text.slice(end)
  )
}

/**
 * The text with these values, taken as they are: each in the place of the one that compose reads, the last of its name, else
 * at the end.
 */
export function setVariables(text: string, values: Record<string, string>): string {
  return Object.entries(values).reduce((before, [name, value]) => {
    const own = readVariables(before).findLast((variable) => variable.name === name)
    return own
      ? writeVariable(before, { ...own, isTemplate: false }, value)
      : addVariable(before, name, value)
  }, text)
}

/** The text with one more variable at its end. */
export function addVariable(text: string, name: string, value: string): string {
  return `${text}${text === '' || text.endsWith('\n') ? '' : '\n'}${name}=${written(value, false, '', text)}\n`
}

function readValue(text: string, start: number): Pick<Variable, 'value' | 'range' | 'isTemplate' | 'lock'> {
  const quote = text[start] === '"' || text[start] === "'" ? (text[start] as Quote) : ''
  const rest = /^[^\r\n]*/.exec(text.slice(start))?.[0] ?? ''
  if (quote === '') {
    const value = bareValue(rest)
    return { value, range: [start, start + value.length], isTemplate: value.includes('$') }
  }
  const end = closingQuote(text, start + 1, quote)
  if (end === -1)
    return {
      value: rest,
      range: [start, start + rest.length],
      isTemplate: false,
      lock: 'It has no closing quote',
    }
  const raw = text.slice(start + 1, end).replaceAll('\r\n', '\n')
  const range: [number, number] = [start, end + 1]
  if (quote === "'") return { value: raw, range, isTemplate: false }
  const isTemplate = raw.replaceAll(/\\[\s\S]/g, '').includes('$')
  return { value: unescaped(raw, isTemplate), range, isTemplate }
}

/** What stands behind a name without quotes: it ends at a comment. */
export const bareValue = (rest: string) => (rest.split(/[ \t]#/)[0] ?? '').replace(/^#.*/, '').trim()

/** Where a quoted value ends; -1 where it does not. */
export function closingQuote(text: string, from: number, quote: Quote): number {
  for (let at = from; at < text.length; at += 1) {
    if (quote === '"' && text[at] === '\\') at += 1
    else if (text[at] === quote) return at
  }
  return -1
}

/** What stands between double quotes, with its escapes read. Of a template, a plain dollar sign is `$$`. */
export const unescaped = (raw: string, isTemplate: boolean) =>
  raw.replaceAll(/\\([nrt\\"$])/g, (_whole, letter: string) =>
    letter === '$' && isTemplate ? '$$' : (escapes[letter] ?? letter),
  )

/** A value as it is typed into the file: as bare as it can be, and in as many lines as what it takes the place of. */
function written(value: string, isTemplate: boolean, old: string, text: string): string {
  const isPlain = !/^\s|\s$|[ \t]#|^['"#]|[\r\n]/.test(value) && (isTemplate || !value.includes('$'))
  if (isPlain) return value
  const eol = text.includes('\r\n') ? '\r\n' : '\n'
  const isOneLine = old.startsWith('"') && !old.includes('\n')
  if (!isTemplate && !/['\r]/.test(value) && !(isOneLine && value.includes('\n')))
    return `'${value.replaceAll('\n', eol)}'`
  const escaped = value
    .replaceAll(isTemplate ? /["\\]/g : /["\\$]/g, '\\$&')
    .replaceAll('\r', '\\r')
    .replaceAll('\n', isOneLine ? '\\n' : eol)
  return `"${escaped}"`
}
