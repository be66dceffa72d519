import type { ServiceOf } from '../../contract.ts'
import { AtlasError } from '../../errors.ts'
import { find } from '../browse.ts'
import type { ModelCache } from '../model/cache.ts'
import { leavesOf, type Model, type Part, type Relation, rootOf } from '../model/model.ts'
import type { DiagramLink, DiagramTable, diagramContract } from './contract.ts'

const shownPartitions = 20

interface Edge {
  from: Relation
  to: Relation
  part: Part
}

/** Tables and foreign keys as a picture needs them, from the model in memory: it asks the server for nothing of its own. */
export function createDiagram(models: ModelCache): ServiceOf<typeof diagramContract> {
  return {
    diagram: async ({ schema, table, depth, limit }) => {
      const model = await models.whole()
      const edges = edgesOf(model)
      const distances =
        table === undefined ? ofSchema(model, edges, schema) : around(model, edges, schema, table, depth)
      const degree = new Map<Relation, number>()
      for (const { from, to } of edges)
        for (const end of [from, to]) degree.set(end, (degree.get(end) ?? 0) + 1)
      const chosen = [...distances]
        .sort(
          ([one, near], [other, far]) =>
            near - far ||
            (degree.get(other) ?? 0) - (degree.get(one) ?? 0) ||
            (one.name < other.name ? -1 : 1),
        )
        .slice(0, limit)
      const shown = new Set(chosen.map(([relation]) => relation))
      return {
        tables: chosen.map(([relation, distance]) => tableOf(relation, distance)),
        links: edges.filter(({ from, to }) => shown.has(from) && shown.has(to)).map(linkOf),
        total: distances.size,
      }
    },
  }
}

const isTable = ({ kind }: Relation) => kind.includes('table')

/** Every foreign key between tables; what leads to a partition leads to its table. */
function edgesOf({ relations }: Model): Edge[] {
  const edges: Edge[] = []
  for (const from of relations.values()) {
    if (from.parent) continue
    for (const part of from.parts)
      if (part.kind === 'foreign key' && part.target) edges.push({ from, to: rootOf(part.target), part })
  }
  return edges
}

function ofSchema({ relations, others }: Model, edges: Edge[], schema: string): Map<Relation, number> {
  if (!others.some(({ kind, name }) => kind === 'schema' && name === schema)) throw missing('schema', schema)
  const distances = new Map<Relation, number>()
  for (const relation of relations.values())
    if (relation.schema === schema && !relation.parent && isTable(relation)) distances.set(relation, 0)
  for (const { from, to } of edges) if (distances.get(from) === 0 && !distances.has(to)) distances.set(to, 1)
  return distances
}

function around(model: Model, edges: Edge[], schema: string, table: string, depth: number) {
  const middle = find(model, schema, table)
  if (!middle || !isTable(middle)) throw missing('table', `${schema}.${table}`)
  const neighbours = new Map<Relation, Set<Relation>>()
  for (const { from, to } of edges) {
    neighbours.set(from, (neighbours.get(from) ?? new Set()).add(to))
    neighbours.set(to, (neighbours.get(to) ?? new Set()).add(from))
  }
  const distances = new Map([[rootOf(middle), 0]])
  for (const [relation, distance] of distances) {
    if (distance === depth) continue
    // A map is walked in the order of its entries, those that come meanwhile included: breadth first.
    for (const next of neighbours.get(relation) ?? [])
      if (!distances.has(next)) distances.set(next, distance + 1)
  }
  return distances
}

function missing(kind: string, object: string): AtlasError {
  return new AtlasError('OBJECT_NOT_FOUND', `There is no such ${kind}`, {
    object,
    next: 'It may have been dropped or renamed: choose another one.',
  })
}

function tableOf(relation: Relation, distance: number): DiagramTable {
  const primary = columnsOfKind(relation, 'primary key')
  const foreign = columnsOfKind(relation, 'foreign key')
  const leaves = relation.kind === 'partitioned table' ? leavesOf(relation) : []
  const isDefault = ({ bound }: Relation) => Number(bound === 'DEFAULT')
  return {
    schema: relation.schema,
    name: relation.name,
    kind: relation.kind as DiagramTable['kind'],
    estimatedRows: (leaves.length > 0 ? leaves : [relation]).reduce((sum, one) => sum + one.estimatedRows, 0),
    comment: relation.comment,
    distance,
    columns: relation.columns.map(({ number, name, type, isNullable }) => ({
      name,
      type,
      isNullable,
      isPrimaryKey: primary.has(number),
      isForeignKey: foreign.has(number),
    })),
    partitions: [...relation.children]
      .sort((a, b) => isDefault(a) - isDefault(b) || (a.name < b.name ? -1 : 1))
      .slice(0, shownPartitions)
      .map(({ schema, name, bound }) => ({ schema, name, bound: bound ?? '' })),
    partitionCount: leaves.length,
  }
}

function columnsOfKind({ parts }: Relation, kind: Part['kind']): Set<number> {
  return new Set(parts.filter((part) => part.kind === kind).flatMap(({ columns }) => columns))
}

function linkOf({ from, to, part }: Edge): DiagramLink {
  const own = from.columns.filter(({ number }) => part.columns.includes(number))
  const isUnique = from.parts.some(
    ({ isKey, columns }) => isKey && columns.every((number) => part.columns.includes(number)),
  )
  return {
    name: part.name,
    from: { schema: from.schema, name: from.name },
    columns: namesOf(from, part.columns),
    to: { schema: to.schema, name: to.name },
    targetColumns: namesOf(to, part.targetColumns),
    isUnique,
    isOptional: own.some(({ isNullable }) => isNullable),
  }
}

function namesOf({ columns }: Relation, numbers: number[]): string[] {
  return numbers.flatMap((number) => columns.find((column) => column.number === number)?.name ?? [])
}
