import type pg from 'pg'
import { afterAll, beforeAll, expect, test } from 'vitest'
import type { Action } from '../../src-main/partitions/action.contract.ts'
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

/** Where names stand: a schema, a table, its key, and five partitions of it or tables beside it. */
type Place = Record<(typeof parts)[number], string>

const parts = ['schema', 'name', 'column', 'last', 'spare', 'split', 'made', 'attached'] as const

/** Each seed in every place, the others each in one. Names of tables of one place differ in their first character. */
function places(names: string[]): Place[] {
  const place = (name: (index: number) => string) =>
    Object.fromEntries(
      parts.map((part, index) => [part, index < 3 ? name(index) : short(name(index), index)]),
    )
  const short = (name: string, index: number) => `${index}${[...name].slice(0, 28).join('')}`
  const others = names.slice(seeds.length)
  return [
    ...seeds.map((seed) => place(() => seed)),
    ...Array.from({ length: Math.ceil(others.length / parts.length) }, (_, at) =>
      place((index) => others[(at * parts.length + index) % others.length] ?? 'x'),
    ),
  ] as Place[]
}

let services: TestServices

beforeAll(async () => {
  services = await openTestServices()
})

afterAll(() => services.close())

const quoted = (...names: string[]) => identifier(...names).text
const year = (from: number) => ({ kind: 'range' as const, from: `${from}-01-01`, to: `${from + 1}-01-01` })

test(
  `${wanted} hostile names of schema, table, column and partition through every action: nothing else changes`,
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
    await client.query('create schema attic')
    const before = await catalogue()
    const through = async ({ schema, name, column, ...tables }: Place, client: pg.Client) => {
      const table = { schema, name }
      const full = quoted(schema, name)
      const key = quoted(column)
      const [last, spare, beside] = [tables.last, tables.spare, tables.attached].map((one) =>
        quoted(schema, one),
      )
      await client.query(`create schema ${quoted(schema)};
        create table ${full} (${key} date not null) partition by range (${key});
        create table ${last} partition of ${full} for values from ('2090-01-01') to ('2091-01-01');
        create table ${spare} partition of ${full} default;
        insert into ${full} values ('2030-05-05'), ('2030-06-06');
        create table ${beside} (like ${full})`)
      const act = async (action: Action, confirm?: string) => {
        const job = await services.jobs.finished((await partitions.apply({ action, confirm }, {})).jobId)
        expect([name, job.status, job.error?.message]).toEqual([name, 'succeeded', undefined])
      }
      await act({ kind: 'ensure', table, count: 1 })
      expect((await partitions.countDefault(table, {}))[0]).toMatchObject({ rows: 2 })
      const split = { schema, name: tables.split }
      await act({ kind: 'split', table, name: split.name, bound: year(2030), batchRows: 1 })
      expect(await partitions.count(split, {})).toMatchObject({ rows: 2 })
      expect((await partitions.describe(split, {})).indexes).toBe(0)
      const made = { schema, name: tables.made }
      await act({
        kind: 'create',
        table,
        name: made.name,
        bound: year(2050),
        by: { strategy: 'list', columns: [column] },
      })
      const attached = { schema, name: tables.attached }
      expect(await partitions.listCandidates(table, {})).toContainEqual({ ...attached, estimatedRows: 0 })
      await act({ kind: 'attach', table, partition: attached, bound: year(2040) })
      await act({ kind: 'retain', table, before: '2041-06-01', toSchema: 'attic' })
      const { undo } = await partitions.plan(
        { action: { kind: 'detach', partition: made, isConcurrent: false } },
        {},
      )
      expect(undo).toMatchObject({ kind: 'attach', table, partition: made, bound: year(2050) })
      // Without a default partition it goes concurrently; with the table it ends.
      await act({ kind: 'drop', partition: { schema, name: tables.spare } }, tables.spare)
      await act({ kind: 'detach', partition: made, isConcurrent: true })
      await act({ kind: 'analyze', table })
      const pruned = await partitions.prune(
        { statement: `select * from ${full} where ${key} = '2090-05-05'` },
        {},
      )
      expect(pruned.tables).toMatchObject([{ schema, name, touched: [{ name: tables.last }] }])
      const listed = (await partitions.list(table, {})).tables[0]
      expect(listed?.partitions.map((one) => one.name)).toEqual([tables.last, expect.any(String)])
      await client.query(`drop schema ${quoted(schema)} cascade;
        drop table ${quoted('attic', tables.split)}, ${quoted('attic', tables.attached)}`)
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
