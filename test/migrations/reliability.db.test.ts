import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { type MigrationsBench, openMigrationsBench } from './support.ts'

/** At full size: ATLAS_TRIALS=200. */
const trials = Number(process.env.ATLAS_TRIALS ?? 3)
const files = trials > 20 ? 50 : 8
const runners = trials > 20 ? 20 : 5
const rounds = trials > 20 ? 20 : 2
const readerSeconds = trials > 20 ? 60 : 4
const deadline = 60_000 + trials * 10_000

let bench: MigrationsBench

beforeEach(async () => {
  bench = await openMigrationsBench()
})
afterEach(() => bench.close())

const rowsOf = async (text: string) => (await bench.database.client.query(text)).rows

async function writeFiles() {
  for (let n = 1; n <= files; n++) {
    const number = String(n).padStart(3, '0')
    await bench.write(
      `${number}_t.sql`,
      `create table t${n} (id int primary key, v text);\ninsert into t${n} select g, 'x' from generate_series(1, 50) g;\ncreate index t${n}_v on t${n} (v);`,
    )
  }
}

function startRunner(...kill: string[]) {
  const root = join(import.meta.dirname, '..', '..')
  const args = [join(import.meta.dirname, 'runOnce.ts'), bench.database.url, bench.folder, ...kill]
  return spawn(join(root, 'node_modules', '.bin', 'node'), args, { stdio: ['ignore', 'pipe', 'inherit'] })
}

/** Waits until no session but the test's own is there. */
async function othersGone() {
  await expect
    .poll(
      async () =>
        (
          await rowsOf(
            "select from pg_stat_activity where datname = current_database() and application_name like 'Atlas runner%'",
          )
        ).length,
      { timeout: 30_000, interval: 20 },
    )
    .toBe(0)
}

/** Each file is there whole or not at all, and the ledger says the same. */
async function expectWhole() {
  const [ledger] = await rowsOf("select to_regclass('public.schema_migrations') is not null as there")
  const applied = new Set(
    ledger.there ? (await rowsOf('select version::int as n from schema_migrations')).map(({ n }) => n) : [],
  )
  const tables = await rowsOf(
    "select substring(relname from 2)::int as n from pg_class where relname ~ '^t[0-9]+$' and relkind = 'r'",
  )
  const indexes = await rowsOf(
    "select substring(relname from '^t([0-9]+)_v$')::int as n from pg_class where relname ~ '^t[0-9]+_v$'",
  )
  expect(new Set(tables.map(({ n }) => n))).toEqual(applied)
  expect(new Set(indexes.map(({ n }) => n))).toEqual(applied)
}

const empty = () => rowsOf('drop schema public cascade; create schema public')

test(
  'killed before or after any message, or at any instant, every file is whole and the next run finishes',
  async () => {
    await writeFiles()
    const whole = startRunner()
    let said = ''
    whole.stdout.on('data', (chunk) => {
      said += chunk
    })
    const begun = performance.now()
    await once(whole, 'exit')
    const runMs = performance.now() - begun
    const messages = Number(/sent (\d+)/.exec(said)?.[1])
    expect(messages).toBeGreaterThan(files * 5)

    for (let trial = 0; trial < trials * 3; trial++) {
      await empty()
      const kind = (['before', 'after', 'any'] as const)[trial % 3]
      // Spread over all messages, or over the time that a whole run takes.
      const at = Math.max(1, Math.round(((trial / 3 + Math.random()) / trials) * messages))
      const child = kind === 'any' ? startRunner() : startRunner(kind ?? '', String(at))
      const ended = once(child, 'exit')
      if (kind === 'any') {
        await once(child.stdout, 'data')
        await sleep(Math.random() * runMs * 0.6)
        child.kill('SIGKILL')
      }
      await ended
      // Nothing is waited for: the next runner begins at once, as after a crash.
      const next = performance.now()
      expect(await bench.apply(), `${kind} ${at}`).toMatchObject({ status: 'succeeded' })
      expect(performance.now() - next).toBeLessThan(30_000)
      await expectWhole()
      expect((await rowsOf('select from schema_migrations')).length).toBe(files)
    }
  },
  deadline * 2,
)

test(
  'what is killed is whole before anything runs again',
  async () => {
    await writeFiles()
    for (let trial = 0; trial < trials; trial++) {
      await empty()
      const child = startRunner('after', String(8 + Math.floor(Math.random() * files * 6)))
      await once(child, 'exit')
      await othersGone()
      await expectWhole()
    }
  },
  deadline,
)

test(
  'many runners at once, with indexes that are built concurrently: each file once, no deadlock',
  async () => {
    await bench.write(
      '001_t.sql',
      'create table t (id int, v int); insert into t select g, g from generate_series(1, 2000) g;',
    )
    await bench.write('002_i.sql', '-- atlas: no-transaction\ncreate index concurrently t_v on t (v);')
    await bench.write(
      '003_j.sql',
      '-- atlas: no-transaction\ncreate index concurrently t_id on t (id);\nreindex index concurrently t_v;',
    )
    await bench.write('004_u.sql', 'create table u (id int);')
    for (let round = 0; round < rounds; round++) {
      await empty()
      const ended = await Promise.all(Array.from({ length: runners }, () => bench.apply()))
      expect(ended.map(({ status, error }) => error ?? status)).toEqual(ended.map(() => 'succeeded'))
      expect(ended.map(({ detail }) => detail).filter((detail) => detail === '4 applied')).toHaveLength(1)
      expect(await rowsOf('select version, outcome from schema_migrations order by version')).toEqual(
        ['001', '002', '003', '004'].map((version) => ({ version, outcome: 'applied' })),
      )
      expect(await rowsOf('select from pg_index where not indisvalid')).toHaveLength(0)
    }
  },
  deadline * 2,
)

test('a concurrent build that fails leaves a named invalid index, what removes it, and the rest recorded', async () => {
  await bench.write('001_t.sql', 'create table t (id int); insert into t values (1), (1);')
  await bench.write(
    '002_i.sql',
    '-- atlas: no-transaction\ncreate table before (id int);\ncreate unique index concurrently t_id on t (id);\ncreate table after (id int);',
  )
  expect(await bench.apply()).toMatchObject({
    status: 'failed',
    error: {
      code: 'MIGRATION_FAILED',
      data: {
        sqlState: '23505',
        detail: expect.stringContaining('public.t_id'),
        next: expect.stringContaining('drop index concurrently if exists "public"."t_id"'),
      },
    },
  })
  expect(await bench.states()).toEqual(['001 applied', '002 partial'])
  const [left] = await bench.migrations.invalidIndexes(undefined, {})
  expect(left).toMatchObject({ schema: 'public', name: 't_id', table: 't', isBuilding: false })
  expect(await bench.apply()).toMatchObject({ error: { data: { object: 'public.t_id' } } })
  await bench.done(bench.migrations.dropInvalidIndex({ schema: 'public', name: 't_id' }, {}))
  await rowsOf('delete from t where ctid in (select ctid from t limit 1)')
  expect(await bench.apply()).toMatchObject({ status: 'succeeded' })
  expect(await bench.states()).toEqual(['001 applied', '002 applied'])
  expect(await rowsOf("select to_regclass('after')::text as after")).toEqual([{ after: 'after' }])
})

test('a file without a transaction that is cut off goes on where it stopped, or asks', async () => {
  await bench.write(
    '001_a.sql',
    '-- atlas: no-transaction\ncreate table a (id int);\nselect pg_sleep(60);\ncreate table b (id int);',
  )
  const child = startRunner()
  await expect
    .poll(
      async () => (await rowsOf("select from pg_stat_activity where query = 'select pg_sleep(60)'")).length,
      { timeout: 20_000 },
    )
    .toBe(1)
  child.kill('SIGKILL')
  // The server notices within a second that nobody waits for the answer.
  expect(await bench.apply()).toMatchObject({
    status: 'failed',
    error: {
      data: {
        detail: expect.stringContaining('select pg_sleep(60)'),
        next: expect.stringContaining('--statement'),
      },
    },
  })
  expect((await bench.migrations.status(undefined, {})).migrations[0]).toMatchObject({
    state: 'partial',
    detail: '1 statements are done; statement 2 was cut off',
  })
  await bench.migrations.repair({ version: '001', reason: 'it only sleeps', statement: 'done' }, {})
  expect(await bench.apply()).toMatchObject({ status: 'succeeded' })
  expect(await rowsOf("select to_regclass('b')::text as b")).toEqual([{ b: 'b' }])
})

test(
  'behind a long reader the change is tried again and again, and no other reader waits longer than the time-out',
  async () => {
    await bench.write(
      '001_t.sql',
      'create table t (id int primary key); insert into t select generate_series(1, 100);',
    )
    await bench.apply()
    await bench.write('002_c.sql', 'alter table t add column c int;')
    const long = await bench.database.connect()
    await long.query('begin')
    await long.query('select count(*) from t')
    const reader = await bench.database.connect()
    const waits: number[] = []
    let isOver = false
    const reading = (async () => {
      while (!isOver) {
        const begun = performance.now()
        await reader.query('select count(*) from t')
        waits.push(performance.now() - begun)
        await sleep(5)
      }
    })()
    const applied = bench.apply()
    await sleep(readerSeconds * 1000)
    const seen = (await bench.jobs.list(undefined, {}))[0]
    expect(seen?.status).toBe('running')
    await long.query('commit')
    expect(await applied).toMatchObject({ status: 'succeeded' })
    isOver = true
    await reading
    waits.sort((a, b) => a - b)
    const p99 = waits[Math.floor(waits.length * 0.99)] ?? 0
    if (trials > 20)
      console.log(
        `p99 of ${waits.length} readings: ${p99.toFixed(0)} ms, longest ${waits.at(-1)?.toFixed(0)} ms`,
      )
    // Half a second of queueing behind the change, and what a busy machine adds.
    expect(p99).toBeLessThan(2000)
  },
  deadline,
)
