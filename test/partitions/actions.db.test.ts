import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import type { Action } from '../../src-main/partitions/contract.ts'
import { createPartitions } from '../../src-main/partitions/service.ts'
import { openTestServices, type TestServices } from '../support/services.ts'

let services: TestServices

beforeEach(async () => {
  services = await openTestServices()
})

afterEach(() => services.close())

const partitions = () =>
  createPartitions({ db: services.db, jobs: services.jobs, environmentId: 'test', horizonMonths: 3 })
const run = (text: string) => services.database.client.query(text)
const plan = (action: Action) => partitions().plan({ action }, {})
const apply = async (action: Action, confirm?: string) =>
  services.jobs.finished((await partitions().apply({ action, confirm }, {})).jobId)
const rows = async (table: string) => Number((await run(`select count(*) from ${table}`)).rows[0].count)
const names = async (parent: string) =>
  (
    await run(
      `select inhrelid::regclass::text as name from pg_inherits where inhparent = '${parent}'::regclass order by 1`,
    )
  ).rows.map(({ name }) => name)
const of = (name: string) => ({ schema: 'public', name })

/** By month, with a default partition of 1,000 rows in March and 10 in April. */
async function makeEvents(hasDefault = true) {
  await run(
    `create table public.events (id bigint generated always as identity, at timestamptz not null, v text not null default 'x',
       twice text generated always as (v || v) stored, primary key (id, at)) partition by range (at)`,
  )
  await run(
    "create table public.events_2025_01 partition of public.events for values from ('2025-01-01+00') to ('2025-02-01+00')",
  )
  if (!hasDefault) return
  await run('create table public.events_default partition of public.events default')
  await run(
    `insert into public.events (at) select timestamptz '2025-03-01+00' + g * interval '10 minutes' from generate_series(0, 999) g
     union all select timestamptz '2025-04-02+00' from generate_series(1, 10)`,
  )
}

const march = { kind: 'range', from: '2025-03-01 00:00:00+00', to: '2025-04-01 00:00:00+00' } as const

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
  await run(`alter database ${services.database.name} set timezone = 'Europe/Berlin'`)
  await services.close()
  services = await openTestServices()
  await run(`alter database ${services.database.name} set timezone = 'Europe/Berlin'`)
  const client = await services.database.connect()
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

describe('a period out of default', () => {
  test('is counted by period, moved in batches and counted again; every row is there once', async () => {
    await makeEvents()
    const groups = await partitions().countDefault(of('events'), {})
    expect(groups.map(({ label, rows: found }) => [label, found])).toEqual([
      ['2025-03-01 to 2025-04-01', 1000],
      ['2025-04-01 to 2025-05-01', 10],
    ])
    expect(groups[0]?.split).toEqual({ name: 'events_2025_03', bound: march })
    const before = (await run("select md5(string_agg(e::text, '' order by id)) as sum from public.events e"))
      .rows
    const action: Action = {
      kind: 'split',
      table: of('events'),
      name: 'events_2025_03',
      bound: march,
      batchRows: 300,
    }
    const { facts, transactions, button } = await plan(action)
    expect(button).toBe('Move 1,000 rows')
    expect(facts.map(({ name }) => name)).toContain('Readers')
    expect(transactions[0]?.steps.filter(({ lock }) => lock === 'access exclusive')).toHaveLength(1)
    expect(await apply(action)).toMatchObject({
      status: 'succeeded',
      detail: 'events_2025_03 made, 1,000 rows moved out of default',
    })
    expect(await rows('only public.events_default')).toBe(10)
    expect(await rows('public.events_2025_03')).toBe(1000)
    expect(
      (await run("select md5(string_agg(e::text, '' order by id)) as sum from public.events e")).rows,
    ).toEqual(before)
  })

  test('others see the rows until it commits; what is written meanwhile moves too; a cancel moves nothing', async () => {
    await makeEvents()
    await run(
      `create function public.slow() returns trigger language plpgsql as $$ begin perform pg_sleep(0.02); return new; end $$`,
    )
    const action: Action = {
      kind: 'split',
      table: of('events'),
      name: 'events_2025_03',
      bound: march,
      batchRows: 20,
    }
    const other = await services.database.connect()
    await other.query("begin; insert into public.events (at) values ('2025-03-05+00')")
    const { jobId } = await partitions().apply({ action }, {})
    // The move waits for the open writer before it takes the table for itself.
    await expect
      .poll(async () => (await services.jobs.get({ id: jobId }, {})).detail)
      .toContain('1,000 of 1,000 rows moved')
    expect(await rows('public.events')).toBe(1010)
    await other.query('commit')
    expect(await services.jobs.finished(jobId)).toMatchObject({
      detail: 'events_2025_03 made, 1,001 rows moved out of default',
    })

    await other.query('begin; lock table public.events_default in row exclusive mode')
    const april = { kind: 'range', from: '2025-04-01 00:00:00+00', to: '2025-05-01 00:00:00+00' } as const
    const second = await partitions().apply(
      { action: { ...action, name: 'events_2025_04', bound: april } },
      {},
    )
    await expect
      .poll(async () => (await services.jobs.get({ id: second.jobId }, {})).detail)
      .toContain('10 of 10 rows moved')
    await services.jobs.cancel({ id: second.jobId }, {})
    expect(await services.jobs.finished(second.jobId)).toMatchObject({ status: 'cancelled' })
    await other.query('rollback')
    expect(await rows('only public.events_default')).toBe(10)
    expect(await names('public.events')).not.toContain('events_2025_04')
  })

  test('of a list; and refused where foreign keys would see a delete', async () => {
    await run('create table public.l (k text) partition by list (k)')
    await run('create table public.l_default partition of public.l default')
    await run("insert into public.l select 'it''s' from generate_series(1, 5)")
    const [group] = await partitions().countDefault(of('l'), {})
    expect(group).toMatchObject({ label: "it's", rows: 5 })
    if (!group?.split) throw new Error('no split')
    await apply({ kind: 'split', table: of('l'), ...group.split, batchRows: 2 })
    expect(await rows('only public.l_default')).toBe(0)

    await makeEvents()
    await run(
      'create table public.refs (id bigint, at timestamptz, foreign key (id, at) references public.events)',
    )
    const { refusal } = await plan({
      kind: 'split',
      table: of('events'),
      name: 'x',
      bound: march,
      batchRows: 10,
    })
    expect(refusal?.reason).toContain('Foreign keys')
  })
})

describe('attach and detach', () => {
  test('a table is attached after its bound was proven, and detached again', async () => {
    await makeEvents(false)
    await run('create table public.feb (like public.events including all excluding identity)')
    await run("insert into public.feb (id, at) values (1, '2025-02-05+00')")
    expect(await partitions().listCandidates(of('events'), {})).toMatchObject([
      { schema: 'public', name: 'feb' },
    ])
    const bound = { kind: 'range', from: '2025-02-01+00', to: '2025-03-01+00' } as const
    const { transactions } = await plan({ kind: 'attach', table: of('events'), partition: of('feb'), bound })
    expect(transactions.flatMap(({ steps }) => steps.map(({ sql }) => sql)).join('\n')).toContain(
      'validate constraint',
    )
    expect(await apply({ kind: 'attach', table: of('events'), partition: of('feb'), bound })).toMatchObject({
      detail: 'feb attached',
    })
    expect(await names('public.events')).toContain('feb')
    expect((await run("select from pg_constraint where conname = 'atlas_attach_bound'")).rowCount).toBe(0)
    expect(await apply({ kind: 'detach', partition: of('feb'), isConcurrent: true })).toMatchObject({
      status: 'succeeded',
    })
    expect(await names('public.events')).not.toContain('feb')
    expect(await rows('public.feb')).toBe(1)
  })

  test('rows of another period fail the attach, and nothing stays half done but the proof', async () => {
    await makeEvents(false)
    await run('create table public.feb (like public.events including all excluding identity)')
    await run("insert into public.feb (id, at) values (1, '2026-02-05+00')")
    const bound = { kind: 'range', from: '2025-02-01+00', to: '2025-03-01+00' } as const
    const job = await apply({ kind: 'attach', table: of('events'), partition: of('feb'), bound })
    expect(job).toMatchObject({ status: 'failed', error: { data: { sqlState: '23514' } } })
    expect(job.error?.data.saved).toContain('1 of 3 transactions')
    expect(await names('public.events')).toEqual(['events_2025_01'])
  })

  test('a table with other columns, or whose rows lie in default, is refused with the reason', async () => {
    await makeEvents()
    await run('create table public.other (at timestamptz)')
    const attach = (name: string) =>
      plan({ kind: 'attach', table: of('events'), partition: of(name), bound: march })
    expect((await attach('other')).refusal?.reason).toContain('columns')
    await run('create table public.mar (like public.events including all excluding identity)')
    expect((await attach('mar')).refusal).toMatchObject({
      reason: expect.stringContaining('1,000 rows of this bound lie in the default'),
      instead: expect.stringContaining('Split'),
    })
  })

  test('concurrently is refused with a default partition, and the plain way offered and taken', async () => {
    await makeEvents()
    const { refusal } = await plan({ kind: 'detach', partition: of('events_2025_01'), isConcurrent: true })
    expect(refusal?.reason).toContain('default')
    await expect(
      partitions().apply(
        { action: { kind: 'detach', partition: of('events_2025_01'), isConcurrent: true } },
        {},
      ),
    ).rejects.toMatchObject({ code: 'CONFLICT' })
    expect(
      await apply({ kind: 'detach', partition: of('events_2025_01'), isConcurrent: false }),
    ).toMatchObject({ status: 'succeeded' })
  })

  test('an interrupted concurrent detach is found, blocks the next one, and is finalized', async () => {
    await makeEvents(false)
    await run(
      "create table public.events_2025_02 partition of public.events for values from ('2025-02-01+00') to ('2025-03-01+00')",
    )
    const reader = await services.database.connect()
    await reader.query('begin isolation level repeatable read; select count(*) from public.events')
    const { jobId } = await partitions().apply(
      { action: { kind: 'detach', partition: of('events_2025_01'), isConcurrent: true } },
      {},
    )
    const isPending = async () =>
      (
        await run(
          "select inhdetachpending as is from pg_inherits where inhrelid = 'public.events_2025_01'::regclass",
        )
      ).rows[0]?.is
    await expect.poll(isPending).toBe(true)
    await services.jobs.cancel({ id: jobId }, {})
    await services.jobs.finished(jobId)
    await reader.query('rollback')
    const { tables } = await partitions().check(undefined, {})
    expect(tables.find(({ name }) => name === 'events')?.findings.map(({ kind }) => kind)).toContain(
      'detach pending',
    )
    expect((await plan({ kind: 'drop', partition: of('events_2025_02') })).refusal?.instead).toContain(
      'Finalize',
    )
    expect(await apply({ kind: 'finalize', partition: of('events_2025_01') })).toMatchObject({
      status: 'succeeded',
    })
    expect(await names('public.events')).toEqual(['events_2025_02'])
  })
})

test('a drop needs the name, tells what depends on it, and gives a lock up after some tries', async () => {
  await makeEvents(false)
  const action: Action = { kind: 'drop', partition: of('events_2025_01') }
  expect(await plan(action)).toMatchObject({ isDestructive: true, confirm: 'events_2025_01', refusal: null })
  await expect(partitions().apply({ action }, {})).rejects.toMatchObject({ code: 'CONFIRMATION_NEEDED' })
  await run('create view public.seen as select * from public.events_2025_01')
  expect((await plan(action)).refusal?.reason).toContain('seen')
  await run('drop view public.seen')
  expect(await apply(action, 'events_2025_01')).toMatchObject({ status: 'succeeded' })
  expect(await names('public.events')).toEqual([])
})

test('the platform: a legal hold keeps a partition, the audit log keeps all, new ones get policies', async () => {
  const partition = { schema: 'explore', name: 'raw_data_2025_10' }
  await run(
    "insert into compliance.legal_holds (name, reason, schema_name, table_name, range_from, range_to) values ('Case 7', 'court', 'explore', 'raw_data_template', '2025-10-05', '2025-10-06')",
  )
  for (const action of [
    { kind: 'drop', partition },
    { kind: 'detach', partition, isConcurrent: false },
  ] as const)
    expect((await plan(action)).refusal?.reason).toBe('The legal hold “Case 7” keeps it.')
  expect(
    (await plan({ kind: 'drop', partition: { schema: 'explore', name: 'raw_data_2025_11' } })).refusal,
  ).toBeNull()
  expect(
    (await plan({ kind: 'drop', partition: { schema: 'compliance', name: 'audit_log_2025_q1' } })).refusal
      ?.reason,
  ).toContain('audit log')

  const table = { schema: 'explore', name: 'raw_data_template' }
  const known = new Set(await names('explore.raw_data_template'))
  expect(await apply({ kind: 'ensure', table, count: 2 })).toMatchObject({ detail: '2 made' })
  const made = (await names('explore.raw_data_template')).filter((name) => !known.has(name))
  expect(made).toHaveLength(2)
  for (const name of made)
    expect(
      (await run(`select relrowsecurity as is from pg_class where oid = '${name}'::regclass`)).rows[0]?.is,
    ).toBe(true)
})

test('what leaves a table of the platform by hand is in its manifest, as what retention takes is', async () => {
  const table = { schema: 'explore', name: 'raw_data_template' }
  const partition = { schema: 'explore', name: 'raw_data_2025_10' }
  const manifest = async () =>
    (
      await run(
        `select table_name, partition_name, range_from, range_to, state, format, row_count, details ->> 'relation' as relation,
                restored_to
         from archive.snapshot_manifest order by snapshot_id`,
      )
    ).rows
  const stored = await rows('explore.raw_data_2025_10')
  const { bound } = (
    await run(
      "select pg_get_expr(relpartbound, oid) as bound from pg_class where oid = 'explore.raw_data_2025_10'::regclass",
    )
  ).rows[0]
  const [, from = '', to = ''] = /FROM \('(.*)'\) TO \('(.*)'\)/.exec(bound) ?? []

  expect(await apply({ kind: 'detach', partition, isConcurrent: false })).toMatchObject({
    status: 'succeeded',
  })
  const entry = {
    table_name: 'raw_data_template',
    partition_name: 'raw_data_2025_10',
    range_from: new Date('2025-10-01T00:00:00Z'),
    range_to: new Date('2025-11-01T00:00:00Z'),
    state: 'detached',
    format: 'table',
    row_count: stored,
    relation: 'explore.raw_data_2025_10',
    restored_to: null,
  }
  expect((await manifest()).map((one) => ({ ...one, row_count: Number(one.row_count) }))).toEqual([entry])

  expect(await apply({ kind: 'attach', table, partition, bound: { kind: 'range', from, to } })).toMatchObject(
    { status: 'succeeded' },
  )
  expect(await manifest()).toMatchObject([{ state: 'restored', restored_to: 'explore.raw_data_template' }])

  expect(await apply({ kind: 'drop', partition }, 'raw_data_2025_10')).toMatchObject({ status: 'succeeded' })
  expect(await manifest()).toMatchObject([
    { state: 'restored' },
    { state: 'dropped', partition_name: 'raw_data_2025_10' },
  ])
})

test('the table itself is analysed, which autovacuum never does', async () => {
  await makeEvents()
  expect(await apply({ kind: 'analyze', table: of('events') })).toMatchObject({ status: 'succeeded' })
  expect(
    (await run("select reltuples from pg_class where oid = 'public.events'::regclass")).rows[0]?.reltuples,
  ).toBe(1010)
})

describe('pruning', () => {
  const prune = (statement: string) => partitions().prune({ statement }, {})

  test('tells touched from pruned, by the planner and by what is known when it begins', async () => {
    await makeEvents()
    const { tables } = await prune(
      "select * from public.events where at >= '2025-01-05' and at < '2025-01-06'",
    )
    expect(tables).toMatchObject([
      { name: 'events', total: 2, pruned: 1, touched: [{ name: 'events_2025_01' }] },
    ])
    expect((await prune('select * from public.events')).tables).toMatchObject([{ pruned: 0 }])
    expect((await prune("delete from public.events where at = '2025-01-05'")).tables).toMatchObject([
      { pruned: 1 },
    ])
    expect((await prune("insert into public.events (at) values ('2025-01-05')")).tables).toMatchObject([
      { isRouted: true },
    ])
    expect((await prune('select 1')).tables).toEqual([])
    // `$1` inside of a string is no parameter.
    expect((await prune("select v, '$1' from public.events where at = '2025-01-05'")).tables).toMatchObject([
      { pruned: 1 },
    ])
  })

  test('runs nothing: no function of the statement writes, and a script is refused', async () => {
    await makeEvents()
    await run('create table public.touched (n int)')
    await run(
      'create function public.touch() returns timestamptz stable language plpgsql as $$ begin insert into public.touched values (1); return now(); end $$',
    )
    await prune('select * from public.events where at > public.touch()').catch(() => {})
    await prune('with gone as (delete from public.events returning 1) select * from gone')
    expect(await rows('public.touched')).toBe(0)
    expect(await rows('public.events')).toBe(1010)
    await expect(prune('select 1; drop table public.events')).rejects.toMatchObject({ code: 'INPUT_INVALID' })
    await expect(prune('explain analyze delete from public.events')).rejects.toMatchObject({
      code: 'INPUT_INVALID',
    })
    expect(await rows('public.events')).toBe(1010)
  })
})
