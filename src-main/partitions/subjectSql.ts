import { z } from 'zod'
import { query, sql } from '../sql.ts'
import { type Relation, relationSchema } from './table.contract.ts'

// What an action is about, in statements that each join a few catalogues only: as one they took six milliseconds to plan.

/** A partitioned table, or a partition that is partitioned. */
export const describeParent = ({ schema, name }: Relation) =>
  query(
    relationSchema.extend({
      id: z.number(),
      rootId: z.number(),
      strategy: z.enum(['range', 'list', 'hash']),
      /** The numbers of the key's columns; 0 is an expression. */
      keyNumbers: z.array(z.number()),
      defaultId: z.number().nullable(),
      isSecured: z.boolean(),
    }),
    sql`select c.oid::bigint as id, n.nspname as schema, c.relname as name,
               coalesce(pg_partition_root(c.oid)::oid, c.oid)::bigint as "rootId",
               case p.partstrat when 'r' then 'range' when 'l' then 'list' else 'hash' end as strategy,
               string_to_array(p.partattrs::text, ' ')::int[] as "keyNumbers",
               nullif(p.partdefid, 0)::bigint as "defaultId", c.relrowsecurity as "isSecured"
        from pg_class c
        join pg_namespace n on n.oid = c.relnamespace
        join pg_partitioned_table p on p.partrelid = c.oid
        where n.nspname = ${schema} and c.relname = ${name}`,
  )

/** The columns of a table in their order. */
export const listColumns = (table: number) =>
  query(
    z.object({ number: z.number(), name: z.string(), type: z.string(), isGenerated: z.boolean() }),
    sql`select a.attnum as number, a.attname as name, format_type(a.atttypid, a.atttypmod) as type,
               a.attgenerated <> '' as "isGenerated"
        from pg_attribute a
        where a.attrelid = ${table}::bigint::oid and a.attnum > 0 and not a.attisdropped
        order by a.attnum`,
  )

/** The triggers of a table that a delete of single rows fires, and its name in every row; one row without any. */
export const listDeleteTriggers = (table: number) =>
  query(
    relationSchema.extend({ trigger: z.string().nullable(), enabled: z.string().nullable() }),
    sql`select n.nspname as schema, c.relname as name, t.tgname as trigger, t.tgenabled::text as enabled
        from pg_class c
        join pg_namespace n on n.oid = c.relnamespace
        left join pg_trigger t
          on t.tgrelid = c.oid and not t.tgisinternal and t.tgenabled <> 'D' and t.tgtype & 1 > 0 and t.tgtype & 8 > 0
        where c.oid = ${table}::bigint::oid
        order by t.tgname`,
  )

/** What hangs on a partitioned table, whose foreign keys may point at any of `targets`. */
export const weighParent = (table: number, targets: number[]) =>
  query(
    z.object({
      isReferenced: z.boolean(),
      hasPolicies: z.boolean(),
      estimatedRows: z.number(),
      leaves: z.number(),
    }),
    sql`select exists (select from pg_constraint f
                       where f.contype = 'f' and f.confrelid = any(${targets}::bigint[]::oid[])) as "isReferenced",
               exists (select from pg_policy o where o.polrelid = ${table}::bigint::oid) as "hasPolicies",
               coalesce(sum(greatest(l.reltuples, pg_stat_get_live_tuples(l.oid), 0)), 0)::float8 as "estimatedRows",
               count(*) as leaves
        from pg_inherits i
        join pg_class l on l.oid = i.inhrelid
        where i.inhparent = ${table}::bigint::oid`,
  )

/** A partition and where it is attached. */
export const describeMember = ({ schema, name }: Relation) =>
  query(
    relationSchema.extend({
      id: z.number(),
      parentId: z.number(),
      rootId: z.number(),
      bound: z.string(),
      isDetaching: z.boolean(),
      hasDefault: z.boolean(),
      estimatedRows: z.number(),
      sizeBytes: z.number(),
    }),
    sql`select c.oid::bigint as id, n.nspname as schema, c.relname as name, i.inhparent::bigint as "parentId",
               coalesce(pg_partition_root(i.inhparent)::oid, i.inhparent)::bigint as "rootId",
               coalesce(pg_get_expr(c.relpartbound, c.oid), '') as bound, i.inhdetachpending as "isDetaching",
               p.partdefid <> 0 as "hasDefault",
               greatest(c.reltuples, pg_stat_get_live_tuples(c.oid), 0)::float8 as "estimatedRows",
               coalesce(pg_total_relation_size(c.oid), 0) as "sizeBytes"
        from pg_class c
        join pg_namespace n on n.oid = c.relnamespace
        join pg_inherits i on i.inhrelid = c.oid
        join pg_partitioned_table p on p.partrelid = i.inhparent
        where c.relispartition and n.nspname = ${schema} and c.relname = ${name}`,
  )

export const nameTables = (ids: number[]) =>
  query(
    relationSchema.extend({ id: z.number() }),
    sql`select c.oid::bigint as id, n.nspname as schema, c.relname as name
        from pg_class c
        join pg_namespace n on n.oid = c.relnamespace
        where c.oid = any(${ids}::bigint[]::oid[])`,
  )

/** What may keep a partition from leaving its table. */
export const weighMember = (partition: number, parent: number) =>
  query(
    z.object({ pendingSibling: z.string().nullable(), isReferenced: z.boolean(), readers: z.number() }),
    sql`select (select s.relname from pg_inherits o join pg_class s on s.oid = o.inhrelid
                where o.inhparent = ${parent}::bigint::oid and o.inhdetachpending
                  and o.inhrelid <> ${partition}::bigint::oid
                limit 1) as "pendingSibling",
               exists (select from pg_constraint f
                       where f.contype = 'f' and f.confrelid = ${partition}::bigint::oid) as "isReferenced",
               (select count(distinct l.pid) from pg_locks l
                where l.relation = ${partition}::bigint::oid and l.pid <> pg_backend_pid()) as readers`,
  )
