import { afterEach, expect, test } from 'vitest'
import { z } from 'zod'
import { query, sql } from '../../src-main/sql.ts'
import { differences, dropMade, make, migrate } from './diffing.ts'

afterEach(dropMade)

/** A type that stands in as many places as one can, with the labels given. */
const used = (labels: string) => `
create schema work;
create type work.state as enum (${labels});
comment on type work.state is 'where it stands';
grant usage on type work.state to atlas_read;
create table work.tasks (id int primary key, state work.state not null default 'open', past work.state[] not null default '{open}',
  check (state <> 'open' or id > 0), note text, name text generated always as (case state when 'open'::work.state then 'o' else 'c' end) stored);
create index tasks_open on work.tasks (id) where state = 'open';
create index tasks_name on work.tasks (name);
create index tasks_state on work.tasks (state);
create statistics work.tasks_both on id, state from work.tasks;
create table work.log (at date not null, state work.state default 'closed') partition by range (at);
create table work.log_2026 partition of work.log (state default 'open') for values from ('2026-01-01') to ('2027-01-01');
create table work.log_rest partition of work.log default;
create table work.parent (state work.state); create table work.child (more int) inherits (work.parent);
create view work.open_tasks as select id, state from work.tasks where state = 'open';
create view work.all_states as select state, name from work.tasks; create view work.log_states as select state from work.log_rest;
create materialized view work.counts as select state, count(*) from work.tasks group by state;
create function work.is_over(s work.state default 'closed') returns boolean language sql immutable as 'select s = ''closed''';
create function work.touch() returns trigger language plpgsql as 'begin return new; end';
create trigger on_close before update of state on work.tasks for each row when (new.state = 'closed') execute function work.touch();
alter table work.tasks enable row level security;
create policy open_only on work.tasks for select using (state = 'open');`

const tasks = query(
  z.object({ id: z.number(), state: z.string(), past: z.string() }),
  sql`select id, state::text, past::text from work.tasks order by id`,
)

test('a label goes from an enum that columns, arrays, defaults, partitions, views and functions stand on', async () => {
  const more = `create table work.over (state work.state default 'gone') partition by range (state);
    create table work.over_part partition of work.over default;`
  const [now, wanted] = [
    await make(used(`'open', 'gone', 'closed'`), more),
    await make(used(`'closed', 'open'`)),
  ]
  await now.run(
    sql`insert into work.tasks (id, state, past) values (1, 'open', '{open,closed}'), (2, 'closed', '{}')`,
  )
  await now.run(sql`insert into work.child values ('open', 1)`)
  await now.run(sql`insert into work.log values ('2026-02-03', 'closed'), ('2020-01-01', 'open')`)
  const { problems, destructive } = await migrate(now, wanted)
  expect({ problems, destructive }).toEqual({
    problems: [],
    destructive: ['the table work.over_part with its rows', 'the table work.over with its rows'],
  })
  expect(await differences(now, wanted)).toEqual([])
  expect(await now.rows(tasks)).toEqual([
    { id: 1, state: 'open', past: '{open,closed}' },
    { id: 2, state: 'closed', past: '{}' },
  ])
})

test('a label that a row still holds does not go, and nothing is changed', async () => {
  const [now, wanted] = [await make(used(`'open', 'gone', 'closed'`)), await make(used(`'open', 'closed'`))]
  await now.run(sql`insert into work.tasks (id, state) values (1, 'gone')`)
  const before = await differences(now, wanted)
  await expect(migrate(now, wanted)).rejects.toThrow(/invalid input value for enum work\.state: \\?"gone/)
  expect(await differences(now, wanted)).toEqual(before)
})

test('where no statement can swap an enum, the migration says why and does all the rest', async () => {
  const script = (labels: string, more: string) => `
    create type public.state as enum (${labels});
    create domain public.known as public.state check (value is not null);
    create type public.pair as (state public.state, note text);
    create table public.log (at date, state public.state) partition by list (state);
    create table public.log_open partition of public.log for values in ('open');
    ${more}`
  const [now, wanted] = [
    await make(script(`'open', 'gone'`, '')),
    await make(script(`'open'`, 'create table public.more (id int)')),
  ]
  const { problems } = await migrate(now, wanted)
  expect(problems).toEqual([
    'public.state keeps its labels: public.log is partitioned by it, and no statement changes the type of a key.',
    'public.state keeps its labels: public.known is a domain of it: change that by hand first.',
    'public.state keeps its labels: public.pair has an attribute of it: change that by hand first.',
  ])
  expect(await differences(now, wanted)).toEqual(['different type public.state'])
})

test('a label is added and used by the same file: as default, in a check, a partial index, a view and a partition', async () => {
  const [now, wanted] = [
    await make(used(`'open', 'closed'`)),
    await make(
      used(`'new', 'open', 'it''s "late" \\', 'closed'`.replace('\\', '\\\\').replace(`'it`, `E'it`)),
      `alter table work.tasks alter column state set default 'new';
       alter table work.tasks add constraint late check (state <> E'it''s "late" \\\\');
       create index tasks_new on work.tasks (id) where state = 'new';
       create view work.new_tasks as select id from work.tasks where state in ('new', 'open');
       create table work.kept (state work.state) partition by list (state);
       create table work.kept_new partition of work.kept for values in ('new');`,
    ),
  ]
  await now.run(sql`insert into work.tasks (id, state) values (1, 'open')`)
  const { text, problems } = await migrate(now, wanted)
  expect(text.startsWith('-- atlas: no-transaction\n')).toBe(true)
  expect(problems).toEqual([])
  expect(await differences(now, wanted)).toEqual([])
  expect(await now.rows(tasks)).toEqual([{ id: 1, state: 'open', past: '{open}' }])
})

test('a label that nothing uses yet comes within the transaction of the file', async () => {
  const [now, wanted] = [
    await make(`create type public.state as enum ('a')`),
    await make(`create type public.state as enum ('a', 'b'); create table public.one (b text default 'a')`),
  ]
  expect((await migrate(now, wanted)).text).not.toContain('no-transaction')
  expect(await differences(now, wanted)).toEqual([])
})

test('a column that another is computed from gets another type, and what stands on either comes again', async () => {
  const script = (type: string, more = '') => `
    create table public.t (n ${type} not null, half numeric generated always as (n / 2.0) stored, note text);
    create index on public.t (half); create view public.v as select n, half from public.t; ${more}`
  const [now, wanted] = [
    await make(script('int')),
    await make(script('bigint', 'alter table public.t alter column note type varchar(9)')),
  ]
  await now.run(sql`insert into public.t values (3)`)
  await migrate(now, wanted)
  expect(await differences(now, wanted)).toEqual([])
  expect(await now.flat(sql`select n, half from public.v`)).toEqual([['3', '1.5000000000000000']])
})
