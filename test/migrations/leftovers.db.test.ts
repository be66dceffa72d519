import { spawn } from 'node:child_process'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { type MigrationsBench, openMigrationsBench } from './support.ts'

const root = join(import.meta.dirname, '..', '..')
let bench: MigrationsBench

beforeEach(async () => {
  bench = await openMigrationsBench()
})
afterEach(() => bench.close())

const rowsOf = async (text: string) => (await bench.database.client.query(text)).rows

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
  const child = spawn(
    join(root, 'node_modules', '.bin', 'node'),
    [join(import.meta.dirname, 'runners.ts'), bench.folder, JSON.stringify([{ url: bench.database.url }])],
    { stdio: 'inherit' },
  )
  await expect
    .poll(
      async () =>
        (
          await rowsOf(
            "select from pg_stat_activity where datname = current_database() and query = 'select pg_sleep(60)'",
          )
        ).length,
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
