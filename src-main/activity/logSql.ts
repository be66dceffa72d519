import { z } from 'zod'
import { query, sql } from '../sql.ts'
import { logPageSchema } from './log.contract.ts'

/** Whether the server writes its log to files of its own, and what this role may do with them. */
export const logAccess = () =>
  query(
    z.object({
      isCollected: z.boolean(),
      /** Null for a role that may not see where. */
      directory: z.string().nullable(),
      mayList: z.boolean(),
      mayRead: z.boolean(),
    }),
    sql`select current_setting('logging_collector') = 'on' as "isCollected",
               (select s.setting from pg_settings s where s.name = 'log_directory') as directory,
               has_function_privilege('pg_ls_logdir()', 'execute')
                 and has_function_privilege('pg_current_logfile(text)', 'execute') as "mayList",
               has_function_privilege('pg_read_binary_file(text,bigint,bigint)', 'execute') as "mayRead"`,
  )

/** The files of the log; of those that are written now the one that tells most. */
export const listLogFiles = () =>
  query(
    logPageSchema.shape.files.element,
    sql`select f.name, f.size as "sizeBytes", f.modification as "modifiedAt"
        from pg_ls_logdir() f
        order by f.name = regexp_replace(coalesce(pg_current_logfile('jsonlog'), pg_current_logfile('csvlog'),
                                                  pg_current_logfile('stderr')), '^.*/', '') desc nulls last,
                 f.modification desc, f.name desc`,
  )

export const readLogFile = (path: string, offset: number, length: number) =>
  query(
    z.object({ bytes: z.custom<Buffer>(Buffer.isBuffer) }),
    sql`select pg_read_binary_file(${path}, ${offset}::bigint, ${length}::bigint) as bytes`,
  )
