import { scanTokens } from '../../sqlText.ts'
import type { Definition, Definitions } from '../ddl/definition.ts'

/**
 * Expressions as PostgreSQL writes them once it has read its own text again. Its grammar joins `(a and b) and c` to one
 * condition and gives the cast of an array to each of its elements: of `between` and of `in` the server writes what it
 * would not write of a database that was restored from its script.
 */
export function asReadAgain({ all, needs }: Definitions): Definitions {
  return {
    all: all.map((definition): Definition => {
      const { shape, statements } = definition
      const hasExpressions = shape && /^(table|domain|routine|part)$/.test(shape.type)
      return {
        ...definition,
        statements: statements.map(readAgain),
        shape: hasExpressions ? inEvery(shape, readAgain) : shape,
      }
    }),
    needs,
  }
}

/** A value with every text in it rewritten. */
function inEvery<Value>(value: Value, rewrite: (text: string) => string): Value {
  if (typeof value === 'string') return rewrite(value) as Value
  if (Array.isArray(value)) return value.map((one) => inEvery(one, rewrite)) as Value
  if (typeof value !== 'object' || value === null) return value
  return Object.fromEntries(Object.entries(value).map(([key, one]) => [key, inEvery(one, rewrite)])) as Value
}

function readAgain(text: string): string {
  const flat = /\)\s(?:AND|OR)\s/.test(text) ? flattened(text) : text
  return flat.includes('])::') ? castByElement(flat) : flat
}

interface Word {
  text: string
  start: number
  end: number
}

function wordsOf(text: string): Word[] {
  return [...scanTokens(text)]
    .filter(({ kind }) => kind !== 'space' && kind !== 'comment')
    .map(({ start, end }) => ({ text: text.slice(start, end), start, end }))
}

interface Group {
  open: Word
  isFirst: boolean
  joinedBy: Set<string>
}

/** Without the parentheses around a first condition that is joined as what follows it: `((a AND b) AND c)`. */
function flattened(text: string): string {
  const words = wordsOf(text)
  const needless = new Set<Word>()
  const open: Group[] = []
  words.forEach((word, at) => {
    if (word.text === '(')
      open.push({ open: word, isFirst: words[at - 1]?.text === '(', joinedBy: new Set() })
    else if (word.text === 'AND' || word.text === 'OR') open.at(-1)?.joinedBy.add(word.text)
    else if (word.text === ')') {
      const group = open.pop()
      if (!group?.isFirst || group.joinedBy.size !== 1 || !group.joinedBy.has(words[at + 1]?.text ?? ''))
        return
      needless.add(group.open).add(word)
    }
  })
  return without(text, [...needless])
}

function without(text: string, words: Word[]): string {
  let [kept, from] = ['', 0]
  for (const { start, end } of words.sort((a, b) => a.start - b.start)) {
    kept += text.slice(from, start)
    from = end
  }
  return kept + text.slice(from)
}

/** `(ARRAY[a, b])::text[]` as `ARRAY[(a)::text, (b)::text]`. */
function castByElement(text: string): string {
  const words = wordsOf(text)
  let [written, from] = ['', 0]
  for (const [at, word] of words.entries()) {
    if (word.start < from || word.text !== '(' || words[at + 1]?.text !== 'ARRAY') continue
    const elements: string[] = []
    let [depth, begin, next] = [0, 0, at + 2]
    for (; words[next]; next++) {
      const { text: mark, start, end } = words[next] as Word
      if (mark === '[' || mark === '(') {
        depth++
        if (depth === 1) begin = end
      } else if (mark === ']' || mark === ')') depth--
      const isEnd = depth === 0
      if (isEnd || (mark === ',' && depth === 1)) {
        elements.push(text.slice(begin, start).trim())
        begin = end
      }
      if (isEnd) break
    }
    const end = words[next]?.end ?? 0
    const cast = /^\)::((?:[\w. ]|"(?:[^"]|"")*"|\(\d+(?:,\d+)?\))+)\[\]/.exec(text.slice(end))
    if (!cast || elements.some((element) => element === '' || element.startsWith('ARRAY['))) continue
    const casts = elements.map((element) => `(${element})::${cast[1]}`)
    written += `${text.slice(from, word.start)}ARRAY[${casts.join(', ')}]`
    from = end + cast[0].length
  }
  return written + text.slice(from)
}
