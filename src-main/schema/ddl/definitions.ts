import type { Sql } from '../../sql.ts'
import type { Definition, Definitions, Shape } from './definition.ts'
import { listComments, listDependencies, listGrants, listObjects } from './objects.ts'
import {
  listSequences,
  listTableColumns,
  listTableHeads,
  listTableParts,
  listTableSettings,
} from './relations.ts'
import type { Scope } from './scope.ts'
import { readTable, tableStatements } from './table.ts'

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
      shape,
    }: Pick<Definition, 'address' | 'kind' | 'name'> & Partial<Pick<Definition, 'holder' | 'shape'>>,
    statements: (string | null | undefined)[],
  ) => {
    const written = statements.filter((text) => text !== null && text !== undefined && text !== '')
    all.push({
      address,
      kind,
      name,
      holder,
      shape,
      statements: written as string[],
      comments: [],
      grants: [],
    })
    need(address, holder)
  }

  for (const [kind = '', catalogue, oid, schema, name = '', statement, shape] of objects as string[][]) {
    const isQualified = schema && kind !== 'extension'
    const own = isRoutine(kind) || kind === 'operator' || kind === 'cast' ? name : quote(name)
    const qualified = isQualified ? `${quote(schema)}.${own}` : own
    add({ address: `${catalogue} ${oid}`, kind, name: qualified, shape: shapeOf(kind, shape) }, [statement])
  }
  const nameOf = new Map(heads.map(([oid, , , name]) => [oid, name ?? '']))
  const addressByName = new Map(heads.map(([oid, , , name]) => [name ?? '', `pg_class ${oid}`]))
  for (const head of heads) {
    const table = readTable(head, columns.get(head[0] ?? '') ?? [])
    const address = `pg_class ${head[0]}`
    const { kind, name, partitionOf, inherits } = table
    add({ address, kind, name, shape: { type: 'table', table } }, tableStatements(table))
    for (const parent of partitionOf ? [partitionOf.parent] : inherits)
      need(address, addressByName.get(parent))
  }
  for (const [oid, name, persistence, options, owner, table] of sequences) {
    const address = `pg_class ${oid}`
    const isUnlogged = persistence === 'u'
    add(
      {
        address,
        kind: 'sequence',
        name: name ?? '',
        shape: { type: 'sequence', options: options ?? '', isUnlogged },
      },
      [`create ${isUnlogged ? 'unlogged ' : ''}sequence ${name}${options ? ` ${options}` : ''}`],
    )
    if (owner) {
      const holder = `pg_class ${table}`
      add({ address: `${address} owner`, kind: 'sequence owner', name: name ?? '', holder }, [
        `alter sequence ${name} owned by ${owner}`,
      ])
      need(`${address} owner`, address)
    }
  }
  for (const [kind, catalogue, oid, relation, name, statement, parent, qualified] of parts) {
    const table = nameOf.get(relation ?? '') ?? ''
    const own = quote(name ?? '')
    const attachedTo = parent && qualified ? parent : undefined
    add(
      {
        address: `${catalogue} ${oid}`,
        kind: kind ?? '',
        name: `${own} on ${table}`,
        holder: `pg_class ${relation}`,
        shape: { type: 'part', name: own, table, qualified: qualified ?? undefined, attachedTo },
      },
      [
        ...(statement ?? '').split(/;\n(?=alter table [^\n]* trigger )/),
        attachedTo && `alter index ${attachedTo} attach partition ${qualified}`,
      ],
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
  for (const [catalogue, oid, , on, text] of await read(listComments(scope)))
    byAddress.get(`${catalogue} ${oid}`)?.comments.push({ on: on ?? '', text: text ?? '' })
  for (const [catalogue, oid, , statement, inverse] of await read(listGrants(scope)))
    byAddress.get(`${catalogue} ${oid}`)?.grants.push({ statement: statement ?? '', inverse: inverse ?? '' })
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

export const isRoutine = (kind: string) => /function|procedure|aggregate/.test(kind)

function shapeOf(kind: string, json: string | null | undefined): Shape | undefined {
  if (!json) return undefined
  const type = isRoutine(kind) ? 'routine' : kind === 'composite type' ? 'composite' : kind
  return { type, ...JSON.parse(json) }
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
