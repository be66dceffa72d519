import { afterAll, beforeAll, expect, test } from 'vitest'
import type { Arrangement } from '../../src-main/console/resultContract.ts'
import { createTestDatabase, type TestDatabase } from '../support/database.ts'
import { openTestConsole } from './support.ts'

let database: TestDatabase
let tested: ReturnType<typeof openTestConsole>

beforeAll(async () => {
  database = await createTestDatabase({ template: 'empty' })
  tested = openTestConsole(database)
  await database.client.query(`
    create table seen (id int, status text);
    insert into seen select n, case when n % 1000 = 0 then 'odd' else 'usual' end from generate_series(1, 60000) n;
    analyze seen`)
})

afterAll(async () => {
  await tested?.close()
  await database?.drop()
})

const explain = (text: string, isAnalyzed = true) =>
  tested.service.explain({ sessionId: 't', text, isAnalyzed }, {})

test('a plan tells exclusive times, rows expected and come, buffers, and what would help', async () => {
  const plan = await explain("select status, count(*) from seen where status = 'odd' group by 1")
  expect(plan.isAnalyzed).toBe(true)
  const scan = plan.nodes.find(({ type }) => type.includes('Seq Scan'))
  expect(scan).toMatchObject({ target: 'public.seen', actualRows: 60 })
  expect((scan?.blocks.hit ?? 0) + (scan?.blocks.read ?? 0)).toBeGreaterThan(100)
  const exclusive = plan.nodes.reduce((sum, node) => sum + (node.exclusiveMs ?? 0), 0)
  expect(exclusive).toBeLessThanOrEqual((plan.nodes[0]?.totalMs ?? 0) * 1.05 + 0.1)
  expect(plan.hints).toContainEqual({
    nodeId: scan?.id,
    text: 'Read 60,000 rows of public.seen to keep 60.',
    sql: 'create index concurrently on "public"."seen" (status);',
  })
})

test('an analyzed write is rolled back, in an open transaction behind a savepoint', async () => {
  const plan = await explain('explain (analyze) delete from seen where id < 100')
  expect(plan.nodes[0]?.type).toBe('ModifyTable (Delete)')
  await tested.run('begin; create table kept_work (a int)')
  await explain('delete from seen')
  expect((await tested.run('select count(*) from kept_work')).transaction).toBe('open')
  await expect(explain('select no_such_column')).rejects.toMatchObject({ fault: { sqlState: '42703' } })
  expect((await tested.run('rollback')).statements[0]?.command).toBe('ROLLBACK')
  const { rows } = await database.client.query('select count(*)::int as n from seen')
  expect(rows).toEqual([{ n: 60_000 }])
})

test('a plan without running it has no times; what is no plan is refused', async () => {
  const plan = await explain('select * from seen', false)
  expect(plan.nodes[0]).toMatchObject({ totalMs: null, actualRows: null, estimatedRows: 60_000 })
  expect((await tested.service.readPlan({ json: plan.json }, {})).nodes).toHaveLength(1)
  await tested.run(
    'set parallel_setup_cost = 0; set parallel_tuple_cost = 0; set min_parallel_table_scan_size = 0',
  )
  const parallel = await explain('select count(*) from seen', false)
  await tested.run('reset all')
  const workers = parallel.nodes.flatMap((node) => node.workers ?? [])
  expect(workers).toEqual([{ planned: expect.any(Number), launched: null }])
  expect(parallel.hints).toEqual([])
  await expect(tested.service.readPlan({ json: '{"a": 1}' }, {})).rejects.toMatchObject({
    code: 'INPUT_INVALID',
  })
})

test('a result is sorted by what its values mean, and filtered, on the rows that are held', async () => {
  const { statements } = await tested.run(`
    select * from (values (9007199254740993::int8, 'infinity'::timestamptz, 'b'), (9007199254740992, '0044-03-15 BC', 'B%x'),
                          (-5, '2026-01-02 03:04:05.000001+00', null), (null, null, '<i>'), (10, '2026-01-02', 'a')) v (big, at, text)`)
  const resultId = statements[0]?.resultId ?? ''
  const order = async (arrangement: Partial<Arrangement>) => {
    const { arrangementId } = await tested.service.arrange(
      { resultId, arrangement: { find: '', filters: [], sort: null, ...arrangement } },
      {},
    )
    const page = await tested.service.listRows(
      { resultId, arrangementId, from: 0, count: 10, maxCharacters: 100 },
      {},
    )
    expect(page.numbers).toHaveLength(page.rows.length)
    return page.numbers
  }
  expect(await order({ sort: { column: 0, isDescending: false } })).toEqual([2, 4, 1, 0, 3])
  expect(await order({ sort: { column: 0, isDescending: true } })).toEqual([0, 1, 4, 2, 3])
  expect(await order({ sort: { column: 1, isDescending: false } })).toEqual([1, 4, 2, 0, 3])
  expect(await order({ find: 'b%' })).toEqual([1])
  expect(await order({ filters: [{ column: 0, op: '=', value: '9007199254740993' }] })).toEqual([0])
  expect(
    await order({
      filters: [
        { column: 0, op: '>', value: '0' },
        { column: 2, op: 'contains', value: 'B' },
      ],
    }),
  ).toEqual([0, 1])
  expect(await order({ filters: [{ column: 2, op: 'null', value: '' }] })).toEqual([2])
})

test('a large result is sorted in steps', async () => {
  const { statements } = await tested.run('select (n * 7919) % 100003 as n from generate_series(1, 100000) n')
  const resultId = statements[0]?.resultId ?? ''
  const sorted = await tested.service.arrange(
    { resultId, arrangement: { find: '', filters: [], sort: { column: 0, isDescending: true } } },
    {},
  )
  const { rows } = await tested.service.listRows(
    { resultId, arrangementId: sorted.arrangementId, from: 49_990, count: 20, maxCharacters: 100 },
    {},
  )
  const values = rows.map(([value]) => Number(value))
  expect(values).toEqual([...values].sort((a, b) => b - a))
})

const benchmark = (text: string, runs: number, more = {}) =>
  tested.service.benchmark({ sessionId: 'm', text, runs, ...more }, {})

test('a statement is measured run by run, its parameters as values; a write is rolled back each time', async () => {
  const read = await benchmark('select * from seen where id < :most', 20, {
    parameters: { most: { type: 'int8', value: '50' } },
  })
  expect(read.durationsMs).toHaveLength(20)
  expect(read.isCancelled).toBe(false)
  const sorted = [...read.durationsMs].sort((one, other) => one - other)
  expect([read.minMs, read.p50Ms, read.p90Ms, read.p99Ms, read.maxMs]).toEqual(
    [0, 9, 17, 19, 19].map((at) => sorted[at]),
  )
  await benchmark('delete from seen where id <= 10', 3)
  await tested.run('begin; create table still_there (a int)', {}, 'm')
  await benchmark('insert into still_there values (1)', 3)
  const open = await tested.run('select count(*) from still_there', {}, 'm')
  expect(open.transaction).toBe('open')
  expect(open.statements[0]?.status).toBe('succeeded')
  await tested.run('rollback', {}, 'm')
  const { rows } = await database.client.query('select count(*)::int as n from seen')
  expect(rows).toEqual([{ n: 60_000 }])
})

test('a cancelled measurement tells what it had; what cannot be rolled back is not measured', async () => {
  const measured = benchmark('select pg_sleep(0.2)', 1000)
  const sleeps = "select from pg_stat_activity where state = 'active' and query = 'select pg_sleep(0.2)'"
  const begins = 'select query_start::text as at from pg_stat_activity where query = $1'
  const begun = async () =>
    (await database.client.query(begins, ['select pg_sleep(0.2)'])).rows[0]?.at as string | undefined
  await expect.poll(async () => (await database.client.query(sleeps)).rowCount).toBe(1)
  const first = await begun()
  // The second run: one is measured by then.
  await expect.poll(async () => ((await begun()) ?? first) !== first).toBe(true)
  await tested.service.cancel({ sessionId: 'm' }, {})
  const { isCancelled, durationsMs } = await measured
  expect(isCancelled).toBe(true)
  expect(durationsMs.length).toBeGreaterThan(0)
  expect((await tested.run('select 1', {}, 'm')).statements[0]?.status).toBe('succeeded')
  for (const text of ['vacuum seen', 'commit', 'select 1; select 2'])
    await expect(benchmark(text, 2), text).rejects.toMatchObject({ code: 'UNSUPPORTED' })
  await expect(benchmark('select no_such_column', 2)).rejects.toMatchObject({ fault: { sqlState: '42703' } })
})
