import { describe, expect, test } from 'vitest'
import { setStage } from './stage.ts'

const { makeEvents, partitions, rows, run } = setStage()

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
