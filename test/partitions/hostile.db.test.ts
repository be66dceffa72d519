import { afterAll, beforeAll, expect, test } from 'vitest'
import type { Action } from '../../src-main/partitions/contract.ts'
import { createPartitions } from '../../src-main/partitions/service.ts'
import { identifier } from '../../src-main/sql.ts'
import { openTestServices, type TestServices } from '../support/services.ts'

const wanted = Number(process.env.ATLAS_TEST_HOSTILE_NAMES ?? 24)

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
    for (const name of hostileNames(wanted)) {
      const table = { schema: name, name }
      const full = quoted(name, name)
      await client.query(`create schema ${quoted(name)}`)
      await client.query(
        `create table ${full} (${quoted(name)} date not null) partition by range (${quoted(name)})`,
      )
      await client.query(
        `create table ${quoted(name, 'p_2090')} partition of ${full} for values from ('2090-01-01') to ('2091-01-01')`,
      )
      await client.query(`create table ${quoted(name, 'spare')} partition of ${full} default`)
      await client.query(`insert into ${full} values ('2030-05-05'), ('2030-06-06')`)
      await client.query(`create table ${quoted(name, `${[...name][0]}x`)} (like ${full})`)

      const act = async (action: Action, confirm?: string) => {
        await partitions.plan({ action }, {})
        const job = await services.jobs.finished((await partitions.apply({ action, confirm }, {})).jobId)
        expect([name, job.status, job.detail]).toEqual([name, 'succeeded', job.detail])
      }
      await act({ kind: 'ensure', table, count: 1 })
      const [group] = await partitions.countDefault(table, {})
      expect(group).toMatchObject({ rows: 2 })
      const bound = { kind: 'range', from: '2030-01-01', to: '2031-01-01' } as const
      const split = { schema: name, name: `${[...name].slice(0, 8).join('')}_2030` }
      await act({ kind: 'split', table, name: split.name, bound, batchRows: 1 })
      expect(await partitions.count(split, {})).toMatchObject({ rows: 2 })
      expect((await partitions.describe(split, {})).indexes).toBe(0)
      const attached = { schema: name, name: `${[...name][0]}x` }
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
        { statement: `select * from ${full} where ${quoted(name)} = '2090-05-05'` },
        {},
      )
      expect(pruned.tables).toMatchObject([{ schema: name, name, touched: [{ name: 'p_2090' }] }])
      const listed = (await partitions.list(table, {})).tables[0]
      expect(listed?.partitions.map((one) => one.name)).toEqual(['p_2090', expect.any(String), 'spare'])
      await client.query(`drop schema ${quoted(name)} cascade`)
    }
    expect(await catalogue()).toEqual(before)
  },
  60_000 + wanted * 5_000,
)
