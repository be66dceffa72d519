import type { PostgresTarget } from '../../src-main/adapters/postgres.ts'

/** The connection string of a test database as the adapter's target. */
export function targetOf(url: string): PostgresTarget {
  const { hostname, port, pathname, username } = new URL(url)
  return { host: hostname, port: Number(port), database: pathname.slice(1), user: username }
}
