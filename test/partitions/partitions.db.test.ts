import { afterEach, beforeEach, expect, test } from 'vitest'
import { createPartitions } from '../../src-main/partitions/service.ts'
import { openTestServices, type TestServices } from '../support/services.ts'

let services: TestServices

beforeEach(async () => {
  services = await openTestServices()
})

afterEach(() => services.close())

const partitions = () =>
  createPartitions({ db: services.db, jobs: services.jobs, environmentId: 'test', horizonMonths: 3 })
const find = async (name: string) =>
  (await partitions().list(undefined, {})).tables.find((table) => table.name === name)
const ensure = async () => services.jobs.finished((await partitions().ensure({}, {})).jobId)

test('the platform has at least 24 partitions under four tables, with their steps', async () => {
  const { tables } = await partitions().list(undefined, {})
  expect(tables.map(({ name, step }) => [name, step])).toEqual([
    ['raw_data_template', 'month'],
    ['fact_template', 'year'],
    ['audit_log', 'quarter'],
    ['test_runs', 'year'],
  ])
  expect(tables.flatMap((table) => table.partitions).length).toBeGreaterThanOrEqual(24)
  expect(tables.flatMap(({ findings }) => findings)).toEqual([])
})

test('making them fills what is missing up to the horizon; a second time nothing is', async () => {
  const newest = (await find('raw_data_template'))?.partitions.findLast(({ isDefault }) => !isDefault)
  await services.database.client.query(`drop table explore.${newest?.name}`)
  expect((await find('raw_data_template'))?.findings).toEqual([expect.stringMatching(/^Partitions end on/)])
  expect(await ensure()).toMatchObject({ status: 'succeeded', detail: '1 made, 0 rows moved out of default' })
  const horizon = Date.now() + 85 * 86_400_000
  for (const table of (await partitions().list(undefined, {})).tables)
    expect(table.coveredUntil?.getTime()).toBeGreaterThan(horizon)
  expect(await ensure()).toMatchObject({ detail: 'None was missing' })
})

test('rows in default, an index that a partition lacks and an end that is near are findings', async () => {
  const { client } = services.database
  await client.query('create table public.events (at timestamptz not null, v int) partition by range (at)')
  await client.query(
    "create table public.events_now partition of public.events for values from (now() - interval '10 days') to (now() + interval '10 days')",
  )
  await client.query('create table public.events_default partition of public.events default')
  await client.query(
    "insert into public.events select now() + interval '1 year', g from generate_series(1, 500) g",
  )
  await client.query('create index events_v on only public.events (v)')
  await client.query('analyze public.events_default')
  const table = await find('events')
  expect(table?.defaultRows).toBe(500)
  expect(table?.findings).toEqual([
    expect.stringMatching(/^Partitions end on/),
    'About 500 rows are in the default partition',
  ])
})

test('lists and hashes and several levels are listed without bounds in time', async () => {
  const { client } = services.database
  await client.query(
    "create table public.l (k text) partition by list (k); create table public.l_a partition of public.l for values in ('a', 'b''c')",
  )
  await client.query(
    'create table public.h (k int) partition by hash (k); create table public.h_0 partition of public.h for values with (modulus 2, remainder 0)',
  )
  await client.query(
    'create table public.m (k int, d date) partition by list (k); create table public.m_1 partition of public.m for values in (1) partition by range (d)',
  )
  await client.query(
    "create table public.m_1_2026 partition of public.m_1 for values from ('2026-01-01') to ('2027-01-01')",
  )
  expect(await find('l')).toMatchObject({
    strategy: 'list',
    key: 'k',
    findings: [],
    partitions: [{ name: 'l_a', from: null }],
  })
  expect(await find('h')).toMatchObject({ strategy: 'hash', partitions: [{ name: 'h_0' }] })
  expect(await find('m')).toMatchObject({ partitions: [{ name: 'm_1_2026' }] })
})
