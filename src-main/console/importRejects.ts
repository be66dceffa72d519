import type { Session } from '../adapters/postgres.ts'
import { AtlasError } from '../errors.ts'
import { identifier, sql } from '../sql.ts'

/** A record that is set aside, with its line in the file and why. */
export interface RefusedRecord {
  line: number
  sqlState: string
  message: string
  record: string
}

interface Target {
  schema: string
  table: string
  path: string
  maxRejects: number
}

/** The records that were refused, in a table beside the one that is filled: made with the first of them. */
export function createRejects(session: Pick<Session, 'run'>, { schema, table, path, maxRejects }: Target) {
  const name = `${table}_rejects`
  let count = 0
  return {
    name: `${schema}.${name}`,
    get count() {
      return count
    },
    /** Throws `CONSTRAINT_VIOLATED` past the number that is allowed. */
    add: async ({ line, sqlState, message, record }: RefusedRecord): Promise<void> => {
      if (count >= maxRejects) {
        throw new AtlasError(
          'CONSTRAINT_VIOLATED',
          `More than ${maxRejects.toLocaleString('en-US')} rows were refused`,
          {
            object: `line ${line}`,
            sqlState,
            detail: message,
            saved: 'Nothing was imported.',
            next: 'Check the mapping and the types, or allow more refused rows.',
          },
        )
      }
      const target = identifier(schema, name)
      if (count === 0) {
        await session.run(
          sql`create table if not exists ${target} (
                line bigint not null, sqlstate text not null, error text not null, record text not null,
                file text not null, at timestamptz not null default now())`,
        )
      }
      count++
      await session.run(
        sql`insert into ${target} (line, sqlstate, error, record, file)
            values (${line}, ${sqlState}, ${message}, ${record.replaceAll('\0', '').trimEnd()}, ${path})`,
      )
    },
  }
}

export type Rejects = ReturnType<typeof createRejects>
