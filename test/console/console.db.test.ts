import { existsSync, readdirSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
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

const rowsOf = async (resultId: string | undefined, from = 0, count = 100, cellBytes = 65_536) =>
  (await tested.service.getRows({ resultId: resultId ?? '', from, count, cellBytes }, {})).rows

describe('a script', () => {
  test('runs statement by statement and keeps every result', async () => {
    const { statements, transaction } = await tested.run(
      "create temp table t (id int, name text); insert into t values (1, 'a'), (2, null); select * from t; select 'x' as y",
    )
    expect(statements.map(({ status, tag, rows }) => [status, tag, rows])).toEqual([
      ['succeeded', 'CREATE TABLE', undefined],
      ['succeeded', 'INSERT 0 2', 2],
      ['succeeded', 'SELECT 2', 2],
      ['succeeded', 'SELECT 1', 1],
    ])
    expect(await rowsOf(statements[2]?.result?.id)).toEqual([
      ['1', 'a'],
      ['2', null],
    ])
    expect(statements[2]?.result?.columns).toEqual([
      { name: 'id', typeOid: 23, type: 'int4' },
      { name: 'name', typeOid: 25, type: 'text' },
    ])
    expect(transaction).toBe('idle')
  })

  test('keeps its session from run to run, signed as the console', async () => {
    const first = await tested.run('select pg_backend_pid()::text')
    const second = await tested.run("select pg_backend_pid()::text, current_setting('application_name')")
    expect(await rowsOf(second.statements[0]?.result?.id)).toEqual([
      [String(first.processId), 'Atlas Desktop console'],
    ])
  })

  test('stops at an error, says where, and skips the rest', async () => {
    const { statements } = await tested.run("select 1;\nselect '💥é',\n  no_such_column;\nselect 3")
    expect(statements.map(({ status }) => status)).toEqual(['succeeded', 'failed', 'skipped'])
    expect(statements[1]?.error).toMatchObject({
      code: 'OBJECT_NOT_FOUND',
      data: { sqlState: '42703' },
      at: { line: 3, column: 3 },
    })
  })

  test('runs the statement at the cursor alone', async () => {
    const sql = 'select 1 as a;\nselect 2 as b;\nselect 3 as c'
    for (const [cursor, expected] of [
      [0, '1'],
      [14, '1'],
      [15, '2'],
      [29, '2'],
      [sql.length, '3'],
    ] as const) {
      const { statements } = await tested.run(sql, { cursor })
      expect(statements).toHaveLength(1)
      expect(await rowsOf(statements[0]?.result?.id)).toEqual([[expected]])
    }
  })

  test('refuses what cannot be sent, before anything is sent', async () => {
    const run = (sql: string) => tested.service.run({ sessionId: 't', sql }, {})
    await expect(run('select 1;\n  \\copy t from x')).rejects.toMatchObject({
      code: 'UNSUPPORTED',
      message: '\\copy at line 2, column 3 is a command of psql',
    })
    await expect(run('select \0')).rejects.toMatchObject({
      code: 'INPUT_INVALID',
      fault: { object: 'line 1, column 8' },
    })
    await expect(run('select 1;\n $$ open')).rejects.toMatchObject({
      code: 'SYNTAX_ERROR',
      fault: { object: 'line 2, column 2' },
    })
    await expect(run(' -- nothing')).rejects.toMatchObject({ code: 'INPUT_INVALID' })
  })

  test('refuses COPY through the protocol and stays usable', async () => {
    const { statements } = await tested.run('create temp table c (a int); copy c from stdin')
    expect(statements[1]?.error?.code).toBe('UNSUPPORTED')
    expect((await tested.run('copy (select 1) to stdout')).statements[0]?.error?.code).toBe('UNSUPPORTED')
    expect((await tested.run('select 1')).statements[0]?.status).toBe('succeeded')
  })

  test('shows notices with their statement', async () => {
    const { statements } = await tested.run("do $$ begin raise notice 'hello %', 1; end $$")
    expect(statements[0]?.notices).toMatchObject([{ severity: 'NOTICE', message: 'hello 1' }])
  })
})

describe('values', () => {
  test('are the exact text of the server', async () => {
    const { statements } = await tested.run(`
      select 9007199254740993::int8, ('1' || repeat('0', 999))::numeric, 'NaN'::numeric, 'infinity'::timestamptz,
             '0044-03-15 BC'::date, '294276-12-31 23:59:59.999999'::timestamp, '\\x00ff'::bytea, '{1,NULL,"a b"}'::text[],
             '[1,5)'::int4range, '{"a": 1.10}'::jsonb, true, ''::text, null::text, E'\\u202eabc<img src=x>'`)
    expect(statements[0]?.error).toBeUndefined()
    const [row] = await rowsOf(statements[0]?.result?.id)
    expect(row).toEqual([
      '9007199254740993',
      `1${'0'.repeat(999)}`,
      'NaN',
      'infinity',
      '0044-03-15 BC',
      '294276-12-31 23:59:59.999999',
      '\\x00ff',
      '{1,NULL,"a b"}',
      '[1,5)',
      '{"a": 1.10}',
      't',
      '',
      null,
      '\u202eabc<img src=x>',
    ])
    expect(statements[0]?.result?.columns.map(({ type }) => type)).toContain('text[]')
  })

  test('of columns with the same or with strange names all stay', async () => {
    const { statements } = await tested.run('select 1 as id, 2 as id, 3 as "__proto__", 4 as "constructor"')
    expect(statements[0]?.result?.columns.map(({ name }) => name)).toEqual([
      'id',
      'id',
      '__proto__',
      'constructor',
    ])
    expect(await rowsOf(statements[0]?.result?.id)).toEqual([['1', '2', '3', '4']])
  })

  test('that are long are cut at a character and fetched in full', async () => {
    const { statements } = await tested.run("select repeat('é', 100000), 'after'")
    const resultId = statements[0]?.result?.id ?? ''
    const [row] = await rowsOf(resultId, 0, 1, 1001)
    expect(row).toEqual([{ text: 'é'.repeat(500), sizeBytes: 200_000 }, 'after'])
    const { cell } = await tested.service.fetchCell({ resultId, row: 0, column: 0 }, {})
    expect(cell).toBe('é'.repeat(100_000))
  })

  test('of 1,600 columns and of a row of 40 MB arrive', async () => {
    const wide = Array.from({ length: 1600 }, (_value, at) => `${at} as c${at}`).join(', ')
    const { statements } = await tested.run(`select ${wide}; select repeat('x', 40000000) as big, 1 as small`)
    expect((await rowsOf(statements[0]?.result?.id))[0]).toHaveLength(1600)
    expect(await rowsOf(statements[1]?.result?.id, 0, 1, 16)).toEqual([
      [{ text: 'x'.repeat(16), sizeBytes: 40_000_000 }, '1'],
    ])
  })
})

describe('a large result', () => {
  const sql = "select n, repeat('abc', 20) || n as text from generate_series(1, 200000) n"

  test('is spooled to disk in bounded memory and read anywhere', async () => {
    const before = process.memoryUsage()
    const { statements } = await tested.run(sql)
    const after = process.memoryUsage()
    const result = statements[0]?.result
    expect(result).toMatchObject({
      rowCount: 200_000,
      isOnDisk: true,
      canContinue: false,
      stopped: undefined,
    })
    expect(after.arrayBuffers + after.heapUsed - before.arrayBuffers - before.heapUsed).toBeLessThan(
      64 * 1024 ** 2,
    )
    for (const from of [0, 63, 64, 99_999, 199_999]) {
      expect((await rowsOf(result?.id, from, 2))[0]).toEqual([
        String(from + 1),
        `${'abc'.repeat(20)}${from + 1}`,
      ])
    }
    expect(await rowsOf(result?.id, 199_999, 100)).toHaveLength(1)
    const folder = join(tested.home, 'spool', String(process.pid))
    expect(readdirSync(folder)).toContain(result?.id)
    await tested.run('select 1')
    expect(existsSync(join(folder, result?.id ?? ''))).toBe(false)
  })

  test('stops at a bound and goes on when asked', async () => {
    const stopped = await tested.run(sql, { maxRows: 1000 })
    const result = stopped.statements[0]?.result
    expect(result).toMatchObject({ rowCount: 1000, stopped: 'rows', canContinue: true })
    const { runId } = await tested.service.resume(
      { sessionId: 't', resultId: result?.id ?? '', maxRows: 500_000 },
      {},
    )
    const done = await tested.until(({ run }) => run?.id === runId && !run.isRunning)
    expect(done.run?.statements[0]?.result).toMatchObject({ rowCount: 200_000, canContinue: false })
    expect(done.run?.statements[0]?.result?.stopped).toBeUndefined()
  })

  test('of exactly the bound is not called stopped', async () => {
    const { statements } = await tested.run('select generate_series(1, 500)', { maxRows: 500 })
    expect(statements[0]?.result).toMatchObject({ rowCount: 500, canContinue: false })
    expect(statements[0]?.result?.stopped).toBeUndefined()
  })

  test('stops at its size', async () => {
    const small = openTestConsole(database, { maxResultBytes: 1024 ** 2 })
    try {
      const { statements } = await small.run(sql)
      expect(statements[0]?.result?.stopped).toBe('bytes')
      expect(statements[0]?.result?.sizeBytes).toBeLessThan(12 * 1024 ** 2)
    } finally {
      await small.close()
    }
  })

  test('is exported as it is', async () => {
    const { statements } = await tested.run(
      `select 1 as a, 'x,"y"' as b, null as c, '' as d, '=1+1' as e, -5 as a`,
    )
    const resultId = statements[0]?.result?.id ?? ''
    const text = async (format: 'csv' | 'tsv' | 'jsonl', neutraliseFormulas = false) => {
      let all = ''
      const feed = await tested.service.export({ resultId, format, hasHeader: true, neutraliseFormulas }, {})
      for await (const piece of feed as AsyncIterable<string>) all += piece
      return all
    }
    expect(await text('csv')).toBe('a,b,c,d,e,a\n1,"x,""y""",,"",=1+1,-5\n')
    expect(await text('csv', true)).toBe('a,b,c,d,e,a\n1,"x,""y""",,"",\'=1+1,-5\n')
    expect(await text('jsonl')).toBe('{"a":"1","b":"x,\\"y\\"","c":null,"d":"","e":"=1+1","a_2":"-5"}\n')
  })
})

describe('cancel', () => {
  test('ends the statement within a second, skips the rest, and leaves the session usable', async () => {
    const { runId } = await tested.service.run({ sessionId: 't', sql: 'select pg_sleep(30); select 2' }, {})
    await expect(tested.service.run({ sessionId: 't', sql: 'select 3' }, {})).rejects.toMatchObject({
      code: 'CONFLICT',
    })
    const begun = performance.now()
    expect(await tested.service.cancel({ sessionId: 't' }, {})).toEqual({ wasRunning: true })
    const state = await tested.until(({ run }) => run?.id === runId && !run.isRunning)
    expect(performance.now() - begun).toBeLessThan(1000)
    expect(state.run?.statements.map(({ status }) => status)).toEqual(['cancelled', 'skipped'])
    expect((await tested.run('select 1')).statements[0]?.status).toBe('succeeded')
    expect(await tested.service.cancel({ sessionId: 't' }, {})).toEqual({ wasRunning: false })
  })

  test('hits its own statement only', async () => {
    for (let round = 0; round < 20; round++) {
      const { runId } = await tested.service.run(
        { sessionId: 't', sql: `select pg_sleep(${(round % 5) * 0.004})` },
        {},
      )
      await new Promise((resolve) => setTimeout(resolve, round % 7))
      await tested.service.cancel({ sessionId: 't' }, {})
      await tested.until(({ run }) => run?.id === runId && !run.isRunning)
      expect((await tested.run('select 1')).statements[0]?.status).toBe('succeeded')
    }
  })

  test('keeps the rows that came', async () => {
    const { runId } = await tested.service.run(
      {
        sessionId: 't',
        sql: 'select n, case when n > 1000 then pg_sleep(0.01)::text end from generate_series(1, 100000) n',
      },
      {},
    )
    await tested.until(({ run }) => (run?.statements[0]?.result?.rowCount ?? 0) > 0)
    await tested.service.cancel({ sessionId: 't' }, {})
    const { run } = await tested.until(({ run }) => run?.id === runId && !run.isRunning)
    expect(run?.statements[0]).toMatchObject({ status: 'cancelled', result: { stopped: 'cancelled' } })
    expect(await rowsOf(run?.statements[0]?.result?.id, 0, 1)).toEqual([['1', null]])
  })
})

describe('a transaction', () => {
  test('is shown open, failed and ended', async () => {
    const open = await tested.run('create temp table tx (a int); begin; insert into tx values (1), (2)')
    expect(open).toMatchObject({ transaction: 'open', changedRows: 2, transactionSince: expect.any(Date) })
    const failed = await tested.run('select 1/0')
    expect(failed.transaction).toBe('failed')
    const ended = await tested.run('rollback')
    expect(ended).toMatchObject({ transaction: 'idle', changedRows: 0 })
    expect(ended.transactionSince).toBeUndefined()
  })

  test('is cancelled without ending the session', async () => {
    const { processId } = await tested.run('begin')
    const { runId } = await tested.service.run({ sessionId: 't', sql: 'select pg_sleep(30)' }, {})
    await expect
      .poll(async () => {
        const { rows } = await database.client.query(
          'select wait_event from pg_stat_activity where pid = $1',
          [processId],
        )
        return rows[0]?.wait_event
      })
      .toBe('PgSleep')
    await tested.service.cancel({ sessionId: 't' }, {})
    const state = await tested.until(({ run }) => run?.id === runId && !run.isRunning)
    expect(state.transaction).toBe('failed')
    expect((await tested.run('rollback')).transaction).toBe('idle')
  })
})

describe('a lost connection', () => {
  test('keeps the rows that came, says so, and the next run has a new session', async () => {
    await tested.run('begin')
    const { runId } = await tested.service.run(
      {
        sessionId: 't',
        sql: 'select n, case when n > 5000 then pg_sleep(0.01)::text end from generate_series(1, 100000) n',
      },
      {},
    )
    const { processId } = await tested.until(({ run }) => (run?.statements[0]?.result?.rowCount ?? 0) > 0)
    await database.client.query('select pg_terminate_backend($1)', [processId])
    const state = await tested.until(({ run }) => run?.id === runId && !run.isRunning)
    const [statement] = state.run?.statements ?? []
    expect(statement).toMatchObject({
      status: 'failed',
      error: { code: 'CONNECTION_LOST' },
      result: { stopped: 'error', canContinue: false },
    })
    const rowCount = statement?.result?.rowCount ?? 0
    expect(rowCount).toBeGreaterThan(0)
    expect(await rowsOf(statement?.result?.id, rowCount - 1, 1)).toEqual([
      [String(rowCount), rowCount > 5000 ? '' : null],
    ])
    const lost = await tested.until(({ processId }) => processId === undefined)
    expect(lost.remark).toContain('rolled back')
    const next = await tested.run('select 1')
    expect(next.statements[0]?.status).toBe('succeeded')
    expect(next.processId).not.toBe(processId)
  })

  test('while nothing runs is noticed', async () => {
    const { processId } = await tested.run('select 1')
    await database.client.query('select pg_terminate_backend($1)', [processId])
    const state = await tested.until((seen) => seen.processId === undefined)
    expect(state.remark).toContain('lost')
  })
})

describe('tabs', () => {
  test('have sessions of their own, ended with the tab', async () => {
    const one = await tested.run('select 1', {}, 'one')
    const two = await tested.run('select 1', {}, 'two')
    expect(one.processId).not.toBe(two.processId)
    await tested.service.close({ sessionId: 'one' }, {})
    await tested.service.close({ sessionId: 'two' }, {})
    const alive = await database.client.query('select pid from pg_stat_activity where pid = any($1)', [
      [one.processId, two.processId],
    ])
    expect(alive.rows).toEqual([])
    await expect(rowsOf(one.statements[0]?.result?.id)).rejects.toMatchObject({ code: 'NOT_FOUND' })
  })
})

describe('history', () => {
  test('keeps what was run, finds it, and forgets it', async () => {
    await tested.run("select 'needle_100%' as n; select 1/0")
    const { entries } = await tested.service.listHistory({ search: 'needle_100%', limit: 10 }, {})
    expect(entries).toMatchObject([{ sql: "select 'needle_100%' as n", rows: 1 }])
    const all = await tested.service.listHistory({ limit: 1 }, {})
    expect(all.entries[0]).toMatchObject({ sql: 'select 1/0', error: expect.stringContaining('22012') })
    expect(all.total).toBeGreaterThan(10)
    await tested.run("alter role current_user password 'hunter2'")
    const secret = await tested.service.listHistory({ search: 'alter role', limit: 1 }, {})
    expect(secret.entries[0]?.sql).not.toContain('hunter2')
    expect(await tested.service.removeHistory({ id: all.entries[0]?.id }, {})).toEqual({ removed: 1 })
    await tested.service.removeHistory({}, {})
    expect((await tested.service.listHistory({ limit: 1 }, {})).total).toBe(0)
  })
})

describe('production', () => {
  test('asks before data goes, and sends nothing until confirmed', async () => {
    const production = openTestConsole(database, { isProduction: true })
    try {
      const sql = 'create temp table p as select 1 as a; delete from p; select count(*) from p'
      await expect(production.run(sql)).rejects.toMatchObject({
        code: 'CONFIRMATION_NEEDED',
        fault: { detail: 'Line 1 deletes every row: delete from p' },
      })
      const { statements } = await production.run(sql, { confirmed: true })
      expect(statements.map(({ status }) => status)).toEqual(['succeeded', 'succeeded', 'succeeded'])
    } finally {
      await production.close()
    }
  })
})

describe('streamQuery', () => {
  test('hands over every row in constant memory', async () => {
    let count = 0
    let last: (string | null)[] = []
    const columns: string[] = []
    const before = process.memoryUsage().arrayBuffers
    let peak = 0
    const outcomes = await tested.service.streamQuery(
      "set search_path = public; select n, repeat('x', 200) as x from generate_series(1, 100000) n",
      (described) => {
        columns.push(...described.map(({ name, type }) => `${name} ${type}`))
      },
      (cells) => {
        count++
        last = cells
        if (count % 1000 === 0) peak = Math.max(peak, process.memoryUsage().arrayBuffers - before)
      },
    )
    expect(columns).toEqual(['n int4', 'x text'])
    expect(count).toBe(100_000)
    expect(last[0]).toBe('100000')
    expect(outcomes).toEqual([{ tag: 'SET' }, { tag: 'SELECT 100000' }])
    expect(peak).toBeLessThan(48 * 1024 ** 2)
  })

  test('fails with the error of the server and stops when aborted', async () => {
    const ignore = () => {}
    await expect(tested.service.streamQuery('select 1/0', ignore, ignore)).rejects.toMatchObject({
      fault: { sqlState: '22012' },
    })
    const abort = new AbortController()
    setTimeout(() => abort.abort(), 100)
    await expect(
      tested.service.streamQuery('select pg_sleep(30)', ignore, ignore, abort.signal),
    ).rejects.toMatchObject({ code: 'STATEMENT_CANCELLED' })
  })
})
