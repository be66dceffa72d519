import { AtlasError } from '../errors.ts'
import { scanTokens } from '../sqlText.ts'

interface Word {
  text: string
  depth: number
}

const removers: Record<string, string> = { drop: 'drops objects', truncate: 'empties tables' }

/**
 * Why a statement should be confirmed where data matters, or undefined: `DROP`, `TRUNCATE`, and `UPDATE` or `DELETE`
 * without `WHERE`, also in CTEs, behind `EXPLAIN ANALYZE` and in `DO` blocks. Reads tokens and never literals.
 */
export function dangerOf(statement: string): string | undefined {
  const words = readWords(statement)
  const first = words[0]?.text
  if (first === 'do') return dangerOfBlock(statement)
  if (first !== undefined && removers[first]) return removers[first]
  if (first === 'alter' && words.some(({ text, depth }) => text === 'drop' && depth === 0))
    return removers.drop
  for (const [at, word] of words.entries()) {
    if (!isVerbPosition(words, at)) continue
    if (word.text === 'delete' && !hasWhere(words, at)) return 'deletes every row'
    if (word.text === 'update' && !hasWhere(words, at)) return 'updates every row'
  }
  return undefined
}

function readWords(text: string): Word[] {
  const words: Word[] = []
  let depth = 0
  for (const { kind, start, end } of scanTokens(text)) {
    if (kind !== 'code') continue
    const word = text.slice(start, end).toLowerCase()
    if (word === '(') depth++
    if (word === ')') depth--
    words.push({ text: word, depth })
  }
  return words
}

/** A statement's verb stands first, first in parentheses, or behind the CTEs or the options of EXPLAIN. */
function isVerbPosition(words: Word[], at: number): boolean {
  const before = words[at - 1]
  if (!before || before.text === '(') return true
  const first = words[0]?.text
  if (words[at]?.depth !== 0) return false
  if (first === 'with') return before.text === ')'
  return (
    first === 'explain' && words.slice(0, at).every(({ text, depth }) => depth > 0 || isExplainOption(text))
  )
}

function isExplainOption(text: string): boolean {
  return ['explain', 'analyze', 'analyse', 'verbose', ')'].includes(text)
}

function hasWhere(words: Word[], verb: number): boolean {
  const { depth } = words[verb] as Word
  for (const word of words.slice(verb + 1)) {
    if (word.depth < depth) return false
    if (word.depth === depth && word.text === 'where') return true
  }
  return false
}

function dangerOfBlock(statement: string): string | undefined {
  for (const { kind, start, end } of scanTokens(statement)) {
    if (kind !== 'string') continue
    const body = statement.slice(start, end).replace(/^\$[^$]*\$|\$[^$]*\$$|^[eE]?'|'$/g, '')
    try {
      const danger = dangerOfBody([...tokensOf(body)])
      if (danger) return danger
    } catch {
      return 'runs a block that cannot be read'
    }
  }
  return undefined
}

function dangerOfBody(tokens: string[]): string | undefined {
  for (const [at, token] of tokens.entries()) {
    const removes = removers[token]
    if (removes) return removes
    if (token === 'execute') return 'runs text that cannot be checked before'
    const isDelete = token === 'delete' && tokens[at + 1] === 'from'
    const isUpdate = token === 'update' && !['for', 'do', 'on', 'key'].includes(tokens[at - 1] ?? '')
    if (!isDelete && !isUpdate) continue
    const end = tokens.indexOf(';', at)
    const rest = tokens.slice(at, end === -1 ? undefined : end)
    if (!rest.includes('where')) return isDelete ? 'deletes every row' : 'updates every row'
  }
  return undefined
}

function* tokensOf(text: string): Generator<string> {
  for (const { kind, start, end } of scanTokens(text)) {
    if (kind === 'semicolon') yield ';'
    else if (kind === 'code') yield text.slice(start, end).toLowerCase()
  }
}

/** Throws `CONFIRMATION_NEEDED`, naming every statement of a script that {@link dangerOf} warns of. */
export function refuseDangers(statements: { text: string; line: number }[]): void {
  const dangers = statements.flatMap(({ text, line }) => {
    const danger = dangerOf(text)
    return danger ? [`Line ${line} ${danger}: ${text.slice(0, 300).replaceAll(/\s+/g, ' ')}`] : []
  })
  if (dangers.length === 0) return
  throw new AtlasError('CONFIRMATION_NEEDED', 'This removes or changes data of a production environment', {
    detail: dangers.join('\n'),
    saved: 'Nothing was run.',
    next: 'Confirm it to run it on production.',
  })
}
