import { existsSync, rmSync } from 'node:fs'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { createTestDatabase, type TestDatabase } from '../support/database.ts'
import { openTestConsole } from './support.ts'
import { waysOut, waysToWrite } from './waysToWrite.ts'

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
    await tested.service.setReadOnly({ sessionId, isReadOnly: true, makesLogin: false }, {})
})

afterAll(async () => {
  await tested?.close()
  // A transaction that was prepared has written nothing, but it outlives its session and keeps its database.
  const { rows } = await database.client.query(
    'select gid from pg_prepared_xacts where database = current_database()',
  )
  for (const { gid } of rows) await database.client.query(`rollback prepared '${gid}'`)
  await database?.drop()
})

// Several tabs at once: each way costs a round or two.
const lanes = ['a', 'b', 'c', 'd', 'e']

/**
 * All that a statement could have changed: rows, sequences, large objects, the catalogue, roles, settings of roles. Tests
 * beside this one make roles and settings of their databases on the same server.
 */
async function fingerprint() {
  const { rows } = await database.client.query(`
    select (select md5(string_agg(k::text, ',' order by id)) from public.kept k) as rows,
           (select last_value || ':' || is_called from public.counter) as counter,
           (select md5(string_agg(oid::text, ',' order by oid)) from pg_largeobject_metadata) as objects,
           (select md5(string_agg(c::text, ',' order by oid)) from (
              select oid, relname, relnatts, relacl, relowner from pg_class where relnamespace::regnamespace::text !~ '^pg_(temp|toast)') c) as relations,
           (select md5(string_agg(p.oid::text || p.prosrc, ',' order by oid)) from pg_proc p) as functions,
           (select md5(string_agg(r.rolname || r.rolcreatedb, ',' order by oid)) from pg_roles r
            where r.rolname ~ '^(atlas|pg)_' or r.rolname in ('postgres', 'made')) as roles,
           (select count(*) from pg_db_role_setting left join pg_database d on d.oid = setdatabase
            where setdatabase = 0 or datname = current_database()) as settings,
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

test('listens as before', async () => {
  const { processId } = await tested.run('listen news')
  const heard = 'select pg_listening_channels() as channel'
  expect((await tested.run(`begin; ${heard}; rollback`)).statements[1]).toMatchObject({ rows: 1 })
  await database.client.query('notify news')
  expect(await tested.until(({ notifications }) => notifications === 1)).toMatchObject({
    processId,
    isListening: true,
    isReadOnly: true,
  })
  expect((await tested.run(`unlisten *; ${heard}`)).statements[1]).toMatchObject({ rows: 0 })
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
  await expect(
    tested.service.setReadOnly({ sessionId: 't', isReadOnly: false, makesLogin: false }, {}),
  ).rejects.toMatchObject({
    code: 'CONFLICT',
  })
  await tested.run('rollback')
  await tested.service.setReadOnly({ sessionId: 't', isReadOnly: false, makesLogin: false }, {})
  const { statements } = await tested.run("insert into public.kept values (1000, 'yes')")
  expect(statements[0]?.command).toBe('INSERT 0 1')
})

describe('a superuser', () => {
  const file = `/tmp/atlas-smuggled-${process.pid}`
  let powerful: ReturnType<typeof openTestConsole>

  beforeAll(() => {
    powerful = openTestConsole({ ...database, url: database.url.replace(/\/\/[^@]*@/, '//postgres@') })
  })
  afterAll(async () => {
    await powerful?.close()
    rmSync(file, { force: true })
  })

  test('is told what no read-only transaction prevents, and how to prevent it', async () => {
    const admin = await database.connect('postgres')
    await admin.query('drop role if exists atlas_console')
    const guard = await powerful.service.setReadOnly(
      { sessionId: 't', isReadOnly: true, makesLogin: false },
      {},
    )
    expect(guard).toMatchObject({
      login: null,
      canMakeLogin: true,
      warning: expect.stringContaining('postgres'),
    })
    // So these ways do get out, until that login is there.
    await powerful.run(`do $$ begin reset role; copy (select 1) to '${file}'; end $$`)
    expect(existsSync(file)).toBe(true)
    rmSync(file)
    const made = await powerful.service.setReadOnly(
      { sessionId: 't', isReadOnly: true, makesLogin: true },
      {},
    )
    expect(made).toMatchObject({ login: 'atlas_console', warning: null })
    const { statements } = await powerful.run(
      "select session_user, current_setting('is_superuser'), (select count(*) from public.kept)",
    )
    const resultId = statements[0]?.resultId ?? ''
    const { rows } = await powerful.service.listRows({ resultId, from: 0, count: 1, maxCharacters: 100 }, {})
    expect(rows).toEqual([['atlas_console', 'off', '101']])
  })

  test('finds none of the ways out', async () => {
    const before = await fingerprint()
    const ways = waysOut(file)
    expect(ways.length).toBeGreaterThanOrEqual(200)
    for (const sessionId of lanes)
      await powerful.service.setReadOnly({ sessionId, isReadOnly: true, makesLogin: true }, {})
    await Promise.all(
      lanes.map(async (lane, number) => {
        for (let own = number; own < ways.length; own += lanes.length) {
          const { transaction } = await powerful.run(ways[own] ?? '', { isConfirmed: true }, lane)
          if (transaction !== 'idle') await powerful.run('rollback', {}, lane)
          expect(existsSync(file), ways[own]).toBe(false)
        }
      }),
    )
    expect(await fingerprint()).toEqual(before)
    const admin = await database.connect('postgres')
    const { rows } = await admin.query(
      "select count(*)::int as n from pg_file_settings where name = 'work_mem' and setting = '77MB'",
    )
    expect(rows).toEqual([{ n: 0 }])
  }, 180_000)

  test('who is given rights afterwards is not trusted', async () => {
    const admin = await database.connect('postgres')
    await admin.query('grant pg_write_server_files to atlas_console')
    try {
      const guard = await powerful.service.setReadOnly(
        { sessionId: 'other', isReadOnly: true, makesLogin: true },
        {},
      )
      expect(guard).toMatchObject({ login: null, warning: expect.stringContaining('rights beyond reading') })
    } finally {
      await admin.query('revoke pg_write_server_files from atlas_console')
    }
  })

  test('has a read-write session of its own again', async () => {
    await powerful.service.setReadOnly({ sessionId: 't', isReadOnly: false, makesLogin: false }, {})
    const { statements } = await powerful.run("insert into public.kept values (2000, 'by postgres')")
    expect(statements[0]?.command).toBe('INSERT 0 1')
  })
})
