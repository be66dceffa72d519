import { z } from 'zod'
import { query, sql } from '../sql.ts'

/** The names of types by their oid, as people write them: `int8`, `text[]`. */
export const typeNames = (oids: number[]) =>
  query(
    z.object({ oid: z.number(), name: z.string() }),
    sql`select t.oid::int8 as oid,
               case when e.oid is null then t.typname else e.typname || '[]' end as name
          from pg_catalog.pg_type t
          left join pg_catalog.pg_type e on e.oid = t.typelem and e.typarray = t.oid
         where t.oid = any(${oids}::oid[])`,
  )
