import { afterAll, beforeAll, describe, expect, inject, test } from 'vitest'
import { type Database, openPostgres } from '../../src-main/adapters/postgres.ts'
import { identifier, sql, trustedStatement } from '../../src-main/sql.ts'
import { createTestDatabase } from '../support/database.ts'
import { startServer, type ThrowAwayServer } from '../support/servers.ts'
import { buildTemplate, templateDatabase } from '../support/template.ts'
import { differences, dropMade, make, migrate } from './diffing.ts'
import { everyKind } from './fixture.ts'

const server = inject('server')

function open({ host, port }: { host: string; port: number }, database: string): Database {
  return openPostgres(async () => ({ host, port, user: 'postgres', database }), {
    applicationName: 'Atlas test',
  })
}

// The newest server's project starts the oldest one as well: once is enough.
describe.runIf(server.version === 18)('the same schema on the oldest and the newest server', () => {
  let oldest: ThrowAwayServer
  const opened: Database[] = []

  /** A database of the oldest server, of the migrations or empty. */
  async function makeOld(name: string, template: string): Promise<Database> {
    const root = open(oldest, 'postgres')
    await root.run(sql`create database ${identifier(name)} template ${identifier(template)}`)
    await root.close()
    const db = open(oldest, name)
    opened.push(db)
    return db
  }

  beforeAll(async () => {
    oldest = await startServer(15)
    await buildTemplate(oldest)
  })

  afterAll(async () => {
    for (const db of opened) await db.close()
    await dropMade()
    oldest.stop()
  })

  test('the migrations of the platform make it identical on both', async () => {
    const newest = await createTestDatabase()
    const db = open(server, newest.name)
    try {
      expect(await differences(await makeOld('migrated', templateDatabase), db)).toEqual([])
    } finally {
      await db.close()
      await newest.drop()
    }
  })

  test('so are two hundred objects of all kinds, and a migration takes them from the one to the other', async () => {
    const [old, empty] = [await makeOld('every', 'template0'), await makeOld('bare', 'template0')]
    const script = trustedStatement(everyKind(15))
    await old.run(script)
    const newest = await make(everyKind(15))
    expect(await differences(old, newest)).toEqual([])
    expect((await migrate(empty, newest)).problems).toEqual([])
    expect(await differences(empty, newest)).toEqual([])
  })
})
