import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { runCli } from '../support/cli.ts'
import { createTestDatabase, type TestDatabase } from '../support/database.ts'

let database: TestDatabase
let home: string
let folder: string

beforeEach(async () => {
  database = await createTestDatabase({ template: 'empty' })
  home = mkdtempSync(join(tmpdir(), 'atlas-cli-'))
  folder = mkdtempSync(join(tmpdir(), 'atlas-shop-'))
})
afterEach(async () => {
  await database.drop()
  for (const path of [home, folder]) rmSync(path, { recursive: true, force: true })
})

const write = (name: string, text: string) => writeFileSync(join(folder, name), text)

/** Runs `migrate … --json --folder DIR`; standard output must be JSON alone. */
async function migrate(...args: string[]) {
  const { code, out, err } = await runCli({ home, url: database.url }, [
    'migrate',
    ...args,
    '--json',
    '--folder',
    folder,
    '--project',
    'shop',
  ])
  return { code, err, json: out === '' ? undefined : JSON.parse(out) }
}

test('every command takes a folder and answers in JSON: from the first file to its way back', async () => {
  expect(await migrate('new', 'Orders', '--template', 'create table')).toMatchObject({
    code: 0,
    json: { version: '001', fileName: '001_orders.sql', path: join(folder, '001_orders.sql') },
  })
  expect(readdirSync(folder)).toContain('001_orders.sql')
  write('001_orders.sql', 'create table orders (id int primary key, note text);')
  write('001_orders.down.sql', 'drop table orders;')
  write('002_state.sql', 'create index orders_note on orders (note);')
  write('002_state.down.sql', 'drop index orders_note;')

  expect(await migrate('plan')).toMatchObject({
    code: 0,
    json: { project: 'shop', folder, stops: [], files: [{ version: '001' }, { version: '002' }] },
  })
  expect(await migrate('lint', '002')).toMatchObject({
    code: 0,
    json: [{ fileName: '002_state.sql', findings: expect.any(Array) }],
  })
  expect(await migrate('rehearse')).toMatchObject({
    code: 0,
    json: { isPassed: true, files: [{ down: 'passed' }, { down: 'passed' }] },
  })
  expect(await migrate('apply', '--to', '001')).toMatchObject({
    code: 0,
    json: { status: 'succeeded', detail: '1 applied' },
  })
  expect(await migrate('apply')).toMatchObject({ code: 0, json: { detail: '1 applied' } })
  expect(await migrate('drift')).toMatchObject({ code: 0, json: { differences: [] } })
  await database.client.query('alter table orders add column by_hand int')
  expect(await migrate('drift')).toMatchObject({
    code: 1,
    json: { differences: [{ change: 'unexpected', kind: 'column', object: 'public.orders.by_hand' }] },
  })
  expect(await migrate('revert', '002', '--plan')).toMatchObject({ code: 0, json: { losses: [] } })
  expect(await migrate('revert', '002')).toMatchObject({ code: 0, json: { status: 'succeeded' } })
  await database.client.query('insert into orders values (1)')
  const refused = await migrate('revert', '001')
  expect(refused).toMatchObject({ code: 1, json: undefined })
  expect(refused.err).toContain('CONFIRMATION_NEEDED')
  expect(await migrate('revert', '001', '--accept-loss')).toMatchObject({ code: 0 })
  expect((await migrate('status')).json).toMatchObject({ pending: 2 })
}, 240_000)

test('repair resolves what was edited, what is missing, and what was cut off', async () => {
  write('001_a.sql', 'create table a (id int);')
  write('002_b.sql', 'create table b (id int);')
  expect((await migrate('apply')).code).toBe(0)
  write('001_a.sql', 'create table a (id bigint);')
  const edited = await migrate('apply')
  expect(edited).toMatchObject({ code: 1, json: { status: 'failed', error: { code: 'MIGRATION_EDITED' } } })
  expect(edited.err).toContain('migrate repair 001 --reason')
  expect((await migrate('repair', '001')).code).not.toBe(0)
  expect(await migrate('repair', '001', '--reason', 'widened by hand')).toMatchObject({
    code: 0,
    json: { version: '001', state: 'applied' },
  })
  rmSync(join(folder, '002_b.sql'))
  expect(await migrate('repair', '002', '--reason', 'squashed')).toEqual({ code: 0, err: '', json: null })

  write('003_c.sql', '-- atlas: no-transaction\ncreate table c (id int);\nselect 1;')
  await migrate('apply')
  await database.client.query(
    "update schema_migrations set outcome = 'partial', statements_done = 1, statement_started = 2 where version = '003'",
  )
  expect(await migrate('apply')).toMatchObject({ code: 1, err: expect.stringContaining('--statement') })
  expect(await migrate('repair', '003', '--reason', 'seen', '--statement', 'done')).toMatchObject({ code: 0 })
  expect(await migrate('apply')).toMatchObject({ code: 0, json: { detail: '1 applied' } })
}, 240_000)

test('baseline takes a database over, by a version or from the ledger of another tool', async () => {
  await database.client.query('create table a (id int)')
  write('20260101120000_a.sql', '-- migrate:up\ncreate table a (id int);\n-- migrate:down\ndrop table a;')
  write('20260102120000_b.sql', '-- migrate:up\ncreate table b (id int);\n-- migrate:down\ndrop table b;')
  expect(await migrate('baseline', '20260101120000')).toMatchObject({ code: 0, json: { recorded: 1 } })
  expect((await migrate('baseline')).code).not.toBe(0)
  await database.client.query(`drop table schema_migrations;
    create table schema_migrations (version varchar primary key);
    insert into schema_migrations values ('20260101120000'), ('20251231000000')`)
  expect((await migrate('apply')).err).toContain('migrate baseline --import dbmate')
  expect(await migrate('baseline', '--import', 'dbmate')).toMatchObject({
    code: 0,
    json: { recorded: 1, warnings: ['20251231000000 is applied, but has no file here.'] },
  })
  expect(await migrate('apply')).toMatchObject({ code: 0, json: { detail: '1 applied' } })
  expect((await database.client.query("select to_regclass('b')::text as b")).rows).toEqual([{ b: 'b' }])
  expect(readFileSync(join(folder, '20260102120000_b.sql'), 'utf8')).toContain('migrate:down')
}, 240_000)
