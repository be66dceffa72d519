import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { type MigrationsBench, openMigrationsBench } from './support.ts'

let bench: MigrationsBench

beforeEach(async () => {
  bench = await openMigrationsBench()
})
afterEach(() => bench.close())

const run = (text: string) => bench.database.client.query(text)
const rehearse = () => bench.done(bench.migrations.rehearse({}, {}))
const scratches = async () =>
  (await run("select from pg_database where datname ~ '^atlas_scratch_'")).rowCount

describe('a rehearsal', () => {
  test('names locks, rewrites and times of each statement, proves, and goes down and up again', async () => {
    await bench.write('001_a.sql', 'create table public.a (id int, name text);')
    await bench.apply()
    await run("insert into a values (1, 'one')")
    await bench.write(
      '002_b.sql',
      'create table public.b (id int);\nalter table public.a alter column id type bigint;\nalter table public.a add column note text;',
    )
    await bench.write('002_b.verify.sql', 'select count(*) = 0 from public.b;')
    await bench.write(
      '002_b.down.sql',
      'alter table public.a drop column note;\nalter table public.a alter column id type int;\ndrop table public.b;',
    )
    expect(await rehearse()).toMatchObject({ status: 'succeeded', detail: '1 rehearsed' })
    const report = await bench.migrations.rehearsal(undefined, {})
    expect(report).toMatchObject({ isPassed: true, replayed: 1 })
    expect(report?.files[0]).toMatchObject({
      status: 'passed',
      verify: 'passed',
      down: 'passed',
      up: [
        { line: 1, locks: [{ object: 'public.b', mode: 'access exclusive', isNew: true }], rewrites: [] },
        {
          line: 2,
          locks: expect.arrayContaining([{ object: 'public.a', mode: 'access exclusive', isNew: false }]),
          rewrites: ['public.a'],
        },
        { line: 3, locks: [], rewrites: [] },
      ],
    })
    expect(await bench.states()).toEqual(['001 applied', '002 pending'])
    expect(await scratches()).toBe(0)
  })

  test('fails where the way back leaves something, and names it', async () => {
    await bench.write(
      '001_a.sql',
      'create table a (id int); create index a_idx on a (id); create sequence s;',
    )
    await bench.write('001_a.down.sql', 'drop table a;')
    expect(await rehearse()).toMatchObject({ status: 'failed' })
    const report = await bench.migrations.rehearsal(undefined, {})
    expect(report?.files[0]?.error).toMatch(/way back: relation "s" already exists/)
  })

  test('fails at the statement that fails, and the rest is skipped', async () => {
    await bench.write('001_a.sql', 'create table a (id int);\nselect nothing;')
    await bench.write('002_b.sql', 'create table b (id int);')
    expect(await rehearse()).toMatchObject({ status: 'failed', error: { data: { object: '001_a.sql' } } })
    const report = await bench.migrations.rehearsal(undefined, {})
    expect(report?.files.map(({ status }) => status)).toEqual(['failed', 'skipped'])
    expect(report?.files[0]?.up[1]?.error).toContain('nothing')
    expect(await scratches()).toBe(0)
  })

  test('of a file without a transaction builds its index, and a cancel leaves nothing behind', async () => {
    await bench.write('001_a.sql', 'create table a (id int);')
    await bench.apply()
    await bench.write(
      '002_i.sql',
      '-- atlas: no-transaction\ncreate index concurrently i on a (id);\nselect pg_sleep(60);',
    )
    const { jobId } = await bench.migrations.rehearse({}, {})
    await expect
      .poll(
        async () => (await run("select from pg_stat_activity where query = 'select pg_sleep(60)'")).rowCount,
      )
      .toBe(1)
    await bench.jobs.cancel({ id: jobId }, {})
    expect(await bench.jobs.finished(jobId)).toMatchObject({ status: 'cancelled' })
    expect(await scratches()).toBe(0)
  })
})

test('drift names what was changed by hand, and nothing else', async () => {
  await bench.write(
    '001_a.sql',
    'create table a (id int primary key, name text); create view v as select id from a;',
  )
  await bench.write(
    '002_b.sql',
    'create table b (id int references a); create function f() returns int language sql as $$ select 1 $$;',
  )
  await bench.apply()
  expect(await bench.done(bench.migrations.checkDrift({}, {}))).toMatchObject({ detail: 'No drift' })
  await run(
    'alter table a alter column name set not null; drop table b; create index by_hand on a (name); create or replace function f() returns int language sql as $$ select 2 $$',
  )
  expect(await bench.done(bench.migrations.checkDrift({}, {}))).toMatchObject({ detail: '4 differences' })
  const drift = await bench.migrations.drift(undefined, {})
  expect(drift?.differences.map(({ change, kind, object }) => `${change} ${kind} ${object}`)).toEqual([
    'different column public.a.name',
    'different function public.f()',
    'unexpected index public.by_hand',
    'missing table public.b',
  ])
})
