import { randomBytes } from 'node:crypto'
import pg from 'pg'
import { inject } from 'vitest'
import { ownerUser, templateDatabase } from './template.ts'

/** A database of its own for one test file: a copy of the migrated template. */
export interface TestDatabase {
  /** Connection string of the owner `atlas_user`, who is no superuser. */
  url: string
  name: string
  /** A connection of the owner, open until `drop`. */
  client: pg.Client
  /** Opens one more connection, by default of the owner; also `postgres`, `test_reader`, `test_writer`, `test_admin`. */
  connect(user?: string): Promise<pg.Client>
  /** Closes every connection that was opened here and removes the database. */
  drop(): Promise<void>
}

async function asSuperuser(statement: string): Promise<void> {
  const { host, port } = inject('server')
  const client = new pg.Client({ host, port, user: 'postgres', database: 'postgres' })
  await client.connect()
  try {
    await client.query(statement)
  } finally {
    await client.end()
  }
}

/** Creates a test database. `template: 'empty'` gives one without the migrations, for tests of the migrations. */
export async function createTestDatabase(
  options: { template?: 'migrated' | 'empty' } = {},
): Promise<TestDatabase> {
  const { host, port } = inject('server')
  const name = `test_${randomBytes(6).toString('hex')}`
  const template = options.template === 'empty' ? 'template0' : templateDatabase
  await asSuperuser(`create database ${name} template ${template} owner ${ownerUser}`)

  const clients = new Set<pg.Client>()
  const connect = async (user: string = ownerUser) => {
    const client = new pg.Client({ host, port, user, database: name })
    // `drop` ends what a test left open: that is no failure of the test
    client.on('error', () => {})
    await client.connect()
    clients.add(client)
    return client
  }
  const client = await connect()
  return {
    url: `postgres://${ownerUser}@${host}:${port}/${name}`,
    name,
    client,
    connect,
    async drop() {
      await Promise.all([...clients].map((open) => open.end().catch(() => {})))
      await asSuperuser(`drop database if exists ${name} with (force)`)
    },
  }
}
