import { afterEach, beforeEach, expect, test } from 'vitest'
import { createSchema } from '../../src-main/schema/service.ts'
import { openTestServices, type TestServices } from '../support/services.ts'

let services: TestServices

beforeEach(async () => {
  services = await openTestServices()
})

afterEach(() => services.close())

const schema = () => createSchema({ db: services.db })
const describeTable = (name: string, space = 'public') => schema().describe({ schema: space, name }, {})
const rowsOf = (name: string, space = 'public', limit = 100) =>
  schema().listRows({ schema: space, name, limit, order: [], filters: [] }, {})

test('the tree has every table of the platform with a comment, partitions under their parents', async () => {
  const { schemas, tables } = await schema().tree(undefined, {})
  expect(schemas.map(({ name }) => name)).toEqual(
    expect.arrayContaining(['archive', 'chart', 'compliance', 'explore', 'navigate', 'pipeline', 'quality']),
  )
  const platform = tables.filter((table) => !table.kind.includes('view'))
  expect(platform).toHaveLength(39)
  expect(platform.filter(({ comment }) => !comment).map(({ name }) => name)).toEqual([])
  const raw = tables.find(({ name }) => name === 'raw_data_template')
  expect(raw?.kind).toBe('partitioned table')
  expect(raw?.partitions).toBeGreaterThanOrEqual(6)
  expect(tables.some(({ name }) => name === 'raw_data_2025_10')).toBe(false)
})

test('describes columns, keys, indexes, relations, policies and triggers', async () => {
  const runs = await describeTable('pipeline_runs', 'pipeline')
  expect(runs.columnList.find(({ name }) => name === 'run_number')).toMatchObject({
    type: 'bigint',
    identity: 'always',
    isNullable: false,
  })
  expect(runs.columnList.find(({ name }) => name === 'run_id')).toMatchObject({
    isPrimaryKey: true,
    comment: 'Key of the run',
  })
  expect(runs.indexes.some(({ isPrimary, isValid }) => isPrimary && isValid)).toBe(true)
  expect(runs.constraints.map(({ name }) => name)).toContain('pipeline_runs_status_check')
  expect(runs.referencedBy.map(({ table }) => table)).toEqual(
    expect.arrayContaining(['task_runs', 'run_logs']),
  )
  expect(runs.triggers.map(({ name }) => name)).toContain('touch_updated_at')
  expect((await describeTable('dim_customer', 'navigate')).policies.length).toBeGreaterThan(0)
  expect((await describeTable('run_summary', 'pipeline')).viewDefinition).toMatch(/select/i)
})

test.each([`Robert'); DROP TABLE "x";--`, 'täble 😀', 'x'.repeat(63), '__proto__', 'select', '"'])(
  'a table called %s works like any other',
  async (name) => {
    const quoted = `"${name.replaceAll('"', '""')}"`
    await services.database.client.query(
      `create table public.${quoted} ("__proto__" text, "constructor" int8, " " numeric, "a""b" timestamptz)`,
    )
    await services.database.client.query(
      `insert into public.${quoted} values ('<img src=x>', 9007199254740993, 'NaN', 'infinity'), (null, -1, 1e-400, '0044-03-15 00:00:00.000001+00 BC')`,
    )
    expect((await describeTable(name)).columnList.map((column) => column.name)).toEqual([
      '__proto__',
      'constructor',
      ' ',
      'a"b',
    ])
    const { rows } = await rowsOf(name)
    expect(rows[0]).toEqual(['<img src=x>', '9007199254740993', 'NaN', 'infinity'])
    expect(rows[1]?.[0]).toBeNull()
    expect(rows[1]?.[2]).toBe(`0.${'0'.repeat(399)}1`)
    expect(rows[1]?.[3]).toContain('.000001+00 BC')
  },
)

test('a partitioned table is looked at through one partition; long values are cut and said', async () => {
  await services.database.client.query('create table public.p (id int, v text) partition by range (id)')
  await services.database.client.query(
    'create table public.p1 partition of public.p for values from (0) to (10)',
  )
  await services.database.client.query(
    'create table public.p2 partition of public.p for values from (10) to (20)',
  )
  await services.database.client.query("insert into public.p values (1, 'old'), (11, repeat('x', 5000))")
  const { rows, cutAt } = await rowsOf('p')
  expect(rows).toEqual([['11', 'x'.repeat(cutAt)]])
})

test('the tables of a schema have their sizes, dead rows and last upkeep, partitions with their table', async () => {
  const run = (text: string) => services.database.client.query(text)
  await run(`create schema "up ""keep"; create schema away; set search_path = "up ""keep"`)
  await run(`create table plain (n int primary key, note text) with (autovacuum_enabled = off);
    create table parted (n int primary key) partition by range (n);
    create table parted_1 partition of parted for values from (0) to (100) with (autovacuum_enabled = off);
    create table away.parted_2 partition of parted for values from (100) to (1000) with (autovacuum_enabled = off);
    create table empty (n int) partition by list (n);
    create view seen as select 1; create materialized view kept as select 1 as n;
    insert into plain select n, repeat('x', 3000) from generate_series(1, 300) n;
    insert into parted select n from generate_series(0, 299) n`)
  await run('delete from plain where n > 200')
  await run('select pg_stat_force_next_flush()')
  const list = () => schema().listTables({ schema: 'up "keep' }, {})
  // Counts that come behind a vacuum would be counted twice.
  await expect
    .poll(async () => (await list()).map((one) => [one.estimatedRows, one.deadRows]))
    .toEqual([
      [0, 0],
      [1, 0],
      [300, 0],
      [200, 100],
    ])
  await run('vacuum analyze parted')
  await expect.poll(async () => (await list())[2]?.lastAnalyze).not.toBeNull()
  const tables = await list()
  expect(tables).toMatchObject([
    { name: 'empty', kind: 'partitioned table', partitions: 0, tableBytes: 0, lastVacuum: null },
    { name: 'kept', kind: 'materialized view' },
    {
      name: 'parted',
      partitions: 2,
      estimatedRows: 300,
      lastVacuum: expect.any(Date),
      lastAnalyze: expect.any(Date),
    },
    { name: 'plain', partitions: 0, estimatedRows: 200, lastVacuum: null, lastAnalyze: null },
  ])
  const { rows } =
    await run(`select sum(pg_table_size(oid))::int as table, sum(pg_indexes_size(oid))::int as index
    from pg_class where oid in ('parted_1'::regclass, 'away.parted_2'::regclass)`)
  expect([tables[2]?.tableBytes, tables[2]?.indexBytes]).toEqual([rows[0].table, rows[0].index])
  await run('vacuum analyze plain')
  await expect.poll(async () => (await list()).at(-1)?.deadRows).toBe(0)
  expect((await list()).at(-1)).toMatchObject({ lastVacuum: expect.any(Date), lastAnalyze: expect.any(Date) })
  expect(await schema().listTables({ schema: 'away' }, {})).toEqual([])
  // Who holds a table keeps nobody from looking.
  await run('begin; lock table plain in access exclusive mode')
  expect((await list()).at(-1)?.tableBytes).toBeGreaterThan(0)
  await run('rollback; reset search_path')
})

test('what is gone is said by name', async () => {
  await expect(describeTable('nothing')).rejects.toMatchObject({
    code: 'OBJECT_NOT_FOUND',
    fault: { object: 'public.nothing' },
  })
  await expect(schema().listTables({ schema: 'nothing' }, {})).rejects.toMatchObject({
    code: 'OBJECT_NOT_FOUND',
  })
})

test('a trigger is turned off and on, and says which it is', async () => {
  const run = (text: string) => services.database.client.query(text)
  await run(`create table public.fired (n int);
    create function public.twice() returns trigger language plpgsql as 'begin new.n := new.n * 2; return new; end';
    create trigger "it's ""twice""" before insert on public.fired for each row execute function public.twice()`)
  const schema = createSchema({ db: services.db })
  const target = { schema: 'public', name: 'fired', trigger: `it's "twice"` }
  const { sql } = await schema.previewTrigger({ ...target, state: 'disabled' }, {})
  const { statement } = await schema.switchTrigger({ ...target, state: 'disabled' }, {})
  expect(sql).toBe(`${statement};`)
  expect(statement).toBe(`alter table "public"."fired" disable trigger "it's ""twice"""`)
  await run('insert into public.fired values (1)')
  expect((await schema.describe(target, {})).triggers).toMatchObject([{ state: 'disabled' }])
  await schema.switchTrigger({ ...target, state: 'always' }, {})
  await run('insert into public.fired values (1)')
  expect((await schema.describe(target, {})).triggers).toMatchObject([{ state: 'always' }])
  expect((await run('select n from public.fired order by n')).rows).toEqual([{ n: 1 }, { n: 2 }])
  await expect(
    schema.switchTrigger({ ...target, trigger: 'nothing', state: 'enabled' }, {}),
  ).rejects.toMatchObject({ code: 'OBJECT_NOT_FOUND' })
})
