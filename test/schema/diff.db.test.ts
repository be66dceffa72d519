import { afterEach, expect, inject, test } from 'vitest'
import { z } from 'zod'
import { databaseScript, inOrder } from '../../src-main/schema/ddl/order.ts'
import { definitionsOf } from '../../src-main/schema/define.ts'
import { objectsOf } from '../../src-main/schema/diff/objects.ts'
import { readSides } from '../../src-main/schema/diff/read.ts'
import { query, sql, trustedStatement } from '../../src-main/sql.ts'
import { everyChange } from './changes.ts'
import { differences, dropMade, make, makePlatform, migrate } from './diffing.ts'
import { everyKind } from './fixture.ts'

const server = inject('server')

afterEach(dropMade)

test('an empty database becomes one of two hundred objects of all kinds, and is emptied again', async () => {
  const [full, empty, other] = [await make(everyKind(server.version)), await make(), await make()]
  expect((await differences(empty, full)).length).toBeGreaterThan(200)
  expect((await migrate(empty, full)).destructive).toEqual([])
  expect(await differences(empty, full)).toEqual([])
  const written = await migrate(empty, other)
  expect(written.destructive).toContain('the table shop.customers with its rows')
  expect(await differences(empty, other)).toEqual([])
})

test('one database becomes another where every kind of object differs, and goes back', async () => {
  const script = everyKind(server.version)
  const [before, after, kept] = [await make(script), await make(script, everyChange), await make(script)]
  const found = await differences(before, after)
  expect(found.length).toBeGreaterThan(50)
  expect((await migrate(before, after)).problems).toEqual([])
  expect(await differences(before, after)).toEqual([])
  expect((await migrate(after, kept)).problems).toEqual([])
  expect(await differences(after, kept)).toEqual([])
})

test('without what destroys, rows stay and all else is as it shall be', async () => {
  const script = everyKind(server.version)
  const [before, after] = [await make(script), await make(script, everyChange)]
  await before.run(sql`insert into shop.scratch (a) values (1)`)
  const written = await migrate(before, after, { withDestructive: false })
  expect(written.destructive).toEqual(
    expect.arrayContaining(['the table shop.scratch with its rows', 'the values of shop.customers.big']),
  )
  expect(written.text).toContain('-- drop table shop.scratch;')
  const left = await differences(before, after)
  expect(left).toContain('unexpected relation shop.scratch')
  expect(left.filter((one) => one.startsWith('missing'))).toEqual([])
  expect(await before.row(query(z.object({ a: z.number() }), sql`select a from shop.scratch`))).toEqual({
    a: 1,
  })
  await migrate(before, after)
  expect(await differences(before, after)).toEqual([])
})

test('columns in another order are no identical tables: it is said, and no migration is written', async () => {
  const [one, other] = [
    await make(`create table public.t (a int, b text, c int); create type public.pair as (x int, y int);
                create table public.u (a int, b int); create table public.same (a int)`),
    await make(`create table public.t (c int, a int, b text); create type public.pair as (y int, x int);
                create table public.u (b int, more int, a int); create table public.same (a int)`),
  ]
  const [here, there] = await readSides(one, other, new Set())
  const { counts, objects } = objectsOf(here.definitions, there.definitions, new Set())
  expect(counts).toEqual({ identical: 3, different: 1, reordered: 2, onlyHere: 0, onlyThere: 0 })
  expect(objects.slice(0, 3).map(({ name, change, details }) => [name, change, details])).toEqual([
    ['public.u', 'different', ['column more only there', 'order of columns']],
    ['public.pair', 'reordered', ['order of columns']],
    ['public.t', 'reordered', ['order of columns']],
  ])
  expect((await migrate(one, other)).text.match(/^alter .*$/gm)).toEqual([
    'alter table public.u add column more integer;',
  ])
})

// PostgreSQL keeps how conditions were nested, and its grammar reads `(a and b) and c` as `a and b and c`: what it writes
// of a first condition that was one of its own (`between`) it reads flat.
const nested = `
create domain public.part as int check (value between 1 and 9 and value <> 5);
create table public.t (
  a int check (a between 1 and 2 and a <> 7), b int, c boolean,
  d boolean default (1 between 0 and 2 and true),
  e boolean generated always as (b not between 1 and 2 or b = 7) stored,
  f varchar(9) check (f in ('x and (y', 'z')),
  check ((c and (a > 1 and b > 2)) or c), check (not (c and e and d)),
  constraint deep check (((a between 1 and 2 and b between 3 and 4) and c) or ((b between 1 and 2 and c) or d) or a = 1)
);
create index on public.t (a) where a between 1 and 2 and b = 1;
create index on public.t ((a between 1 and 2 and c));
alter table public.t enable row level security;
create policy p on public.t using (a between 1 and 2 and c) with check ((a between 1 and 2 and b > 1) or c);
create view public.v as select a between 1 and 2 and c as "x (and" from public.t where a between 1 and 2 and b > 1
  and exists (select 1 from public.t u where u.a between 1 and 2 and u.b = 2);
create materialized view public.m as select a from public.t group by a having a between 1 and 2 and max(b) > 1 with no data;
create function public.f(i int default case when 1 between 0 and 2 and true then 1 end) returns boolean
  begin atomic select a between 1 and 2 and c from public.t; end;
create function public.g() returns trigger language plpgsql as $$begin if (1 = 1 and 2 = 2) and true then return new; end if; end$$;
create trigger w before update on public.t for each row when (new.a between 1 and 2 and new.c) execute function public.g();
create rule r as on delete to public.t where old.a between 1 and 2 and old.c do instead nothing;
create statistics public.s on (a between 1 and 2 and c), b from public.t`

test('a database that was restored from its own script is identical to it', async () => {
  const original = await makePlatform()
  await original.run(trustedStatement(nested))
  const script = databaseScript(inOrder(await definitionsOf(original, { type: 'all' })), [])
  expect(await differences(original, await make(script))).toEqual([])
})

test('conditions that are nested otherwise differ', async () => {
  const check = (condition: string) =>
    `create table public.t (a int, b int, c int, constraint k check (${condition}))`
  const one = await make(check('a > 1 and (b > 1 or c > 1)'))
  expect(await differences(one, await make(check('(a > 1 and b > 1) or c > 1')))).toEqual([
    'different constraint k on public.t',
  ])
})
