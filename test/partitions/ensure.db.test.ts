import { expect, test } from 'vitest'
import { of, setStage } from './stage.ts'

const { apply, makeEvents, names, plan, run, services } = setStage()

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

test('the table itself is analysed, which autovacuum never does', async () => {
  await makeEvents()
  expect(await apply({ kind: 'analyze', table: of('events') })).toMatchObject({ status: 'succeeded' })
  expect(
    (await run("select reltuples from pg_class where oid = 'public.events'::regclass")).rows[0]?.reltuples,
  ).toBe(1010)
})
