import { afterAll, beforeAll, expect, test } from 'vitest'
import type { RowFilter } from '../../src-main/schema/rows/contract.ts'
import { createSchema } from '../../src-main/schema/service.ts'
import { openTestServices, type TestServices } from '../support/services.ts'

let services: TestServices

beforeAll(async () => {
  services = await openTestServices()
  await run(`create table public.pages (id int primary key, a int, b text, j json)`)
  await run(`insert into public.pages select i, case when i % 7 = 0 then null else i % 10 end, 'v' || i % 13, '{"x": 1}'
             from generate_series(1, 500) i`)
  await run('create table public.heap (v text)')
  await run("insert into public.heap select 'r' || i from generate_series(1, 450) i")
  await run('create view public.seen as select * from public.heap')
})

afterAll(() => services.close())

const run = (text: string) => services.database.client.query(text)
const schema = () => createSchema({ db: services.db })

interface Ask {
  order?: { column: string; isDescending: boolean }[]
  filters?: RowFilter[]
  limit?: number
}

/** All rows, page by page. */
async function readAll(name: string, { order = [], filters = [], limit = 60 }: Ask = {}) {
  const rows: (string | null)[][] = []
  let after: (string | null)[] | undefined
  for (let pages = 0; pages < 50; pages++) {
    const page = await schema().listRows({ schema: 'public', name, order, filters, limit, after }, {})
    rows.push(...page.rows)
    if (!page.next) return rows
    after = page.next
  }
  throw new Error('The pages have no end')
}

test.each([
  ['the key', []],
  ['one column', [{ column: 'a', isDescending: false }]],
  ['one column downwards', [{ column: 'a', isDescending: true }]],
  [
    'two columns, one each way',
    [
      { column: 'b', isDescending: true },
      { column: 'a', isDescending: false },
    ],
  ],
])('pages by %s hold every row once, in the order of the server', async (_name, order) => {
  const by = [...order, { column: 'id', isDescending: order.at(-1)?.isDescending ?? false }]
    .map(({ column, isDescending }) => `${column} ${isDescending ? 'desc' : 'asc'}`)
    .join(', ')
  const { rows } = await run(`select id::text as v from public.pages order by ${by}`)
  expect((await readAll('pages', { order })).map(([id]) => id)).toEqual(rows.map(({ v }) => v))
})

test('a table without a key is paged by place, a view by counting', async () => {
  expect(new Set((await readAll('heap')).map(([v]) => v)).size).toBe(450)
  expect(new Set((await readAll('seen')).map(([v]) => v)).size).toBe(450)
})

test('filters by value, by part, by null, and by the text of what has no equality', async () => {
  const count = async (column: string, operator: RowFilter['operator'], value = '') =>
    (await readAll('pages', { filters: [{ column, operator, value }] })).length
  expect(await count('a', 'is null')).toBe(71)
  expect(await count('b', '=', 'v3')).toBe(39)
  expect(await count('b', 'contains', '%')).toBe(0)
  expect(await count('id', '>', '490')).toBe(10)
  expect(await count('j', '=', '{"x": 1}')).toBe(500)
  await expect(count('nothing', '=', '1')).rejects.toMatchObject({ code: 'OBJECT_NOT_FOUND' })
  await expect(count('id', '=', 'x')).rejects.toMatchObject({ code: 'DATABASE_ERROR' })
})

test('staged changes are shown as SQL and applied together, or not at all', async () => {
  const target = { schema: 'public', name: 'pages' }
  const { rows, editable } = await schema().listRows({ ...target, order: [], filters: [], limit: 3 }, {})
  expect(editable?.key).toEqual(['id'])
  const [first] = rows
  const update = {
    kind: 'update' as const,
    key: { id: first?.[0] ?? null },
    before: { b: first?.[2] ?? null },
    values: { b: "it's" },
  }
  const gone = { kind: 'delete' as const, key: { id: '2' }, before: { b: 'not what is there' } }
  expect((await schema().previewEdits({ ...target, edits: [update] }, {})).sql).toContain(`"b" = 'it''s'`)
  await expect(schema().applyEdits({ ...target, edits: [update, gone] }, {})).rejects.toMatchObject({
    code: 'CONFLICT',
  })
  expect((await schema().getRow({ ...target, key: { id: '1' } }, {})).values.b).toBe(first?.[2])
  expect(await schema().applyEdits({ ...target, edits: [update] }, {})).toEqual({
    inserted: 0,
    updated: 1,
    deleted: 0,
  })
  expect((await schema().getRow({ ...target, key: { id: '1' } }, {})).values.b).toBe("it's")
})

test('profiles a column by one statement; what has no order has no histogram', async () => {
  const profile = (column: string, name = 'pages') => schema().profile({ schema: 'public', name, column }, {})
  const read: string[] = []
  const counted = createSchema({
    db: {
      ...services.db,
      transaction: (work) =>
        services.db.transaction((tx) =>
          work({
            ...tx,
            row: (query) => {
              read.push(query.statement.text)
              return tx.row(query)
            },
            rows: (query) => {
              read.push(query.statement.text)
              return tx.rows(query)
            },
          }),
        ),
    },
  })
  await counted.profile({ schema: 'public', name: 'pages', column: 'a' }, {})
  expect(read).toEqual([expect.stringContaining('"pages"')])
  const a = await profile('a')
  expect(a).toMatchObject({ rows: 500, nulls: 71, distinct: 10, least: '0', most: '9', sampledPercent: null })
  expect(a.histogram?.reduce((sum, count) => sum + count, 0)).toBe(429)
  expect(a.top).toHaveLength(10)
  expect(await profile('j')).toMatchObject({ distinct: 1, histogram: null })
  const { sampledPercent } = await schema().profile(
    { schema: 'explore', name: 'raw_data_template', column: 'source_row' },
    {},
  )
  expect(sampledPercent).toBeNull()
})

test('a table that was written says so; indexes that nobody needs are named', async () => {
  await run('create index pages_a on public.pages (a)')
  await run('create index pages_a_again on public.pages (a)')
  const { indexes, columnList } = await schema().describe({ schema: 'public', name: 'pages' }, {})
  expect(indexes.find(({ name }) => name === 'pages_a_again')).toMatchObject({
    duplicateOf: 'pages_a',
    isUnused: true,
  })
  expect(indexes.find(({ name }) => name === 'pages_a')?.duplicateOf).toBeNull()
  await run('analyze public.pages')
  const analyzed = await schema().describe({ schema: 'public', name: 'pages' }, {})
  expect(columnList).toHaveLength(4)
  expect(analyzed.columnList.find(({ name }) => name === 'a')?.statistics?.nullFraction).toBeCloseTo(0.142)
  const activity = await schema().activity({ schema: 'public', name: 'pages' }, {})
  expect(activity.counts.live).toBeGreaterThan(0)
  expect(activity.runs).toEqual([])
  expect(activity.audit).toEqual([])
})

test('a condition in SQL narrows the rows, is planned first, and never leaves its place', async () => {
  const run = (text: string) => services.database.client.query(text)
  await run('create table public.raw (id int primary key, note text)')
  await run(`insert into public.raw select g, 'n' || g from generate_series(1, 50) g`)
  await run('create sequence public.counter')
  const schema = createSchema({ db: services.db })
  const read = (where: string, more: object = {}) =>
    schema.listRows({ schema: 'public', name: 'raw', order: [], filters: [], limit: 10, where, ...more }, {})
  const ids = async (where: string, more?: object) => (await read(where, more)).rows.map(([id]) => id)

  expect(await ids("id % 20 = 3 and note like 'n%' -- odd")).toEqual(['3', '23', '43'])
  expect(await ids("note = $$n'7$$ or t.id = 7")).toEqual(['7'])
  expect(await ids('id = 1 or id = 2', { filters: [{ column: 'id', operator: '<>', value: '1' }] })).toEqual([
    '2',
  ])
  const first = await read('id > 30')
  expect(await ids('id > 30', { after: first.next ?? [] })).toHaveLength(10)

  for (const where of [
    'true) union all select 1, version() --',
    'true) or (true',
    '1 = 1) limit 1 offset (2',
    'true); drop table public.raw; select (1',
    'true group by id',
    'true;',
    'true; select 1',
    'exists (select $1)',
    'id = $1',
    '/* open',
    "note = 'open",
  ])
    await expect(read(where), where).rejects.toMatchObject({ code: 'SYNTAX_ERROR' })
  await expect(read('id = 1 and nothing > 2')).rejects.toMatchObject({
    message: expect.stringContaining('nothing'),
    fault: { position: 12, saved: 'No row was read.' },
  })
  await expect(read("id = nextval('counter')")).rejects.toMatchObject({ fault: { sqlState: '25006' } })
  await expect(read('id = 1 and note')).rejects.toMatchObject({ fault: { sqlState: '42804', position: 12 } })
  expect((await run('select count(*)::int as n from public.raw')).rows).toEqual([{ n: 50 }])
})
