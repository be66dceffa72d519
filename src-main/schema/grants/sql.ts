import { z } from 'zod'
import { empty, identifier, join, query, type Sql, sql } from '../../sql.ts'
import { type GrantChange, grantSchema, type Privilege } from './contract.ts'

/** Who may do what with a relation, a row for each role and who granted it. */
export const listGrants = (oid: number) =>
  query(
    grantSchema,
    sql`select coalesce(r.rolname, 'public')::text as role, pg_get_userbyid(a.grantor)::text as grantor,
               a.grantee = c.relowner as "isOwner",
               array_agg(lower(a.privilege_type) order by a.privilege_type) as privileges,
               coalesce(array_agg(lower(a.privilege_type) order by a.privilege_type) filter (where a.is_grantable), '{}') as grantable,
               has_schema_privilege(a.grantee, c.relnamespace, 'usage') as "mayUseSchema"
        from pg_class c
        cross join lateral aclexplode(coalesce(c.relacl, acldefault('r', c.relowner))) a
        left join pg_roles r on r.oid = a.grantee
        where c.oid = ${oid}::oid
        group by c.oid, a.grantee, r.rolname, a.grantor
        order by 3 desc, 1, 2`,
  )

/** From version 17 on. */
export const canGrantMaintain = () =>
  query(
    z.object({ canMaintain: z.boolean() }),
    sql`select current_setting('server_version_num')::int >= 170000 as "canMaintain"`,
  )

const privilegeWords: Record<Privilege, Sql> = {
  select: sql`select`,
  insert: sql`insert`,
  update: sql`update`,
  delete: sql`delete`,
  truncate: sql`truncate`,
  references: sql`references`,
  trigger: sql`trigger`,
  maintain: sql`maintain`,
  usage: sql`usage`,
  create: sql`create`,
}

/** The statement of a change. */
export function changeGrant({ schema, name, role, action, reach, privileges }: GrantChange): Sql {
  const what = join(
    privileges.map((privilege) => privilegeWords[privilege]),
    ', ',
  )
  const on = {
    object: sql`table ${identifier(schema, name)}`,
    all: sql`all tables in schema ${identifier(schema)}`,
    future: sql`tables`,
    schema: sql`schema ${identifier(schema)}`,
  }[reach]
  const whom = role === 'public' ? sql`public` : identifier(role)
  const change = {
    grant: sql`grant ${what} on ${on} to ${whom}`,
    'grant with grant option': sql`grant ${what} on ${on} to ${whom} with grant option`,
    'revoke grant option': sql`revoke grant option for ${what} on ${on} from ${whom}`,
    revoke: sql`revoke ${what} on ${on} from ${whom}`,
  }[action]
  const head = reach === 'future' ? sql`alter default privileges in schema ${identifier(schema)} ` : empty
  return sql`${head}${change}`
}

/** The first object that is not as a change wants it, with who granted what is still held. Not for what is made later. */
export function findUnchanged({ schema, name, role, action, reach, privileges }: GrantChange) {
  const objects =
    reach === 'schema'
      ? sql`select quote_ident(n.nspname) as name, coalesce(n.nspacl, acldefault('n', n.nspowner)) as acl
            from pg_namespace n
            where n.nspname = ${schema}`
      : sql`select format('%I.%I', n.nspname, c.relname) as name, coalesce(c.relacl, acldefault('r', c.relowner)) as acl
            from pg_class c
            join pg_namespace n on n.oid = c.relnamespace
            where n.nspname = ${schema} and c.relkind in ('r', 'p', 'v', 'm', 'f')
              ${reach === 'object' ? sql`and c.relname = ${name}` : empty}`
  return query(
    z.object({ object: z.string(), privilege: z.string(), grantors: z.string().nullable() }),
    sql`select o.name as object, w.privilege, held.grantors
        from (${objects}) o
        cross join unnest(${privileges}::text[]) w (privilege)
        cross join lateral (
          select string_agg(pg_get_userbyid(a.grantor)::text, ', ') as grantors
          from aclexplode(o.acl) a
          where a.grantee = coalesce((select r.oid from pg_roles r where r.rolname = ${role}), 0)
            and lower(a.privilege_type) = w.privilege
            and (a.is_grantable or ${action === 'grant' || action === 'revoke'})
        ) held
        where (held.grantors is null) = ${action.startsWith('grant')}
        limit 1`,
  )
}
