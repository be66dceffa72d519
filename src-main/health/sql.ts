import { z } from 'zod'
import { query, sql } from '../sql.ts'

export const serverVersion = () =>
  query(z.object({ version: z.string() }), sql`select current_setting('server_version') as version`)
