import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { runCli } from '../support/cli.ts'
import { createTestDatabase, type TestDatabase } from '../support/database.ts'

let database: TestDatabase
let home: string

beforeAll(async () => {
  database = await createTestDatabase({ template: 'empty' })
  home = mkdtempSync(join(tmpdir(), 'atlas-cli-'))
})

afterAll(async () => {
  await database.drop()
  rmSync(home, { recursive: true, force: true })
})

const atlas = (args: string[], options?: Parameters<typeof runCli>[2]) =>
  runCli({ home, url: database.url }, args, options)

test('deploys, verifies, runs a pipeline and queries; JSON is JSON alone', async () => {
  const before = await atlas(['migrate', 'status', '--json'])
  expect(JSON.parse(before.out)).toMatchObject({
    pending: 4,
    migrations: [{ version: '001', state: 'pending', appliedAt: null, durationMs: null }, {}, {}, {}],
  })
  expect((await atlas(['verify'])).code).toBe(1)
  expect((await atlas(['pipeline', 'run', 'flights', '--wait'])).err).toContain('code: PLATFORM_NOT_DEPLOYED')

  expect(await atlas(['migrate', 'apply'])).toMatchObject({
    code: 0,
    out: '4 applied; verification: 12 passed, 0 failed, 3 skipped\n',
    err: expect.not.stringContaining('error'),
  })
  const after = JSON.parse((await atlas(['migrate', 'status', '--json'])).out)
  expect(after.pending).toBe(0)
  expect(Object.keys(after.migrations[0])).toEqual([
    'version',
    'name',
    'state',
    'checksum',
    'appliedAt',
    'durationMs',
  ])

  const markdown = join(home, 'report.md')
  const junit = join(home, 'report.xml')
  const verified = await atlas(['verify', '--json', '--markdown', markdown, '--junit', junit])
  expect(verified.code).toBe(0)
  expect(JSON.parse(verified.out)).toMatchObject({
    passed: 12,
    failed: 0,
    skipped: 3,
    checks: { length: 15 },
  })
  expect(readFileSync(markdown, 'utf8')).toContain('12 passed, 0 failed, 3 skipped')
  expect(readFileSync(junit, 'utf8')).toContain('tests="15" failures="0" skipped="3"')

  const run = await atlas(['pipeline', 'run', 'bird_strikes', '--wait', '--json'])
  expect(run.code).toBe(0)
  expect(JSON.parse(run.out)).toMatchObject({
    status: 'succeeded',
    tasks: [
      { id: 'land_reports', status: 'succeeded', rowsIn: 10_000, rowsOut: 10_000, attempts: 1 },
      {},
      {},
    ],
  })

  const failed = await atlas(['pipeline', 'run', 'bird_strikes', '--param', 'file=/nowhere.csv', '--wait'])
  expect(failed.code).toBe(1)
  expect(failed.err).toMatch(/land_reports: The file does not exist[\s\S]*ENOENT[\s\S]*next: /)
})

test.each([
  ['csv', 'a,b\n1,"x ""y"""\n2,\n'],
  ['jsonl', '{"a":1,"b":"x \\"y\\""}\n{"a":2,"b":null}\n'],
  ['json', '[\n{"a":1,"b":"x \\"y\\""},\n{"a":2,"b":null}\n]\n'],
])('query writes %s', async (format, expected) => {
  const sql = `values (1, 'x "y"'), (2, null)`
  expect(await atlas(['query', `select * from (${sql}) t (a, b)`, '--format', format])).toMatchObject({
    code: 0,
    out: expected,
  })
})

test('a query that fails says the code and leaves standard output empty; a reader that goes away is no error', async () => {
  expect(await atlas(['query', 'selec 1'])).toMatchObject({
    code: 1,
    out: '',
    err: expect.stringContaining('SYNTAX_ERROR 42601'),
  })
  const cut = await atlas(['query', 'select * from generate_series(1, 3000000)', '--format', 'csv'], {
    closeAfter: 1000,
  })
  expect(cut.err).toBe('')
})

test('what cannot be reached, found or understood ends with a code and a status', async () => {
  const nowhere = await atlas(['migrate', 'status', '--url', 'postgres://x@127.0.0.1:1/x'])
  expect(nowhere).toMatchObject({ code: 1, out: '', err: expect.stringContaining('CONNECTION_REFUSED') })
  expect((await atlas(['migrate', 'status', '--environment', 'nope'])).err).toContain('NOT_FOUND')
  expect((await atlas(['fly'])).code).not.toBe(0)
  expect((await atlas(['environments', 'list', '--json'])).out).not.toContain('password')
})

test('what cannot be used is one message, never a stack', async () => {
  const variable = await atlas(['environments', 'list'], { variables: { ATLAS_PORT: 'abc' } })
  expect(variable).toMatchObject({ code: 1, out: '' })
  expect(variable.err).toMatch(/^error: The variable ATLAS_PORT cannot be used\n {2}code: INPUT_INVALID/)
  const folder = await atlas(['environments', 'list'], {
    variables: { ATLAS_HOME: join(home, 'atlas.db', 'x') },
  })
  expect(folder).toMatchObject({ code: 1, out: '' })
  expect(folder.err).toMatch(/^error: The data folder cannot be used\n {2}code: FILE_UNREADABLE ENOTDIR/)
})

test.each([
  ['a new one is printed', {}, /#token=\S{43}\n/],
  ['one that was given stays out of the log', { ATLAS_TOKEN: 'given'.repeat(10) }, /ATLAS_TOKEN\n/],
])('the token of the server: %s', async (_what, variables, printed) => {
  const { code, out } = await atlas(['serve', '--no-open', '--port', '0'], { stopAt: /ready.*\n/, variables })
  expect(code).toBe(0)
  expect(out).toMatch(printed)
  expect(out).not.toContain('given')
})

test('partitions check fails while something is wrong with them, and says what', async () => {
  const own = await createTestDatabase({ template: 'empty' })
  const check = (...args: string[]) =>
    atlas(['partitions', 'check', ...args], { variables: { ATLAS_DATABASE_URL: own.url } })
  try {
    await own.client.query(`create table public.events (at timestamptz not null) partition by range (at);
      create table public.events_all partition of public.events for values from (now() - interval '1 day') to (maxvalue)`)
    expect(await check()).toMatchObject({
      code: 0,
      out: expect.stringContaining('1 partitioned tables: healthy'),
    })
    await own.client.query('create index on only public.events (at)')
    const wrong = await check('--json')
    expect(wrong.code).toBe(1)
    expect(JSON.parse(wrong.out)).toMatchObject({
      isHealthy: false,
      findings: [{ table: 'public.events', kind: 'missing index', partitions: ['events_all'] }],
    })
  } finally {
    await own.drop()
  }
})

test.each([
  [['retain', 'public.events'], 'before'],
  [['retain', 'public.events', '--before', 'yesterday'], 'before'],
  [['ensure', 'public.events', '--count', 'many'], 'count'],
])('partitions %j is not planned with what is no such value', async (args, value) => {
  const { code, err } = await atlas(['partitions', ...args, '--dry-run'])
  expect(code).toBe(1)
  expect(err).toMatch(new RegExp(`^error: The input is not valid: ${value}\\n {2}code: INPUT_INVALID`))
})
