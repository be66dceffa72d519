import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest'
import { createTestDatabase, type TestDatabase } from '../support/database.ts'

/** Keys of the large batch. */
const manyKeys = 100_000

let database: TestDatabase
beforeAll(async () => {
  database = await createTestDatabase()
})
afterAll(() => database.drop())
beforeEach(async () => {
  await database.client.query('truncate navigate.dimension_template, navigate.dim_customer')
})

interface Change {
  key: string | null
  at: string
  /** Undefined: the key ends. */
  attributes?: object | null
  order?: number
}

async function apply(changes: Change[], dimension = 'airport') {
  const { client } = database
  await client.query('drop table if exists changes')
  await client.query(
    'create temporary table changes (natural_key text, attributes jsonb, valid_from timestamptz, is_deleted boolean, change_order bigint)',
  )
  for (const { key, at, attributes, order } of changes)
    await client.query('insert into changes values ($1, $2, $3, $4, $5)', [
      key,
      attributes ?? null,
      at,
      attributes === undefined,
      order ?? null,
    ])
  const { rows } = await client.query('select * from navigate.apply_scd2($1, $2)', [dimension, 'changes'])
  return Object.fromEntries(
    Object.entries(rows[0]).flatMap(([name, count]) => (count === '0' ? [] : [[name, Number(count)]])),
  )
}

/** Versions as `version: from..to city`, in order of validity. */
async function history(key = 'ATL') {
  const { rows } = await database.client.query(
    `select version, to_char(valid_from, 'MM-DD') as f, case when isfinite(valid_to) then to_char(valid_to, 'MM-DD') else '' end as t,
            attributes ->> 'city' as city, is_current
     from navigate.dimension_template where natural_key = $1 order by valid_from`,
    [key],
  )
  for (const row of rows) expect(row.is_current).toBe(row.t === '')
  return rows.map(({ version, f, t, city }) => `${version}: ${f}..${t} ${city}`)
}

const at = (day: string) => `2026-${day}T00:00:00Z`
const atl = (day: string, city: string, order?: number): Change => ({
  key: 'ATL',
  at: at(day),
  attributes: { city },
  ...(order === undefined ? {} : { order }),
})

test('a new key is inserted, a change closes the version before, a repetition changes nothing', async () => {
  expect(await apply([atl('01-01', 'Atlanta')])).toEqual({ inserted: 1 })
  expect(await apply([atl('02-01', 'Hapeville')])).toEqual({ changed: 1 })
  expect(await apply([atl('03-01', 'Hapeville')])).toEqual({ unchanged: 1 })
  expect(await apply([atl('02-01', 'Hapeville')])).toEqual({ unchanged: 1 })
  expect(await history()).toEqual(['1: 01-01..02-01 Atlanta', '2: 02-01.. Hapeville'])
})

test('what arrives late goes between, and renumbers those after it', async () => {
  await apply([atl('01-01', 'A'), atl('03-01', 'C')])
  expect(await apply([atl('02-01', 'B')])).toEqual({ late: 1 })
  expect(await history()).toEqual(['1: 01-01..02-01 A', '2: 02-01..03-01 B', '3: 03-01.. C'])
  expect(await apply([{ ...atl('01-01', 'Z'), at: '2025-12-01T00:00:00Z' }])).toEqual({ late: 1 })
  expect((await history())[0]).toBe('1: 12-01..01-01 Z')
})

test('a deletion ends the key; a later change begins it again after a gap', async () => {
  await apply([atl('01-01', 'A')])
  expect(await apply([{ key: 'ATL', at: at('02-01') }])).toEqual({ closed: 1 })
  expect(await history()).toEqual(['1: 01-01..02-01 A'])
  expect(await apply([atl('03-01', 'A')])).toMatchObject({ changed: 1 })
  expect(await history()).toEqual(['1: 01-01..02-01 A', '2: 03-01.. A'])
  expect(await apply([{ key: 'NIL', at: at('02-01') }])).toMatchObject({})
  expect(await history('NIL')).toEqual([])
})

test('of two changes at one instant the higher order counts; at the start of a version it is corrected in place', async () => {
  expect(await apply([atl('01-01', 'first', 1), atl('01-01', 'second', 2)])).toEqual({
    inserted: 1,
    superseded: 1,
  })
  expect(await history()).toEqual(['1: 01-01.. second'])
  expect(await apply([atl('01-01', 'corrected')])).toEqual({ changed: 1 })
  expect(await history()).toEqual(['1: 01-01.. corrected'])
})

test('a batch that holds a whole history gives what its changes give one by one', async () => {
  const changes = [atl('04-01', 'D'), atl('01-01', 'A'), { key: 'ATL', at: at('03-01') }, atl('02-01', 'B')]
  await apply(changes)
  const atOnce = await history()
  await database.client.query('truncate navigate.dimension_template')
  for (const change of changes) await apply([change])
  expect(await history()).toEqual(atOnce)
  expect(atOnce).toEqual(['1: 01-01..02-01 A', '2: 02-01..03-01 B', '3: 04-01.. D'])
})

test('customers go to their own table, typed, with defaults for what is left out', async () => {
  expect(
    await apply(
      [
        {
          key: 'C1',
          at: at('01-01'),
          attributes: { full_name: 'Ada', birth_date: '1984-05-17', credit_limit: 12.5 },
        },
      ],
      'customer',
    ),
  ).toEqual({ inserted: 1 })
  const { rows } = await database.client.query(
    'select full_name, birth_date::text, credit_limit, segment, currency_code, version from navigate.dim_customer',
  )
  expect(rows).toEqual([
    {
      full_name: 'Ada',
      birth_date: '1984-05-17',
      credit_limit: '12.50',
      segment: 'standard',
      currency_code: 'EUR',
      version: 1,
    },
  ])
})

test.each([
  ['a change without key', [{ key: null, at: at('01-01'), attributes: {} }], '23502'],
  ['a change without attributes', [{ key: 'A', at: at('01-01'), attributes: null }], '23502'],
  ['a change at infinity', [{ key: 'A', at: 'infinity', attributes: {} }], '23502'],
] as [string, Change[], string][])('%s is refused, and nothing is applied', async (_what, changes, code) => {
  await expect(apply([atl('01-01', 'A'), ...changes])).rejects.toMatchObject({ code })
  expect(await history()).toEqual([])
})

test('two current versions, or versions that overlap, are impossible whoever writes them', async () => {
  await apply([atl('01-01', 'A')])
  const insert = (from: string, to: string, isCurrent: boolean) =>
    database.client.query(
      `insert into navigate.dimension_template
         (dimension_name, natural_key, attributes, checksum, valid_from, valid_to, is_current, version)
       values ('airport', 'ATL', '{}', repeat('0', 64), $1, $2, $3, 2)`,
      [from, to, isCurrent],
    )
  await expect(insert('2026-02-01', 'infinity', true)).rejects.toMatchObject({
    code: expect.stringMatching(/23P01|23505/),
  })
  await expect(insert('2026-02-01', '2026-03-01', false)).rejects.toMatchObject({ code: '23P01' })
  await expect(insert('2025-02-01', 'infinity', false)).rejects.toMatchObject({ code: '23514' })
})

test('a batch of many keys is one statement: inserted, then half changed and half unchanged', async () => {
  const { client } = database
  const make = (from: string, attributes: string) =>
    client.query(
      `drop table if exists changes; create temporary table changes as
       select 'K' || g as natural_key, ${attributes} as attributes, timestamptz '${from}' as valid_from
       from generate_series(1, ${manyKeys}) g`,
    )
  await make('2026-01-01', "jsonb_build_object('n', g)")
  expect((await client.query("select * from navigate.apply_scd2('bulk', 'changes')")).rows[0]).toMatchObject({
    inserted: `${manyKeys}`,
  })
  await make('2026-02-01', "jsonb_build_object('n', case when g % 2 = 0 then g else -g end)")
  expect((await client.query("select * from navigate.apply_scd2('bulk', 'changes')")).rows[0]).toMatchObject({
    changed: `${manyKeys / 2}`,
    unchanged: `${manyKeys / 2}`,
  })
  const { rows } = await client.query(
    `select count(*)::int as versions, count(*) filter (where is_current)::int as current from navigate.dimension_template`,
  )
  expect(rows[0]).toEqual({ versions: manyKeys * 1.5, current: manyKeys })
}, 600_000)
