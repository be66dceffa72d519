import type pg from 'pg'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { createTestDatabase, type TestDatabase } from '../support/database.ts'

let database: TestDatabase
let reader: pg.Client
let writer: pg.Client
let admin: pg.Client

beforeAll(async () => {
  database = await createTestDatabase()
  const { client } = database
  // Rows of every level, a fact of its own table, a month made later, an entry in the log.
  await client.query(`
    insert into explore.source_systems (source_id, code, name, kind, owner, connection)
    values ('00000000-0000-7000-8000-000000000001', 'crm', 'CRM', 'file', 'sales', '{"host": "hidden"}');
    select navigate.create_fact_table('orders', 2026, 2026);
    select * from public.atlas_ensure_partitions('explore.raw_data_template', now(), now() + interval '8 months');
    do $$ declare level text; batch uuid; begin
      foreach level in array array['public', 'internal', 'confidential', 'restricted', 'secret'] loop
        batch := public.atlas_uuid_v7();
        insert into explore.raw_data_template (ingested_at, source_id, batch_id, source_row, payload, checksum, classification)
        values (explore.batch_time(batch), '00000000-0000-7000-8000-000000000001', batch, 1,
                '{"email": "ada@example.org", "city": "Paris"}', repeat('0', 64), level);
        insert into chart.staging_template (batch_id, source_row, raw_ingested_at, source_id, record, checksum, classification)
        values (batch, 1, explore.batch_time(batch), '00000000-0000-7000-8000-000000000001',
                '{"email": "ada@example.org"}', repeat('0', 64), level);
        insert into navigate.dim_customer (customer_key, full_name, email, checksum, valid_from, version, classification)
        values (level, 'Ada Lovelace', 'ada@example.org', repeat('0', 64), now(), 1, level);
        insert into navigate.fact_orders (natural_key, event_date, source_id, batch_id, source_row, checksum, classification)
        values (level, '2026-05-01', '00000000-0000-7000-8000-000000000001', batch, 1, repeat('0', 64), level);
      end loop;
    end $$;
    insert into pipeline.parameters (name, is_secret, secret_ref) values ('token', true, 'keychain:token');
    insert into pipeline.parameters (name, value) values ('limit', '5');
    select compliance.audit_event('test', 'something')`)
  reader = await database.connect('test_reader')
  writer = await database.connect('test_writer')
  admin = await database.connect('test_admin')
})
afterAll(() => database.drop())

const as = { reader: () => reader, writer: () => writer, admin: () => admin }
type Who = keyof typeof as
const rows = async (who: Who, text: string) => (await as[who]().query(text)).rows
const levels = async (who: Who, table: string) =>
  (await rows(who, `select distinct classification as level from ${table} order by 1`)).map(
    ({ level }) => level,
  )

/** Refused for lack of a right; nothing else counts as held. */
const refused = async (who: Who, statement: string) => {
  await as[who]().query('begin')
  try {
    await expect(as[who]().query(statement), statement).rejects.toMatchObject({ code: '42501' })
  } finally {
    await as[who]().query('rollback')
  }
}

describe('atlas_read', () => {
  test.each([
    'explore.raw_data_template',
    'explore.raw_data_masked',
    'chart.staging_template',
    'chart.staging_masked',
    'navigate.dim_customer',
    'navigate.dim_customer_masked',
    'navigate.fact_orders',
  ])('sees rows of %s up to internal only', async (table) => {
    expect(await levels('reader', table)).toEqual(['internal', 'public'])
  })

  test('sees personal columns only masked', async () => {
    expect(
      await rows(
        'reader',
        "select full_name, email from navigate.dim_customer_masked where customer_key = 'public'",
      ),
    ).toEqual([{ full_name: 'A*** L***', email: 'a***@e***.org' }])
    const [{ payload }] = (await rows('reader', 'select payload from explore.raw_data_masked limit 1')) as [
      { payload: object },
    ]
    expect(payload).toEqual({ email: 'a***@e***.org', city: 'Paris' })
  })

  test('sees no secret parameter', async () => {
    expect(await rows('reader', 'select name from pipeline.parameters')).toEqual([{ name: 'limit' }])
  })

  test('learns nothing about hidden rows from a function of its own inside of a masked view', async () => {
    await refused(
      'reader',
      'create function public.spy(text) returns boolean language sql as $$ select true $$',
    )
    const client = reader
    const heard: string[] = []
    client.on('notice', ({ message }) => heard.push(message ?? ''))
    await client.query(
      `create function pg_temp.spy(key text, level text) returns boolean cost 0.0001 language plpgsql as
       $$ begin raise notice '%', level; return true; end $$`,
    )
    await client.query(
      'select * from navigate.dim_customer_masked where pg_temp.spy(customer_key, classification)',
    )
    await client.query('select 1 from navigate.fact_orders where pg_temp.spy(natural_key, classification)')
    expect(new Set(heard)).toEqual(new Set(['public', 'internal']))
  })

  test.each([
    ['a personal column', 'select email from navigate.dim_customer'],
    ['all columns', 'select * from navigate.dim_customer'],
    ['a personal column by a whole row', 'select c from navigate.dim_customer c'],
    [
      'a personal column in a condition',
      "select customer_key from navigate.dim_customer where email like 'a%'",
    ],
    ['a payload', 'select payload from explore.raw_data_template'],
    ['a connection', 'select connection from explore.source_systems'],
    ['COPY of a table', 'copy navigate.dim_customer to stdout'],
    ['COPY of a query', 'copy (select full_name from navigate.dim_customer) to stdout'],
    ['COPY from', 'copy navigate.fact_template from stdin'],
    ['COPY to a program', "copy (select 1) to program 'true'"],
    ['COPY to a file', "copy (select 1) to '/tmp/atlas-copy'"],
    ['a partition of the migrations', 'select * from explore.raw_data_2026_01'],
    ['a partition made later', `select * from explore.raw_data_${nextMonth()}`],
    ['the default partition', 'select * from explore.raw_data_default'],
    ['a partition of a fact made from the template', 'select * from navigate.fact_orders_2026'],
    ['a partition of test runs', 'select * from quality.test_runs_2026'],
    ['the audit log', 'select * from compliance.audit_log'],
    ['a partition of the audit log', 'select * from compliance.audit_log_2026_q4'],
    ['subject requests', 'select * from compliance.data_subject_requests'],
    ['subject requests by a view', 'select * from compliance.open_subject_requests'],
    ['PII detections', 'select * from compliance.pii_detections'],
    [
      'an insert',
      "insert into explore.source_systems (code, name, kind, owner) values ('x', 'x', 'file', 'x')",
    ],
    ['an update', "update navigate.fact_orders set classification = 'public'"],
    ['a delete', 'delete from navigate.dim_customer'],
    ['a truncate', 'truncate chart.staging_template'],
    ['a table of its own in a layer', 'create table navigate.mine (a int)'],
    ['a table of its own in public', 'create table public.mine (a int)'],
    ['SET ROLE to another', 'set role atlas_admin'],
    ['SET ROLE to the owner', 'set role atlas_user'],
    ['SET SESSION AUTHORIZATION', 'set session authorization atlas_user'],
    ['a membership', 'grant atlas_admin to test_reader'],
    ['replica mode', "set session_replication_role = 'replica'"],
    ['a lock on a table', 'lock table explore.raw_data_template in access exclusive mode'],
    ['a file', "select pg_read_file('/etc/passwd')"],
    ['a folder', "select pg_ls_dir('/')"],
    ['a file as large object', "select lo_import('/etc/passwd')"],
    ['a large object written to a file', "select lo_export(1, '/tmp/atlas-lo')"],
    [
      'making partitions',
      "select * from public.atlas_ensure_partitions('explore.raw_data_template', now(), now())",
    ],
    ['making a fact', "select navigate.create_fact_table('mine', 2026, 2026)"],
    ['detaching', "select * from archive.detach_expired_partitions('explore.raw_data_template')"],
    ['an entry of its own', "select compliance.audit_event('x', 'y')"],
    ['an append', "select compliance.append_audit('event', 'x', 'y', array['{}'::jsonb], null, null)"],
    ['ending the audit', "select compliance.disable_audit('explore.source_systems')"],
    ['a policy', 'drop policy read_to_internal on navigate.dim_customer'],
    ['row security off, by the table', 'alter table navigate.dim_customer disable row level security'],
    [
      'row security off, by the session',
      'set row_security = off; select customer_key from navigate.dim_customer',
    ],
    ['a view replaced', 'create or replace view navigate.dim_customer_masked as select 1'],
    [
      'a trigger on a table',
      'create trigger t before insert on navigate.fact_orders for each row execute function public.atlas_touch_updated_at()',
    ],
    [
      'statistics of values',
      "select most_common_vals from pg_statistic, pg_stats where attname = 'email' and starelid = 'navigate.dim_customer'::regclass",
    ],
  ])('cannot: %s', async (_what, statement) => {
    await refused('reader', statement)
  })
})

describe('atlas_write', () => {
  test('lands, validates and keeps the state of pipelines', async () => {
    expect(await levels('writer', 'explore.raw_data_template')).toHaveLength(5)
    await writer.query("update chart.staging_template set quality_flags = '{late}'")
    await writer.query(
      "insert into pipeline.pipelines (name, definition, definition_checksum, owner) values ('p', '{}', repeat('0', 64), 'x')",
    )
    await writer.query(
      "select * from public.atlas_ensure_partitions('explore.raw_data_template', now(), now())",
    )
  })

  test.each([
    ['reading the audit log', 'select * from compliance.audit_log'],
    ['writing the audit log', 'insert into compliance.audit_log default values'],
    ['a partition of the audit log', 'delete from compliance.audit_log_2026_q4'],
    ['a truncate of the audit log', 'truncate compliance.audit_log_2026_q4'],
    ['COPY into the audit log', 'copy compliance.audit_log from stdin'],
    ['an entry of its own', "select compliance.audit_event('x', 'y')"],
    ['published facts', 'delete from navigate.fact_orders'],
    ['personal columns', 'select email from navigate.dim_customer'],
    ['a partition directly', `insert into explore.raw_data_${thisMonth()} default values`],
    ['rules', 'update quality.rules set threshold = 0'],
    ['levels', 'update compliance.classification_levels set is_read_by_default = true'],
    ['retention', 'delete from compliance.legal_holds'],
    ['a truncate', 'truncate explore.raw_data_template'],
    [
      'partitions of a table outside',
      "select * from public.atlas_add_partition('explore.raw_data_template', '1 month', now())",
    ],
    ['SET ROLE', 'set role atlas_admin'],
  ])('cannot: %s', async (_what, statement) => {
    await refused('writer', statement)
  })

  test('makes no partition of a table that is not the platform’s', async () => {
    await expect(
      writer.query("select * from public.atlas_ensure_partitions('pg_catalog.pg_class', now(), now())"),
    ).rejects.toMatchObject({ code: '42809' })
  })
})

describe('atlas_admin', () => {
  test('reads the whole audit log and every level', async () => {
    expect((await rows('admin', 'select count(*) > 0 as some from compliance.audit_log'))[0]).toEqual({
      some: true,
    })
    expect(await levels('admin', 'navigate.dim_customer')).toHaveLength(5)
    expect((await rows('admin', 'select is_intact from compliance.verify_audit_chain()'))[0]).toEqual({
      is_intact: true,
    })
  })

  test.each([
    ['an update of the log', "update compliance.audit_log set actor = 'x'"],
    ['a delete of the log', 'delete from compliance.audit_log'],
    ['a delete of its partition', 'delete from compliance.audit_log_2026_q4'],
    ['a truncate of the log', 'truncate compliance.audit_log'],
    ['an insert into the log', 'insert into compliance.audit_log default values'],
    ['disabling a guard', 'alter table compliance.audit_log disable trigger refuse_change'],
    ['disabling an audit', 'alter table navigate.dim_customer disable trigger audit_update'],
    ['ending an audit', "select compliance.disable_audit('navigate.dim_customer')"],
    ['dropping a partition', 'drop table compliance.audit_log_2025_q1'],
    ['SET ROLE to the owner', 'set role atlas_user'],
    ['a file', "select pg_read_file('/etc/passwd')"],
  ])('cannot: %s', async (_what, statement) => {
    await refused('admin', statement)
  })
})

describe('a hostile search path', () => {
  test('changes nothing of what functions that run as their owner do', async () => {
    // Objects of the caller's own that bear names which these functions use, found first by its search path.
    await writer.query(`
      create temporary table data_assets (schema_name text, table_name text, column_name text, mask_kind text, is_personal boolean);
      create function pg_temp.now() returns timestamptz language sql as $$ select 'epoch'::timestamptz $$;
      create function pg_temp.sha256(bytea) returns bytea language sql as $$ select '\\x00'::bytea $$;
      create function pg_temp.jsonb_each(jsonb) returns table (key text, value jsonb) language plpgsql as
        $$ begin raise exception 'as %', current_user; end $$;
      create function pg_temp.format(text, variadic text[]) returns text language plpgsql as
        $$ begin raise exception 'as %', current_user; end $$;
      set search_path = pg_temp, pg_catalog`)
    expect(
      (
        await rows(
          'writer',
          `select compliance.mask_record('{"email": "ada@example.org"}', 'a', 'b') as masked`,
        )
      )[0],
    ).toEqual({ masked: { email: 'a***@e***.org' } })
    await writer.query(
      "select * from public.atlas_ensure_partitions('explore.raw_data_template', pg_catalog.now(), pg_catalog.now() + interval '20 months')",
    )
    await writer.query("update explore.source_systems set owner = 'marketing'")
    await writer.query('reset search_path')
    const { rows: verdict } = await database.client.query(
      'select is_intact, detail from compliance.verify_audit_chain()',
    )
    expect(verdict).toEqual([{ is_intact: true, detail: null }])
  })
})

test('policies and guards stand on every partition, also on those made later', async () => {
  const { rows: lacking } = await database.client.query(
    `select c.oid::regclass::text from pg_inherits i
     join pg_class p on p.oid = i.inhparent and p.relkind = 'p' and p.relrowsecurity
     join pg_class c on c.oid = i.inhrelid
     where not c.relrowsecurity
        or (select count(*) from pg_policy where polrelid = c.oid) <> (select count(*) from pg_policy where polrelid = p.oid)
        or c.relacl is not null and exists (
          select from aclexplode(c.relacl) a where a.grantee <> c.relowner)`,
  )
  expect(lacking).toEqual([])
})

function thisMonth(): string {
  return new Date().toISOString().slice(0, 7).replace('-', '_')
}

/** A month that ensure-partitions makes and the migrations did not name. */
function nextMonth(): string {
  const date = new Date()
  return new Date(Date.UTC(date.getUTCFullYear(), date.getUTCMonth() + 7, 1))
    .toISOString()
    .slice(0, 7)
    .replace('-', '_')
}
