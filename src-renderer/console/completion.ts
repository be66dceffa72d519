import type { QueryClient } from '@tanstack/react-query'
import type { RelationModel } from '../../src-main/schema/contract.ts'
import { rpc } from '../rpc/client.ts'
import { formatCount } from '../ui/format.ts'
import type { SqlKnowledge, Suggestion } from '../ui/sqlEditorCompletion.ts'
import { keywords, snippets } from './snippets.ts'
import { findCall, findCtes, findReferences, quoted, type Reference, statementAround } from './sqlContext.ts'

const staleTime = 60_000
const shown = 100
const relationAhead = /\b(?:from|join|update|into|table|only)\s+(?:"?[\w$]*"?)$/i
const path =
  /((?:"[^"]+"|[\w$\u0080-\uffff]+)(?:\s*\.\s*(?:"[^"]+"|[\w$\u0080-\uffff]+))?)\s*\.\s*"?[\w$\u0080-\uffff]*$/

/** What the console knows of the catalogue: answered from the backend's model of it, a constant number of calls each. */
export function createKnowledge(cache: QueryClient): SqlKnowledge {
  const readTree = () => cache.fetchQuery({ ...rpc.schema.tree.queryOptions(), staleTime })
  const readFunctions = () =>
    cache.fetchQuery({ ...rpc.console.listFunctions.queryOptions(), staleTime: Number.POSITIVE_INFINITY })
  const readSnippets = () => cache.fetchQuery({ ...rpc.library.list.queryOptions(), staleTime })
  const readModels = async (references: Reference[]): Promise<RelationModel[]> => {
    const relations = references.slice(0, 30).map(({ schema, name }) => ({ schema, name }))
    if (relations.length === 0) return []
    const input = { relations }
    return cache.fetchQuery({ ...rpc.schema.model.queryOptions({ input }), staleTime }).catch(() => [])
  }

  /** What a statement names, with the columns of each, under the names by which it calls them. */
  const readScope = async (statement: string) => {
    const references = findReferences(statement)
    const models = await readModels(references)
    const relations = references.map((one) => ({
      ...one,
      model: models.find(
        ({ schema, name }) => name === one.name && (one.schema === undefined || one.schema === schema),
      ),
    }))
    return { relations, ctes: findCtes(statement) }
  }
  type Scope = Awaited<ReturnType<typeof readScope>>

  const columnsBehind = ({ relations, ctes }: Scope, called: string): Suggestion[] => {
    const relation =
      relations.find(({ alias, name }) => (alias ?? name) === called) ??
      relations.find(({ name }) => name === called)
    const own = ctes.find(({ name }) => name === (relation?.name ?? called))
    if (own) return own.columns.map((column) => named(column, own.name, 'column'))
    return (relation?.model?.columns ?? []).map(({ name, type, comment }) => ({
      ...named(name, type, 'column'),
      comment,
    }))
  }

  return {
    complete: async (text, offset, word) => {
      const { statement, offset: at, isQuoted } = statementAround(text, offset)
      if (isQuoted) return []
      const before = statement.slice(0, at)
      const [tree, scope] = await Promise.all([readTree(), readScope(statement)])
      const dotted = path
        .exec(before)?.[1]
        ?.split('.')
        .map((part) => part.trim().replaceAll('"', ''))
      if (dotted) {
        const called = dotted.at(-1) ?? ''
        const columns = columnsBehind(scope, called)
        const tables = tree.tables.filter(({ schema }) => schema === called)
        const functions = tree.objects.filter(({ schema, kind }) => schema === called && isCallable(kind))
        return best(word, [
          ...columns,
          ...tables.map(({ name, kind, comment }) => ({ ...named(name, kind, 'table'), comment })),
          ...functions.map(({ name, signature, comment }) => ({
            ...named(name, signature, 'function'),
            comment,
          })),
        ])
      }
      const tables: Suggestion[] = [
        ...scope.ctes.map(({ name }) => named(name, 'with', 'table')),
        ...tree.tables.map(({ schema, name, kind, comment }) => ({
          label: schema === 'public' ? name : `${schema}.${name}`,
          insert: schema === 'public' ? quoted(name) : `${quoted(schema)}.${quoted(name)}`,
          detail: kind,
          comment,
          kind: 'table' as const,
        })),
        ...tree.schemas.map(({ name, comment }) => ({ ...named(name, 'schema', 'schema'), comment })),
      ]
      if (relationAhead.test(before)) return best(word, tables)
      const [functions, kept] = await Promise.all([
        readFunctions().catch(() => []),
        readSnippets().catch(() => []),
      ])
      const columns = scope.relations.flatMap(({ alias, name }) => columnsBehind(scope, alias ?? name))
      return best(word, [
        ...columns,
        ...scope.relations.flatMap(({ alias, name }) => (alias ? [named(alias, name, 'table')] : [])),
        ...keywords.map((keyword) => ({
          label: keyword,
          insert: keyword,
          detail: '',
          kind: 'keyword' as const,
        })),
        ...[
          ...snippets,
          ...kept
            .filter(({ kind }) => kind === 'snippet')
            .map(({ name, text: body }) => [name, body, 'snippet'] as const),
        ].map(([label, insert, detail]) => ({ label, insert, detail, kind: 'snippet' as const })),
        ...functions.map(({ name, signatures }) => ({
          label: name,
          insert: name,
          detail: signatures[0]?.replace(/^[^(]*/, '') ?? '',
          kind: 'function' as const,
        })),
        ...tables,
      ])
    },

    describe: async (text, offset) => {
      const { statement, offset: at } = statementAround(text, offset)
      const start = /(?:"[^"]*"?|[\w$.\u0080-\uffff])*$/.exec(statement.slice(0, at))?.[0] ?? ''
      const end = /^[\w$"\u0080-\uffff]*/.exec(statement.slice(at))?.[0] ?? ''
      const parts = `${start}${end}`
        .replaceAll('"', '')
        .split('.')
        .filter((part) => part !== '')
      const name = parts.at(-1)
      if (name === undefined) return []
      const owner = parts.at(-2)
      const [tree, scope] = await Promise.all([readTree(), readScope(statement)])
      for (const { alias, name: relation, model } of scope.relations) {
        if (owner !== undefined && owner !== (alias ?? relation) && owner !== relation) continue
        const column = model?.columns.find((one) => one.name === name)
        if (column && model) {
          const facts = [
            column.isPrimaryKey ? 'primary key' : '',
            column.isNullable ? '' : 'not null',
          ].filter(Boolean)
          return [
            `${model.schema}.${model.name}.${column.name}  ${column.type}`,
            facts.join(', '),
            column.comment ?? '',
          ].filter(Boolean)
        }
      }
      const named = scope.relations.find(({ alias }) => alias === name)
      const wanted = named ? { schema: named.schema, name: named.name } : { schema: owner, name }
      const table = tree.tables.find(
        (one) => one.name === wanted.name && (wanted.schema === undefined || one.schema === wanted.schema),
      )
      if (table) {
        const rows = table.kind.endsWith('view')
          ? ''
          : `about ${formatCount(Math.round(table.estimatedRows))} rows`
        return [`${table.kind} ${table.schema}.${table.name}`, rows, table.comment ?? ''].filter(Boolean)
      }
      const own = tree.objects.filter((one) => one.name === name && isCallable(one.kind))
      if (own.length > 0)
        return own.map(({ schema, signature, detail }) => `${schema}.${name}(${signature}) ${detail}`)
      const functions = await readFunctions().catch(() => [])
      return functions.find((one) => one.name === name)?.signatures ?? []
    },

    findSignatures: async (text, offset) => {
      const call = findCall(text, offset)
      if (!call) return undefined
      const [tree, functions] = await Promise.all([readTree(), readFunctions().catch(() => [])])
      const own = tree.objects
        .filter(({ name, kind }) => name === call.name && isCallable(kind))
        .map(({ name, signature }) => ({
          label: `${name}(${signature})`,
          parameters: argumentsOf(signature),
        }))
      const server = functions.find(({ name }) => name === call.name)?.signatures ?? []
      const known = server.map((label) => ({
        label,
        parameters: argumentsOf(/\((.*)\) →/.exec(label)?.[1] ?? ''),
      }))
      return { signatures: [...own, ...known], argument: call.argument }
    },
  }
}

const isCallable = (kind: string) => /^(?:function|procedure|aggregate|window function)$/.test(kind)

const argumentsOf = (list: string) => (list.trim() === '' ? [] : list.split(/,\s*/))

const named = (label: string, detail: string, kind: Suggestion['kind']): Suggestion => ({
  label,
  insert: quoted(label),
  detail,
  kind,
})

/** What begins with the word, then what holds it: each name once, the first hundred. */
function best(word: string, all: Suggestion[]): Suggestion[] {
  const typed = word.toLowerCase()
  const seen = new Set<string>()
  const fits = all.filter(({ label, kind }) => {
    const key = `${kind} ${label}`
    if (seen.has(key) || !label.toLowerCase().includes(typed)) return false
    seen.add(key)
    return true
  })
  const isHead = ({ label }: Suggestion) =>
    label
      .toLowerCase()
      .split('.')
      .some((part) => part.startsWith(typed))
  return [...fits.filter(isHead), ...fits.filter((one) => !isHead(one))].slice(0, shown)
}
