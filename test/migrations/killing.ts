import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { afterAll, beforeAll, expect } from 'vitest'
import { type Database, openPostgres } from '../../src-main/adapters/postgres.ts'
import { createTestDatabase, type TestDatabase } from '../support/database.ts'
import { targetOf } from '../support/target.ts'
import { applyFolder } from './applyFolder.ts'
import type { RunnerSpec } from './runners.ts'

export const files = 50
/** So many runners die with one process, each on a database of its own and at an instant of its own. */
export const width = 10

const root = join(import.meta.dirname, '..', '..')
const folder = mkdtempSync(join(tmpdir(), 'atlas-killed-'))
/** Where the runners work: made before the tests of the file that imports this, gone after them. */
export const places: { database: TestDatabase; db: Database }[] = []

beforeAll(async () => {
  for (let n = 1; n <= files; n++) {
    const statements = [
      `create table t${n} (v int)`,
      `insert into t${n} values (${n})`,
      `create index t${n}_v on t${n} (v)`,
    ]
    writeFileSync(join(folder, `${String(n).padStart(3, '0')}_t.sql`), statements.join(';\n'))
  }
  for (let n = 0; n < width; n++) {
    const database = await createTestDatabase({ template: 'empty' })
    const db = openPostgres(async () => targetOf(database.url), { applicationName: 'Atlas test' })
    places.push({ database, db })
  }
})

afterAll(async () => {
  for (const { database, db } of places) {
    await db.close()
    await database.drop()
  }
  rmSync(folder, { recursive: true })
})

/** Starts a process with one runner a database. */
export function startRunners(specs: Omit<RunnerSpec, 'url'>[]) {
  const list = specs.map((spec, index) => ({ ...spec, url: places[index]?.database.url }))
  const args = [join(import.meta.dirname, 'runners.ts'), folder, JSON.stringify(list)]
  const child = spawn(join(root, 'node_modules', '.bin', 'node'), args, {
    stdio: ['ignore', 'pipe', 'inherit'],
  })
  const exited = once(child, 'exit')
  return { child, exited, lines: createInterface(child.stdout) }
}

export async function kill({ child, exited }: { child: ChildProcess; exited: Promise<unknown> }) {
  child.kill('SIGKILL')
  await exited
}

const rowsOf = async ({ database }: (typeof places)[number], text: string) =>
  (await database.client.query(text)).rows

export const clear = () =>
  Promise.all(places.map((place) => rowsOf(place, 'drop schema public cascade; create schema public')))

/** Each file is there whole or not at all, and the ledger says the same. Answers how many are there. */
async function expectWhole(place: (typeof places)[number]): Promise<number> {
  const [found] = await rowsOf(
    place,
    `select array_agg(substring(relname, 2)::int order by substring(relname, 2)::int) filter (where relname ~ '^t[0-9]+$') as tables,
            array_agg(substring(relname, '^t([0-9]+)_v$')::int order by substring(relname, '^t([0-9]+)_v$')::int)
              filter (where relname ~ '^t[0-9]+_v$') as indexes,
            sum(pg_relation_size(oid)) filter (where relname ~ '^t[0-9]+$') as bytes,
            to_regclass('public.schema_migrations') is not null as "hasLedger"
     from pg_class
     where relnamespace = 'public'::regnamespace`,
  )
  const ledger = found.hasLedger
    ? await rowsOf(place, 'select version::int as n from schema_migrations order by 1')
    : []
  const applied = ledger.map(({ n }) => n)
  expect(found.tables ?? []).toEqual(applied)
  expect(found.indexes ?? []).toEqual(applied)
  // A row takes a page.
  expect(Number(found.bytes ?? 0)).toBe(applied.length * 8192)
  return applied.length
}

/** What a kill has left is whole, nobody holds the lock, and the next run finishes. Answers how many files were there. */
export async function expectRecovery(place: (typeof places)[number]): Promise<number> {
  const others = `select application_name from pg_stat_activity
                  where datname = current_database() and application_name like 'Atlas runner%'`
  await expect.poll(() => rowsOf(place, others), { interval: 10 }).toEqual([])
  const there = await expectWhole(place)
  expect(await applyFolder(place.db, folder)).toHaveLength(files - there)
  expect(await expectWhole(place)).toBe(files)
  return there
}
