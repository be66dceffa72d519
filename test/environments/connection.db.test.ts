import { once } from 'node:events'
import { type AddressInfo, createServer } from 'node:net'
import { afterAll, afterEach, beforeAll, describe, expect, inject, test } from 'vitest'
import { openPostgres, type PostgresTarget } from '../../src-main/adapters/postgres.ts'
import { parsePostgresUrl, targetOf } from '../../src-main/environments/target.ts'
import { sql } from '../../src-main/sql.ts'
import { openTestConsole } from '../console/support.ts'
import { createTestDatabase, type TestDatabase } from '../support/database.ts'
import { hasPgBouncer, startPgBouncer } from '../support/pgbouncer.ts'
import { targetOf as targetOfUrl } from '../support/target.ts'
import { testPassword } from '../support/template.ts'

const server = inject('server')
let database: TestDatabase
const ends: (() => Promise<unknown>)[] = []

beforeAll(async () => {
  database = await createTestDatabase({ template: 'empty' })
})
afterEach(async () => {
  for (const end of ends.splice(0).reverse()) await end()
})
afterAll(() => database.drop())

const open = (target: PostgresTarget) => {
  const db = openPostgres(async () => target, { applicationName: 'Atlas test', connectTimeoutMs: 2000 })
  ends.push(db.close)
  return db
}

/** By the address that a person writes. */
const locate = (change: { host?: string; port?: number; query?: string } = {}) => {
  const url = new URL(database.url)
  url.port = String(change.port ?? url.port)
  const { server: read, password } = parsePostgresUrl(`${url.href.split('?')[0]}${change.query ?? ''}`)
  return targetOf({ ...read, host: change.host ?? read.host }, password)
}

const ofSession = sql`select ssl from pg_stat_ssl where pid = pg_backend_pid()`

describe('TLS that is preferred', () => {
  test.each(['', '?sslmode=prefer', '?sslmode=allow'])(
    'is used where the server offers it: %s',
    async (query) => {
      const db = open(locate({ query }))
      expect(await db.flat(ofSession)).toEqual([['t']])
      const session = await db.session('trial')
      expect([session.isEncrypted, await session.flat(ofSession)]).toEqual([true, [['t']]])
      await session.close()
    },
  )

  test('is used with a password, by the pool as by a session', async () => {
    const db = open({ ...locate(), user: 'test_password', password: testPassword })
    expect(await db.flat(ofSession)).toEqual([['t']])
    const session = await db.session('trial')
    expect(await session.flat(ofSession)).toEqual([['t']])
    await session.close()
    const wrong = open({ ...locate(), user: 'test_password', password: 'wrong' })
    await expect(wrong.flat(ofSession)).rejects.toMatchObject({ code: 'AUTHENTICATION_FAILED' })
  })

  test('is given up where the server refuses it: PostgreSQL does on a socket', async () => {
    const db = open(locate({ host: server.socketFolder }))
    expect(await db.flat(ofSession)).toEqual([['f']])
    const session = await db.session('trial')
    expect(session.isEncrypted).toBe(false)
    await session.close()
    for (const mode of ['require', 'verify-ca', 'verify-full']) {
      const strict = open(locate({ host: server.socketFolder, query: `?sslmode=${mode}` }))
      await expect(strict.flat(sql`select 1`)).rejects.toMatchObject({ code: 'TLS_REFUSED' })
      await expect(strict.session()).rejects.toMatchObject({ code: 'TLS_REFUSED' })
    }
  })

  test.each([
    ['TLS that breaks after it was offered', 'S'],
    ['an error in the place of an answer', 'E'],
    ['a refusal with more behind it', 'NR'],
  ])('ends at %s: nothing is sent without', async (_what, answer) => {
    const received: Buffer[] = []
    const listener = createServer((socket) => {
      socket.on('error', () => {})
      socket.once('data', (wish) => {
        received.push(wish)
        socket.on('data', (more) => {
          received.push(more)
          socket.destroy()
        })
        socket.write(answer)
      })
    })
    listener.listen(0, '127.0.0.1')
    await once(listener, 'listening')
    ends.push(async () => listener.close())
    const db = open(locate({ host: '127.0.0.1', port: (listener.address() as AddressInfo).port }))
    await expect(db.session()).rejects.toBeTruthy()
    expect(received[0]).toEqual(Buffer.from([0, 0, 0, 8, 4, 210, 22, 47]))
    expect(Buffer.concat(received.slice(1)).includes('user')).toBe(false)
  })
})

describe.skipIf(!hasPgBouncer)('behind PgBouncer, which has no TLS and process ids of its own', () => {
  test.each(['session', 'transaction'] as const)(
    'a pool by %s is reached, and a cancel ends what the tab runs, and nothing else',
    async (mode) => {
      const pooler = await startPgBouncer(server, mode)
      ends.push(pooler.stop)
      const db = open({
        ...targetOfUrl(database.url),
        port: pooler.port,
        tls: { rejectUnauthorized: false },
        isTlsPreferred: true,
      })
      const tested = openTestConsole(database, { db })
      ends.push(tested.close)
      const sleeping = async (seconds: number) =>
        (
          await database.client.query('select from pg_stat_activity where query = $1', [
            `select pg_sleep(${seconds})`,
          ])
        ).rowCount
      await tested.start('select pg_sleep(71)', {}, 'one')
      await tested.start('select pg_sleep(72)', {}, 'two')
      await expect.poll(() => sleeping(71)).toBe(1)
      await expect.poll(() => sleeping(72)).toBe(1)
      await tested.service.cancel({ sessionId: 'one' }, {})
      const { run } = await tested.until(({ isRunning }) => !isRunning, 'one')
      expect(run?.statements[0]).toMatchObject({ status: 'cancelled' })
      expect([await sleeping(71), await sleeping(72)]).toEqual([0, 1])
      await tested.service.cancel({ sessionId: 'two' }, {})
      await tested.until(({ isRunning }) => !isRunning, 'two')
      const { statements } = await tested.run('select 1', {}, 'one')
      expect(statements[0]).toMatchObject({ status: 'succeeded' })
    },
  )
})
