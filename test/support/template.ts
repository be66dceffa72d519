import { resolve } from 'node:path'
import pg from 'pg'
import { openPostgres } from '../../src-main/adapters/postgres.ts'
import { readMigrations } from '../../src-main/migrations/files.ts'
import { applyMigrations } from '../../src-main/migrations/runner.ts'
import type { TestServer } from './servers.ts'

/** The database that every test database is a copy of. */
export const templateDatabase = 'atlas_template'

/** Owner of the platform: no superuser, may create roles. Migrations and the app run as this user. */
export const ownerUser = 'atlas_user'

/** Login roles of the tests, one a platform role. */
export const loginUsers = { test_reader: 'atlas_read', test_writer: 'atlas_write', test_admin: 'atlas_admin' }

/** What the role `test_password` must say. */
export const testPassword = 'correct horse battery staple'

async function withClient(
  server: TestServer,
  user: string,
  database: string,
  work: (client: pg.Client) => Promise<void>,
): Promise<void> {
  const client = new pg.Client({ host: server.host, port: server.port, user, database })
  await client.connect()
  try {
    await work(client)
  } finally {
    await client.end()
  }
}

/** Applies every migration with the product's own runner. */
async function deploy(server: TestServer): Promise<void> {
  const { host, port } = server
  const db = openPostgres(async () => ({ host, port, user: ownerUser, database: templateDatabase }), {
    applicationName: 'Atlas test template',
  })
  const files = await readMigrations(resolve('migrations'))
  await applyMigrations(db, async () => files, { signal: new AbortController().signal, report: () => {} })
  await db.close()
}

/** Builds the template database on a fresh server, as the owner and not as superuser. */
export async function buildTemplate(server: TestServer): Promise<void> {
  await withClient(server, 'postgres', 'postgres', async (client) => {
    await client.query(`create role ${ownerUser} login createrole createdb`)
    await client.query(`grant pg_monitor, pg_signal_backend to ${ownerUser}`)
    await client.query(`create database ${templateDatabase} owner ${ownerUser}`)
    await client.query(`create role test_password login password '${testPassword}'`)
  })
  await deploy(server)
  await withClient(server, 'postgres', 'postgres', async (client) => {
    for (const [user, role] of Object.entries(loginUsers)) {
      const known = await client.query('select from pg_roles where rolname = $1', [role])
      if (known.rowCount === 0) continue
      await client.query(`create role ${user} login in role ${role}`)
    }
    await client.query(`alter database ${templateDatabase} with is_template true allow_connections false`)
  })
}
