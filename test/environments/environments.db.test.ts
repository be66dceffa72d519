import { mkdtempSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, afterEach, beforeAll, expect, inject, test } from 'vitest'
import { openAppDb } from '../../src-main/adapters/appdb.ts'
import { readConfig } from '../../src-main/config.ts'
import type { SessionState } from '../../src-main/console/sessionContract.ts'
import type { EnvironmentInput } from '../../src-main/environments/contract.ts'
import { isRemote } from '../../src-main/environments/target.ts'
import { createLogger } from '../../src-main/log.ts'
import { type App, openApp, type Services } from '../../src-main/services.ts'
import { runCli } from '../support/cli.ts'
import { createTestDatabase, type TestDatabase } from '../support/database.ts'
import { hasPgBouncer, startPgBouncer } from '../support/pgbouncer.ts'
import { startRedis } from '../support/redis.ts'
import { testPassword } from '../support/template.ts'
import { makeExpired } from './certificate.ts'
import { type Listener, listenAs, listenSilently, listenWithoutTls, listenWithTls } from './listeners.ts'

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
    ['SERVER_TOO_OLD', () => withListener(listenAs(90_624, '9.6.24'))],
    ['UNSUPPORTED', () => withListener(listenAs(150_002, '15.2-YB-2.25', 'pg_export_snapshot()'))],
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

test('a release that is newer than any known is let in, one that only speaks as PostgreSQL is told by what it lacks', async () => {
  const beta = await withListener(listenAs(190_000, '19beta1'))
  expect(beta).toMatchObject({ status: 'ready', version: '19beta1' })
  expect(beta.warnings).toBeUndefined()
  const other = await withListener(listenAs(150_002, '15.2-YB-2.25', 'pg_export_snapshot()'))
  expect(other.fault?.detail).toContain('It lacks pg_export_snapshot()')
  expect((await tryPostgres({})).warnings).toBeUndefined()
})

test.skipIf(!hasPgBouncer)('a pooler answers, and is told as one', async () => {
  const pooler = await startPgBouncer(server, 'transaction')
  try {
    const pooled = await tryPostgres({ port: pooler.port })
    expect(pooled).toMatchObject({
      status: 'ready',
      warnings: [expect.stringContaining('connection pooler')],
    })
  } finally {
    await pooler.stop()
  }
})

test('what leaves the machine without TLS is warned of; the loopback and a socket are not', () => {
  for (const host of ['db.example', '10.0.0.4', '::2', '128.0.0.1']) expect(isRemote(host), host).toBe(true)
  for (const host of ['localhost', '127.0.0.1', '127.1.2.3', '::1', '/run/postgresql'])
    expect(isRemote(host), host).toBe(false)
})

test('a certificate that has expired is told from one that nobody vouches for', async () => {
  const { certificate, key } = makeExpired(home)
  const [cert, secret] = [readFileSync(certificate, 'utf8'), readFileSync(key, 'utf8')]
  const change = { host: 'localhost', tls: 'verify-full' as const }
  const expired = await withListener(listenWithTls(cert, secret), { ...change, caFile: certificate })
  expect(expired).toMatchObject({ code: 'TLS_UNTRUSTED', message: 'The certificate has expired' })
  const unknown = await tryPostgres(change)
  expect(unknown).toMatchObject({ code: 'TLS_UNTRUSTED', message: 'The certificate is self-signed' })
})

test('nothing but the wish for TLS reaches a server that offers none', async () => {
  const plain = await listenWithoutTls()
  listeners.push(plain)
  for (const tls of ['require', 'verify-ca', 'verify-full'] as const) {
    const trial = await tryPostgres({ port: plain.port, tls, user: 'secret_user' }, { password: 'hush' })
    expect(trial).toMatchObject({ code: 'TLS_REFUSED' })
  }
  const wish = Buffer.from([0, 0, 0, 8, 4, 210, 22, 47])
  expect(plain.received.length).toBeGreaterThanOrEqual(3)
  for (const sent of plain.received) expect(sent).toEqual(wish)
})

test('ten wrong passwords are ten times the same answer, and none is in a log', async () => {
  const secret = 'wrong-4711-hush'
  for (let time = 0; time < 10; time++) {
    const trial = await tryPostgres({ user: 'test_password' }, { password: secret })
    expect(trial).toMatchObject({ code: 'AUTHENTICATION_FAILED', fault: { sqlState: '28P01' } })
    expect(JSON.stringify(trial)).not.toContain(secret)
  }
  const url = new URL(database.url)
  url.username = 'test_password'
  url.password = secret
  const asked = await runCli({ home, url: url.href }, ['query', 'select 1'], {
    variables: { ATLAS_LOG_LEVEL: 'trace' },
  })
  expect(asked.code).not.toBe(0)
  expect(asked.err).toContain('AUTHENTICATION_FAILED')
  expect(asked.out + asked.err).not.toContain(secret)
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

test('create, edit, switch, remove: names are unique, the embedded one stays, pinned results go', async () => {
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
  const { console: sql } = app.services('Ours')
  const [tab, text] = [{ sessionId: 't' }, 'select 1']
  for await (const _run of (await sql.run(
    { ...tab, text, maxRows: 1, isConfirmed: false },
    {},
  )) as AsyncIterable<unknown>) {
  }
  const feed = (await sql.watch(tab, {})) as AsyncIterable<SessionState>
  for await (const { run } of feed) {
    await sql.pin({ ...tab, resultId: run?.statements[0]?.resultId ?? '', isPinned: true }, {})
    break
  }
  expect(readdirSync(join(home, 'pins'))).not.toEqual([])
  const { drafts, library } = app.services('Ours')
  for (const [position, id] of ['one', 'two', 'empty'].entries())
    await drafts.update({ id, title: 'Query', isActive: false, view: {}, position }, {})
  for (const id of ['one', 'two']) await drafts.replace({ id, text: `select '${id}'` }, {})
  await drafts.keepEdits(
    { schema: 'public', name: 't', edits: { k: { kind: 'delete', key: { id: '1' }, before: {} } } },
    {},
  )
  await environments.remove({ id: made.id }, {})
  expect(readdirSync(join(home, 'pins'))).toEqual([])
  expect(() => app.services('Ours')).toThrow('There is no such environment')
  const kept = (await library.list(undefined, {})).filter(({ folder }) => folder === 'Tabs of Ours')
  expect(kept.map(({ name, text }) => [name, text])).toEqual([
    ['Query', "select 'one'"],
    ['Query 2', "select 'two'"],
  ])
  const left = openAppDb(home)
  for (const table of ['drafts', 'staged_edits', 'console_sessions'])
    expect(left.prepare(`select * from ${table} where environment_id = ?`).all(made.id), table).toEqual([])
  // As an Atlas left it that kept the drafts.
  left
    .prepare(
      `insert into drafts (environment_id, id, position, title, text) values (?, 'x', 0, 'Old', 'select 3')`,
    )
    .run(made.id)
  left.close()
  await app.close()
  await openHome()
  const found = await app.services().library.list(undefined, {})
  expect(found).toContainEqual(
    expect.objectContaining({ folder: 'Tabs of a removed environment', name: 'Old' }),
  )
  await expect(environments.remove({ id: 'embedded' }, {})).rejects.toMatchObject({ code: 'NOT_FOUND' })
})
