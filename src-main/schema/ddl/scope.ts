import { type Sql, sql } from '../../sql.ts'
import { isOurs } from '../model/sql.ts'

/**
 * Which objects a statement reads: everything that a user made, one relation with what belongs to it, one routine, one
 * type, or `rest`, all that is none of these.
 */
export type Scope = { type: 'all' | 'rest' } | { type: 'relation' | 'routine' | 'type'; oid: number }

type One = Extract<Scope, { oid: number }>

export const isOne = (scope: Scope): scope is One => 'oid' in scope

/** The condition on a relation whose pg_class is `c` and whose pg_namespace is `n`. */
export function ofRelation(scope: Scope): Sql {
  if (isOne(scope)) return scope.type === 'relation' ? sql`c.oid = ${scope.oid}::oid` : sql`false`
  if (scope.type !== 'all') return sql`false`
  return sql`${isOurs} and ${isOwn(sql`'pg_class'::regclass`, sql`c.oid`)}`
}

/** The condition on an object of pg_proc or pg_type, whose oid is `oid` and whose pg_namespace is `n`. */
export function ofObject(scope: Scope, type: 'routine' | 'type', oid: Sql): Sql {
  if (isOne(scope)) return scope.type === type ? sql`${oid} = ${scope.oid}::oid` : sql`false`
  if (scope.type !== 'all') return sql`false`
  const catalogue = type === 'routine' ? sql`'pg_proc'::regclass` : sql`'pg_type'::regclass`
  return sql`${isOurs} and ${isOwn(catalogue, oid)}`
}

/** The condition for what is neither of a relation nor a routine nor a type. */
export function ofRest(scope: Scope): Sql {
  return scope.type === 'all' || scope.type === 'rest' ? sql`true` : sql`false`
}

/** Neither an extension brought it nor another object, as a range type brings its constructors. */
export function isOwn(catalogue: Sql, oid: Sql): Sql {
  return sql`not exists (select from pg_depend own
                         where own.classid = ${catalogue} and own.objid = ${oid}
                           and (own.deptype = 'e' or own.deptype = 'i' and own.classid <> 'pg_class'::regclass))`
}
