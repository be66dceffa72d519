import { expect, test } from 'vitest'
import { createPartitions } from '../../src-main/partitions/service.ts'
import { setStage } from './stage.ts'

const { partitions, run, services } = setStage()
const find = async (name: string) =>
  (await partitions().list({}, {})).tables.find((table) => table.name === name)
const urgent = async (name: string) =>
  (await find(name))?.findings.filter(({ severity }) => severity !== 'note').map(({ text }) => text)
const ensure = async () => services().jobs.finished((await partitions().ensure({}, {})).jobId)

test('the platform has at least 24 partitions under four tables, with their steps', async () => {
  const { tables, isHealthy } = await partitions().check(undefined, {})
  expect(tables.map(({ name, step, scale }) => [name, step, scale])).toEqual([
    ['raw_data_template', 'month', 'time'],
    ['fact_template', 'year', 'time'],
    ['audit_log', 'quarter', 'time'],
    ['test_runs', 'year', 'time'],
  ])
  expect(tables.reduce((sum, { partitionCount }) => sum + partitionCount, 0)).toBeGreaterThanOrEqual(24)
  expect(tables[0]?.retention).toMatchObject({ keep: '5 years', action: 'archive', holds: [] })
  expect(isHealthy).toBe(true)
})

test('making them fills what is missing up to the horizon; a second time nothing is', async () => {
  const newest = (await find('raw_data_template'))?.partitions.findLast(({ state }) => state !== 'default')
  await run(`drop table explore.${newest?.name}`)
  expect(await urgent('raw_data_template')).toEqual([expect.stringMatching(/^Premade partitions end on 1 /)])
  expect(await ensure()).toMatchObject({ status: 'succeeded', detail: '1 made, 0 rows moved out of default' })
  const horizon = Date.now() + 85 * 86_400_000
  for (const table of (await partitions().list({}, {})).tables)
    expect(table.coveredUntil?.getTime()).toBeGreaterThan(horizon)
  expect(await ensure()).toMatchObject({ detail: 'None was missing' })
})

test('what will hurt is said before it does, with its periods and its partitions', async () => {
  await run('create table public.events (at timestamptz not null, v int) partition by range (at)')
  await run(
    `create table public.events_now partition of public.events for values from (now() - interval '10 days') to (now() + interval '10 days')`,
  )
  await run(
    `create table public.events_old partition of public.events for values from ('2024-01-01+00') to ('2024-02-01+00')`,
  )
  await run('create table public.events_default partition of public.events default')
  await run(
    "insert into public.events select timestamptz '2025-03-01 12:00+00' + g * interval '1 hour' from generate_series(0, 499) g",
  )
  await run('create index events_v on only public.events (v)')
  await run(
    'create index events_now_v on public.events_now (v); alter index events_v attach partition events_now_v',
  )
  await run('analyze public.events_default')
  const table = await find('events')
  expect(table?.defaultRows).toBe(500)
  expect(table?.gaps).toHaveLength(1)
  expect(await urgent('events')).toEqual([
    expect.stringMatching(/^Premade partitions end on/),
    'About 500 rows are in the default partition, of 1 March 2025 to 22 March 2025',
    'events_old, events_default lack an index of the table',
  ])
  expect((await partitions().check(undefined, {})).isHealthy).toBe(false)
  const detail = await partitions().describe({ schema: 'public', name: 'events_default' }, {})
  expect(detail.missingIndexes).toEqual([expect.stringContaining('events_v')])
  expect(detail.newestKey).toContain('2025-03-22')
  expect(await partitions().count({ schema: 'public', name: 'events_default' }, {})).toMatchObject({
    rows: 500,
  })
})

test('a child that vacuum was kept from is found bloated, one that was never analysed too', async () => {
  await run('create table public.queue (k int, done bool) partition by list (k)')
  await run(
    'create table public.queue_1 partition of public.queue for values in (1) with (autovacuum_enabled = off)',
  )
  await run('insert into public.queue select 1, false from generate_series(1, 20000)')
  await run('analyze public.queue')
  expect(await urgent('queue')).toEqual([])
  await run('update public.queue set done = true where k = 1')
  await run(
    'create table public.queue_2 partition of public.queue for values in (2) with (autovacuum_enabled = off)',
  )
  await run('insert into public.queue select 2, false from generate_series(1, 200000)')
  // Another session's counts arrive when it is idle or ends.
  await expect
    .poll(() => urgent('queue'))
    .toEqual(['queue_1 holds many dead rows', 'queue_2 was never analysed'])
  const checked = (await partitions().check(undefined, {})).tables.find(({ name }) => name === 'queue')
  expect(checked?.findings.map(({ kind, partitions: about }) => [kind, about])).toEqual([
    ['bloat', ['queue_1']],
    ['never analysed', ['queue_2']],
  ])
  await run('vacuum analyze public.queue_1')
  await run('analyze public.queue_2')
  await expect.poll(() => urgent('queue')).toEqual([])
  const { tables } = await partitions().list({ schema: 'public', name: 'queue' }, {})
  const [first, second] = tables[0]?.partitions ?? []
  const { now } = (await run('select extract(epoch from now())::float8 * 1000 as now')).rows[0]
  for (const at of [first?.vacuumedAt, first?.analyzedAt, second?.analyzedAt]) {
    expect(at).toBeGreaterThan(now - 600_000)
    expect(at).toBeLessThanOrEqual(now)
  }
  expect(second?.vacuumedAt).toBeNull()
})

test('a table that covers no today says what becomes of its rows', async () => {
  await run('create table public.stale (at date) partition by range (at)')
  await run(
    "create table public.stale_1 partition of public.stale for values from ('2090-01-01') to ('2091-01-01')",
  )
  expect(await urgent('stale')).toEqual(['No partition covers today: inserts fail'])
})

test('lists, hashes and several levels have their values, and their sums', async () => {
  await run(
    "create table public.l (k text) partition by list (k); create table public.l_a partition of public.l for values in ('a', 'b''c')",
  )
  await run(
    'create table public.h (k int) partition by hash (k); create table public.h_0 partition of public.h for values with (modulus 2, remainder 0)',
  )
  await run(
    'create table public.m (k int, d date) partition by list (k); create table public.m_1 partition of public.m for values in (1) partition by range (d)',
  )
  await run(
    "create table public.m_1_2026 partition of public.m_1 for values from ('2026-01-01') to ('2027-01-01')",
  )
  await run("insert into public.m select 1, '2026-05-05' from generate_series(1, 100)")
  await run('analyze public.m')
  expect(await find('l')).toMatchObject({
    strategy: 'list',
    key: 'k',
    findings: [],
    partitions: [{ name: 'l_a', from: null, values: ['a', "b'c"], state: 'attached' }],
  })
  expect(await find('h')).toMatchObject({ strategy: 'hash', partitions: [{ name: 'h_0' }] })
  expect(await find('m')).toMatchObject({
    levels: 2,
    partitionCount: 1,
    estimatedRows: 100,
    partitions: [
      { name: 'm_1', level: 1, strategy: 'range', key: 'd', estimatedRows: 100 },
      { name: 'm_1_2026', level: 2, strategy: null, estimatedRows: 100 },
    ],
  })
})

test('texts that look like numbers lie in the order of texts', async () => {
  await run(
    "create table public.codes (code text) partition by range (code); create table public.codes_1 partition of public.codes for values from ('1') to ('10'); create table public.codes_2 partition of public.codes for values from ('10') to ('2')",
  )
  expect(await find('codes')).toMatchObject({
    scale: 'none',
    gaps: [],
    findings: [],
    partitions: [
      { name: 'codes_1', from: null, to: null },
      { name: 'codes_2', from: null, to: null },
    ],
  })
})

test('a partition that somebody holds exclusively keeps nobody from looking', async () => {
  const holder = await services().database.connect()
  await holder.query('begin; lock table explore.raw_data_2025_10 in access exclusive mode')
  expect((await find('raw_data_template'))?.partitions.length).toBeGreaterThanOrEqual(6)
  await holder.query('rollback')
})

test('the number of catalogue statements is the same for 4 and for 200 partitions', async () => {
  const count = async () => {
    let statements = 0
    const db = { ...services().db }
    const counting: typeof db = {
      ...db,
      rows: (query) => {
        statements++
        return db.rows(query)
      },
      row: (query) => {
        statements++
        return db.row(query)
      },
    }
    await createPartitions({
      db: counting,
      jobs: services().jobs,
      environmentId: 'test',
      horizonMonths: 3,
    }).list({}, {})
    return statements
  }
  const before = await count()
  await run('create table public.many (k int) partition by range (k)')
  await run(
    `do $$ begin for i in 1..200 loop
       execute format('create table public.many_%s partition of public.many for values from (%s) to (%s)', i, i * 10, i * 10 + 10);
     end loop; end $$`,
  )
  expect(await count()).toBe(before)
  expect((await find('many'))?.partitionCount).toBe(200)
})
