import type pg from 'pg'
import { afterAll, beforeAll, expect, test } from 'vitest'
import type { Action } from '../../src-main/partitions/contract.ts'
import { createPartitions } from '../../src-main/partitions/service.ts'
import { identifier } from '../../src-main/sql.ts'
import { openTestServices, type TestServices } from '../support/services.ts'

const wanted = 1000
/** Names that go through the actions at the same time, on connections of their own. */
const lanes = 6

const seeds = [
  '";drop table explore.source_systems;--',
  "'; drop table explore.source_systems; --",
  '$$; drop table explore.source_systems; $$',
  '$1',
  '"',
  '""',
  "'",
  "E'\\'",
  '\\',
  'a\nb',
  'a\r\n--b',
  '/* never closed',
  'עברית',
  '\u202egnp.exe',
  'ﷺ',
  '😀😀',
  'é'.repeat(31),
  'x'.repeat(63),
  ' ',
  '\t',
  '%s%I%L',
  '{}[]()',
  'select',
  'Users.Name',
  '<img src=x onerror=alert(1)>',
]

/** As many different names of at most 60 bytes: the seeds, then seeds with a number. */
function hostileNames(count: number): string[] {
  const cut = (text: string, bytes: number) => {
    let short = text
    while (Buffer.byteLength(short) > bytes) short = [...short].slice(0, -1).join('')
    return short
  }
  return Array.from({ length: count }, (_, index) => {
    const seed = seeds[index % seeds.length] ?? 'x'
    return index < seeds.length ? seed : cut(seed, 56) + String(Math.floor(index / seeds.length))
  })
}

/** Where names stand: each seed in every place, the others three at a time. */
interface Place {
  schema: string
  name: string
  column: string
}

function places(names: string[]): Place[] {
  const everywhere = seeds.map((name) => ({ schema: name, name, column: name }))
  const others = names.slice(seeds.length)
  const threes = Array.from({ length: Math.ceil(others.length / 3) }, (_, index) => {
    const [schema = 'x', name = 'y', column = 'z'] = others.slice(index * 3)
    return { schema, name, column }
  })
  return [...everywhere, ...threes]
}

let services: TestServices

beforeAll(async () => {
  services = await openTestServices()
})

afterAll(() => services.close())

const quoted = (...parts: string[]) => identifier(...parts).text

test(
  `${wanted} hostile names of schema, table and column through every action: nothing else changes`,
  async () => {
    const { client } = services.database
    const partitions = createPartitions({
      db: services.db,
      jobs: services.jobs,
      environmentId: 'test',
      horizonMonths: 3,
    })
    const catalogue = async () =>
      (
        await client.query(
          "select n.nspname, c.relname, c.relkind from pg_class c join pg_namespace n on n.oid = c.relnamespace where n.nspname !~ '^pg_' order by 1, 2",
        )
      ).rows
    const before = await catalogue()
    const through = async ({ schema, name, column }: Place, client: pg.Client) => {
      const table = { schema, name }
      const full = quoted(schema, name)
      await client.query(`create schema ${quoted(schema)}`)
      await client.query(
        `create table ${full} (${quoted(column)} date not null) partition by range (${quoted(column)})`,
      )
      await client.query(
        `create table ${quoted(schema, 'p_2090')} partition of ${full} for values from ('2090-01-01') to ('2091-01-01')`,
      )
      await client.query(`create table ${quoted(schema, 'spare')} partition of ${full} default`)
      await client.query(`insert into ${full} values ('2030-05-05'), ('2030-06-06')`)
      await client.query(`create table ${quoted(schema, `${[...name][0]}x`)} (like ${full})`)

      const act = async (action: Action, confirm?: string) => {
        await partitions.plan({ action }, {})
        const job = await services.jobs.finished((await partitions.apply({ action, confirm }, {})).jobId)
        expect([name, job.status, job.detail]).toEqual([name, 'succeeded', job.detail])
      }
      await act({ kind: 'ensure', table, count: 1 })
      const [group] = await partitions.countDefault(table, {})
      expect(group).toMatchObject({ rows: 2 })
      const bound = { kind: 'range', from: '2030-01-01', to: '2031-01-01' } as const
      const split = { schema, name: `${[...name].slice(0, 8).join('')}_2030` }
      await act({ kind: 'split', table, name: split.name, bound, batchRows: 1 })
      expect(await partitions.count(split, {})).toMatchObject({ rows: 2 })
      expect((await partitions.describe(split, {})).indexes).toBe(0)
      const attached = { schema, name: `${[...name][0]}x` }
      expect(await partitions.listCandidates(table, {})).toContainEqual({ ...attached, estimatedRows: 0 })
      await act({
        kind: 'attach',
        table,
        partition: attached,
        bound: { kind: 'range', from: '2040-01-01', to: '2041-01-01' },
      })
      await act({ kind: 'detach', partition: attached, isConcurrent: false })
      await act({ kind: 'drop', partition: split }, split.name)
      await act({ kind: 'analyze', table })
      const pruned = await partitions.prune(
        { statement: `select * from ${full} where ${quoted(column)} = '2090-05-05'` },
        {},
      )
      expect(pruned.tables).toMatchObject([{ schema, name, touched: [{ name: 'p_2090' }] }])
      const listed = (await partitions.list(table, {})).tables[0]
      expect(listed?.partitions.map((one) => one.name)).toEqual(['p_2090', expect.any(String), 'spare'])
      await client.query(`drop schema ${quoted(schema)} cascade`)
    }
    const waiting = places(hostileNames(wanted))
    const lane = async () => {
      const own = await services.database.connect()
      for (let place = waiting.pop(); place; place = waiting.pop()) await through(place, own)
    }
    await Promise.all(Array.from({ length: lanes }, lane))
    expect(await catalogue()).toEqual(before)
  },
  60_000 + wanted * 5_000,
)
