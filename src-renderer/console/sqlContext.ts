/** A relation that a statement names, and the name by which it calls it. */
export interface Reference {
  schema: string | undefined
  name: string
  alias: string | undefined
}

/** A query of WITH: its name, and the names of its columns as far as they can be told. */
export interface Cte {
  name: string
  columns: string[]
}

const quotes = /'(?:[^']|'')*'?|--[^\n]*|\/\*[\s\S]*?(?:\*\/|$)|\$(\w*)\$[\s\S]*?(?:\$\1\$|$)/g
const name = String.raw`(?:"(?:[^"]|"")+"|[A-Za-z_\u0080-\uffff][\w$\u0080-\uffff]*)`
const noAlias =
  'on|where|set|using|join|left|right|full|inner|cross|natural|order|group|limit|offset|values|select|union|having|as|returning|window|for|fetch|lateral|tablesample|when|default|do|with|and'
const relation = String.raw`(?:only\s+)?(${name})(?:\s*\.\s*(${name}))?(?:\s+(?:as\s+)?(?!(?:${noAlias})\b)(${name}))?`
const reference = new RegExp(String.raw`\b(?:from|join|update|into|table|using)\s+${relation}`, 'gi')
const more = new RegExp(String.raw`\s*,\s*(?:lateral\s+)?${relation}`, 'iy')
const cte = new RegExp(
  String.raw`(?:\bwith\s+(?:recursive\s+)?|,\s*)(${name})\s*(\([^()]*\))?\s+as\s+(?:not\s+)?(?:materialized\s+)?\(`,
  'gi',
)

/** The text with strings and comments as blanks, of the same length. */
export const blankQuotes = (text: string): string =>
  text.replace(quotes, (found) => found.replace(/[^\n]/g, ' '))

/** The statement around an offset, near enough for names: between the semicolons outside of quotes. */
export function statementAround(text: string, offset: number) {
  const blank = blankQuotes(text)
  const start = blank.lastIndexOf(';', offset - 1) + 1
  const end = blank.indexOf(';', offset)
  return {
    statement: blank.slice(start, end === -1 ? undefined : end),
    offset: offset - start,
    /** Within a string or a comment nothing is offered. */
    isQuoted: offset > 0 && blank[offset - 1] === ' ' && !/\s/.test(text[offset - 1] ?? ' '),
  }
}

/** The relations that a statement names in FROM, JOIN, UPDATE, INTO and USING. */
export function findReferences(statement: string): Reference[] {
  const found: Reference[] = []
  const add = ([, first = '', second, alias]: RegExpMatchArray) =>
    found.push({
      schema: second === undefined ? undefined : bare(first),
      name: bare(second ?? first),
      alias: alias === undefined ? undefined : bare(alias),
    })
  for (const match of statement.matchAll(reference)) {
    add(match)
    more.lastIndex = match.index + match[0].length
    for (let next = more.exec(statement); next; next = more.exec(statement)) add(next)
  }
  return found
}

export function findCtes(statement: string): Cte[] {
  return [...statement.matchAll(cte)].map((match) => {
    const [whole, own = '', declared] = match
    const body = bodyOf(statement, match.index + whole.length)
    return { name: bare(own), columns: declared ? namesOf(declared.slice(1, -1)) : outputOf(body) }
  })
}

/** The text up to the parenthesis that closes the one before `from`. */
function bodyOf(text: string, from: number): string {
  let depth = 1
  for (let at = from; at < text.length; at++) {
    if (text[at] === '(') depth++
    else if (text[at] === ')' && --depth === 0) return text.slice(from, at)
  }
  return text.slice(from)
}

/** What a query calls the columns that it gives: the last word of each item of its list. */
function outputOf(query: string): string[] {
  const list = /^\s*select\s+(?:distinct\s+)?([\s\S]*)$/i.exec(query)?.[1] ?? ''
  let depth = 0
  let item = ''
  const items: string[] = []
  for (const [token] of list.matchAll(/[(),]|[^(),\s]+|\s+/g)) {
    if (depth === 0 && token.toLowerCase() === 'from') break
    if (token === '(') depth++
    else if (token === ')') depth--
    if (token === ',' && depth === 0) {
      items.push(item)
      item = ''
    } else item += token
  }
  return namesOf([...items, item].join(','))
}

const namesOf = (list: string): string[] =>
  list.split(',').flatMap((item) => {
    const last = new RegExp(`(${name})\\s*$`).exec(item.trim())?.[1]
    return last === undefined ? [] : [bare(last)]
  })

/** The name of the function whose argument an offset is in, and which argument it is. */
export function findCall(text: string, offset: number): { name: string; argument: number } | undefined {
  const before = blankQuotes(text).slice(0, offset)
  let depth = 0
  let argument = 0
  for (let at = before.length - 1; at >= 0; at--) {
    const character = before[at]
    if (character === ';') return undefined
    if (character === ')') depth++
    else if (character === ',' && depth === 0) argument++
    else if (character === '(') {
      if (depth > 0) depth--
      else {
        const called = new RegExp(`(${name})$`).exec(before.slice(0, at))?.[1]
        return called === undefined ? undefined : { name: bare(called), argument }
      }
    }
  }
  return undefined
}

/** A name as the server keeps it. */
export function bare(text: string): string {
  return text.startsWith('"') ? text.slice(1, -1).replaceAll('""', '"') : text.toLowerCase()
}

const reserved = new Set(
  'all analyse analyze and any array as asc asymmetric authorization binary both case cast check collate collation column concurrently constraint create cross current_catalog current_date current_role current_schema current_time current_timestamp current_user default deferrable desc distinct do else end except false fetch for foreign freeze from full grant group having ilike in initially inner intersect into is isnull join lateral leading left like limit localtime localtimestamp natural not notnull null offset on only or order outer overlaps placing primary references returning right select session_user similar some symmetric system_user table tablesample then to trailing true union unique user using variadic verbose when where window with'.split(
    ' ',
  ),
)

/** A name as it has to be written. */
export function quoted(text: string): string {
  if (/^[a-z_][a-z0-9_$]*$/.test(text) && !reserved.has(text)) return text
  return `"${text.replaceAll('"', '""')}"`
}
