import type { Sql } from '../../sql.ts'
import type { Definition, Definitions } from './definition.ts'
import { listComments, listDependencies, listGrants, listObjects } from './objects.ts'
import {
  listSequences,
  listTableColumns,
  listTableHeads,
  listTableParts,
  listTableSettings,
} from './relations.ts'
import type { Scope } from './scope.ts'
import { tableStatement } from './table.ts'

type Read = (statement: Sql) => Promise<(string | null)[][]>

/**
 * Reads how every object of a scope was made, by ten statements whatever there is. Must run in a transaction whose
 * search_path is empty: then PostgreSQL's own functions write every name qualified.
 */
export async function readDefinitions(read: Read, scope: Scope): Promise<Definitions> {
  const heads = await read(listTableHeads(scope))
  const columns = groupBy(await read(listTableColumns(scope)), ([relation]) => relation)
  const settings = await read(listTableSettings(scope))
  const sequences = await read(listSequences(scope))
  const parts = await read(listTableParts(scope))
  const objects = await read(listObjects(scope))
  const all: Definition[] = []
  const needs = new Map<string, Set<string>>()
  const need = (address: string, other: string | undefined) => {
    if (!other || address === other) return
    needs.set(address, (needs.get(address) ?? new Set()).add(other))
  }
  const add = (
    {
      address,
      kind,
      name,
      holder,
    }: Pick<Definition, 'address' | 'kind' | 'name'> & { holder?: string | undefined },
    statements: (string | null | undefined)[],
  ) => {
    const written = statements.filter((text) => text !== null && text !== undefined && text !== '')
    all.push({ address, kind, name, holder, statements: written as string[], comments: [], grants: [] })
    need(address, holder)
  }

  for (const [kind = '', catalogue, oid, schema, name = '', statement] of objects as string[][]) {
    const qualified = schema
      ? `${quote(schema)}.${kind.includes('function') || kind === 'procedure' || kind === 'aggregate' ? name : quote(name)}`
      : quote(name)
    add({ address: `${catalogue} ${oid}`, kind, name: qualified }, [statement])
  }
  const nameOf = new Map(heads.map(([oid, , , name]) => [oid, name ?? '']))
  const addressByName = new Map(heads.map(([oid, , , name]) => [name ?? '', `pg_class ${oid}`]))
  for (const head of heads) {
    const table = tableStatement(head, columns.get(head[0] ?? '') ?? [])
    const address = `pg_class ${head[0]}`
    add({ address, kind: table.kind, name: table.name }, table.statements)
    for (const parent of table.parents) need(address, addressByName.get(parent))
  }
  for (const [oid, name, persistence, options, owner, table] of sequences) {
    const address = `pg_class ${oid}`
    const unlogged = persistence === 'u' ? 'unlogged ' : ''
    add({ address, kind: 'sequence', name: name ?? '' }, [
      `create ${unlogged}sequence ${name}${options ? ` ${options}` : ''}`,
    ])
    if (owner) {
      const holder = `pg_class ${table}`
      add({ address: `${address} owner`, kind: 'sequence owner', name: name ?? '', holder }, [
        `alter sequence ${name} owned by ${owner}`,
      ])
      need(`${address} owner`, address)
    }
  }
  for (const [kind, catalogue, oid, relation, name, statement, parent, index] of parts) {
    const holder = `pg_class ${relation}`
    const address = `${catalogue} ${oid}`
    const attach = parent && index ? `alter index ${parent} attach partition ${index}` : undefined
    add(
      {
        address,
        kind: kind ?? '',
        name: `${quote(name ?? '')} on ${nameOf.get(relation ?? '') ?? ''}`,
        holder,
      },
      [...(statement ?? '').split(/;\n(?=alter table [^\n]* trigger )/), attach],
    )
  }
  const indexes = new Map(
    parts.flatMap(([, catalogue, oid, , , , , index]) => (index ? [[index, `${catalogue} ${oid}`]] : [])),
  )
  for (const [, catalogue, oid, , , , parent] of parts)
    if (parent) need(`${catalogue} ${oid}`, indexes.get(parent))
  for (const [oid, lines] of settings) {
    const holder = `pg_class ${oid}`
    const address = `${holder} settings`
    const statements = (lines ?? '')
      .split('\n')
      .map((line) => `alter table only ${nameOf.get(oid ?? '')} ${line}`)
    add({ address, kind: 'settings', name: nameOf.get(oid ?? '') ?? '', holder }, statements)
    for (const [, catalogue, part, relation] of parts)
      if (relation === oid) need(address, `${catalogue} ${part}`)
  }

  const byAddress = new Map(all.map((definition) => [definition.address, definition]))
  for (const [catalogue, oid, , statement] of await read(listComments(scope)))
    byAddress.get(`${catalogue} ${oid}`)?.comments.push(statement ?? '')
  for (const [catalogue, oid, , statement] of await read(listGrants(scope)))
    byAddress.get(`${catalogue} ${oid}`)?.grants.push(statement ?? '')
  if (scope.type === 'all') {
    for (const [catalogue, oid, otherCatalogue, other] of await read(listDependencies()))
      need(`${catalogue} ${oid}`, `${otherCatalogue} ${other}`)
    for (const { address, holder } of all)
      for (const partition of partitionsOf(holder, needs, byAddress)) need(address, partition)
  }
  return { all, needs }
}

/**
 * An index of a partitioned table would make its own on every partition that comes later: so the partitions, at any
 * depth, come before it.
 */
function partitionsOf(
  holder: string | undefined,
  needs: Definitions['needs'],
  all: Map<string, Definition>,
): string[] {
  if (!holder || all.get(holder)?.kind !== 'partitioned table') return []
  const children = childrenOf(needs, all).get(holder) ?? []
  return children.flatMap((child) => [child, ...partitionsOf(child, needs, all)])
}

const childrenCache = new WeakMap<Definitions['needs'], Map<string, string[]>>()

function childrenOf(needs: Definitions['needs'], all: Map<string, Definition>): Map<string, string[]> {
  const known = childrenCache.get(needs)
  if (known) return known
  const children = new Map<string, string[]>()
  for (const [address, others] of needs) {
    const isTable = all.get(address)?.kind.includes('table')
    for (const other of others) {
      if (isTable && all.get(other)?.kind === 'partitioned table')
        children.set(other, [...(children.get(other) ?? []), address])
    }
  }
  childrenCache.set(needs, children)
  return children
}

function groupBy<Row>(rows: Row[], keyOf: (row: Row) => string | null | undefined): Map<string, Row[]> {
  const groups = new Map<string, Row[]>()
  for (const row of rows) {
    const key = keyOf(row) ?? ''
    const group = groups.get(key)
    if (group) group.push(row)
    else groups.set(key, [row])
  }
  return groups
}

/** As PostgreSQL's quote_ident writes a name where that makes no difference of meaning. */
function quote(name: string): string {
  return /^[a-z_][a-z0-9_]*$/.test(name) ? name : `"${name.replaceAll('"', '""')}"`
}
