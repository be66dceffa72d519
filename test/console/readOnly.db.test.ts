import { afterAll, beforeAll, expect, test } from 'vitest'
import { createTestDatabase, type TestDatabase } from '../support/database.ts'
import { openTestConsole } from './support.ts'
import { waysToWrite } from './waysToWrite.ts'

let database: TestDatabase
let tested: ReturnType<typeof openTestConsole>

beforeAll(async () => {
  database = await createTestDatabase()
  tested = openTestConsole(database)
  await database.client.query(`
    create table public.kept (id int primary key, name text);
    insert into public.kept select n, 'n' || n from generate_series(1, 100) n;
    create sequence public.counter;
    create function public.writes() returns int language sql as $$ insert into public.kept values (-1, 'f') returning id $$;
    create function public.writes_as_owner() returns int language plpgsql security definer as
      $$ begin insert into public.kept values (-2, 'd'); return 1; end $$;
    create procedure public.commits() language plpgsql as
      $$ begin commit; insert into public.kept values (-3, 'p'); commit; end $$;
    create view public.kept_view as select * from public.kept;
    select lo_create(4242);
    grant usage on schema public to public; grant select on public.kept to public;`)
  for (const sessionId of [...lanes, 't'])
    await tested.service.setReadOnly({ sessionId, isReadOnly: true }, {})
})

afterAll(async () => {
  await tested?.close()
  await database?.drop()
})

// Several tabs at once: each way costs a round or two.
const lanes = ['a', 'b', 'c', 'd', 'e']

/** All that a statement could have changed: rows, sequences, large objects, the catalogue, roles, settings of roles. */
async function fingerprint() {
  const { rows } = await database.client.query(`
    select (select md5(string_agg(k::text, ',' order by id)) from public.kept k) as rows,
           (select last_value || ':' || is_called from public.counter) as counter,
           (select md5(string_agg(oid::text, ',' order by oid)) from pg_largeobject_metadata) as objects,
           (select md5(string_agg(c::text, ',' order by oid)) from (
              select oid, relname, relnatts, relacl, relowner from pg_class where relnamespace::regnamespace::text !~ '^pg_(temp|toast)') c) as relations,
           (select md5(string_agg(p.oid::text || p.prosrc, ',' order by oid)) from pg_proc p) as functions,
           (select md5(string_agg(r.rolname || r.rolcreatedb, ',' order by oid)) from pg_roles r) as roles,
           (select count(*) from pg_db_role_setting) as settings,
           (select count(*) from pg_description) as comments,
           (select count(*) from pg_stat_activity where application_name = 'smuggled') as others`)
  return rows[0]
}

test('reads as before, keeps its settings and its transactions', async () => {
  const { statements, isReadOnly } = await tested.run(
    "set search_path = public; select count(*) from kept; begin isolation level repeatable read; select name from kept where id = 1; commit; select current_setting('search_path')",
  )
  expect(statements.map(({ status }) => status)).toEqual(Array(6).fill('succeeded'))
  expect(isReadOnly).toBe(true)
  const resultId = statements[5]?.resultId ?? ''
  const { rows } = await tested.service.listRows({ resultId, from: 0, count: 1, maxCharacters: 100 }, {})
  expect(rows).toEqual([['public']])
})

test(`none of ${waysToWrite.length} ways to write writes`, async () => {
  expect(waysToWrite.length).toBeGreaterThanOrEqual(300)
  expect(new Set(waysToWrite).size).toBe(waysToWrite.length)
  const before = await fingerprint()
  for (let at = 0; at < waysToWrite.length; at += 50) {
    const ways = waysToWrite.slice(at, at + 50)
    await Promise.all(
      lanes.map(async (lane, number) => {
        for (let own = number; own < ways.length; own += lanes.length) {
          const { transaction } = await tested.run(ways[own] ?? '', { isConfirmed: true }, lane)
          if (transaction !== 'idle') await tested.run('rollback', {}, lane)
        }
      }),
    )
    expect(await fingerprint(), ways.join('\n')).toEqual(before)
  }
}, 180_000)

test('is refused while a transaction is open, and can be left', async () => {
  await tested.run('begin')
  await expect(tested.service.setReadOnly({ sessionId: 't', isReadOnly: false }, {})).rejects.toMatchObject({
    code: 'CONFLICT',
  })
  await tested.run('rollback')
  await tested.service.setReadOnly({ sessionId: 't', isReadOnly: false }, {})
  const { statements } = await tested.run("insert into public.kept values (1000, 'yes')")
  expect(statements[0]?.command).toBe('INSERT 0 1')
})
