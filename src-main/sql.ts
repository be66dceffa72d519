import sqlTag, { empty, join, raw, type Sql } from 'sql-template-tag'
import type { z } from 'zod'

/** The only way to write SQL text: a tagged template whose values become parameters. */
export const sql = sqlTag
export { empty, join, type Sql }

/** A statement as data: its text and values, and the schema that each of its rows is read through. */
export interface Query<Row> {
  statement: Sql
  row: z.ZodType<Row>
}

/** Joins a statement with the schema of its rows. */
export function query<Row>(row: z.ZodType<Row>, statement: Sql): Query<Row> {
  return { row, statement }
}

/**
 * Quotes an identifier, or a qualified name given as its parts: `identifier('chart', 'a"b')` is `"chart"."a""b"`.
 * The only way by which a name becomes SQL text. Refuses the empty name and U+0000, which PostgreSQL cannot hold.
 */
export function identifier(...parts: string[]): Sql {
  return raw(parts.map(quoteIdentifier).join('.'))
}

/** The quoted text of {@link identifier}, for SQL that is shown rather than run. */
export function quoteIdentifier(name: string): string {
  if (name === '' || name.includes('\0'))
    throw new TypeError('An identifier is neither empty nor holds U+0000')
  return `"${name.replaceAll('"', '""')}"`
}

/**
 * Quotes a text literal for statements that take no parameters (DDL such as partition bounds).
 * Follows PostgreSQL's quote_literal: a backslash turns the literal into an escape string.
 */
export function literal(value: string): Sql {
  if (value.includes('\0')) throw new TypeError('A literal cannot hold U+0000')
  const doubled = value.replaceAll("'", "''")
  return raw(doubled.includes('\\') ? ` E'${doubled.replaceAll('\\', '\\\\')}'` : `'${doubled}'`)
}

/** The same statement with its values written into the text, for a message that takes no parameters. */
export function inlined({ strings, values }: Sql): Sql {
  const pieces = values.map((value, index) => {
    if (value === null || value === undefined) return `${strings[index]}null`
    if (typeof value === 'number' || typeof value === 'boolean') return `${strings[index]}${value}`
    if (typeof value === 'string') return `${strings[index]}${literal(value).text}`
    throw new TypeError(`A ${typeof value} cannot be written into a statement`)
  })
  return raw(`${pieces.join('')}${strings.at(-1)}`)
}

/** Marks text that comes from a file of the repository or from the console as executable, unchanged. */
export function trustedStatement(text: string): Sql {
  return raw(text)
}
