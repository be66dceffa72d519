import { type Statement, scanTokens } from '../sqlText.ts'

/** Why a statement destroys more than people usually mean to; undefined where it does not. */
export function dangerOf({ text }: Pick<Statement, 'text'>): string | undefined {
  const words: string[] = []
  for (const { kind, start, end } of scanTokens(text)) {
    if (kind === 'code') words.push(text.slice(start, end).toLowerCase())
  }
  if (words.includes('truncate')) return 'empties a table'
  if (words[0] === 'drop') return `drops a ${words[1] ?? 'object'}`
  if (words[0] === 'alter' && words.includes('drop')) return 'drops a part of an object'
  const changes = words.find((word) => word === 'delete' || word === 'update')
  // `on conflict do update` and `for update` belong to other statements.
  const isOther = words[0] === 'insert' || (words[0] === 'select' && changes === 'update')
  if (changes && !isOther && !words.includes('where')) return `${changes}s every row of a table`
  return undefined
}

const metaCommand = /^\s*\\(\S+)/

/** psql's own commands are no SQL: named, so that nobody looks for a typing error. */
export function metaCommandOf(text: string): string | undefined {
  return metaCommand.exec(text)?.[1]
}
