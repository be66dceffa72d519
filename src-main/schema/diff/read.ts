import { z } from 'zod'
import type { Database } from '../../adapters/postgres.ts'
import { query, sql } from '../../sql.ts'
import type { Definitions } from '../ddl/definition.ts'
import { definitionsOf } from '../define.ts'
import { comparable, type Ignore } from './compare.ts'
import { asReadAgain } from './expressions.ts'
import { asNewerViews } from './viewText.ts'

export type Readable = Pick<Database, 'transaction' | 'row'>

interface Side {
  definitions: Definitions
  version: string
}

/** All that can be compared of two databases, written alike whatever the versions of their servers. */
export async function readSides(one: Readable, other: Readable, ignore: Ignore): Promise<[Side, Side]> {
  const servers = await Promise.all([one, other].map((db) => db.row(serverVersion())))
  const oldest = Math.min(...servers.map((server) => server?.number ?? 0))
  const read = async (db: Readable, at: number): Promise<Side> => {
    let definitions = asReadAgain(comparable(await definitionsOf(db, { type: 'all' }), ignore))
    if ((servers[at]?.number ?? 0) < 160_000) definitions = await asNewerViews(definitions)
    if (oldest < 170_000) definitions = withoutMaintain(definitions)
    return { definitions, version: servers[at]?.version ?? '' }
  }
  return Promise.all([read(one, 0), read(other, 1)])
}

/** Without the privilege that came with PostgreSQL 17, which an older server can neither have nor give. */
function withoutMaintain({ all, needs }: Definitions): Definitions {
  const without = (text: string) => text.replace(/^((?:grant|revoke) .*?)(?:, MAINTAIN\b|\bMAINTAIN, )/, '$1')
  return {
    all: all.map((definition) => ({
      ...definition,
      grants: definition.grants
        .filter(({ statement }) => !/^(grant|revoke) MAINTAIN on /.test(statement))
        .map(({ statement, inverse }) => ({ statement: without(statement), inverse: without(inverse) })),
    })),
    needs,
  }
}

const serverVersion = () =>
  query(
    z.object({ version: z.string(), number: z.number() }),
    sql`select current_setting('server_version') as version, current_setting('server_version_num')::int as number`,
  )
