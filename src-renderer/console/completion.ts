import type { QueryClient } from '@tanstack/react-query'
import { rpc } from '../rpc/client.ts'
import type { CompletionSource, Suggestion } from '../ui/sqlEditorCompletion.ts'

const keywords =
  'select from where join left join group by order by having limit offset with insert into values update set delete from returning create table alter table drop table truncate explain analyze begin commit rollback union all distinct case when then else end is null is not null between exists lateral on conflict do nothing cross join using'

const staleTime = 60_000
const describedTables = 6
const reference =
  /\b(?:from|join|update|into)\s+(?:only\s+)?("?\w+"?)\.("?\w+"?)(?:\s+(?:as\s+)?(?!on\b|where\b|set\b|using\b|join\b|left\b|order\b|group\b|limit\b|values\b|cross\b|inner\b)(\w+))?/gi

/** Names of the catalogue where they fit: tables behind a schema, columns behind an alias, else all of them. */
export function createCompletion(cache: QueryClient): CompletionSource {
  return async (text, offset) => {
    const tree = await cache.fetchQuery({ ...rpc.schema.tree.queryOptions(), staleTime })
    const before = /("?[\w]+"?)\.\w*$/.exec(text.slice(0, offset))?.[1]
    const statement = aroundOffset(text, offset)
    const references = [...statement.matchAll(reference)].slice(0, describedTables)
    if (before !== undefined) {
      const schema = bare(before)
      const tables = tree.tables.filter((table) => table.schema === schema)
      if (tables.length > 0) return tables.map(({ name, kind }) => named(name, kind, 'table'))
      const alias = references.find(([, , table, as]) => as === schema || bare(table ?? '') === schema)
      return alias ? columnsOf(cache, alias) : []
    }
    const columns = (await Promise.all(references.map((found) => columnsOf(cache, found)))).flat()
    return [
      ...columns,
      ...tree.tables.map(({ schema, name, kind }) => ({
        label: `${schema}.${name}`,
        insert: `${quoted(schema)}.${quoted(name)}`,
        detail: kind,
        kind: 'table' as const,
      })),
      ...tree.schemas.map(({ name }) => named(name, 'schema', 'schema')),
      ...[...new Set(keywords.split(' '))].map((word) => ({
        label: word,
        insert: word,
        detail: '',
        kind: 'keyword' as const,
      })),
    ]
  }
}

async function columnsOf(
  cache: QueryClient,
  [, schema = '', name = '']: RegExpMatchArray,
): Promise<Suggestion[]> {
  const input = { schema: bare(schema), name: bare(name) }
  try {
    const table = await cache.fetchQuery({ ...rpc.schema.describe.queryOptions({ input }), staleTime })
    return table.columnList.map((column) => named(column.name, column.type, 'column'))
  } catch {
    // A table that is not there yet has no columns to offer.
    return []
  }
}

function named(name: string, detail: string, kind: Suggestion['kind']): Suggestion {
  return { label: name, insert: quoted(name), detail, kind }
}

function quoted(name: string): string {
  return /^[a-z_][a-z0-9_$]*$/.test(name) ? name : `"${name.replaceAll('"', '""')}"`
}

function bare(name: string): string {
  return name.startsWith('"') ? name.slice(1, -1).replaceAll('""', '"') : name.toLowerCase()
}

/** Near enough to the statement for names: between the semicolons at line ends. */
function aroundOffset(text: string, offset: number): string {
  const start = text.lastIndexOf(';', offset - 1) + 1
  const end = text.indexOf(';', offset)
  return text.slice(start, end === -1 ? undefined : end)
}
