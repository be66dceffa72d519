import { mkdtempSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, afterEach, beforeAll, expect, inject, test } from 'vitest'
import { readConfig } from '../../src-main/config.ts'
import type { EnvironmentInput } from '../../src-main/environments/contract.ts'
import { createLogger } from '../../src-main/log.ts'
import { type App, openApp, type Services } from '../../src-main/services.ts'
import { createTestDatabase, type TestDatabase } from '../support/database.ts'
import { startRedis } from '../support/redis.ts'
import { testPassword } from '../support/template.ts'
import { type Listener, listenAs, listenSilently, listenWithoutTls } from './listeners.ts'

const server = inject('server')
let database: TestDatabase
let home: string
let app: App
let environments: Services['environments']
const listeners: Listener[] = []

const openHome = async () => {
  app = await openApp(readConfig({ ATLAS_HOME: home }), 'server', createLogger('silent'))
  environments = app.services().environments
}

beforeAll(async () => {
  database = await createTestDatabase()
  home = mkdtempSync(join(tmpdir(), 'atlas-environments-'))
  await openHome()
})

afterEach(async () => {
  await Promise.all(listeners.splice(0).map((listener) => listener.close()))
})

afterAll(async () => {
  await app.close()
  await database.drop()
  rmSync(home, { recursive: true, force: true })
})

type Server = Extract<EnvironmentInput['postgres'], { type: 'server' }>

const input = (change: Partial<Server> = {}, more: Partial<EnvironmentInput> = {}): EnvironmentInput => ({
  name: 'Trial',
  kind: 'staging',
  postgres: {
    type: 'server',
    host: server.host,
    port: server.port,
    database: database.name,
    user: 'atlas_user',
    tls: 'disable',
    ...change,
  },
  ...more,
})

const tryPostgres = async (change: Partial<Server>, more: Partial<EnvironmentInput> = {}) =>
  (await environments.test(input(change, more), {})).postgres

const withListener = async (listener: Promise<Listener>, change: Partial<Server> = {}) => {
  const open = await listener
  listeners.push(open)
  return tryPostgres({ port: open.port, ...change })
}

test('each way to fail has a message of its own, within five seconds, and saves nothing', async () => {
  const before = await environments.list(undefined, {})
  const closed = await listenSilently()
  await closed.close()
  const password = { password: 'wrong' }
  const trials: [string, () => ReturnType<typeof tryPostgres>][] = [
    ['HOST_NOT_FOUND', () => tryPostgres({ host: 'nowhere.invalid' })],
    ['CONNECTION_REFUSED', () => tryPostgres({ port: closed.port })],
    ['AUTHENTICATION_FAILED', () => tryPostgres({ user: 'test_password' }, password)],
    ['DATABASE_NOT_FOUND', () => tryPostgres({ database: 'no_such_database' })],
    ['TLS_REFUSED', () => withListener(listenWithoutTls(), { tls: 'require' })],
    ['TLS_UNTRUSTED', () => tryPostgres({ tls: 'verify-ca' })],
    ['SERVER_TOO_OLD', () => withListener(listenAs(140_012, '14.12'))],
    ['CONNECTION_TIMEOUT', () => withListener(listenSilently())],
    ['FILE_UNREADABLE', () => tryPostgres({ tls: 'verify-full', caFile: join(home, 'none.pem') })],
  ]
  const messages = new Set<string | undefined>()
  for (const [code, run] of trials) {
    const begun = performance.now()
    const trial = await run()
    expect(trial).toMatchObject({ status: 'failing', code })
    expect(trial.fault?.object, code).toBeTruthy()
    expect(trial.fault?.next, code).toBeTruthy()
    // The one bound of time that is promised to the user.
    expect(performance.now() - begun, code).toBeLessThan(5000)
    messages.add(trial.message)
  }
  expect(messages.size).toBe(trials.length)
  expect(await environments.list(undefined, {})).toEqual(before)
})

test('TLS: every mode against a real certificate, and the wrong host is told from the wrong authority', async () => {
  const { caFile } = server
  expect(await tryPostgres({ tls: 'require' })).toMatchObject({ status: 'ready' })
  expect(await tryPostgres({ tls: 'verify-ca', caFile })).toMatchObject({ status: 'ready' })
  expect(await tryPostgres({ tls: 'verify-full', caFile, host: 'localhost' })).toMatchObject({
    status: 'ready',
  })
  expect(await tryPostgres({ tls: 'verify-full', caFile })).toMatchObject({
    code: 'TLS_UNTRUSTED',
    message: 'The certificate names another host',
  })
})

test('secrets are sealed at rest, with a key file that only its user can read', async () => {
  const redis = await startRedis()
  try {
    const redisUrl = redis.url.replace('127.0.0.1', 'localhost')
    const made = await environments.create(
      input({ user: 'test_password' }, { name: 'Sealed', password: testPassword, redisUrl }),
      {},
    )
    expect(made).toMatchObject({ hasPassword: true, hasRedisPassword: true, kind: 'staging' })
    expect(JSON.stringify(made)).not.toContain(redis.password)
    const kept = await environments.test(
      { ...input({ user: 'test_password' }), redisUrl: made.redisUrl, id: made.id },
      {},
    )
    expect(kept).toMatchObject({ postgres: { status: 'ready' }, redis: { status: 'ready' } })

    const about = await app.services().settings.about(undefined, {})
    expect(about.secretsKey).toBe('file')
    expect(statSync(about.secretsKeyDetail).mode & 0o777).toBe(0o600)
    for (const file of readdirSync(home)) {
      if (!statSync(join(home, file)).isFile()) continue
      const bytes = readFileSync(join(home, file))
      for (const secret of [testPassword, redis.password]) expect(bytes.includes(secret), file).toBe(false)
    }
  } finally {
    await redis.stop()
  }
})

test('a key that is gone is said; the sealed secret stays, and typing it again is enough', async () => {
  const { id } = await environments.create(
    input({ user: 'test_password' }, { name: 'Lost key', password: testPassword }),
    {},
  )
  const keyFile = (await app.services().settings.about(undefined, {})).secretsKeyDetail
  await app.close()
  const key = readFileSync(keyFile)
  writeFileSync(keyFile, Buffer.alloc(key.length, 7))
  await openHome()
  const trial = await environments.test({ ...input({ user: 'test_password' }), id }, {})
  expect(trial.postgres).toMatchObject({ status: 'failing', code: 'SECRETS_UNREADABLE' })
  await app.close()
  writeFileSync(keyFile, key)
  await openHome()
  const again = await environments.test({ ...input({ user: 'test_password' }), id }, {})
  expect(again.postgres).toMatchObject({ status: 'ready' })
})

test('create, edit, switch, remove: names are unique, the embedded one stays', async () => {
  const made = await environments.create(input({}, { name: 'Mine' }), {})
  await expect(environments.create(input({}, { name: 'Mine' }), {})).rejects.toMatchObject({
    code: 'CONFLICT',
  })
  const changed = await environments.update(
    { ...input({}, { name: 'Ours', kind: 'production' }), id: made.id },
    {},
  )
  expect(changed).toMatchObject({ id: made.id, name: 'Ours', kind: 'production' })
  expect(await app.services('Ours').environments.current(undefined, {})).toMatchObject({ id: made.id })
  expect((await app.services('Ours').health.get(undefined, {})).postgres).toMatchObject({ status: 'ready' })
  await environments.remove({ id: made.id }, {})
  expect(() => app.services('Ours')).toThrow('There is no such environment')
  await expect(environments.remove({ id: 'embedded' }, {})).rejects.toMatchObject({ code: 'NOT_FOUND' })
})
