import { byteOffsets, parseStatements } from '../../sqlParse.ts'
import type { Definition, Definitions } from '../ddl/definition.ts'
import { tableStatements } from '../ddl/table.ts'
import { tableOf } from './sides.ts'

/**
 * Views as PostgreSQL 16 and later write them. Before, a view over one relation alone has every column written with that
 * relation's name before it: held against a newer server, views that are the same would differ.
 */
export async function asNewerViews({ all, needs }: Definitions): Promise<Definitions> {
  const rewritten = async (definition: Definition): Promise<Definition> => {
    const table = tableOf(definition)
    if (!table?.view) return definition
    const query = await withoutNeedlessNames(table.view.query)
    const newer = { ...table, view: { ...table.view, query } }
    return { ...definition, shape: { type: 'table', table: newer }, statements: tableStatements(newer) }
  }
  return { all: await Promise.all(all.map(rewritten)), needs }
}

async function withoutNeedlessNames(query: string): Promise<string> {
  const statement = (await parseStatements(query))[0]
  const from = statement?.node.fromClause as object[] | undefined
  // A join is a relation of its own beside those that it joins.
  if (from?.length !== 1 || 'JoinExpr' in (from[0] ?? {})) return query
  const places: number[] = []
  const visit = (node: unknown): void => {
    if (typeof node !== 'object' || node === null) return
    for (const [kind, child] of Object.entries(node)) {
      // A query within the query names its columns in full on all servers.
      if (kind === 'SelectStmt' || kind === 'subselect' || kind === 'subquery') continue
      const { fields = [], location = 0 } = (kind === 'ColumnRef' ? child : {}) as {
        fields?: object[]
        location?: number
      }
      if (fields.length === 2 && !fields.some((field) => 'A_Star' in field)) places.push(location)
      visit(child)
    }
  }
  visit(statement?.node)
  const toOffset = byteOffsets(query)
  let [text, at] = ['', 0]
  for (const place of places.map(toOffset).sort((a, b) => a - b)) {
    const name = /^(?:"(?:[^"]|"")*"|[^".\s]+)\./.exec(query.slice(place))?.[0] ?? ''
    text += query.slice(at, place)
    at = place + name.length
  }
  return text + query.slice(at)
}
