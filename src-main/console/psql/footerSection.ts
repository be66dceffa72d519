import { literal, type Sql, sql } from '../../sql.ts'
import type { Found } from './describe.ts'

/** One section of what stands below the columns: a query of lines and their positions, or none for this kind. */
export type Section = (relation: Sql, found: Found, isVerbose: boolean) => Sql | undefined

/** A heading, and below it lines in an order; nothing where there are none. */
export const listed = (heading: string, lines: Sql) => sql`
  select ${literal(heading)} as line, -1::bigint as position where exists (${lines})
  union all select l.line, row_number() over (order by l.rank) from (${lines}) l`
