import { setTimeout as sleep } from 'node:timers/promises'
import { expect, test } from 'vitest'
import { type MigrationsBench, openMigrationsBench } from './support.ts'

const runners = 20
const rounds = 20
const readerMs = 60_000

/** Gives a test a database of its own, so that the tests, which mostly wait, run at once. */
async function withBench(work: (bench: MigrationsBench) => Promise<void>) {
  const bench = await openMigrationsBench()
  try {
    await work(bench)
  } finally {
    await bench.close()
  }
}

const rowsOf = async ({ database }: MigrationsBench, text: string) => (await database.client.query(text)).rows

test.concurrent(
  'twenty runners at once, twenty times, with indexes that are built concurrently: each file once, no deadlock',
  () =>
    withBench(async (bench) => {
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
        await rowsOf(bench, 'drop schema public cascade; create schema public')
        const ended = await Promise.all(Array.from({ length: runners }, () => bench.apply()))
        expect(ended.map(({ status, error }) => error ?? status)).toEqual(ended.map(() => 'succeeded'))
        expect(ended.map(({ detail }) => detail).filter((detail) => detail === '4 applied')).toHaveLength(1)
        expect(
          await rowsOf(bench, 'select version, outcome from schema_migrations order by version'),
        ).toEqual(['001', '002', '003', '004'].map((version) => ({ version, outcome: 'applied' })))
        expect(await rowsOf(bench, 'select from pg_index where not indisvalid')).toHaveLength(0)
      }
    }),
  240_000,
)

test.concurrent(
  'behind a reader of sixty seconds the change is tried again and again, and no other reader queues for long',
  () =>
    withBench(async (bench) => {
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
      const applied = bench.apply()
      const end = performance.now() + readerMs
      while (performance.now() < end) {
        const begun = performance.now()
        await reader.query('select count(*) from t')
        waits.push(performance.now() - begun)
        await sleep(5)
      }
      expect((await bench.jobs.list(undefined, {}))[0]?.status).toBe('running')
      await long.query('commit')
      expect(await applied).toMatchObject({ status: 'succeeded' })
      waits.sort((a, b) => a - b)
      // Some did queue behind the change, so it was tried; none for longer than its time-out.
      expect(waits.filter((ms) => ms > 300).length).toBeGreaterThan(5)
      expect(waits[Math.floor(waits.length * 0.99)]).toBeLessThan(600)
    }),
  120_000,
)
