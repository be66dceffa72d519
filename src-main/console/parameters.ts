import { z } from 'zod'
import type { Session } from '../adapters/postgres.ts'
import { AtlasError } from '../errors.ts'
import { identifier, query, sql, trustedStatement } from '../sql.ts'
import { scanTokens } from '../sqlText.ts'
import type { ParameterValue } from './statementContract.ts'

interface Place {
  name: string
  start: number
  end: number
}

const word = /^[A-Za-z_]\w*$/

/**
 * Where a statement names a parameter: `:since`. A cast (`::date`), an assignment (`:=`), a slice (`a[1:n]`) and
 * everything in quotes is none.
 */
export function findParameters(text: string): Place[] {
  const places: Place[] = []
  let brackets = 0
  let before = ''
  let colon: number | undefined
  for (const { kind, start, end } of scanTokens(text)) {
    const token = kind === 'code' ? text.slice(start, end) : ''
    if (colon === start && word.test(token) && brackets === 0)
      places.push({ name: token, start: start - 1, end })
    if (token === '[') brackets++
    else if (token === ']') brackets = Math.max(0, brackets - 1)
    colon = token === ':' && before !== ':' ? end : undefined
    before = token
  }
  return places
}

export interface BoundStatement {
  text: string
  values: (string | null)[]
  /** The offset in the text as it was written, of an offset in the text that was sent. */
  toWritten: (offset: number) => number
}

/** Puts `$1`, `$2`, … where parameters are named. Throws `INPUT_INVALID` for one without a value. */
export function bindParameters(text: string, given: Record<string, ParameterValue>): BoundStatement {
  const places = findParameters(text)
  const names = [...new Set(places.map(({ name }) => name))]
  const missing = names.find((name) => !Object.hasOwn(given, name))
  if (missing !== undefined) {
    throw new AtlasError('INPUT_INVALID', `The parameter :${missing} has no value`, {
      object: `:${missing}`,
      saved: 'Nothing was sent.',
      next: 'Give it one, or put the colon in quotes if it is text.',
    })
  }
  let sent = ''
  let at = 0
  const shifts: { from: number; by: number }[] = []
  for (const { name, start, end } of places) {
    const type = given[name]?.type ?? 'auto'
    sent += text.slice(at, start) + placeholder(names.indexOf(name) + 1, type)
    at = end
    shifts.push({ from: sent.length, by: end - sent.length })
  }
  sent += text.slice(at)
  return {
    text: sent,
    values: names.map((name) => given[name]?.value ?? null),
    toWritten: (offset) => offset + (shifts.findLast(({ from }) => from <= offset)?.by ?? 0),
  }
}

/** A parameter of a type that was chosen is cast: the name of the type comes from the list, never from a person. */
const placeholder = (number: number, type: ParameterValue['type']) =>
  type === 'auto' ? `$${number}` : `$${number}::${type}`

/**
 * The types that the server gives the parameters of a statement, by preparing it, never running it. Nulls where it
 * cannot: the statement is wrong, or cannot be prepared.
 */
export async function inferTypes(
  session: Pick<Session, 'run' | 'row'>,
  text: string,
  searchPath: string | null,
): Promise<{ name: string; type: string | null }[]> {
  const names = [...new Set(findParameters(text).map(({ name }) => name))]
  if (names.length === 0) return []
  const bound = bindParameters(
    text,
    Object.fromEntries(names.map((name) => [name, { type: 'auto', value: null }])),
  )
  const prepared = 'atlas_parameters'
  try {
    if (searchPath !== null)
      await session.row(query(z.unknown(), sql`select set_config('search_path', ${searchPath}, true)`))
    await session.run(sql`prepare ${identifier(prepared)} as ${trustedStatement(bound.text)}`)
    const found = await session.row(
      query(
        z.object({ types: z.array(z.string()) }),
        sql`select array(select t::text from unnest(parameter_types) with ordinality p (t, n) order by n) as types
              from pg_catalog.pg_prepared_statements
             where name = ${prepared}`,
      ),
    )
    return names.map((name, at) => ({ name, type: found?.types[at] ?? null }))
  } catch {
    return names.map((name) => ({ name, type: null }))
  } finally {
    await session.run(sql`deallocate ${identifier(prepared)}`).catch(() => {})
  }
}
