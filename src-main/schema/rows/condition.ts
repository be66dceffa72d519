import type { Database } from '../../adapters/postgres.ts'
import { AtlasError } from '../../errors.ts'
import { identifier, type Sql, sql, trustedStatement } from '../../sql.ts'
import { parseStatements } from '../../sqlParse.ts'
import type { Source } from './sql.ts'

const before = 'select from t where\n'
// A query that has nothing but a condition.
const known = ['targetList', 'fromClause', 'whereClause', 'limitOption', 'op']

/**
 * The text of a WHERE clause as a condition on the relation `t`. The server's own grammar must read it as one expression, with
 * brackets around it and without, so that it cannot leave the place that it stands in; it takes no parameters. Throws `SYNTAX_ERROR` with the place in it.
 */
export async function readCondition(text: string): Promise<Sql> {
  const parse = (head: string, tail: string) =>
    parseStatements(`${head}${text}${tail}`).catch((error: unknown) => {
      throw placed(error, text, head.length)
    })
  const statements = await parse(before, '')
  await parse(`${before}(\n`, '\n)')
  const node = statements[0]?.node ?? {}
  const isOne = statements.length === 1 && Object.keys(node).every((key) => known.includes(key))
  const from = node.fromClause as unknown[] | undefined
  if (!isOne || from?.length !== 1 || JSON.stringify(node).includes('"ParamRef"')) {
    throw new AtlasError('SYNTAX_ERROR', 'This is no condition', {
      sqlState: '42601',
      saved: 'No row was read.',
      next: 'Write what would stand behind WHERE, as one expression without parameters.',
    })
  }
  return trustedStatement(`(\n${text}\n)`)
}

/** Lets the server plan it, which finds names and types that are none; runs nothing. Throws with the place in the text. */
export async function checkCondition(
  tx: Pick<Database, 'flat'>,
  { schema, name }: Source,
  condition: Sql,
  text: string,
): Promise<void> {
  const statement = sql`explain select from ${identifier(schema, name)} t where ${condition}`
  const offset = statement.text.length - text.length - '\n)'.length
  await tx.flat(statement).catch((error: unknown) => {
    throw placed(error, text, offset)
  })
}

/** The error with its place counted from the begin of the condition. */
function placed(error: unknown, text: string, offset: number): unknown {
  if (!(error instanceof AtlasError)) return error
  const { position, ...fault } = error.fault
  const own = position === undefined ? undefined : Math.min(Math.max(1, position - offset), text.length + 1)
  return new AtlasError(
    error.code,
    error.message,
    {
      ...fault,
      object: text,
      ...(own !== undefined && { position: own }),
      saved: 'No row was read.',
      next: 'Correct the condition, or take it away.',
    },
    { cause: error },
  )
}
