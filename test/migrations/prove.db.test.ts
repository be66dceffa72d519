import { resolve } from 'node:path'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { type MigrationsBench, openMigrationsBench } from './support.ts'

let bench: MigrationsBench

beforeEach(async () => {
  bench = await openMigrationsBench()
})
afterEach(() => bench.close())

const run = (text: string) => bench.database.client.query(text)
const rehearse = () => bench.done(bench.migrations.rehearse({}, {}))

/** Those of tests beside this one come and go: what a rehearsal has left would stay. */
async function expectNoScratch() {
  const scratches = async () => {
    const { rows } = await run("select datname from pg_database where datname ~ '^atlas_scratch_'")
    return rows.map(({ datname }) => datname)
  }
  const found = await scratches()
  await expect.poll(async () => (await scratches()).filter((name) => found.includes(name))).toEqual([])
}

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
    await expectNoScratch()
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
    await expectNoScratch()
  })

  test('of a file without a transaction builds its index, and a cancel leaves nothing behind', async () => {
    await bench.write('001_a.sql', 'create table a (id int);')
    await bench.apply()
    await bench.write(
      '002_i.sql',
      '-- atlas: no-transaction\ncreate index concurrently i on a (id);\nselect pg_sleep(61);',
    )
    const { jobId } = await bench.migrations.rehearse({}, {})
    await expect
      .poll(
        async () => (await run("select from pg_stat_activity where query = 'select pg_sleep(61)'")).rowCount,
      )
      .toBe(1)
    await bench.jobs.cancel({ id: jobId }, {})
    expect(await bench.jobs.finished(jobId)).toMatchObject({ status: 'cancelled' })
    await expectNoScratch()
  })
})

describe('a rehearsal on a database that no ledger has made', () => {
  const grownByHand = `
    create schema shop;
    create type shop.mood as enum ('sad', 'glad');
    create table shop.customers (id bigint generated always as identity primary key, mood shop.mood default 'glad');
    create table shop.orders (id bigint, at date, customer_id bigint references shop.customers, primary key (id, at))
      partition by range (at);
    create table shop.orders_2026 partition of shop.orders for values from ('2026-01-01') to ('2027-01-01');
    create function shop.touch() returns trigger language plpgsql as 'begin new.at := now(); return new; end';
    create trigger touch before insert on shop.orders for each row execute function shop.touch();
    create view shop.glad as select * from shop.customers where mood = 'glad';
    create index orders_customer on shop.orders (customer_id);
    grant select on shop.glad to public;`

  beforeEach(async () => {
    await run(grownByHand)
    await bench.write('001_first.sql', '-- Long gone: what is there was made by hand.\nselect 1;')
    await bench.write(
      '002_note.sql',
      'alter table shop.orders add column note text;\nalter table shop.customers alter column id type int;\ndrop view shop.glad;',
    )
  })

  test('copies its catalogue: baselined, and without any ledger', async () => {
    await bench.write(
      '002_note.sql',
      'drop view shop.glad;\nalter table shop.orders add column note text;\nalter table shop.customers alter column id type int;',
    )
    expect(await rehearse()).toMatchObject({ status: 'succeeded', detail: '2 rehearsed' })
    await bench.migrations.baseline({ version: '001' }, {})
    expect(await rehearse()).toMatchObject({ status: 'succeeded', detail: '1 rehearsed' })
    const report = await bench.migrations.rehearsal(undefined, {})
    expect(report).toMatchObject({ replayed: 0, leftOut: [], isPassed: true })
    expect(report?.copied).toBeGreaterThan(10)
    expect(report?.files[0]?.up[1]?.locks).toEqual(
      expect.arrayContaining([
        { object: 'shop.orders', mode: 'access exclusive', isNew: false },
        { object: 'shop.orders_2026', mode: 'access exclusive', isNew: false },
      ]),
    )
    expect(report?.files[0]?.up[2]?.rewrites).toContain('shop.customers')
    await expectNoScratch()
  })

  test('fails as the real one would, and says where', async () => {
    await bench.migrations.baseline({ version: '001' }, {})
    expect(await rehearse()).toMatchObject({ status: 'failed', error: { data: { object: '002_note.sql' } } })
    const report = await bench.migrations.rehearsal(undefined, {})
    expect(report?.files[0]?.up[1]?.error).toMatch(/used by a view/)
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

test('a platform in use, with partitions beyond those of its deployment, has no drift; a hand in it is named', async () => {
  const platform = await openMigrationsBench({ template: 'migrated', folder: resolve('migrations') })
  try {
    const on = (text: string) => platform.database.client.query(text)
    const count = async () =>
      (await on('select count(*)::int as n from pg_class where relispartition')).rows[0].n as number
    const before = await count()
    await on("select public.atlas_ensure_all_partitions(interval '12 months')")
    expect(await count()).toBeGreaterThan(before)
    expect(await platform.done(platform.migrations.checkDrift({}, {}))).toMatchObject({ detail: 'No drift' })

    const { rows } = await on(
      `select c.oid::regclass::text as part, i.inhparent::regclass::text as root
       from pg_class c join pg_inherits i on i.inhrelid = c.oid
       where c.relispartition and c.relkind = 'r' order by 1 limit 1`,
    )
    const { part, root } = rows[0] as { part: string; root: string }
    await on(`alter table ${root} add column by_hand int`)
    await on(`create index part_by_hand on ${part} (by_hand)`)
    await platform.done(platform.migrations.checkDrift({}, {}))
    const drift = await platform.migrations.drift(undefined, {})
    expect(drift?.differences.map(({ change, kind, object }) => `${change} ${kind} ${object}`)).toContain(
      `unexpected column ${root}.by_hand`,
    )
    expect(drift?.differences.length).toBeLessThan(4)
  } finally {
    await platform.close()
  }
})
