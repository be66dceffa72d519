import { z } from 'zod'
import { query, sql } from '../sql.ts'

export const serverVersion = () =>
  query(
    z.object({ version: z.string(), number: z.number() }),
    sql`select current_setting('server_version') as version, current_setting('server_version_num')::int as number`,
  )
