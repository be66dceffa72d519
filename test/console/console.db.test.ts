import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { starters } from '../../src-renderer/console/starters.ts'
import { createTestDatabase, type TestDatabase } from '../support/database.ts'
import { mostHeldBy } from '../support/memory.ts'
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

const rowsOf = async (resultId: string | null | undefined, from = 0, count = 100, maxCharacters = 65_536) =>
  (await tested.service.listRows({ resultId: resultId ?? '', from, count, maxCharacters }, {})).rows

describe('a script', () => {
  test('runs statement by statement and keeps every result', async () => {
    const { statements, transaction } = await tested.run(
      "create temp table t (id int, name text); insert into t values (1, 'a'), (2, null); select * from t; select 'x' as y",
    )
    expect(statements.map(({ status, command, rows }) => [status, command, rows])).toEqual([
      ['succeeded', 'CREATE TABLE', 0],
      ['succeeded', 'INSERT 0 2', 2],
      ['succeeded', 'SELECT 2', 2],
      ['succeeded', 'SELECT 1', 1],
    ])
    expect(await rowsOf(statements[2]?.resultId)).toEqual([
      ['1', 'a'],
      ['2', null],
    ])
    expect(statements[2]?.columns).toEqual([
      { name: 'id', type: 'int4' },
      { name: 'name', type: 'text' },
    ])
    expect(transaction).toBe('idle')
  })

  test('keeps its session from run to run, signed as the console', async () => {
    const first = await tested.run('select pg_backend_pid()::text')
    const second = await tested.run("select pg_backend_pid()::text, current_setting('application_name')")
    expect(await rowsOf(second.statements[0]?.resultId)).toEqual([
      [String(first.processId), 'Atlas Desktop console'],
    ])
  })

  test('of megabytes is not sent for one of its statements: the tab has it, at its version', async () => {
    const sessionId = 'long'
    const lines = Array.from({ length: 40_000 }, (_line, at) => `select ${at} as n, 'it''s; ${at}';\n`)
    const text = lines.join('')
    await tested.drafts.update({ id: sessionId, title: 'long', isActive: true, view: {}, position: 0 }, {})
    await tested.drafts.replace({ id: sessionId, text }, {})
    const at = (line: number) => lines.slice(0, line).join('').length
    const { version } = await tested.drafts.edit(
      { id: sessionId, version: 1, edits: [{ offset: at(30_000), length: 6, text: 'select no_such,' }] },
      {},
    )
    const cursor = at(39_990) + 15
    expect(await tested.service.locate({ sessionId, version, cursor }, {})).toEqual({
      start: cursor - 6,
      end: cursor - 6 + (lines[39_990]?.length ?? 0) - 2,
    })
    const run = async (source: { version: number; cursor: number }) => {
      await tested.service.run({ sessionId, maxRows: 0, isConfirmed: false, ...source }, {})
      return (await tested.until(({ isRunning }) => !isRunning, sessionId)).run?.statements ?? []
    }
    const [good] = await run({ version, cursor })
    expect(good).toMatchObject({ status: 'succeeded', line: 39_991 })
    const [bad] = await run({ version, cursor: at(30_000) })
    expect(bad?.error).toMatchObject({ data: { sqlState: '42703' }, line: 30_001, column: 8 })
    await expect(run({ version: version - 1, cursor })).rejects.toMatchObject({ code: 'CONFLICT' })
    expect(await tested.service.locate({ sessionId, version: version - 1, cursor }, {})).toBeNull()
  })

  test('stops at an error, says where, and skips the rest', async () => {
    const { statements } = await tested.run("select 1;\nselect '💥é',\n  no_such_column;\nselect 3")
    expect(statements.map(({ status }) => status)).toEqual(['succeeded', 'failed', 'skipped'])
    expect(statements[1]?.error).toMatchObject({
      code: 'OBJECT_NOT_FOUND',
      data: { sqlState: '42703' },
      line: 3,
      column: 3,
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
      expect(await rowsOf(statements[0]?.resultId)).toEqual([[expected]])
    }
  })

  test('refuses what cannot be sent, before anything is sent', async () => {
    const run = (sql: string) => tested.start(sql)
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

  test('refuses COPY without its rows and to the screen, and stays usable', async () => {
    const { statements } = await tested.run('create temp table c (a int); copy c from stdin')
    expect(statements[1]?.error?.code).toBe('UNSUPPORTED')
    expect((await tested.run('copy (select 1) to stdout')).statements[0]?.error?.code).toBe('UNSUPPORTED')
    expect((await tested.run('select 1')).statements[0]?.status).toBe('succeeded')
  })

  test('shows notices with their statement', async () => {
    const { statements } = await tested.run("do $$ begin raise notice 'hello %', 1; end $$")
    expect(statements[0]?.notices).toEqual(['NOTICE: hello 1'])
  })
})

describe('values', () => {
  test('are the exact text of the server', async () => {
    const { statements } = await tested.run(`
      select 9007199254740993::int8, ('1' || repeat('0', 999))::numeric, 'NaN'::numeric, 'infinity'::timestamptz,
             '0044-03-15 BC'::date, '294276-12-31 23:59:59.999999'::timestamp, '\\x00ff'::bytea, '{1,NULL,"a b"}'::text[],
             '[1,5)'::int4range, '{"a": 1.10}'::jsonb, true, ''::text, null::text, E'\\u202eabc<img src=x>'`)
    expect(statements[0]?.error).toBeNull()
    const [row] = await rowsOf(statements[0]?.resultId)
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
    expect(statements[0]?.columns.map(({ type }) => type)).toContain('text[]')
  })

  test('of columns with the same or with strange names all stay', async () => {
    const { statements } = await tested.run('select 1 as id, 2 as id, 3 as "__proto__", 4 as "constructor"')
    expect(statements[0]?.columns.map(({ name }) => name)).toEqual(['id', 'id', '__proto__', 'constructor'])
    expect(await rowsOf(statements[0]?.resultId)).toEqual([['1', '2', '3', '4']])
  })

  test('that are long are cut at a character and fetched in full', async () => {
    const { statements } = await tested.run("select repeat('💥', 100000), 'after'")
    const resultId = statements[0]?.resultId ?? ''
    const answer = await tested.service.listRows({ resultId, from: 0, count: 1, maxCharacters: 999 }, {})
    expect(answer).toEqual({ rows: [['💥'.repeat(499), 'after']], cuts: [[0, 0, 400_000]], numbers: [] })
    const { value } = await tested.service.getValue({ resultId, row: 0, column: 0 }, {})
    expect(value).toBe('💥'.repeat(100_000))
  })

  test('of 1,600 columns and of a row of 40 MB arrive', async () => {
    const wide = Array.from({ length: 1600 }, (_value, at) => `${at} as c${at}`).join(', ')
    const { statements } = await tested.run(`select ${wide}; select repeat('x', 40000000) as big, 1 as small`)
    expect((await rowsOf(statements[0]?.resultId))[0]).toHaveLength(1600)
    expect(await rowsOf(statements[1]?.resultId, 0, 1, 16)).toEqual([['x'.repeat(16), '1']])
  })
})

test('a value beyond what a string can hold is kept, its beginning shown, the session alive', async () => {
  const { statements, processId } = await tested.run("select repeat('x', 540000000) as giant, 1 as small")
  const resultId = statements[0]?.resultId ?? ''
  expect(statements[0]).toMatchObject({ status: 'succeeded', rows: 1 })
  const { rows, cuts } = await tested.service.listRows({ resultId, from: 0, count: 1, maxCharacters: 16 }, {})
  expect(rows).toEqual([['x'.repeat(16), '1']])
  expect(cuts).toEqual([[0, 0, 540_000_000]])
  const value = await tested.service.getValue({ resultId, row: 0, column: 0 }, {})
  expect(value).toMatchObject({ sizeBytes: 540_000_000, isCut: true })
  expect((await tested.run('select 1')).processId).toBe(processId)
})

test.each(starters)('the question %s is answered by the platform', async (_question, text) => {
  const { statements } = await tested.run(text)
  expect(statements.map(({ status, error }) => [status, error])).toEqual([['succeeded', null]])
})

describe('history', () => {
  test('keeps what was run, finds it, and forgets it', async () => {
    await tested.run("select 'needle_100%' as n; select 1/0")
    const list = async (search: string, limit = 10) =>
      (await tested.service.listHistory({ search, limit, scope: 'environment' }, {})).entries
    expect(await list('needle_100%')).toMatchObject([
      { text: "select 'needle_100%' as n", rows: 1, error: null },
    ])
    expect(await list('NEEDLE select')).toHaveLength(1)
    expect(await list('needle absent')).toEqual([])
    expect(await list('n')).not.toEqual([])
    const [failed] = await list('', 1)
    expect(failed).toMatchObject({ text: 'select 1/0', error: expect.stringContaining('22012') })
    await tested.run("alter role current_user password 'hunter2'")
    expect((await list('alter role', 1))[0]?.text).toBe("alter role current_user password '•••'")
    expect(await tested.service.removeHistory({ id: failed?.id, scope: 'environment' }, {})).toEqual({
      removed: 1,
    })
    await tested.service.removeHistory({ scope: 'environment' }, {})
    expect(await list('')).toEqual([])
  })

  test('names the environment of each entry, of the present one or of all', async () => {
    const other = openTestConsole(database, {
      appDb: tested.appDb,
      environmentId: 'other',
      environmentName: 'Other place',
    })
    try {
      await tested.run("select 'both here'")
      await other.run("select 'both there'")
      const find = async (search: string, scope: 'environment' | 'all') => {
        const { entries, total } = await tested.service.listHistory({ search, limit: 10, scope }, {})
        return { total, found: entries.map(({ environment, isHere }) => [environment, isHere]) }
      }
      // By the index of texts, and for a word that is too short for it.
      for (const search of ['both', 'bo', '']) {
        expect(await find(search, 'environment')).toEqual({ total: 1, found: [['test', true]] })
        expect(await find(search, 'all')).toEqual({
          total: 2,
          found: [
            ['Other place', false],
            ['test', true],
          ],
        })
      }
      await tested.service.removeHistory({ scope: 'environment' }, {})
      expect(await find('', 'all')).toEqual({ total: 1, found: [['Other place', false]] })
      expect(await tested.service.removeHistory({ scope: 'all' }, {})).toEqual({ removed: 1 })
    } finally {
      await other.close()
    }
  })
})

describe('stream', () => {
  test('hands over every row in constant memory', async () => {
    let count = 0
    const columns = new Set<string>()
    const { mostBytes } = await mostHeldBy(() =>
      tested.service.stream(
        "set search_path = public; select n, repeat('x', 200) as x from generate_series(1, 200000) n",
        (batch) => {
          for (const { name } of batch.columns) columns.add(name)
          count += batch.rows.length
          expect(batch.rows.length).toBeLessThanOrEqual(1000)
        },
      ),
    )
    expect([...columns]).toEqual(['n', 'x'])
    expect(count).toBe(200_000)
    expect(mostBytes).toBeLessThan(160 * 1024 ** 2)
  })

  test('fails with the error of the server and stops when aborted', async () => {
    const ignore = () => {}
    await expect(tested.service.stream('select 1/0', ignore)).rejects.toMatchObject({
      fault: { sqlState: '22012' },
    })
    const abort = new AbortController()
    setTimeout(() => abort.abort(), 100)
    await expect(tested.service.stream('select pg_sleep(30)', ignore, abort.signal)).rejects.toMatchObject({
      code: 'STATEMENT_CANCELLED',
    })
  })
})
