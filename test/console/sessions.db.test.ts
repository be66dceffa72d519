import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import type { SessionState } from '../../src-main/console/sessionContract.ts'
import { createTestDatabase, type TestDatabase } from '../support/database.ts'
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

const cancel = (sessionId = 't') => tested.service.cancel({ sessionId }, {})
const ended = () => tested.until(({ isRunning }) => !isRunning)
const slowRows =
  'select n, case when n > 1500 then pg_sleep(0.01)::text end from generate_series(1, 100000) n'

const sleeping = (processId: number | null) =>
  expect
    .poll(async () => {
      const { rows } = await database.client.query('select wait_event from pg_stat_activity where pid = $1', [
        processId,
      ])
      return rows[0]?.wait_event
    })
    .toBe('PgSleep')

describe('cancel', () => {
  test('ends the statement long before its own end, skips the rest, and leaves the session usable', async () => {
    const { processId } = await tested.run('select 1')
    await tested.start('select pg_sleep(30); select 2')
    await expect(tested.start('select 3')).rejects.toMatchObject({ code: 'CONFLICT' })
    await sleeping(processId)
    const begun = performance.now()
    expect(await cancel()).toEqual({ isCancelled: true })
    const { run } = await ended()
    expect(performance.now() - begun).toBeLessThan(15_000)
    expect(run?.status).toBe('cancelled')
    expect(run?.statements.map(({ status }) => status)).toEqual(['cancelled', 'skipped'])
    const after = await tested.run('select 1')
    expect(after).toMatchObject({ processId, statements: [{ status: 'succeeded' }] })
    expect(await cancel()).toEqual({ isCancelled: false })
  })

  test('hits its own statement and never the next', async () => {
    for (let round = 0; round < 20; round++) {
      await tested.start(`select pg_sleep(${(round % 5) * 0.004})`)
      await new Promise((resolve) => setTimeout(resolve, round % 7))
      await cancel()
      await ended()
      expect((await tested.run('select 1')).statements[0]?.status).toBe('succeeded')
    }
  })

  test('at 1,000 random instants hits no wrong statement, of its own tab or another', async () => {
    const lanes = ['a', 'b', 'c', 'd', 'e']
    let [hit, late] = [0, 0]
    await Promise.all(
      lanes.map(async (lane) => {
        for (let round = 0; round < 200; round++) {
          await tested.start(`select pg_sleep(${Math.random() * 0.012})`, {}, lane)
          await new Promise((resolve) => setTimeout(resolve, Math.random() * 14))
          await tested.service.cancel({ sessionId: lane }, {})
          const { run } = await tested.until(({ isRunning }) => !isRunning, lane)
          if (run?.status === 'cancelled') hit++
          else late++
          // Meant for nobody: it may not meet what comes next.
          await tested.start('select pg_sleep(0.002)', {}, lane)
          const next = await tested.until(({ isRunning }) => !isRunning, lane)
          expect(next.run?.statements[0]?.error ?? null).toBeNull()
        }
      }),
    )
    // Both happened, else the instants were not random.
    expect(Math.min(hit, late)).toBeGreaterThan(50)
    await Promise.all(lanes.map((sessionId) => tested.service.close({ sessionId }, {})))
  }, 120_000)

  test('ends what else runs on the session, an Explain for one, and then nothing more', async () => {
    const { processId } = await tested.run('select 1')
    const explained = tested.service.explain(
      { sessionId: 't', text: 'select pg_sleep(30)', isAnalyzed: true },
      {},
    )
    const refused = expect(explained).rejects.toMatchObject({ code: 'STATEMENT_CANCELLED' })
    await sleeping(processId)
    expect(await cancel()).toEqual({ isCancelled: true })
    await refused
    expect(await tested.run('select 1')).toMatchObject({ processId, statements: [{ status: 'succeeded' }] })
  })

  test('keeps the rows that came', async () => {
    await tested.start(slowRows)
    await tested.until(({ run }) => (run?.statements[0]?.rows ?? 0) > 0)
    await cancel()
    const { run } = await ended()
    expect(run?.statements[0]).toMatchObject({ status: 'cancelled', stopped: 'cancelled', isCut: true })
    const resultId = run?.statements[0]?.resultId ?? ''
    const { rows } = await tested.service.listRows({ resultId, from: 0, count: 1, maxCharacters: 100 }, {})
    expect(rows).toEqual([['1', null]])
  })
})

describe('a transaction', () => {
  test('is shown open, failed and ended', async () => {
    const open = await tested.run('create temp table tx (a int); begin; insert into tx values (1), (2)')
    expect(open).toMatchObject({ transaction: 'open', changedRows: 2, transactionSince: expect.any(Date) })
    expect((await tested.run('select 1/0')).transaction).toBe('failed')
    const after = await tested.run('rollback')
    expect(after).toMatchObject({ transaction: 'idle', changedRows: 0, transactionSince: null })
  })

  test('that is cancelled fails and keeps its session', async () => {
    const { processId } = await tested.run('begin')
    await tested.start('select pg_sleep(30)')
    await sleeping(processId)
    await cancel()
    expect(await ended()).toMatchObject({ transaction: 'failed', processId })
    expect((await tested.run('rollback')).transaction).toBe('idle')
  })
})

describe('a lost connection', () => {
  test('keeps the rows that came, says so, and the next run has a new session', async () => {
    await tested.run('begin')
    await tested.start(slowRows)
    const { processId } = await tested.until(({ run }) => (run?.statements[0]?.rows ?? 0) > 0)
    await database.client.query('select pg_terminate_backend($1)', [processId])
    const { run } = await ended()
    expect(run?.statements[0]).toMatchObject({
      status: 'failed',
      error: { code: 'CONNECTION_LOST' },
      stopped: 'error',
      isCut: true,
    })
    const resultId = run?.statements[0]?.resultId ?? ''
    const { rows } = await tested.service.listRows({ resultId, from: 0, count: 1, maxCharacters: 100 }, {})
    expect(rows).toEqual([['1', null]])
    const lost = await tested.until((seen) => seen.processId === null)
    expect(lost).toMatchObject({ transaction: 'idle', remark: expect.stringContaining('rolled back') })
    const next = await tested.run('select 1')
    expect(next).toMatchObject({ remark: null, statements: [{ status: 'succeeded' }] })
    expect(next.processId).not.toBe(processId)
  })

  test('is noticed while nothing runs', async () => {
    const { processId } = await tested.run('select 1')
    await database.client.query('select pg_terminate_backend($1)', [processId])
    const state = await tested.until((seen) => seen.processId === null)
    expect(state.remark).toContain('lost')
  })
})

describe('tabs', () => {
  test('have sessions of their own, ended with the tab', async () => {
    const one = await tested.run('select 1', {}, 'one')
    const two = await tested.run('begin', {}, 'two')
    expect(one.processId).not.toBe(two.processId)
    await tested.service.close({ sessionId: 'one' }, {})
    await tested.service.close({ sessionId: 'two' }, {})
    await expect
      .poll(async () => {
        const { rows } = await database.client.query('select pid from pg_stat_activity where pid = any($1)', [
          [one.processId, two.processId],
        ])
        return rows
      })
      .toEqual([])
  })

  test('go on when the window that follows them goes away', async () => {
    const feed = (await tested.service.run(
      { sessionId: 't', text: 'select pg_sleep(0.3); select 42 as answer', maxRows: 10, isConfirmed: false },
      {},
    )) as AsyncGenerator<unknown>
    await feed.next()
    await feed.return(undefined)
    const { run } = await ended()
    expect(run?.statements.map(({ status }) => status)).toEqual(['succeeded', 'succeeded'])
  })

  test('without use are closed; with an open transaction only when no window shows them', async () => {
    const idle = openTestConsole(database, { idleMs: 80 })
    try {
      await idle.run('select 1')
      const closed = await idle.until(({ processId }) => processId === null)
      expect(closed.remark).toContain('without use')
      const abort = new AbortController()
      const feed = (await idle.service.watch(
        { sessionId: 't' },
        { signal: abort.signal },
      )) as AsyncGenerator<SessionState>
      await feed.next()
      const { processId } = await idle.run('begin')
      await new Promise((resolve) => setTimeout(resolve, 250))
      expect((await idle.run('select 1')).processId).toBe(processId)
      abort.abort()
      await feed.return(undefined)
      const connected = async () => {
        const { rows } = await database.client.query('select 1 from pg_stat_activity where pid = $1', [
          processId,
        ])
        return rows.length
      }
      await expect.poll(connected).toBe(0)
    } finally {
      await idle.close()
    }
  })
})

test('a tab is set up after a restart as it was before, until it is closed', async () => {
  const sessionId = 'kept'
  const settings = {
    isAutocommit: false,
    isolation: 'repeatable read' as const,
    role: 'atlas_user',
    searchPath: 'explore, public',
    statementTimeoutMs: 61_000,
    lockTimeoutMs: 2000,
    idleInTransactionTimeoutMs: 90_000,
  }
  await tested.service.configure({ sessionId, settings }, {})
  await tested.service.setReadOnly({ sessionId, isReadOnly: true, makesLogin: false }, {})
  const again = tested.restart()
  try {
    expect(await again.until(() => true, sessionId)).toMatchObject({ settings, isReadOnly: true })
    const { statements, isReadOnly } = await again.run(
      `select current_setting('transaction_isolation'), current_setting('search_path'),
              current_setting('statement_timeout'), current_setting('transaction_read_only')`,
      {},
      sessionId,
    )
    expect(isReadOnly).toBe(true)
    const resultId = statements[0]?.resultId ?? ''
    const { rows } = await again.service.listRows({ resultId, from: 0, count: 1, maxCharacters: 100 }, {})
    expect(rows).toEqual([['repeatable read', 'explore, public', '61s', 'on']])
    await again.service.close({ sessionId }, {})
    expect(await again.until(() => true, sessionId)).toMatchObject({
      isReadOnly: false,
      settings: { isAutocommit: true, role: null },
    })
  } finally {
    await again.service.closeAll()
  }
})

test('what a channel is told is heard at once, the newest first, until the session is lost', async () => {
  const sessionId = 'listener'
  const { processId } = await tested.run('listen news', {}, sessionId)
  const hostile = "<img src=x onerror=alert(1)>'"
  await database.client.query("select pg_notify('news', $1)", [hostile])
  await database.client.query('notify news')
  const { isListening } = await tested.until(({ notifications }) => notifications === 2, sessionId)
  expect(isListening).toBe(true)
  expect(await tested.service.listNotifications({ sessionId }, {})).toMatchObject([
    { number: 2, channel: 'news', payload: '' },
    { number: 1, channel: 'news', payload: hostile },
  ])
  await database.client.query('select pg_terminate_backend($1)', [processId])
  const lost = await tested.until(({ remark }) => remark !== null, sessionId)
  expect(lost).toMatchObject({ isListening: false, notifications: 2 })
  expect(lost.remark).toContain('run LISTEN again')
  await tested.run('listen news; unlisten *', {}, sessionId)
  expect(await tested.until(() => true, sessionId)).toMatchObject({ isListening: false })
})
