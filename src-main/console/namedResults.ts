import { z } from 'zod'
import type { Queryable } from '../adapters/postgres.ts'
import { AtlasError } from '../errors.ts'
import { query, quoteIdentifier, sql } from '../sql.ts'
import { scanTokens } from '../sqlText.ts'
import type { HeldResult } from './run.ts'
import type { Runnable } from './script.ts'

const mostRows = 50_000
const mostBytes = 8 * 1024 ** 2

const word = /^[A-Za-z_]\w*$/
/** Behind these stands a source of rows, where `@` is no operator. */
const leads = new Set(['from', 'join', 'using'])
/** What a WITH may stand before. */
const heads = new Set(['select', 'insert', 'update', 'delete', 'merge', 'values', 'table', 'with'])

interface Place {
  name: string
  start: number
  end: number
}

/** Where results are found by the names that they were given. */
export interface NamedResults {
  find: (name: string) => HeldResult | undefined
  db: Pick<Queryable, 'rows'>
}

/**
 * Puts a result that has a name in the place of `from @name`: a common table expression of that name, `"@name"`, over values
 * that are sent as parameters, a text array for each column, cast to the column's type. `NOT_FOUND` where no result has the
 * name, `UNSUPPORTED` beyond fifty thousand rows or eight megabytes, and before what takes no WITH.
 */
export async function bindResults(piece: Runnable, { find, db }: NamedResults): Promise<Runnable> {
  if (piece.kind !== 'sql' || !piece.text.includes('@')) return piece
  const text = piece.sent ?? piece.text
  const { places, head } = findNames(text)
  if (places.length === 0) return piece
  if (!head) {
    throw new AtlasError(
      'UNSUPPORTED',
      'A named result is read by a SELECT, INSERT, UPDATE, DELETE or MERGE',
      {
        saved: 'Nothing was sent.',
      },
    )
  }
  const values = [...(piece.values ?? [])]
  const tables: string[] = []
  for (const name of new Set(places.map((place) => place.name))) {
    const result = find(name)
    if (!result) {
      throw new AtlasError('NOT_FOUND', `No pinned result is named @${name}`, {
        object: `@${name}`,
        saved: 'Nothing was sent.',
        next: 'Pin a result and give it this name.',
      })
    }
    refuseLarge(name, result)
    const types = await typesOf(db, result)
    const columns = columnsOf(result)
    const first = values.length + 1
    values.push(...columns)
    const parts = types.map((_type, at) => `$${first + at}::text[]`)
    const names = types.map((_type, at) => `c${at}`)
    const list = types.map(
      (type, at) => `c${at}::${type} as ${quoteIdentifier(result.columns[at]?.name || `column${at + 1}`)}`,
    )
    tables.push(
      `${quoteIdentifier(`@${name}`)} as (select ${list.join(', ')} from unnest(${parts.join(', ')}) as u (${names.join(', ')}))`,
    )
  }
  const added = head.isWith ? ` ${tables.join(', ')},` : `with ${tables.join(', ')} `
  return { ...piece, ...replace(text, head.at, added, places, piece.toWritten), values }
}

/** The statement as it is sent, and the way back from its offsets. */
function replace(
  text: string,
  at: number,
  added: string,
  places: Place[],
  toWritten: (offset: number) => number = (offset) => offset,
): Pick<Runnable, 'sent' | 'toWritten'> {
  const changes = [
    { start: at, end: at, by: added },
    ...places.map(({ name, start, end }) => ({ start, end, by: quoteIdentifier(`@${name}`) })),
  ]
  let sent = ''
  let done = 0
  const shifts: { from: number; by: number }[] = []
  for (const { start, end, by } of changes) {
    sent += text.slice(done, start) + by
    done = end
    shifts.push({ from: sent.length, by: end - sent.length })
  }
  sent += text.slice(done)
  return {
    sent,
    toWritten: (offset) => toWritten(offset + (shifts.findLast(({ from }) => from <= offset)?.by ?? 0)),
  }
}

function findNames(text: string): { places: Place[]; head: { at: number; isWith: boolean } | undefined } {
  const places: Place[] = []
  let head: { at: number; isWith: boolean } | undefined
  let [before, first] = ['', '']
  let sign: { start: number; end: number } | undefined
  for (const { kind, start, end } of scanTokens(text)) {
    if (kind === 'space' || kind === 'comment') continue
    const token = kind === 'code' ? text.slice(start, end) : ''
    if (first === '') {
      first = token.toLowerCase()
      if (heads.has(first)) head = { at: first === 'with' ? end : start, isWith: first === 'with' }
    } else if (
      head?.isWith &&
      token.toLowerCase() === 'recursive' &&
      text.slice(head.at, start).trim() === ''
    ) {
      head.at = end
    }
    if (sign?.end === start && word.test(token)) places.push({ name: token, start: sign.start, end })
    sign = token === '@' && leads.has(before) ? { start, end } : undefined
    before = token.toLowerCase()
  }
  return { places, head }
}

function refuseLarge(name: string, { spool }: HeldResult): void {
  if (spool.rows <= mostRows && spool.sizeBytes <= mostBytes) return
  throw new AtlasError('UNSUPPORTED', `@${name} is too large to be sent with a statement`, {
    object: `@${name}`,
    detail: `It has ${spool.rows.toLocaleString('en-US')} rows in ${(spool.sizeBytes / 1024 ** 2).toFixed(1)} MB; ${mostRows.toLocaleString('en-US')} rows and ${mostBytes / 1024 ** 2} MB can be sent.`,
    saved: 'Nothing was sent.',
    next: 'Ask for fewer rows, or export it and import the file into a table.',
  })
}

/** The columns of a result as text arrays (manual, 8.15.2). */
function columnsOf({ spool, columns }: HeldResult): string[] {
  const { rows } = spool.read(0, spool.rows)
  return columns.map((_column, at) => {
    const items = rows.map((row) => {
      const value = row[at] ?? null
      return value === null ? 'NULL' : `"${value.replaceAll(/["\\]/g, '\\$&')}"`
    })
    return `{${items.join(',')}}`
  })
}

/** How the types of a result's columns are written, whatever the search path; what no value can be cast to is text. */
async function typesOf(db: NamedResults['db'], { fields }: HeldResult): Promise<string[]> {
  const oids = [...new Set(fields.map(({ typeOid }) => typeOid))]
  const found = await db.rows(
    query(
      z.object({ oid: z.number(), name: z.string() }),
      sql`select t.oid::int8 as oid, format('%I.%I', n.nspname, t.typname) as name
            from pg_type t join pg_namespace n on n.oid = t.typnamespace
           where t.oid = any(${oids}::oid[]) and t.typtype <> 'p'`,
    ),
  )
  const names = new Map(found.map(({ oid, name }) => [oid, name]))
  return fields.map(({ typeOid }) => names.get(typeOid) ?? 'text')
}
