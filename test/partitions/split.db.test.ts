import { describe, expect, test } from 'vitest'
import type { Action } from '../../src-main/partitions/action.contract.ts'
import { march, of, setStage } from './stage.ts'

const { apply, makeEvents, names, partitions, plan, rows, run, services } = setStage()

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
    const other = await services().database.connect()
    await other.query("begin; insert into public.events (at) values ('2025-03-05+00')")
    const { jobId } = await partitions().apply({ action }, {})
    // The move waits for the open writer before it takes the table for itself.
    await expect
      .poll(async () => (await services().jobs.get({ id: jobId }, {})).detail)
      .toContain('1,000 of 1,000 rows moved')
    expect(await rows('public.events')).toBe(1010)
    await other.query('commit')
    expect(await services().jobs.finished(jobId)).toMatchObject({
      detail: 'events_2025_03 made, 1,001 rows moved out of default',
    })

    await other.query('begin; lock table public.events_default in row exclusive mode')
    const april = { kind: 'range', from: '2025-04-01 00:00:00+00', to: '2025-05-01 00:00:00+00' } as const
    const second = await partitions().apply(
      { action: { ...action, name: 'events_2025_04', bound: april } },
      {},
    )
    await expect
      .poll(async () => (await services().jobs.get({ id: second.jobId }, {})).detail)
      .toContain('10 of 10 rows moved')
    await services().jobs.cancel({ id: second.jobId }, {})
    expect(await services().jobs.finished(second.jobId)).toMatchObject({ status: 'cancelled' })
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
