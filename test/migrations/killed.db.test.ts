import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { setTimeout as sleep } from 'node:timers/promises'
import { afterAll, beforeAll, expect, inject, test } from 'vitest'
import { type Database, openPostgres } from '../../src-main/adapters/postgres.ts'
import { createTestDatabase, type TestDatabase } from '../support/database.ts'
import { targetOf } from '../support/target.ts'
import { applyFolder } from './applyFolder.ts'
import type { RunnerSpec } from './runners.ts'

const files = 50
/** The full number on the newest server; the oldest shares the code and has all messages of the other test. */
const instants = inject('server').version === 18 ? 200 : 40
/** So many runners die with one process, each on a database of its own and at an instant of its own. */
const width = 10

const root = join(import.meta.dirname, '..', '..')
const folder = mkdtempSync(join(tmpdir(), 'atlas-killed-'))
const places: { database: TestDatabase; db: Database }[] = []

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
function startRunners(specs: Omit<RunnerSpec, 'url'>[]) {
  const list = specs.map((spec, index) => ({ ...spec, url: places[index]?.database.url }))
  const args = [join(import.meta.dirname, 'runners.ts'), folder, JSON.stringify(list)]
  const child = spawn(join(root, 'node_modules', '.bin', 'node'), args, {
    stdio: ['ignore', 'pipe', 'inherit'],
  })
  const exited = once(child, 'exit')
  return { child, exited, lines: createInterface(child.stdout) }
}

async function kill({ child, exited }: { child: ChildProcess; exited: Promise<unknown> }) {
  child.kill('SIGKILL')
  await exited
}

const rowsOf = async ({ database }: (typeof places)[number], text: string) =>
  (await database.client.query(text)).rows

const clear = () =>
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
async function expectRecovery(place: (typeof places)[number]): Promise<number> {
  const others = `select application_name from pg_stat_activity
                  where datname = current_database() and application_name like 'Atlas runner%'`
  await expect.poll(() => rowsOf(place, others), { timeout: 5000, interval: 10 }).toEqual([])
  const there = await expectWhole(place)
  expect(await applyFolder(place.db, folder)).toHaveLength(files - there)
  expect(await expectWhole(place)).toBe(files)
  return there
}

test('killed after every single message to the server: every file is whole, and the next run finishes', async () => {
  const whole = startRunners([{}])
  let messages = 0
  for await (const line of whole.lines) messages = Number(/^answered (\d+)/.exec(line)?.[1] ?? messages)
  // Three statements and the ledger's row a file, and what becomes of a runner before.
  expect(messages).toBeGreaterThan(files * 4)
  const left = new Set<number>()
  for (let from = 1; from <= messages; from += width) {
    await clear()
    const boundaries = Array.from(
      { length: Math.min(width, messages - from + 1) },
      (_, index) => from + index,
    )
    const runners = startRunners(boundaries.map((holdAfter) => ({ holdAfter })))
    let held = 0
    for await (const line of runners.lines) if (line === 'held' && ++held === boundaries.length) break
    expect(held).toBe(boundaries.length)
    await kill(runners)
    for (const there of await Promise.all(places.slice(0, held).map(expectRecovery))) left.add(there)
  }
  // From none to all: every number of files was left by some kill.
  expect(left.size).toBe(files + 1)
}, 300_000)

test(`killed at ${instants} instants: every file is whole, and the next run finishes`, async () => {
  await clear()
  const whole = startRunners(places.map(() => ({})))
  await once(whole.lines, 'line')
  const begun = performance.now()
  await whole.exited
  const windowMs = (performance.now() - begun) * 0.7
  let midway = 0
  for (let killed = 0; killed < instants; killed += width) {
    await clear()
    const runners = startRunners(places.map(() => ({ delayMs: Math.random() * windowMs })))
    await once(runners.lines, 'line')
    await sleep(windowMs)
    await kill(runners)
    const left = await Promise.all(places.map(expectRecovery))
    midway += left.filter((there) => there > 0 && there < files).length
  }
  expect(midway).toBeGreaterThan(instants / 10)
}, 300_000)
