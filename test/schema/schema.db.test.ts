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

test('what is gone is said by name', async () => {
  await expect(describeTable('nothing')).rejects.toMatchObject({
    code: 'OBJECT_NOT_FOUND',
    fault: { object: 'public.nothing' },
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
