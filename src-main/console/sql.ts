import { z } from 'zod'
import { query, sql } from '../sql.ts'

export const typeNames = (oids: number[]) =>
  query(
    z.object({ oid: z.number(), name: z.string() }),
    sql`select oid::bigint as oid, format_type(oid, null) as name from pg_type where oid = any (${oids}::oid[])`,
  )
