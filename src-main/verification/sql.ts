import { z } from 'zod'
import { identifier, query, sql } from '../sql.ts'

export const serverFacts = () =>
  query(
    z.object({ version: z.string(), database: z.string(), user: z.string() }),
    sql`select current_setting('server_version') as version, current_database() as database, current_user as "user"`,
  )

/** Which of these schemas exist. */
export const presentSchemas = (names: string[]) =>
  query(
    z.object({ name: z.string() }),
    sql`select nspname as name from pg_namespace where nspname = any (${names})`,
  )

/** Names of the tables of these schemas; partitions are counted with their parents, not here. */
export const presentTables = (schemas: string[]) =>
  query(
    z.object({ schema: z.string(), name: z.string() }),
    sql`select n.nspname as schema, c.relname as name
        from pg_class c
        join pg_namespace n on n.oid = c.relnamespace
        where n.nspname = any (${schemas})
          and c.relkind in ('r', 'p')
          and not c.relispartition`,
  )

/** Partitions directly attached to any partitioned table of these schemas. */
export const presentPartitions = (schemas: string[]) =>
  query(
    z.object({ parent: z.string(), name: z.string() }),
    sql`select pn.nspname || '.' || p.relname as parent, c.relname as name
        from pg_inherits i
        join pg_class p on p.oid = i.inhparent and p.relkind = 'p'
        join pg_namespace pn on pn.oid = p.relnamespace
        join pg_class c on c.oid = i.inhrelid
        where pn.nspname = any (${schemas})
          and not i.inhdetachpending`,
  )

/** How many rows a seeded table holds: a handful, so an exact count is cheap. */
export const seedRows = (schema: string, table: string) =>
  query(z.object({ rows: z.number() }), sql`select count(*) as rows from ${identifier(schema, table)}`)
