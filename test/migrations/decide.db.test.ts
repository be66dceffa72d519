import { rm } from 'node:fs/promises'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { type MigrationsBench, openMigrationsBench } from './support.ts'

let bench: MigrationsBench

beforeEach(async () => {
  bench = await openMigrationsBench()
})
afterEach(() => bench.close())

const sqlOf = async <Row>(text: string) => (await bench.database.client.query(text)).rows as Row[]

describe('the way back', () => {
  beforeEach(async () => {
    await bench.write('001_orders.sql', 'create table orders (id int, note text);')
    await bench.write('001_orders.down.sql', 'drop table orders;')
    await bench.write('002_more.sql', 'alter table orders add column state text;')
    await bench.write('002_more.down.sql', 'alter table orders drop column state;')
    expect(await bench.apply()).toMatchObject({ status: 'succeeded' })
  })

  test('is taken newest first, and kept in the history', async () => {
    await expect(bench.migrations.revert({ version: '001' }, {})).rejects.toMatchObject({
      code: 'CONFLICT',
      fault: { detail: expect.stringContaining('002_more') },
    })
    expect(await bench.done(bench.migrations.revert({ version: '002' }, {}))).toMatchObject({
      status: 'succeeded',
    })
    expect(await bench.states()).toEqual(['001 applied', '002 pending'])
    const history = await bench.migrations.history({ version: '002' }, {})
    expect(history.map(({ action }) => action)).toEqual(['reverted', 'applied'])
    const text = await bench.migrations.historyText(
      { version: '002', eventId: history[1]?.eventId ?? null },
      {},
    )
    expect(text.text).toContain('add column state')
  })

  test('loses no row and no value unasked; it says how many there are', async () => {
    await sqlOf("insert into orders (id, state) values (1, 'new'), (2, null), (3, 'old')")
    expect((await bench.migrations.planRevert({ version: '002' }, {})).losses).toEqual([
      { object: 'orders.state', rows: 2, isMore: false },
    ])
    await expect(bench.migrations.revert({ version: '002' }, {})).rejects.toMatchObject({
      code: 'CONFIRMATION_NEEDED',
      fault: { detail: expect.stringContaining('orders.state: 2') },
    })
    await bench.done(bench.migrations.revert({ version: '002', isLossAccepted: true }, {}))
    await expect(bench.migrations.revert({ version: '001' }, {})).rejects.toMatchObject({
      fault: { detail: expect.stringContaining('orders: 3') },
    })
  })
})

describe('a repair', () => {
  test('of an edited file needs a reason, and keeps what was applied', async () => {
    await bench.write('001_a.sql', 'create table a (id int);')
    await bench.apply()
    await bench.write('001_a.sql', 'create table a (id bigint);')
    expect(await bench.states()).toEqual(['001 edited'])
    const repaired = await bench.migrations.repair({ version: '001', reason: 'fixed by hand' }, {})
    expect(repaired).toMatchObject({ state: 'applied' })
    const history = await bench.migrations.history({}, {})
    expect(history.map(({ action, detail }) => [action, detail])).toContainEqual([
      'repaired',
      'fixed by hand',
    ])
    const before = history.findLast(({ action, eventId }) => action === 'applied' && eventId !== null)
    expect(
      (await bench.migrations.historyText({ version: '001', eventId: before?.eventId ?? null }, {})).text,
    ).toBe('create table a (id int);')
    await expect(bench.migrations.repair({ version: '001', reason: 'again' }, {})).rejects.toMatchObject({
      code: 'CONFLICT',
    })
  })

  test('of a missing one takes it out of the ledger', async () => {
    await bench.write('001_a.sql', 'create table a (id int);')
    await bench.apply()
    await rm(join(bench.folder, '001_a.sql'))
    expect(await bench.migrations.repair({ version: '001', reason: 'squashed' }, {})).toBeNull()
    expect(await bench.states()).toEqual([])
  })
})

test('files out of order are refused, and applied where that is said', async () => {
  await bench.write('002_b.sql', 'create table b (id int);')
  await bench.apply()
  await bench.write('001_a.sql', 'create table a (id int);')
  expect(await bench.apply()).toMatchObject({ status: 'failed', error: { code: 'MIGRATION_EDITED' } })
  expect(await bench.done(bench.migrations.apply({ allowOutOfOrder: true }, {}))).toMatchObject({
    detail: '1 applied',
  })
})

test('a repeatable file runs last, and again when its text changes', async () => {
  await bench.write(
    '001_view.sql',
    '-- atlas: repeatable\ncreate or replace view v as select count(*) from a;',
  )
  await bench.write('002_a.sql', 'create table a (id int);')
  expect(await bench.apply()).toMatchObject({ detail: '2 applied' })
  await bench.write(
    '001_view.sql',
    '-- atlas: repeatable\n\ncreate or replace view v as select count(*) from a;',
  )
  expect(await bench.states()).toEqual(['002 applied', '001 reformatted'])
  await bench.write(
    '001_view.sql',
    '-- atlas: repeatable\ncreate or replace view v as select max(id)::int8 as count from a;',
  )
  expect(await bench.states()).toEqual(['002 applied', '001 changed'])
  expect(await bench.apply()).toMatchObject({ detail: '1 applied' })
  expect((await bench.migrations.history({ version: '001' }, {})).length).toBe(2)
})

test('a proof that does not hold takes its migration back', async () => {
  await bench.write('001_a.sql', 'create table a (id int);')
  await bench.write('001_a.verify.sql', 'select count(*) = 0 from a;\nselect count(*) = 1 from a;')
  expect(await bench.apply()).toMatchObject({
    status: 'failed',
    error: { data: { object: '001_a.verify.sql:2:1' } },
  })
  expect(await bench.states()).toEqual(['001 failed'])
  await bench.write('001_a.verify.sql', 'insert into a values (1);\nselect count(*) = 1 from a;')
  expect(await bench.apply()).toMatchObject({ status: 'succeeded' })
  expect(await sqlOf('select * from a')).toEqual([])
})

test('what a file sets for its session is not set for the next one', async () => {
  await bench.write('001_a.sql', 'create schema s; set search_path = s; create table a (id int);')
  await bench.write('002_b.sql', 'create table b (id int);')
  expect(await bench.apply()).toMatchObject({ status: 'succeeded' })
  expect(await sqlOf("select to_regclass('public.b')::text as b")).toEqual([{ b: 'b' }])
})

test('a database that is there is taken over by a baseline', async () => {
  await sqlOf('create table a (id int)')
  await bench.write('001_a.sql', 'create table a (id int);')
  await bench.write('002_b.sql', 'create table b (id int);')
  expect(await bench.migrations.baseline({ version: '001' }, {})).toEqual({ recorded: 1 })
  expect(await bench.apply()).toMatchObject({ detail: '1 applied' })
  expect((await bench.migrations.status(undefined, {})).migrations[0]).toMatchObject({ outcome: 'baseline' })
})

test('two folders keep apart in one ledger', async () => {
  await bench.write('001_a.sql', 'create table a (id int);')
  await bench.apply()
  const other = await openMigrationsBench()
  try {
    await other.write('001_b.sql', 'create table b (id int);')
    const source = { folder: other.folder, project: 'shop' }
    expect(await bench.done(bench.migrations.apply(source, {}))).toMatchObject({ detail: '1 applied' })
    expect((await bench.migrations.status(source, {})).migrations).toMatchObject([
      { name: 'b', state: 'applied' },
    ])
    expect(await bench.states()).toEqual(['001 applied'])
  } finally {
    await other.close()
  }
})

describe('the ledger of another tool is imported', () => {
  test('dbmate: one file holds both directions, and its table steps aside', async () => {
    await sqlOf(
      "create table schema_migrations (version varchar primary key); insert into schema_migrations values ('20260101120000')",
    )
    await bench.write(
      '20260101120000_a.sql',
      '-- migrate:up\ncreate table a (id int);\n-- migrate:down\ndrop table a;',
    )
    await bench.write(
      '20260102120000_b.sql',
      '-- migrate:up\ncreate table b (id int);\n\n-- migrate:down\ndrop table b;',
    )
    expect((await bench.migrations.status(undefined, {})).foreign).toEqual([
      { tool: 'dbmate', schema: 'public', table: 'schema_migrations' },
    ])
    expect(await bench.apply()).toMatchObject({ status: 'failed', error: { code: 'CONFLICT' } })
    expect(await bench.migrations.importLedger({ tool: 'dbmate' }, {})).toEqual({ recorded: 1, warnings: [] })
    expect(await bench.apply()).toMatchObject({ detail: '1 applied' })
    expect(await sqlOf("select to_regclass('b')::text as b")).toEqual([{ b: 'b' }])
    await bench.done(bench.migrations.revert({ version: '20260102120000' }, {}))
    expect(await sqlOf("select to_regclass('b')::text as b")).toEqual([{ b: null }])
  })

  test('Flyway: checksums are compared', async () => {
    const text = 'create table a (id int);\n'
    await bench.write('V1__a.sql', text)
    await bench.write('V1.1__b.sql', 'create table b (id int);')
    await bench.write('V2__c.sql', 'create table c (id int);')
    await sqlOf(`create table flyway_schema_history (installed_rank int primary key, version varchar(50), description varchar(200),
      type varchar(20), script varchar(1000), checksum int, installed_by varchar(100), installed_on timestamp default now(),
      execution_time int, success boolean);
      insert into flyway_schema_history values
        (1, '1', 'a', 'SQL', 'V1__a.sql', -897341557, 'deploy', '2026-01-02 03:04:05', 12, true),
        (2, '1.1', 'b', 'SQL', 'V1.1__b.sql', 1, 'deploy', '2026-01-02 03:04:06', 1, true)`)
    const { recorded, warnings } = await bench.migrations.importLedger({ tool: 'flyway' }, {})
    expect(recorded).toBe(2)
    expect(warnings).toEqual(['V1.1__b.sql is not the text that flyway applied.'])
    const { migrations } = await bench.migrations.status(undefined, {})
    expect(migrations.map(({ state, appliedBy }) => [state, appliedBy])).toEqual([
      ['applied', 'deploy'],
      ['applied', 'deploy'],
      ['pending', null],
    ])
  })

  test('node-pg-migrate', async () => {
    await sqlOf(
      "create table pgmigrations (id serial primary key, name varchar(255), run_on timestamp); insert into pgmigrations (name, run_on) values ('1700000000000_a', now())",
    )
    await bench.write(
      '1700000000000_a.sql',
      '-- Up Migration\ncreate table a (id int);\n-- Down Migration\ndrop table a;',
    )
    expect(await bench.migrations.importLedger({ tool: 'node-pg-migrate' }, {})).toEqual({
      recorded: 1,
      warnings: [],
    })
    expect(await bench.states()).toEqual(['1700000000000 applied'])
  })
})

test('the next file is written from a template or a text, in the manner of the folder', async () => {
  await bench.write('007_a.sql', 'select 1;')
  expect(
    await bench.migrations.createFile({ name: 'Add Index!', template: 'index concurrently' }, {}),
  ).toMatchObject({
    fileName: '008_add_index.sql',
  })
  expect((await bench.migrations.describe({ version: '008' }, {})).downText).toContain(
    'drop index concurrently',
  )
  expect(await bench.migrations.createFile({ name: 'x', text: 'select 2' }, {})).toMatchObject({
    version: '009',
  })
  const { migration } = await bench.migrations.describe({ version: '009' }, {})
  await bench.migrations.saveFile({ version: '009', text: 'select 3;\n', checksum: migration.checksum }, {})
  await expect(
    bench.migrations.saveFile({ version: '009', text: 'select 4;', checksum: migration.checksum }, {}),
  ).rejects.toMatchObject({ code: 'CONFLICT' })
})
