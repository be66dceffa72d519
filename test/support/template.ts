import { createHash } from 'node:crypto'
import { readdirSync, readFileSync } from 'node:fs'
import { join, resolve } from 'node:path'
import pg from 'pg'
import type { TestServer } from './servers.ts'

/** The database that every test database is a copy of. */
export const templateDatabase = 'atlas_template'

/** Owner of the platform: no superuser, may create roles. Migrations and the app run as this user. */
export const ownerUser = 'atlas_user'

/** Login roles of the tests, one a platform role. */
export const loginUsers = { test_reader: 'atlas_read', test_writer: 'atlas_write', test_admin: 'atlas_admin' }

const migrationsFolder = resolve('migrations')

/** File names of the migrations in the order in which they apply. */
export function migrationFiles(): string[] {
  return readdirSync(migrationsFolder)
    .filter((name) => /^\d{3}_.*\.sql$/.test(name))
    .sort()
}

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

const ledger = `create table public.schema_migrations (
  version text primary key,
  name text not null,
  checksum text not null,
  normalised_checksum text not null,
  applied_text text not null,
  applied_by text not null default current_user,
  applied_from text,
  application text,
  applied_at timestamptz not null default clock_timestamp(),
  duration_ms integer not null
)`

/** Applies every migration, one transaction a file, and writes the ledger as the app's runner does. */
export async function applyMigrations(client: pg.Client): Promise<void> {
  await client.query(ledger)
  for (const file of migrationFiles()) {
    const text = readFileSync(join(migrationsFolder, file), 'utf8')
    const checksum = createHash('sha256').update(text).digest('hex')
    const startedAt = Date.now()
    await client.query('begin')
    try {
      await client.query(text)
    } catch (error) {
      const position = Number((error as { position?: string }).position ?? 0)
      const line = text.slice(0, position).split('\n').length
      const reason = error instanceof Error ? error.message : String(error)
      throw new Error(`${file}, line ${line}: ${reason}`, { cause: error })
    }
    await client.query(
      `insert into public.schema_migrations (version, name, checksum, normalised_checksum, applied_text, duration_ms)
       values ($1, $2, $3, $3, $4, $5)`,
      [file.slice(0, 3), file.slice(4, -4), checksum, text, Date.now() - startedAt],
    )
    await client.query('commit')
  }
}

/** Builds the template database on a fresh server, as the owner and not as superuser. */
export async function buildTemplate(server: TestServer): Promise<void> {
  await withClient(server, 'postgres', 'postgres', async (client) => {
    await client.query(`create role ${ownerUser} login createrole createdb`)
    await client.query(`grant pg_monitor, pg_signal_backend to ${ownerUser}`)
    await client.query(`create database ${templateDatabase} owner ${ownerUser}`)
  })
  await withClient(server, ownerUser, templateDatabase, applyMigrations)
  await withClient(server, 'postgres', 'postgres', async (client) => {
    for (const [user, role] of Object.entries(loginUsers)) {
      const known = await client.query('select from pg_roles where rolname = $1', [role])
      if (known.rowCount === 0) continue
      await client.query(`create role ${user} login in role ${role}`)
    }
    await client.query(`alter database ${templateDatabase} with is_template true allow_connections false`)
  })
}
