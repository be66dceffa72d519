import { getEventListeners } from 'node:events'
import { afterAll, beforeAll, expect, test } from 'vitest'
import type { AlertCondition } from '../../src-main/console/alertContract.ts'
import type { Repetition } from '../../src-main/console/repeatContract.ts'
import { sql } from '../../src-main/sql.ts'
import { createTestDatabase, type TestDatabase } from '../support/database.ts'
import { openTestConsole } from './support.ts'

let database: TestDatabase
let tested: ReturnType<typeof openTestConsole>

beforeAll(async () => {
  database = await createTestDatabase()
  tested = openTestConsole(database)
  await tested.run(
    'create table queue (id int primary key, state text); insert into queue values (1, $$new$$)',
  )
})

afterAll(async () => {
  await tested?.close()
  await database?.drop()
})

async function repeat(
  text: string,
  { sessionId = 't', signal }: { sessionId?: string; signal?: AbortSignal } = {},
) {
  const { statements } = await tested.run(text, {}, sessionId)
  const resultId = statements.at(-1)?.resultId ?? ''
  return (await tested.service.repeat(
    { sessionId, resultId, everyMs: 500 },
    { signal },
  )) as AsyncGenerator<Repetition>
}

const next = async (feed: AsyncGenerator<Repetition>) => {
  const { value, done } = await feed.next()
  if (done) throw new Error('It has ended')
  return value
}

const watchSessions = async () =>
  (
    await tested.db.flat(
      sql`select pid from pg_stat_activity where datname = current_database() and application_name = 'Atlas Desktop watch'`,
    )
  ).length

test('a statement that is run again tells what changed, and ends with who looks', async () => {
  const feed = await repeat('select * from queue order by id')
  expect(await next(feed)).toMatchObject({ count: 1, comparison: { same: 1, changed: 0 } })
  await tested.db.run(sql`update queue set state = 'done'`)
  await tested.db.run(sql`insert into queue values (2, 'new')`)
  const second = await next(feed)
  expect(second).toMatchObject({ count: 2, statement: { rows: 2 }, comparison: { changed: 1, added: 1 } })
  const { rows } = await tested.service.listCompared(
    {
      comparisonId: second.comparison?.comparisonId ?? '',
      isDifferencesOnly: false,
      from: 0,
      count: 10,
      maxCharacters: 100,
    },
    {},
  )
  expect(rows[0]).toMatchObject({ kind: 'changed', cells: ['1', 'done'], was: [[1, 'new']] })
  expect(await watchSessions()).toBe(1)
  await feed.return(undefined)
  await expect.poll(watchSessions).toBe(0)
})

test('runs never stack: a slow statement is begun when the last one has ended', async () => {
  const feed = await repeat('select clock_timestamp() as begun, pg_sleep(0.8)')
  const read = async () => {
    const { statement } = await next(feed)
    const { rows } = await tested.service.listRows(
      { resultId: statement.resultId ?? '', from: 0, count: 1, maxCharacters: 100 },
      {},
    )
    return Date.parse(rows[0]?.[0] ?? '')
  }
  const [one, two] = [await read(), await read()]
  expect(two - one).toBeGreaterThanOrEqual(800)
  await feed.return(undefined)
})

test('what writes is refused before, or by the server, and nothing is written', async () => {
  const insert = await repeat("insert into queue values (99, 'x') returning id")
  await expect(insert.next()).rejects.toMatchObject({ code: 'UNSUPPORTED' })
  await tested.db.run(sql`delete from queue where id = 99`)
  await tested.db.run(
    sql`create function note() returns int language sql as 'insert into queue values (100, null) returning id'`,
  )
  const hidden = await repeat('select note()')
  await tested.db.run(sql`delete from queue where id = 100`)
  const { statement, comparison } = await next(hidden)
  expect(statement).toMatchObject({ status: 'failed', error: { data: { sqlState: '25006' } } })
  expect(comparison).toBeNull()
  expect((await hidden.next()).done).toBe(true)
  expect(await tested.db.flat(sql`select id from queue where id >= 99`)).toEqual([])
})

test('it goes with parameters and settings of its tab, and ends when the tab runs something else', async () => {
  await tested.db.run(sql`create schema other`)
  await tested.db.run(sql`create table other.only_there as select 7 as seven`)
  const settings = { ...(await tested.until(() => true, 'p')).settings, searchPath: 'other' }
  await tested.service.configure({ sessionId: 'p', settings }, {})
  const { statements } = await tested.run(
    'select seven * :factor::int as product from only_there',
    { parameters: { factor: { type: 'auto', value: '6' } } },
    'p',
  )
  const resultId = statements[0]?.resultId ?? ''
  const feed = (await tested.service.repeat(
    { sessionId: 'p', resultId, everyMs: 500 },
    {},
  )) as AsyncGenerator<Repetition>
  expect(await next(feed)).toMatchObject({ comparison: { same: 1 } })
  await tested.run('select 1', {}, 'p')
  expect((await feed.next()).done).toBe(true)
})

test('what waits for an end lets go of each run that is over', async () => {
  const abort = new AbortController()
  const feed = await repeat('select 1', { signal: abort.signal })
  await next(feed)
  await next(feed)
  const listeners = getEventListeners(abort.signal, 'abort')
  await feed.return(undefined)
  expect(listeners).toEqual([])
})

test('a cancel in the middle of a run ends it on the server', async () => {
  const abort = new AbortController()
  // Only where it is run again.
  const isAgain = "current_setting('application_name') = 'Atlas Desktop watch'"
  const text = `select pg_sleep(60) where ${isAgain}`
  const feed = await repeat(text, { signal: abort.signal })
  const waiting = feed.next()
  await expect.poll(watchSessions).toBe(1)
  abort.abort()
  expect((await waiting).done).toBe(true)
  await expect.poll(watchSessions).toBe(0)
})

test('an alert waits as a job until its condition has come true, and is told', async () => {
  const { statements } = await tested.run('select count(*) as waiting, max(id) as last from queue', {}, 'a')
  const resultId = statements[0]?.resultId ?? ''
  const start = (condition: AlertCondition) =>
    tested.service.startAlert({ sessionId: 'a', resultId, everyMs: 500, condition }, {})
  const { jobId } = await start({ column: 0, op: '>', value: '99' })
  const changing = await start({ column: 1, op: 'changes', value: '' })
  const forgotten = await start({ column: null, op: '=', value: '0' })
  // The tab goes on, and holds the result no more.
  await tested.run('select 1', {}, 'a')
  await expect.poll(async () => (await tested.jobs.get({ id: jobId }, {})).detail).toContain('Not yet')
  await tested.db.run(sql`insert into queue select n, 'new' from generate_series(1000, 1200) n`)
  expect(await tested.jobs.finished(jobId)).toMatchObject({ status: 'succeeded', isAlert: true })
  const { title, detail } = await tested.jobs.finished(changing.jobId)
  expect(title).toContain('last of the first row changes: select count(*)')
  expect(detail).toContain('last of the first row changes since run')
  await tested.jobs.cancel({ id: forgotten.jobId }, {})
  expect(await tested.jobs.finished(forgotten.jobId)).toMatchObject({ status: 'cancelled' })
  expect(tested.alerts.map(({ id }) => id).sort()).toEqual([jobId, changing.jobId].sort())
  const alertSessions = sql`select from pg_stat_activity where application_name = 'Atlas Desktop alert'`
  await expect.poll(() => tested.db.run(alertSessions)).toBe(0)
  await tested.db.run(sql`delete from queue where id >= 1000`)
})

test('an alert whose statement fails says so, and one on what writes is not begun', async () => {
  await tested.db.run(sql`create table short_lived as select 1 as one`)
  const { statements } = await tested.run('select one from short_lived', {}, 'b')
  const condition = { column: 0, op: 'changes', value: '' } as const
  const resultId = statements[0]?.resultId ?? ''
  const { jobId } = await tested.service.startAlert({ sessionId: 'b', resultId, everyMs: 500, condition }, {})
  await tested.db.run(sql`drop table short_lived`)
  expect(await tested.jobs.finished(jobId)).toMatchObject({
    status: 'failed',
    error: { code: 'OBJECT_NOT_FOUND' },
  })
  const written = await tested.run('insert into queue values (77, null) returning id', {}, 'b')
  await expect(
    tested.service.startAlert(
      { sessionId: 'b', resultId: written.statements[0]?.resultId ?? '', everyMs: 500, condition },
      {},
    ),
  ).rejects.toMatchObject({ code: 'UNSUPPORTED' })
  await tested.db.run(sql`delete from queue where id = 77`)
})
