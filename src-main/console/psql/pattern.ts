import { AtlasError } from '../../errors.ts'
import { join, literal, type Sql, sql } from '../../sql.ts'

interface NamePattern {
  database?: string
  schema?: string
  name: string
}

/**
 * Reads a pattern of names as psql's manual has it: folded to lower case outside of double quotes, `*` is any
 * characters, `?` is one, a dot parts schema and name, and the rest is a regular expression but for `$`.
 */
export function readPattern(pattern: string): NamePattern {
  const parts: string[] = ['']
  let isQuoted = false
  const add = (text: string) => {
    parts[parts.length - 1] += text
  }
  for (let at = 0; at < pattern.length; at++) {
    const character = pattern[at] ?? ''
    if (character === '"') {
      if (isQuoted && pattern[at + 1] === '"') {
        add('"')
        at++
      } else isQuoted = !isQuoted
    } else if (isQuoted) add('|*+?()[]{}.^$\\'.includes(character) ? `\\${character}` : character)
    else if (character === '*') add('.*')
    else if (character === '?') add('.')
    else if (character === '.') parts.push('')
    else if (character === '$') add('\\$')
    else add(character.toLowerCase())
  }
  const [name = '', schema, database, ...more] = parts.reverse()
  if (more.length > 0) {
    throw new AtlasError('INPUT_INVALID', 'The pattern has too many parts: schema and name are two', {
      object: pattern,
      next: 'Put a name with a dot in double quotes.',
    })
  }
  return {
    name,
    ...(schema !== undefined && { schema }),
    ...(database !== undefined && { database }),
  }
}

interface Matched {
  name: Sql
  schema?: Sql
  /** Where no schema is named: only what is seen without one. */
  visibility?: Sql
}

/** Conditions that a pattern puts on names, to stand behind `and`; without a pattern, what is visible. */
export function matching(pattern: string | undefined, { name, schema, visibility }: Matched): Sql {
  if (pattern === undefined) return visibility ? sql`and ${visibility}` : sql``
  const read = readPattern(pattern)
  const conditions: Sql[] = [sql``]
  if (read.name !== '.*') conditions.push(like(name, read.name))
  if (read.schema === undefined) {
    if (visibility) conditions.push(visibility)
  } else if (schema && read.schema !== '.*') conditions.push(like(schema, read.schema))
  // psql refuses another database; here it is a condition like the others, that nothing meets.
  if (read.database !== undefined && read.database !== '')
    conditions.push(like(sql`pg_catalog.current_database()`, read.database))
  return conditions.length === 1 ? sql`` : join(conditions, ' and ')
}

const like = (name: Sql, expression: string): Sql =>
  sql`${name} operator(pg_catalog.~) ${literal(`^(${expression})$`)} collate pg_catalog.default`
