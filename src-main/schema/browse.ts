import type { ServiceOf } from '../contract.ts'
import { AtlasError } from '../errors.ts'
import type { RelationModel, schemaContract } from './contract.ts'
import type { ModelCache } from './model/cache.ts'
import { holdersOf, type Model, type Part, type Relation, rootOf } from './model/model.ts'
import type { ObjectSummary, TableSummary } from './objects/contract.ts'

type Browse = Pick<ServiceOf<typeof schemaContract>, 'tree' | 'listPartitions' | 'search' | 'model'>

/** What the model in memory answers: the tree, the search, and the columns of some relations. */
export function createBrowse(models: ModelCache): Browse {
  return {
    tree: async () => {
      const { relations, others } = await models.top()
      const all = [...relations.values()]
      const functions = new Map<string | null, number>()
      for (const { kind, schema } of others)
        if (/function|procedure/.test(kind)) functions.set(schema, (functions.get(schema) ?? 0) + 1)
      return {
        schemas: others
          .filter(({ kind }) => kind === 'schema')
          .map(({ name, comment }) => ({ name, comment, functions: functions.get(name) ?? 0 }))
          .sort(byName),
        tables: all
          .filter((relation) => !relation.parent && relation.kind !== 'sequence')
          .map(summaryOf)
          .sort(byName),
        objects: [
          ...all.filter(({ kind }) => kind === 'sequence').map(sequenceOf),
          ...others
            .filter(({ kind }) => kind !== 'schema')
            .map(({ kind, schema, name, signature, detail, comment }) => ({
              kind: kind as ObjectSummary['kind'],
              schema,
              name,
              signature,
              detail,
              comment,
            })),
        ].sort(byName),
      }
    },

    listPartitions: async ({ schema, name }) => {
      const relation = find(await models.top(), schema, name)
      if (!relation) {
        throw new AtlasError('OBJECT_NOT_FOUND', 'There is no such table', {
          object: `${schema}.${name}`,
          next: 'It may have been dropped or renamed: read the tree again.',
        })
      }
      const isDefault = ({ bound }: { bound: string }) => Number(bound === 'DEFAULT')
      return relation.children
        .map((child) => ({ ...summaryOf(child), bound: child.bound ?? '' }))
        .sort((a, b) => isDefault(a) - isDefault(b) || byName(a, b))
    },

    search: async (request) => (await models.index()).find(request),

    model: async ({ relations: wanted }) => {
      const model = await models.whole()
      return wanted.flatMap(({ schema, name }) => {
        const relation = find(model, schema, name)
        return relation && relation.kind !== 'sequence' ? [modelOf(relation)] : []
      })
    },
  }
}

const byName = (a: { name: string }, b: { name: string }) => (a.name < b.name ? -1 : a.name > b.name ? 1 : 0)

/** The relation of this name; without a schema that of `public`, else the first. */
export function find(model: Model, schema: string | undefined, name: string): Relation | undefined {
  let found: Relation | undefined
  for (const relation of model.relations.values()) {
    if (relation.name !== name || (schema !== undefined && relation.schema !== schema)) continue
    if (schema !== undefined || relation.schema === 'public') return relation
    found ??= relation
  }
  return found
}

function summaryOf(relation: Relation): TableSummary {
  const { schema, name, kind, columnCount, comment } = relation
  const holders = holdersOf(relation)
  return {
    schema,
    name,
    kind: kind as TableSummary['kind'],
    estimatedRows: holders.reduce((sum, { estimatedRows }) => sum + estimatedRows, 0),
    sizeBytes: holders.reduce((sum, { sizeBytes }) => sum + sizeBytes, 0),
    partitions: kind === 'partitioned table' ? holders.length : 0,
    columns: columnCount,
    comment,
  }
}

function sequenceOf({ schema, name, comment }: Relation): ObjectSummary {
  return { kind: 'sequence', schema, name, signature: '', detail: '', comment }
}

function modelOf(relation: Relation): RelationModel {
  // A partition has the columns of its parent, under numbers of its own that nobody asks for here.
  const holder = relation.parent ? rootOf(relation) : relation
  const key = holder.parts.find(({ kind }) => kind === 'primary key')?.columns ?? []
  return {
    schema: relation.schema,
    name: relation.name,
    kind: relation.kind as RelationModel['kind'],
    columns: holder.columns.map(({ number, name, type, isNullable, comment }) => ({
      name,
      type,
      isNullable,
      isPrimaryKey: key.includes(number),
      comment,
    })),
    foreignKeys: holder.parts.flatMap((part) => foreignKeyOf(holder, part)),
  }
}

function foreignKeyOf(relation: Relation, { kind, name, target, columns, targetColumns }: Part) {
  if (kind !== 'foreign key' || !target) return []
  return [
    {
      name,
      columns: namesOf(relation, columns),
      target: { schema: target.schema, name: target.name },
      targetColumns: namesOf(target, targetColumns),
    },
  ]
}

function namesOf(relation: Relation, numbers: number[]): string[] {
  return numbers.map((number) => relation.columns.find((column) => column.number === number)?.name ?? '?')
}
