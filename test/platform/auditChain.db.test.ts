import type pg from 'pg'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { createTestDatabase, type TestDatabase } from '../support/database.ts'

/** Rows of the trial with many writers; the full trial is ATLAS_TEST_AUDIT_APPENDS=200000. */
const appends = Number(process.env.ATLAS_TEST_AUDIT_APPENDS ?? 8000)
const writers = 16

let database: TestDatabase
beforeEach(async () => {
  database = await createTestDatabase()
})
afterEach(() => database.drop())

interface Verdict {
  is_intact: boolean
  rows_checked: string
  first_bad_sequence: string | null
  kind: string | null
  detail: string | null
}

async function verify(checkpoint: unknown = null): Promise<Verdict> {
  const { rows } = await database.client.query<Verdict>(
    'select * from compliance.verify_audit_chain(null, null, $1)',
    [checkpoint],
  )
  return rows[0] as Verdict
}

/** Ten entries of ten statements, after those that the migrations left. Returns the number of the first. */
async function writeTen(): Promise<number> {
  for (let turn = 0; turn < 10; turn++)
    await database.client.query("select compliance.audit_event('test', 'turn', $1)", [{ turn }])
  return (await head()) - 9
}
const head = async () =>
  Number((await database.client.query('select max(sequence) from compliance.audit_log')).rows[0].max)

/** Whoever can take the guards away: a superuser. They are put back, so that the entries alone must tell. */
async function tamper(work: (superuser: pg.Client) => Promise<unknown>): Promise<void> {
  const superuser = await database.connect('postgres')
  await superuser.query("set session_replication_role = 'replica'")
  const guards = (state: string) =>
    superuser.query(
      `do $$ declare t regclass; begin
         for t in select relid from pg_partition_tree('compliance.audit_log') loop
           execute format('alter table %s ${state} trigger refuse_change', t);
         end loop; end $$`,
    )
  await guards('disable')
  await work(superuser)
  await guards('enable always')
  await superuser.end()
}

describe('the trigger', () => {
  const entries = async () =>
    (
      await database.client.query(
        `select action, row_key, old_values, new_values, actor, application_name, client_address, transaction_id
         from compliance.audit_log where table_name = 'things' order by sequence`,
      )
    ).rows

  beforeEach(async () => {
    await database.client.query(
      `create table archive.things (a int, b text, note text, secret text, updated_at timestamptz, primary key (a, b));
       insert into compliance.data_assets (schema_name, table_name, column_name, classification, owner, is_personal, legal_basis)
       values ('archive', 'things', 'secret', 'restricted', 'x', true, 'contract');
       select compliance.enable_audit('archive.things')`,
    )
  })

  test('records before and after of what changed, by key, with who and from where', async () => {
    const { client } = database
    await client.query("set application_name = 'Atlas schema ada'")
    await client.query("set atlas.actor = 'ada'")
    await client.query("insert into archive.things values (1, 'x', 'one', 'hush'), (2, 'y', 'two', null)")
    await client.query("update archive.things set note = upper(note), secret = 'tell'")
    await client.query('update archive.things set updated_at = now(), note = note')
    await client.query('update archive.things set a = 3 where a = 1')
    await client.query('delete from archive.things where a = 2')
    await client.query('truncate archive.things')
    const found = await entries()
    expect(found.map(({ action, row_key }) => [action, row_key])).toEqual([
      ['insert', { a: 1, b: 'x' }],
      ['insert', { a: 2, b: 'y' }],
      ['update', { a: 1, b: 'x' }],
      ['update', { a: 2, b: 'y' }],
      // A key that changes is a row that went and a row that came.
      ['update', expect.anything()],
      ['update', expect.anything()],
      ['delete', { a: 2, b: 'y' }],
      ['truncate', {}],
    ])
    expect(found[0]).toMatchObject({
      old_values: null,
      new_values: { a: 1, b: 'x', note: 'one', updated_at: null },
      actor: 'ada',
      application_name: 'Atlas schema ada',
      client_address: '127.0.0.1',
    })
    expect(found[2]).toMatchObject({ old_values: { note: 'one' }, new_values: { note: 'ONE' } })
    expect(Object.keys(found[2]?.new_values).sort()).toEqual(['note', 'secret'])
    // Personal values never enter a log that cannot be erased; that they changed can be seen.
    expect(JSON.stringify(found)).not.toMatch(/hush|tell/)
    expect(found[0]?.new_values.secret).toMatch(/^sha256:[0-9a-f]{16}$/)
    expect(found[1]?.new_values.secret).toBeNull()
    expect(new Set(found.map(({ transaction_id }) => transaction_id)).size).toBe(5)
    expect(await verify()).toMatchObject({ is_intact: true })
  })

  test('what is rolled back, and a statement of no rows, leaves no entry and no gap', async () => {
    const { client } = database
    await client.query("begin; insert into archive.things values (1, 'x'); rollback")
    await client.query('delete from archive.things')
    await client.query("insert into archive.things values (1, 'x')")
    expect(await entries()).toHaveLength(1)
    expect(await verify()).toMatchObject({ is_intact: true })
  })

  test('COPY, MERGE and a column added later are recorded as well', async () => {
    const { client } = database
    await client.query('alter table archive.things add column later int')
    await client.query(
      `merge into archive.things t using (values (1, 'm')) s (a, b) on t.a = s.a
       when matched then update set note = 'x' when not matched then insert (a, b, later) values (s.a, s.b, 7)`,
    )
    expect(await entries()).toMatchObject([
      { action: 'insert', row_key: { a: 1, b: 'm' }, new_values: { later: 7 } },
    ])
  })

  test('an older snapshot, which would fork the chain, is refused by name', async () => {
    const { client } = database
    await client.query('begin isolation level repeatable read')
    await expect(client.query("insert into archive.things values (1, 'x')")).rejects.toMatchObject({
      code: '0A000',
    })
    await client.query('rollback')
  })
})

describe('nobody changes an entry', () => {
  test.each([
    ['update', "update compliance.audit_log set actor = 'x'"],
    ['delete', 'delete from compliance.audit_log'],
    ['truncate', 'truncate compliance.audit_log'],
    ['update of a partition', "update compliance.audit_log_2026_q4 set actor = 'x'"],
    ['delete of a partition', 'delete from compliance.audit_log_2026_q4'],
    ['truncate of a partition', 'truncate compliance.audit_log_2026_q4'],
    [
      'update after taking the right back',
      'grant update, delete, truncate on compliance.audit_log to current_user; delete from compliance.audit_log',
    ],
  ])('as the owner: %s', async (_what, statement) => {
    await writeTen()
    await expect(database.client.query(statement)).rejects.toMatchObject({ code: '42501' })
    expect(await verify()).toMatchObject({ is_intact: true })
  })

  test.each([
    ['alter table explore.source_systems disable trigger audit_update', 'trigger audit_update is disabled'],
    ['drop trigger audit_delete on explore.source_systems', 'trigger audit_delete is missing'],
    ['alter table compliance.audit_log disable trigger refuse_change', 'trigger refuse_change is disabled'],
    [
      'alter table compliance.data_assets disable trigger user',
      'compliance.data_assets: trigger audit_delete is disabled',
    ],
  ])('%s: verification tells', async (statement, detail) => {
    await database.client.query(statement)
    expect(await verify()).toMatchObject({
      is_intact: false,
      kind: 'unguarded',
      detail: expect.stringContaining(detail),
    })
  })

  test('ending the recording of a table is itself recorded, and the register never ends', async () => {
    const before = await head()
    await database.client.query("select compliance.disable_audit('explore.source_systems')")
    const { rows } = await database.client.query(
      'select table_name, new_values from compliance.audit_log where sequence > $1',
      [before],
    )
    expect(rows).toMatchObject([{ table_name: 'data_assets', new_values: { is_audited: false } }])
    expect(await verify()).toMatchObject({ is_intact: true })
    await expect(
      database.client.query("select compliance.disable_audit('compliance.data_assets')"),
    ).rejects.toMatchObject({ code: '55000' })
  })
})

describe('verification names what was done, and where', () => {
  test('an edit', async () => {
    const first = await writeTen()
    await tamper((s) =>
      s.query("update compliance.audit_log set new_values = '{}' where sequence = $1", [first + 4]),
    )
    expect(await verify()).toMatchObject({ kind: 'edited', first_bad_sequence: `${first + 4}` })
  })

  test.each([
    "occurred_at = occurred_at - interval '1 microsecond'",
    "actor = 'x'",
    "db_user = 'postgres'",
    "client_address = '10.0.0.1'",
  ])('an edit of %s', async (change) => {
    const first = await writeTen()
    await tamper((s) => s.query(`update compliance.audit_log set ${change} where sequence = $1`, [first + 4]))
    expect(await verify()).toMatchObject({ kind: 'edited', first_bad_sequence: `${first + 4}` })
  })

  test('an edit whose hash was made anew', async () => {
    const first = await writeTen()
    await tamper((s) =>
      s.query(
        `update compliance.audit_log l set new_values = '{}', hash = compliance.audit_link(l.prev_hash, l.sequence, l.occurred_at,
           compliance.audit_digest(
             compliance.audit_origin(l.action, l.schema_name, l.table_name, l.db_user, l.db_role, l.actor, l.application_name,
               l.client_address, l.transaction_id),
             l.row_key, l.old_values, '{}'))
         where sequence = $1`,
        [first + 4],
      ),
    )
    expect(await verify()).toMatchObject({ kind: 'edited', first_bad_sequence: `${first + 4}` })
  })

  test('a deletion', async () => {
    const first = await writeTen()
    await tamper((s) => s.query('delete from compliance.audit_log where sequence = $1', [first + 4]))
    expect(await verify()).toMatchObject({ kind: 'deleted', first_bad_sequence: `${first + 4}` })
  })

  test('an insertion', async () => {
    const first = await writeTen()
    await tamper((s) =>
      s.query(
        `insert into compliance.audit_log select sequence, occurred_at + interval '1 microsecond', action, schema_name, table_name,
           row_key, old_values, '{"forged": true}', db_user, db_role, actor, application_name, client_address, transaction_id,
           prev_hash, hash from compliance.audit_log where sequence = $1`,
        [first + 4],
      ),
    )
    expect(await verify()).toMatchObject({ kind: 'inserted', first_bad_sequence: `${first + 4}` })
  })

  test('two that changed places', async () => {
    const first = await writeTen()
    await tamper(async (s) => {
      const one = first + 4
      const { rows } = await s.query(
        'select occurred_at::text as at from compliance.audit_log where sequence in ($1::bigint, $1::bigint + 1) order by sequence',
        [one],
      )
      const move = (from: number, to: number, at: string) =>
        s.query('update compliance.audit_log set sequence = $2, occurred_at = $3 where sequence = $1', [
          from,
          to,
          at,
        ])
      await move(one, 1_000_000, rows[0].at)
      await move(one + 1, one, rows[0].at)
      await move(1_000_000, one + 1, rows[1].at)
    })
    expect(await verify()).toMatchObject({ kind: 'reordered', first_bad_sequence: `${first + 4}` })
  })

  test('a tail that was cut off, and a chain that was written anew: against a checkpoint', async () => {
    const first = await writeTen()
    const { rows } = await database.client.query('select compliance.audit_checkpoint() as checkpoint')
    const { checkpoint } = rows[0]
    expect(await verify(checkpoint)).toMatchObject({ is_intact: true })
    await tamper((s) => s.query('delete from compliance.audit_log where sequence > $1', [first + 4]))
    expect(await verify()).toMatchObject({ is_intact: true })
    expect(await verify(checkpoint)).toMatchObject({ kind: 'tail_cut', first_bad_sequence: `${first + 5}` })
    await writeTen()
    expect(await verify(checkpoint)).toMatchObject({ is_intact: false, kind: 'edited' })
  })

  test('the chain goes on over an archived partition, and over an empty log', async () => {
    const { client } = database
    await writeTen()
    const last = await head()
    await client.query(
      "update compliance.retention_policies set keep = interval '1 day' where table_name = 'audit_log'",
    )
    const end = await head()
    expect(end).toBeGreaterThan(last)
    await client.query(
      "select archive.detach_expired_partitions('compliance.audit_log', now() + interval '1 year')",
    )
    // The run of the retention is bookkeeping and no entry: the log is empty now.
    expect((await client.query('select count(*) from compliance.audit_log')).rows[0].count).toBe('0')
    await client.query('select public.atlas_ensure_all_partitions()')
    await client.query("select compliance.audit_event('test', 'after')")
    expect(await head()).toBe(end + 1)
    expect(await verify()).toMatchObject({ is_intact: true })
  })
})

test(`${writers} writers append ${appends} entries: one order, no fork, no false alarm`, async () => {
  const { client } = database
  await client.query(
    'create table archive.things (id bigint generated always as identity primary key, writer int)',
  )
  await client.query("select compliance.enable_audit('archive.things')")
  const before = await head()
  const clients = await Promise.all(Array.from({ length: writers }, () => database.connect()))
  const rowsEach = 50
  const turns = appends / writers / rowsEach
  let isWriting = true
  const watch = (async () => {
    let alarms = 0
    while (isWriting) alarms += (await verify()).is_intact ? 0 : 1
    return alarms
  })()
  await Promise.all(
    clients.map(async (writer, index) => {
      for (let turn = 0; turn < turns; turn++) {
        await writer.query('begin')
        await writer.query('insert into archive.things (writer) select $1 from generate_series(1, $2::int)', [
          index,
          rowsEach,
        ])
        // Every seventh takes its entries back: they must leave no gap.
        await writer.query(turn % 7 === 6 ? 'rollback' : 'commit')
      }
    }),
  )
  isWriting = false
  expect(await watch).toBe(0)
  const kept = writers * rowsEach * (turns - Math.floor(turns / 7))
  expect(await head()).toBe(before + kept)
  const begun = performance.now()
  expect(await verify()).toMatchObject({ is_intact: true, rows_checked: `${before + kept}` })
  if (process.env.ATLAS_TEST_AUDIT_APPENDS)
    console.log(`${before + kept} entries verified in ${Math.round(performance.now() - begun)} ms`)
  const { rows } = await client.query(
    `select count(distinct hash) = count(*) as hashes, count(distinct prev_hash) = count(*) as links,
            count(distinct sequence) = count(*) as places,
            bool_and(occurred_at >= last or last is null) as is_in_time
     from (select l.*, lag(occurred_at) over (order by sequence) as last from compliance.audit_log l) l`,
  )
  expect(rows).toEqual([{ hashes: true, links: true, places: true, is_in_time: true }])
}, 600_000)
