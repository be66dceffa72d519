import type { Database } from '../adapters/postgres.ts'
import type { ServiceOf } from '../contract.ts'
import { AtlasError } from '../errors.ts'
import { sql } from '../sql.ts'
import { find } from './browse.ts'
import type { schemaContract } from './contract.ts'
import { commentStatement, type Definition, type Definitions } from './ddl/definition.ts'
import { readDefinitions } from './ddl/definitions.ts'
import { roleDefinition } from './ddl/objects.ts'
import { databaseScript, inOrder, scriptOf } from './ddl/order.ts'
import { listUnwritten } from './ddl/otherObjects.ts'
import type { Scope } from './ddl/scope.ts'
import type { ModelCache } from './model/cache.ts'

/** The definitions of a scope, as of one snapshot, every name qualified. */
export function definitionsOf(db: Pick<Database, 'transaction'>, scope: Scope): Promise<Definitions> {
  return db.transaction(async (tx) => {
    await tx.run(sql`set transaction isolation level repeatable read read only`)
    await tx.run(sql`set local search_path = ''`)
    return readDefinitions(tx.flat, scope)
  })
}

/** All that makes the schema anew, as text: each object after all that it needs. */
export async function readCatalogue(db: Pick<Database, 'transaction'>) {
  return inOrder(await definitionsOf(db, { type: 'all' })).map(
    ({ kind, name, statements, comments, grants }) => ({
      kind,
      name,
      statements,
      comments: comments.map(commentStatement),
      grants: grants.map(({ statement }) => statement),
    }),
  )
}

/** How any object was made. */
export function createDefine(
  db: Pick<Database, 'rows' | 'transaction'>,
  models: ModelCache,
): Pick<ServiceOf<typeof schemaContract>, 'definition' | 'script'> {
  async function locate({ kind, schema, name, signature }: Target): Promise<{ scope: Scope; keep: Keep }> {
    const model = await models.top()
    const everything = () => true
    const relation = schema === null ? undefined : find(model, schema, name)
    if (relation && (relation.kind === kind || kind === 'table'))
      return { scope: { type: 'relation', oid: relation.oid }, keep: everything }
    const other = model.others.find(
      (one) => one.kind === kind && one.schema === schema && one.name === name && one.signature === signature,
    )
    if (!other) {
      throw new AtlasError('OBJECT_NOT_FOUND', `There is no such ${kind}`, {
        object: schema === null ? name : `${schema}.${name}`,
        next: 'It may have been dropped or renamed: read the tree again.',
      })
    }
    if (/function|procedure|aggregate/.test(kind))
      return { scope: { type: 'routine', oid: other.oid }, keep: everything }
    if (/enum|domain|type/.test(kind)) return { scope: { type: 'type', oid: other.oid }, keep: everything }
    return {
      scope: { type: 'rest' },
      keep: (definition) => definition.kind === kind && definition.address.endsWith(` ${other.oid}`),
    }
  }

  return {
    script: async () => {
      const definitions = inOrder(await definitionsOf(db, { type: 'all' }))
      const unwritten = (await db.rows(listUnwritten())).map(({ kind, name }) => `${kind} ${name}`)
      return { text: databaseScript(definitions, unwritten), objects: definitions.length, unwritten }
    },

    definition: async (target) => {
      if (target.kind === 'role') {
        const statements = await db.rows(roleDefinition(target.name))
        return { text: statements.map(({ statement }) => `${statement};\n`).join('') }
      }
      const { scope, keep } = await locate(target)
      const definitions = await definitionsOf(db, scope)
      return { text: scriptOf(inOrder({ ...definitions, all: definitions.all.filter(keep) })) }
    },
  }
}

type Target = Parameters<ServiceOf<typeof schemaContract>['definition']>[0]
type Keep = (definition: Definition) => boolean
