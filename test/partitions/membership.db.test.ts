import { describe, expect, test } from 'vitest'
import type { Action } from '../../src-main/partitions/action.contract.ts'
import { march, of, setStage } from './stage.ts'

const { apply, makeEvents, names, partitions, plan, rows, run, services } = setStage()

const february =
  "create table public.events_2025_02 partition of public.events for values from ('2025-02-01+00') to ('2025-03-01+00')"
const concurrently = { kind: 'detach', partition: of('events_2025_01'), isConcurrent: true } as const
const isPending = async () =>
  (
    await run(
      "select inhdetachpending as is from pg_inherits where inhrelid = 'public.events_2025_01'::regclass",
    )
  ).rows[0]?.is

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

  test('a concurrent detach waits for who reads, lets others read and write, and goes through', async () => {
    await makeEvents(false)
    await run(`${february}; insert into public.events (at) values ('2025-01-05+00'), ('2025-02-05+00')`)
    const { database, jobs } = services()
    const reader = await database.connect()
    await reader.query('begin isolation level repeatable read; select count(*) from public.events')
    const { jobId } = await partitions().apply({ action: concurrently }, {})
    await expect.poll(isPending).toBe(true)
    expect(await rows('public.events')).toBe(1)
    expect((await reader.query('select count(*) from public.events')).rows[0].count).toBe('2')
    await run("insert into public.events (at) values ('2025-02-06+00')")
    await reader.query('commit')
    expect(await jobs.finished(jobId)).toMatchObject({
      status: 'succeeded',
      detail: 'events_2025_01 detached; it stays as a table',
    })
    expect(await names('public.events')).toEqual(['events_2025_02'])
    expect(await rows('public.events_2025_01')).toBe(1)
  })

  test('an interrupted concurrent detach is found, blocks the next one, and is finalized', async () => {
    await makeEvents(false)
    await run(`${february}; alter table public.events detach partition public.events_2025_01;
      alter table public.events attach partition public.events_2025_01 for values from ('2025-03-01+00') to ('2099-01-01+00')`)
    const { database, jobs } = services()
    const reader = await database.connect()
    await reader.query('begin isolation level repeatable read; select count(*) from public.events')
    const { jobId } = await partitions().apply({ action: concurrently }, {})
    await expect.poll(isPending).toBe(true)
    await jobs.cancel({ id: jobId }, {})
    await jobs.finished(jobId)
    await reader.query('rollback')
    // It takes no rows any more, and keeps its bound from others: two partitions never cover the same.
    await expect(run('insert into public.events (at) values (now())')).rejects.toMatchObject({
      code: '23514',
    })
    await expect(
      run(
        "create table public.twice partition of public.events for values from ('2025-04-01+00') to ('2025-05-01+00')",
      ),
    ).rejects.toMatchObject({ code: '42P17' })
    const { tables } = await partitions().check(undefined, {})
    expect(tables.find(({ name }) => name === 'events')?.findings).toMatchObject([
      {
        kind: 'uncovered',
        severity: 'failed',
        next: 'Finalize the detach of events_2025_01, and attach it again or make another.',
      },
      { kind: 'detach pending', partitions: ['events_2025_01'] },
    ])
    expect((await plan({ kind: 'drop', partition: of('events_2025_02') })).refusal?.instead).toContain(
      'Finalize',
    )
    expect(await apply({ kind: 'finalize', partition: of('events_2025_01') })).toMatchObject({
      status: 'succeeded',
    })
    expect(await names('public.events')).toEqual(['events_2025_02'])
  })
})

test('what was detached is attached again by the action that the plan names, out of another schema too', async () => {
  await makeEvents()
  await run("create schema attic; insert into public.events (at) values ('2025-01-05+00')")
  const before = (
    await run("select pg_get_expr(relpartbound, oid) as bound from pg_class where relname = 'events_2025_01'")
  ).rows
  const action = {
    kind: 'detach',
    partition: of('events_2025_01'),
    isConcurrent: false,
    toSchema: 'attic',
  } as const
  const { undo } = await plan(action)
  expect(undo).toMatchObject({ kind: 'attach', partition: { schema: 'attic', name: 'events_2025_01' } })
  expect(await apply(action)).toMatchObject({
    detail: 'events_2025_01 detached; it stays as a table in attic',
  })
  expect(await rows('attic.events_2025_01')).toBe(1)
  if (!undo) throw new Error('No undo')
  expect(await apply(undo)).toMatchObject({ status: 'succeeded' })
  expect(
    (
      await run(
        "select pg_get_expr(relpartbound, oid) as bound from pg_class where relname = 'events_2025_01'",
      )
    ).rows,
  ).toEqual(before)

  // Nothing is said to take back what no bound of the form can.
  await run(
    "create table public.l (k text) partition by list (k); create table public.l_1 partition of public.l for values in ('a', null)",
  )
  expect((await plan({ kind: 'detach', partition: of('l_1'), isConcurrent: false })).undo).toBeNull()
  // A schema that is not there fails the whole: the partition stays.
  expect(
    await apply({
      kind: 'detach',
      partition: of('events_default'),
      isConcurrent: false,
      toSchema: 'nowhere',
    }),
  ).toMatchObject({ status: 'failed', error: { data: { saved: 'Nothing was changed.' } } })
  expect(await names('public.events')).toContain('events_default')
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
