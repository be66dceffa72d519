import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { openAppDb } from '../../src-main/adapters/appdb.ts'
import { type Database, openPostgres } from '../../src-main/adapters/postgres.ts'
import { createJobs, type Jobs } from '../../src-main/jobs/service.ts'
import { createLogger } from '../../src-main/log.ts'
import { createMigrations } from '../../src-main/migrations/service.ts'
import { createTestDatabase, type TestDatabase } from '../support/database.ts'
import { targetOf } from '../support/target.ts'

let database: TestDatabase
let db: Database
let jobs: Jobs
let folder: string
let closeAppDb: () => void

beforeEach(async () => {
  database = await createTestDatabase({ template: 'empty' })
  db = openPostgres(async () => targetOf(database.url), { applicationName: 'Atlas test' })
  folder = await mkdtemp(join(tmpdir(), 'atlas-migrations-'))
  const appDb = openAppDb(folder)
  closeAppDb = () => appDb.close()
  jobs = createJobs(appDb, createLogger('silent').describe)
})

afterEach(async () => {
  await jobs.close()
  await db.close()
  closeAppDb()
  await database.drop()
  await rm(folder, { recursive: true })
})

const service = () => createMigrations({ db, jobs, environmentId: 'test', folder, partitionHorizonMonths: 3 })
const write = (name: string, text: string) => writeFile(join(folder, name), text)
const apply = async (to?: string) => jobs.finished((await service().apply({ to }, {})).jobId)
const states = async () =>
  (await service().status(undefined, {})).migrations.map(({ version, state }) => `${version} ${state}`)

test('applies in order, once, and remembers who, when, from where and the text', async () => {
  await write('001_first.sql', 'create table a (id int);\n')
  await write('010_second.sql', "insert into a values (1);\ncomment on table a is 'x; y';")
  expect(await states()).toEqual(['001 pending', '010 pending'])
  expect(await apply()).toMatchObject({ status: 'succeeded', detail: '2 applied' })
  expect(await states()).toEqual(['001 applied', '010 applied'])
  expect(await apply()).toMatchObject({ status: 'succeeded', detail: 'Nothing was pending' })
  const { rows } = await database.client.query('select * from public.schema_migrations order by version')
  expect(rows).toHaveLength(2)
  expect(rows[0]).toMatchObject({
    applied_text: 'create table a (id int);\n',
    applied_by: 'atlas_user',
    application: 'Atlas test migrations',
  })
  expect((await database.client.query('select * from a')).rowCount).toBe(1)
})

test('`to` stops after that version', async () => {
  await write('001_first.sql', 'create table a (id int)')
  await write('002_second.sql', 'create table b (id int)')
  expect(await apply('001')).toMatchObject({ detail: '1 applied' })
  expect(await states()).toEqual(['001 applied', '002 pending'])
})

test('a failing file is rolled back whole, named with line, statement and code; those before it stay', async () => {
  await write('001_first.sql', 'create table a (id int)')
  await write(
    '002_second.sql',
    'create table b (id int);\ninsert into b values (1);\n  select nothing_here;\ncreate table c (id int);',
  )
  expect(await apply()).toMatchObject({
    status: 'failed',
    error: {
      code: 'MIGRATION_FAILED',
      data: {
        object: '002_second.sql:3:10',
        sqlState: '42703',
        detail: expect.stringContaining('Statement 3 of 4'),
      },
    },
  })
  expect(await states()).toEqual(['001 applied', '002 failed'])
  expect((await database.client.query("select to_regclass('b') as b")).rows[0].b).toBeNull()
})

test('the place of an error is told in the first statement too, behind characters of two units', async () => {
  await write('001_first.sql', "select '😀😀', nothing_here;")
  expect(await apply()).toMatchObject({ error: { data: { object: '001_first.sql:1:16' } } })
})

describe('a file that changed after it was applied', () => {
  beforeEach(async () => {
    await write('001_first.sql', 'create table a (id int);')
    await apply()
    await write('002_second.sql', 'create table b (id int);')
  })

  test('from one kind of line end to the other stays applied', async () => {
    await write('002_second.sql', 'create table b (\n  id int\n);\n')
    await apply()
    await write('002_second.sql', 'create table b (\r\n  id int\r\n);\r\n')
    expect(await states()).toEqual(['001 applied', '002 applied'])
  })

  test('in its number alone is missing under the old one, and nothing runs until that is resolved', async () => {
    await rm(join(folder, '001_first.sql'))
    await write('003_first.sql', 'create table a (id int);')
    expect(await states()).toEqual(['001 missing', '002 pending', '003 pending'])
    expect(await apply()).toMatchObject({ status: 'failed', error: { code: 'MIGRATION_EDITED' } })
    expect((await database.client.query("select to_regclass('b')::text as b")).rows).toEqual([{ b: null }])
  })

  test('in comments and white space is called reformatted and stops nothing', async () => {
    await write('001_first.sql', '-- the first\r\ncreate table a\r\n  (id int);\r\n')
    expect(await states()).toEqual(['001 reformatted', '002 pending'])
    expect(await apply()).toMatchObject({ detail: '1 applied' })
  })

  test('in meaning is called edited and stops everything', async () => {
    await write('001_first.sql', 'create table a (id bigint);')
    expect(await states()).toEqual(['001 edited', '002 pending'])
    expect(await apply()).toMatchObject({ status: 'failed', error: { code: 'MIGRATION_EDITED' } })
    expect(await service().describe({ version: '001' }, {})).toMatchObject({
      fileText: 'create table a (id bigint);',
      appliedText: 'create table a (id int);',
    })
  })

  test('or that is gone is called missing', async () => {
    await rm(join(folder, '001_first.sql'))
    expect(await states()).toEqual(['001 missing', '002 pending'])
    expect(await apply()).toMatchObject({ status: 'failed', error: { code: 'MIGRATION_EDITED' } })
  })

  test('a file that comes before an applied one is out of order', async () => {
    await apply()
    await write('000_zero.sql', 'select 1')
    expect(await states()).toEqual(['000 out of order', '001 applied', '002 applied'])
  })
})

test('two runners at once apply each file once, and the waiting one says who works', async () => {
  await write('001_first.sql', 'create table a (id int); select pg_sleep(1.2);')
  await write('002_second.sql', 'create table b (id int);')
  const heard: string[] = []
  const abort = new AbortController()
  const listen = (async () => {
    for await (const list of (await jobs.watch(undefined, { signal: abort.signal })) as AsyncIterable<
      { detail: string }[]
    >) {
      heard.push(...list.map(({ detail }) => detail))
    }
  })()
  const outcomes = await Promise.all([apply(), apply()])
  abort.abort()
  await listen
  expect(outcomes.map(({ detail }) => detail).sort()).toEqual(['2 applied', 'Nothing was pending'])
  expect(heard.some((detail) => /^Another runner is at work: Atlas test migrations lock/.test(detail))).toBe(
    true,
  )
})

test('cancel stops the statement that runs, and rolls the file back', async () => {
  await write('001_first.sql', 'create table a (id int); select pg_sleep(60);')
  const { jobId } = await service().apply({}, {})
  await expect
    .poll(
      async () =>
        (
          await database.client.query(
            "select 1 from pg_stat_activity where query like 'select pg_sleep%' and datname = current_database()",
          )
        ).rowCount,
    )
    .toBe(1)
  await jobs.cancel({ id: jobId }, {})
  expect(await jobs.finished(jobId)).toMatchObject({ status: 'cancelled' })
  expect(await states()).toEqual(['001 pending'])
})

test('the plan names locks on tables that are there, what they block, and who is in the way', async () => {
  await database.client.query(
    'create table a (id int); insert into a select generate_series(1, 5000); analyze a',
  )
  await write(
    '001_first.sql',
    'create table fresh (id int);\nalter table a\n  add column b int;\nalter table fresh add column c int;\ndrop table a;',
  )
  const other = await database.connect()
  await other.query('begin')
  await other.query('select count(*) from a')
  await expect.poll(async () => (await service().plan(undefined, {})).transactions.length).toBe(1)
  const plan = await service().plan(undefined, {})
  expect(plan.transactions[0]?.tables).toEqual(['a'])
  expect(plan.files).toMatchObject([
    {
      version: '001',
      statements: [
        { line: 1, lock: null, isIrreversible: false },
        {
          line: 2,
          endLine: 3,
          summary: 'alter table a add column b int',
          lock: 'access exclusive',
          blocks: 'reads and writes',
          tables: [{ name: 'a', rows: 5000 }],
        },
        { line: 4, lock: null },
        { line: 5, lock: 'access exclusive', isIrreversible: true },
      ],
    },
  ])
  const { text } = await service().exportPlan({ format: 'markdown' }, {})
  expect(text).toContain(
    '| 5 | `drop table a` | access exclusive | reads and writes | 5000 | cannot be undone |',
  )
})

test.each([
  ['001_open.sql', "select 'x", 'SYNTAX_ERROR'],
  ['001_own.sql', 'create table a (id int);\nbegin;\ncommit;', 'UNSUPPORTED'],
  ['001_data.sql', 'copy a from stdin;\n1\n', 'UNSUPPORTED'],
  ['001_psql.sql', '\\connect other\nselect 1;', 'UNSUPPORTED'],
])('%s is refused by name before anything runs', async (name, text, code) => {
  await write('000_before.sql', 'create table before (id int)')
  await write(name, text)
  expect((await service().plan(undefined, {})).files[1]?.fault).not.toBeNull()
  expect(await apply()).toMatchObject({
    status: 'failed',
    error: { code, data: { object: expect.stringContaining(name) } },
  })
  expect(await states()).toEqual(['000 pending', '001 pending'])
})

test('an option that nobody knows is refused', async () => {
  await write('001_a.sql', '-- atlas: no-transactoin\nselect 1')
  await expect(states()).rejects.toMatchObject({ code: 'INPUT_INVALID', fault: { object: '001_a.sql:1' } })
})

test('a file with the character U+0000 is refused by its place, and none is written', async () => {
  await write('001_a.sql', 'select 1;\nselect \0')
  await expect(states()).rejects.toMatchObject({
    code: 'INPUT_INVALID',
    fault: {
      object: '001_a.sql:2:8',
      detail: expect.stringContaining('Byte 17'),
      saved: 'Nothing was applied.',
    },
  })
})

test.each([
  ['U+0000', 'select \0;', { code: 'INPUT_INVALID', data: { object: '001_a.verify.sql:1:8' } }],
  ['an open quote', "select '", { code: 'SYNTAX_ERROR', data: { object: '001_a.verify.sql:1' } }],
])('a proof with %s is refused with its place before its file runs', async (_, proof, error) => {
  await write('001_a.sql', '-- atlas: no-transaction\ncreate table a (id int);')
  await write('001_a.verify.sql', proof)
  expect(await apply()).toMatchObject({ status: 'failed', error })
  expect((await database.client.query("select to_regclass('a')::text as a")).rows).toEqual([{ a: null }])
})

test('a new file takes no version of the ledger, of what takes a file back, or of another that is begun', async () => {
  await write('001_a.sql', 'select 1')
  await write('002_b.sql', 'select 1')
  await apply()
  await rm(join(folder, '002_b.sql'))
  const first = await service().createFile({ name: 'c', text: 'select 1' }, {})
  expect(first.fileName).toBe('003_c.sql')
  await write('007_gone.down.sql', 'select 1')
  const next = await service().createFile({ name: 'next', text: 'select 1' }, {})
  expect(next.fileName).toBe('008_next.sql')
  const begun = await Promise.all(
    ['d', 'e', 'f', 'g'].map((name) => service().createFile({ name, text: 'select 1' }, {})),
  )
  // Two that meet at a version both leave it, and one that saw it taken has gone on.
  for (const { version } of begun) expect(Number(version)).toBeGreaterThan(8)
  expect(new Set(begun.map(({ version }) => version)).size).toBe(4)
  expect((await states()).filter((state) => state.endsWith('pending'))).toHaveLength(6)
})

test('two files of one version and a file that is not UTF-8 are refused', async () => {
  await write('001_a.sql', 'select 1')
  await write('0001_b.sql', 'select 1')
  await expect(states()).rejects.toMatchObject({ code: 'CONFLICT' })
  await rm(join(folder, '0001_b.sql'))
  await writeFile(join(folder, '001_a.sql'), Buffer.from([0x27, 0xff, 0x27]))
  await expect(states()).rejects.toMatchObject({ code: 'FILE_UNREADABLE' })
})
