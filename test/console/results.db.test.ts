import { existsSync, readdirSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { createTestDatabase, type TestDatabase } from '../support/database.ts'
import { heldBytes } from '../support/memory.ts'
import { openTestConsole } from './support.ts'

let database: TestDatabase
let tested: ReturnType<typeof openTestConsole>

beforeAll(async () => {
  database = await createTestDatabase()
  tested = openTestConsole(database)
})

afterAll(async () => {
  await tested?.close()
  await database?.drop()
})

const large = "select n, repeat('abc', 100) || n as text from generate_series(1, 200000) n"

const rowsOf = async (resultId: string, from: number, count: number) =>
  (await tested.service.listRows({ resultId, from, count, maxCharacters: 65_536 }, {})).rows

test('a large result is on disk in bounded memory, read anywhere, and gone with the next run', async () => {
  await tested.run('select 1')
  const before = heldBytes()
  const { statements } = await tested.run(large)
  const used = heldBytes() - before
  expect(statements[0]).toMatchObject({
    rows: 200_000,
    isCut: false,
    stopped: null,
    command: 'SELECT 200000',
  })
  expect(used).toBeLessThan(24 * 1024 ** 2)
  const resultId = statements[0]?.resultId ?? ''
  for (const from of [0, 199, 200, 99_999, 199_999]) {
    expect((await rowsOf(resultId, from, 2))[0]).toEqual([
      String(from + 1),
      `${'abc'.repeat(100)}${from + 1}`,
    ])
  }
  expect(await rowsOf(resultId, 199_999, 100)).toHaveLength(1)
  expect(await rowsOf(resultId, 300_000, 100)).toEqual([])
  const folder = join(tested.home, 'spool')
  expect(readdirSync(folder)).toContain(resultId)
  await tested.run('select 1')
  expect(existsSync(join(folder, resultId))).toBe(false)
  await expect(rowsOf(resultId, 0, 1)).rejects.toMatchObject({ code: 'NOT_FOUND' })
})

test.each([
  [1000, 1000, 'rows'],
  [300, 300, 'rows'],
  [200, 200, 'rows'],
] as const)('a result of more than %i rows says that it stops there', async (maxRows, rows, stopped) => {
  const { statements } = await tested.run('select generate_series(1, 1100)', { maxRows })
  expect(statements[0]).toMatchObject({ rows, stopped, isCut: true, status: 'succeeded' })
})

test.each([200, 500, 1200])('a result of exactly the bound of %i rows is not called cut', async (rows) => {
  const { statements } = await tested.run(`select generate_series(1, ${rows})`, { maxRows: rows })
  expect(statements[0]).toMatchObject({ rows, stopped: null, isCut: false })
})

test('a result pauses at its size: it goes on, or stops, as it is told', async () => {
  const small = openTestConsole(database, { maxResultBytes: 1024 ** 2 })
  try {
    const paused = () => small.until(({ run }) => run?.statements[0]?.isPaused === true)
    await small.run('begin')
    await small.start(large)
    const { run } = await paused()
    expect(run?.statements[0]?.sizeBytes).toBeLessThan(2 * 1024 ** 2)
    expect(await small.service.resume({ sessionId: 't' }, {})).toEqual({ isResumed: true })
    await small.until(({ run }) => (run?.statements[0]?.sizeBytes ?? 0) >= 2 * 1024 ** 2)
    await paused()
    await small.service.cancel({ sessionId: 't' }, {})
    const { run: ended } = await small.until(({ isRunning }) => !isRunning)
    expect(ended?.statements[0]).toMatchObject({ stopped: 'bytes', isCut: true, status: 'cancelled' })
    expect(ended?.statements[0]?.rows).toBeGreaterThan(5000)
  } finally {
    await small.close()
  }
})

test('a result is exported as it is', async () => {
  const { statements } = await tested.run(
    `select 1 as a, 'x,"y"' as b, null as c, '' as d, '=1+1' as e, -5 as a`,
  )
  const resultId = statements[0]?.resultId ?? ''
  const text = async (
    format: 'csv' | 'tsv' | 'jsonl',
    options: { neutraliseFormulas?: boolean; columns?: number[] } = {},
  ) => {
    let all = ''
    const feed = await tested.service.export(
      { resultId, format, hasHeader: true, neutraliseFormulas: false, ...options },
      {},
    )
    for await (const piece of feed as AsyncIterable<string>) all += piece
    return all
  }
  expect(await text('csv')).toBe('a,b,c,d,e,a\n1,"x,""y""",,"",=1+1,-5\n')
  expect(await text('csv', { neutraliseFormulas: true })).toBe('a,b,c,d,e,a\n1,"x,""y""",,"",\'=1+1,-5\n')
  expect(await text('tsv', { columns: [4, 0] })).toBe('e\ta\n=1+1\t1\n')
  expect(await text('jsonl')).toBe('{"a":1,"b":"x,\\"y\\"","c":null,"d":"","e":"=1+1","a_2":-5}\n')
})

test('the times of the way, of planning, of the first row and of the rest are told apart', async () => {
  // Constant folding makes the planner itself wait; half of each wait is left to a busy machine, which reads late.
  const planning = `create function slowly() returns int language plpgsql immutable as
    'begin perform pg_sleep(0.5); return 1; end'`
  await tested.run(planning)
  const { statements } = await tested.run('select slowly()')
  const { roundTripMs, planMs, firstRowMs, durationMs } = statements[0] ?? {}
  expect((planMs ?? 0) - (roundTripMs ?? 0)).toBeGreaterThan(250)
  const running = await tested.run('select pg_sleep(0.5), n from generate_series(1, 2) n')
  const [ran] = running.statements
  expect((ran?.firstRowMs ?? 0) - (ran?.planMs ?? 0)).toBeGreaterThan(250)
  expect(durationMs).toBeGreaterThanOrEqual(firstRowMs ?? 0)
  const { statements: written } = await tested.run(
    'create temp table timed as select 1 as one from pg_sleep(0.2)',
  )
  expect(written[0]?.planMs).toBeGreaterThanOrEqual(written[0]?.roundTripMs ?? Number.NaN)
  expect(written[0]).toMatchObject({ firstRowMs: null, status: 'succeeded' })
})
