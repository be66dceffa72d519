import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import { createTestDatabase, type TestDatabase } from '../support/database.ts'

let database: TestDatabase
beforeAll(async () => {
  database = await createTestDatabase()
})
afterAll(() => database.drop())
// Each test in a transaction that is taken back.
beforeEach(() => database.client.query('begin'))
afterEach(() => database.client.query('rollback'))

interface Made {
  partition: string
  partition_from: Date
  partition_to: Date
  rows_moved: string
}
const ensure = async (parent: string, from: string, to: string) =>
  (
    await database.client.query<Made>(
      'select * from public.atlas_ensure_partitions($1, $2::timestamptz, $3::timestamptz)',
      [parent, from, to],
    )
  ).rows
const namesOf = (made: Made[]) => made.map(({ partition }) => partition)

async function insertFact(day: string): Promise<void> {
  await database.client.query(
    `insert into explore.source_systems (source_id, code, name, kind, owner)
     values ('00000000-0000-7000-8000-000000000001', 'crm', 'CRM', 'file', 'x') on conflict do nothing`,
  )
  await database.client.query(
    `insert into navigate.fact_template (fact_name, natural_key, event_date, source_id, batch_id, source_row, checksum)
     values ('orders', $1::text, $1::text::date, '00000000-0000-7000-8000-000000000001', public.atlas_uuid_v7(), 1, repeat('0', 64))`,
    [day],
  )
}
const placeOf = async (day: string) =>
  (
    await database.client.query(
      'select tableoid::regclass::text as place from navigate.fact_template where event_date = $1',
      [day],
    )
  ).rows[0]?.place

describe('ensure partitions', () => {
  test.each([
    ['explore.raw_data_template', '2030-01-31 23:59+00', '2030-03-01', ['2030_01', '2030_02', '2030_03']],
    ['compliance.audit_log', '2030-03-31 23:59+00', '2030-07-01', ['2030_q1', '2030_q2', '2030_q3']],
    ['navigate.fact_template', '2030-12-31 23:59+00', '2032-01-01', ['2030', '2031', '2032']],
    ['quality.test_runs', '2030-12-31 23:59+00', '2031-01-01', ['2030', '2031']],
  ])(
    '%s: both ends of the range are covered, and a second time nothing is made',
    async (parent, from, to, suffixes) => {
      const made = namesOf(await ensure(parent, from, to))
      expect(made.map((name) => /_(\d{4}(?:_q?\d+)?)$/.exec(name)?.[1])).toEqual(suffixes)
      expect(await ensure(parent, from, to)).toEqual([])
    },
  )

  test('bounds are those of UTC whatever the time zone of the session', async () => {
    await database.client.query("set timezone = 'Pacific/Auckland'")
    const [made] = await ensure('explore.raw_data_template', '2030-01-15', '2030-01-15')
    expect(made?.partition_from).toEqual(new Date('2030-01-01T00:00:00Z'))
    expect(made?.partition_to).toEqual(new Date('2030-02-01T00:00:00Z'))
  })

  test('moves the rows of the period out of the default partition, and no others', async () => {
    for (const day of ['2040-01-01', '2040-12-31', '2041-01-01']) await insertFact(day)
    expect(await placeOf('2040-12-31')).toBe('navigate.fact_default')
    expect(await ensure('navigate.fact_template', '2040-06-01', '2040-06-01')).toMatchObject([
      { partition: 'navigate.fact_2040', rows_moved: '2' },
    ])
    expect(await placeOf('2040-01-01')).toBe('navigate.fact_2040')
    expect(await placeOf('2040-12-31')).toBe('navigate.fact_2040')
    expect(await placeOf('2041-01-01')).toBe('navigate.fact_default')
  })

  test('moves even entries of the audit log, unchanged, and puts their guards back', async () => {
    const { client } = database
    // The current quarter is taken away, so that an entry falls into default.
    const { rows } = await client.query<{ name: string }>(
      `select partition::text as name from public.atlas_partition_bounds('compliance.audit_log') where now() >= range_from and now() < range_to`,
    )
    await client.query(
      `alter table compliance.audit_log detach partition ${rows[0]?.name}; drop table ${rows[0]?.name}`,
    )
    await client.query("select compliance.audit_event('test', 'stray')")
    expect(await ensure('compliance.audit_log', 'now', 'now')).toMatchObject([{ rows_moved: '1' }])
    const { rows: gaps } = await client.query('select * from compliance.audit_gaps()')
    expect(gaps).toEqual([])
    await expect(client.query(`delete from ${rows[0]?.name}`)).rejects.toMatchObject({ code: '42501' })
  })

  test('two callers at once make each partition once', async () => {
    const others = await Promise.all([database.connect(), database.connect(), database.connect()])
    const results = await Promise.all(
      others.map(async (client) => {
        const { rows } = await client.query<Made>(
          "select * from public.atlas_ensure_partitions('explore.raw_data_template', '2031-01-01'::timestamptz, '2031-12-31'::timestamptz)",
        )
        return rows.length
      }),
    )
    expect(results.reduce((sum, count) => sum + count, 0)).toBe(12)
  })

  test('fills a gap in the middle', async () => {
    await database.client.query('drop table navigate.fact_2025')
    expect(namesOf(await ensure('navigate.fact_template', '2024-01-01', '2027-12-31'))).toEqual([
      'navigate.fact_2025',
    ])
  })

  test('what it makes has the indexes, keys and defaults of the table', async () => {
    const [made] = await ensure('explore.raw_data_template', '2030-01-15', '2030-01-15')
    const { rows } = await database.client.query(
      `select (select count(*) from pg_index where indrelid = t) as indexes,
              (select count(*) from pg_constraint where conrelid = t and contype in ('c', 'f', 'p')) as constraints,
              (select count(*) from pg_attrdef where adrelid = t) as defaults
       from unnest(array[$1::regclass, 'explore.raw_data_2026_01']) t`,
      [made?.partition],
    )
    expect(rows[0]).toEqual(rows[1])
  })

  test.each([
    ['a plain table', "'explore.source_systems', now(), now()", '42809'],
    ['an empty range', "'explore.raw_data_template', now(), now() - interval '1 day'", '22023'],
    ['a range without end', "'explore.raw_data_template', now(), null", '22023'],
    ['a range of 200 years', "'explore.raw_data_template', now(), now() + interval '200 years'", '22023'],
  ])('%s is refused', async (_what, args, code) => {
    await expect(
      database.client.query(`select * from public.atlas_ensure_partitions(${args})`),
    ).rejects.toMatchObject({ code })
  })

  test('after a deployment everything is covered for three months at least', async () => {
    const { rows } = await database.client.query(
      `select table_name, is_next_missing, is_current_missing, covered_to > now() + interval '3 months' as is_covered, default_rows
       from archive.partition_health order by 1`,
    )
    expect(rows).toHaveLength(4)
    for (const row of rows)
      expect(row).toMatchObject({
        is_next_missing: false,
        is_current_missing: false,
        is_covered: true,
        default_rows: '0',
      })
  })
})

describe('detach expired partitions', () => {
  const detach = async (isDryRun = false, asOf = '2036-06-01') =>
    (
      await database.client.query(
        "select partition, action, reason from archive.detach_expired_partitions('navigate.fact_template', $1, $2)",
        [asOf, isDryRun],
      )
    ).rows.map(({ partition, action }) => `${partition} ${action}`)
  const hold = (columns: string, values: string) =>
    database.client.query(
      `insert into compliance.legal_holds (name, reason, ${columns}) values ('matter', 'court', ${values})`,
    )

  test('detaches what the policy no longer keeps, counted from the end of the partition, and enters it in the manifest', async () => {
    await insertFact('2025-05-05')
    expect(await detach(true)).toEqual(['navigate.fact_2024 would_detach', 'navigate.fact_2025 would_detach'])
    expect(await detach()).toEqual(['navigate.fact_2024 detached', 'navigate.fact_2025 detached'])
    expect(await detach()).toEqual([])
    const { rows } = await database.client.query(
      'select partition_name, state, format, row_count, details from archive.snapshot_manifest order by 1',
    )
    expect(rows).toMatchObject([
      { partition_name: 'fact_2024', state: 'detached', format: 'table', row_count: '0' },
      { partition_name: 'fact_2025', row_count: '1', details: { relation: 'archive.fact_2025' } },
    ])
    expect((await database.client.query('select count(*) from archive.fact_2025')).rows[0].count).toBe('1')
  })

  test('a partition whose last day is kept stays', async () => {
    expect(await detach(true, '2034-12-31T23:59:59Z')).toEqual([])
    expect(await detach(true, '2035-01-01T00:00:00Z')).toEqual(['navigate.fact_2024 would_detach'])
  })

  test.each([
    ['of everything', 'schema_name', 'null', ['held', 'held']],
    ['of the schema', 'schema_name', "'navigate'", ['held', 'held']],
    ['of the table', 'schema_name, table_name', "'navigate', 'fact_template'", ['held', 'held']],
    ['of one partition', 'schema_name, table_name', "'navigate', 'fact_2024'", ['held', 'detached']],
    [
      'of one time',
      'schema_name, range_from, range_to',
      "'navigate', '2025-12-31', '2026-02-01'",
      ['detached', 'held'],
    ],
    ['of a person', 'subject_key', "'C1'", ['held', 'held']],
    [
      'of another table',
      'schema_name, table_name',
      "'explore', 'raw_data_template'",
      ['detached', 'detached'],
    ],
    ['that was released', 'released_at, released_by', "now(), 'judge'", ['detached', 'detached']],
  ])('a legal hold %s', async (_what, columns, values, actions) => {
    await hold(columns, values)
    expect(await detach()).toEqual([`navigate.fact_2024 ${actions[0]}`, `navigate.fact_2025 ${actions[1]}`])
  })

  test('without a policy, or with one that is off, nothing happens', async () => {
    await database.client.query(
      "update compliance.retention_policies set is_enabled = false where table_name = 'fact_template'",
    )
    expect(await detach()).toEqual([])
  })
})
