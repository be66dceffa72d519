import { expect, test } from 'vitest'
import { march, of, setStage } from './stage.ts'

const { apply, makeEvents, names, partitions, plan, rows, run, services } = setStage()
const bounds = async (table: string) =>
  (await partitions().list(of(table), {})).tables[0]?.partitions.map(({ bound }) => bound)

test('the next ones are as long and named as the last, of times, days, numbers and hours', async () => {
  await makeEvents(false)
  const year = new Date().getUTCFullYear() + 5
  await run(
    `create table public.events_${year}_11 partition of public.events for values from ('${year}-11-01+00') to ('${year}-12-01+00')`,
  )
  const { transactions, refusal } = await plan({ kind: 'ensure', table: of('events'), count: 3 })
  expect(refusal).toBeNull()
  expect(transactions).toHaveLength(3)
  expect(await apply({ kind: 'ensure', table: of('events'), count: 3 })).toMatchObject({ detail: '3 made' })
  expect(await names('public.events')).toEqual([
    'events_2025_01',
    `events_${year}_11`,
    `events_${year}_12`,
    `events_${year + 1}_01`,
    `events_${year + 1}_02`,
  ])

  await run(
    'create table public.n (k bigint) partition by range (k); create table public.n_0 partition of public.n for values from (0) to (1000)',
  )
  await apply({ kind: 'ensure', table: of('n'), count: 2 })
  expect(await names('public.n')).toEqual(['n_0', 'n_1000', 'n_2000'])

  await run(
    `create table public.d (k date) partition by range (k); create table public.d_${year}0228 partition of public.d for values from ('${year}-02-28') to ('${year}-03-01')`,
  )
  await apply({ kind: 'ensure', table: of('d'), count: 1 })
  const made = (await names('public.d')).filter((name) => name !== `d_${year}0228`)
  expect(made[0]).toMatch(/^d_\d{4}03?0?/)
})

test('months that begin at the midnight of a zone with summer time stay there', async () => {
  const year = new Date().getUTCFullYear() + 5
  await run(`alter database ${services().database.name} set timezone = 'Europe/Berlin'`)
  const client = await services().database.connect()
  await client.query('create table public.z (at timestamptz) partition by range (at)')
  await client.query(
    `create table public.z_${year}_03 partition of public.z for values from ('${year}-03-01') to ('${year}-04-01')`,
  )
  await apply({ kind: 'ensure', table: of('z'), count: 1 })
  const bound = await client.query(
    `select pg_get_expr(relpartbound, oid) as bound from pg_class where relname = 'z_${year}_04'`,
  )
  expect(bound.rows[0]?.bound).toBe(
    `FOR VALUES FROM ('${year}-04-01 00:00:00+02') TO ('${year}-05-01 00:00:00+02')`,
  )
})

test('what is missing in between is made, as long as the last and no longer than the gap', async () => {
  await makeEvents()
  await run(
    "create table public.events_2025_07 partition of public.events for values from ('2025-06-15+00') to ('2025-07-15+00')",
  )
  const { transactions, facts } = await plan({ kind: 'fill', table: of('events') })
  expect(transactions).toHaveLength(5)
  expect(facts).toContainEqual(
    expect.objectContaining({ name: 'Covers', value: expect.stringContaining('2025-06-15') }),
  )
  expect(await apply({ kind: 'fill', table: of('events') })).toMatchObject({
    detail: '5 made, 1,010 rows moved out of default',
  })
  expect((await partitions().list(of('events'), {})).tables[0]).toMatchObject({ gaps: [], defaultRows: 0 })
  expect((await plan({ kind: 'fill', table: of('events') })).refusal?.reason).toContain('Nothing is missing')

  await run(`create table public.n (k bigint) partition by range (k);
    create table public.n_0 partition of public.n for values from (0) to (100);
    create table public.n_350 partition of public.n for values from (350) to (450)`)
  expect(await apply({ kind: 'fill', table: of('n') })).toMatchObject({ detail: '3 made' })
  expect(await bounds('n')).toEqual([
    "FOR VALUES FROM ('0') TO ('100')",
    "FOR VALUES FROM ('100') TO ('200')",
    "FOR VALUES FROM ('200') TO ('300')",
    "FOR VALUES FROM ('300') TO ('350')",
    "FOR VALUES FROM ('350') TO ('450')",
  ])
})

test('one partition is made of a range, a list and a hash, partitioned again, with its rows out of default', async () => {
  await makeEvents()
  const create = { kind: 'create', table: of('events'), name: 'events_2025_03', bound: march } as const
  expect((await plan({ ...create, by: { strategy: 'hash', columns: ['id'] } })).refusal?.reason).toContain(
    '1,000 rows of this bound lie in the default partition',
  )
  expect(await apply(create)).toMatchObject({
    detail: 'events_2025_03 made, 1,000 rows moved out of default',
  })
  expect(await rows('public.events_2025_03')).toBe(1000)
  expect(
    (await plan({ ...create, name: 'x', bound: { kind: 'list', values: ['a'] } })).refusal?.reason,
  ).toContain('partitioned by range')

  await run('create table public.sales (country text, at date, n int) partition by list (country)')
  const table = of('sales')
  const at = { strategy: 'range' as const, columns: ['at'] }
  await apply({ kind: 'create', table, name: 'dach', bound: { kind: 'list', values: ['DE', 'AT'] }, by: at })
  await apply({
    kind: 'create',
    table: of('dach'),
    name: 'dach_2025',
    bound: { kind: 'range', from: '2025-01-01', to: '2026-01-01' },
    by: { strategy: 'hash', columns: ['n'] },
  })
  for (const remainder of [0, 1])
    await apply({
      kind: 'create',
      table: of('dach_2025'),
      name: `dach_2025_${remainder}`,
      bound: { kind: 'hash', modulus: 2, remainder },
    })
  await apply({ kind: 'create', table, name: 'rest', bound: { kind: 'default' } })
  await run(
    "insert into public.sales select (array['DE', 'FR'])[1 + n % 2], '2025-05-05', n from generate_series(1, 100) n",
  )
  expect([await rows('public.dach_2025'), await rows('public.rest')]).toEqual([50, 50])
  expect((await partitions().list(table, {})).tables[0]).toMatchObject({ levels: 3, partitionCount: 3 })
})

test('the table itself is analysed, which autovacuum never does', async () => {
  await makeEvents()
  expect(await apply({ kind: 'analyze', table: of('events') })).toMatchObject({ status: 'succeeded' })
  expect(
    (await run("select reltuples from pg_class where oid = 'public.events'::regclass")).rows[0]?.reltuples,
  ).toBe(1010)
})
