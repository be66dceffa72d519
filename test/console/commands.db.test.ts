import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { createTestDatabase, type TestDatabase } from '../support/database.ts'
import { openTestConsole } from './support.ts'

let database: TestDatabase
let tested: ReturnType<typeof openTestConsole>

let role = ''

beforeAll(async () => {
  database = await createTestDatabase()
  role = `${database.name}_role`
  const superuser = await database.connect('postgres')
  await superuser.query(`create role ${role}; grant ${role} to atlas_user`)
  tested = openTestConsole(database)
})

afterAll(async () => {
  await tested?.close()
  await (await database?.connect('postgres'))?.query(`drop role ${role}`)
  await database?.drop()
})

const rowsOf = async (resultId: string | null | undefined) =>
  (
    await tested.service.listRows(
      { resultId: resultId ?? '', from: 0, count: 1000, maxCharacters: 65_536 },
      {},
    )
  ).rows

describe('commands of psql in a tab', () => {
  test('give grids with titles, among statements', async () => {
    const { statements } = await tested.run('select 1;\n\\dn+\n\\dt explore.*\nselect 2')
    expect(statements.map(({ status, title }) => [status, title])).toEqual([
      ['succeeded', null],
      ['succeeded', 'List of schemas'],
      ['succeeded', 'List of relations'],
      ['succeeded', null],
    ])
    expect((await rowsOf(statements[1]?.resultId)).map(([name]) => name)).toContain('explore')
    expect(statements[1]?.columns.map(({ name }) => name)).toEqual([
      'Name',
      'Owner',
      'Access privileges',
      'Description',
    ])
  })

  test('describe as many relations as a pattern names, each with what hangs on it', async () => {
    const { statements } = await tested.run('\\d chart.*')
    expect(statements.length).toBeGreaterThan(3)
    expect(statements.every(({ status }) => status === 'succeeded')).toBe(true)
    expect(statements.flatMap(({ footers }) => footers)).toContain('Indexes:')
  })

  test('see what the session sees: its temporary tables and its search path', async () => {
    const { statements } = await tested.run('create temp table only_here (a int); \\d only_here\n')
    expect(statements.at(-1)?.title).toMatch(/^Table "pg_temp_\d+.only_here"$/)
  })

  test('switch the display, say where one is, and what there is', async () => {
    const { statements } = await tested.run(
      '\\x\nselect 1;\n\\x off\n\\timing\nselect 1 \\gx\n\\conninfo\n\\?\n\\timing off\n',
    )
    expect(statements.map(({ status }) => status)).toEqual(Array(8).fill('succeeded'))
    expect(statements.map(({ isExpanded }) => isExpanded)).toEqual([
      false,
      true,
      true,
      false,
      true,
      false,
      false,
      false,
    ])
    expect(statements[4]?.notices[0]).toMatch(/^Time: \d+\.\d+ ms$/)
    expect(statements[5]?.command).toContain(`connected to database "${database.name}" as user "atlas_user"`)
    expect((await rowsOf(statements[6]?.resultId)).length).toBeGreaterThan(15)
  })

  test('open the last statement, or a file, in a tab', async () => {
    const file = join(tested.home, 'saved.sql')
    writeFileSync(file, '\ufeffselect 3')
    const { statements } = await tested.run(`select 41 + 1;\n\\e\n\\e ${file}\n`)
    expect(statements.map(({ opened }) => opened)).toEqual([null, 'select 41 + 1', 'select 3'])
  })

  test.each(['\\watch 1', '\\password', '\\! ls', '\\gset', '\\connect postgres'])(
    '%s is refused, with what there is',
    async (text) => {
      const { statements } = await tested.run(`${text}\nselect 1`)
      expect(statements[0]?.error).toMatchObject({
        code: 'UNSUPPORTED',
        data: { hint: expect.stringContaining('\\dt') },
      })
      expect(statements[1]?.status).toBe('skipped')
    },
  )
})

describe('COPY', () => {
  test('takes its rows from the script, and gives and takes files', async () => {
    const file = join(tested.home, "it's.csv")
    const quoted = `'${file.replaceAll("'", "''")}'`
    const { statements } = await tested.run(
      `create table public.copied (a int, b text);
copy public.copied from stdin;
1\tone; 'x'
2\t\\N
\\.
\\copy (select * from public.copied order by 1 desc) to ${quoted} with (format csv, header)
\\copy public.copied from ${quoted} csv header
select count(*) from public.copied`,
    )
    expect(
      statements.map(({ status, error, command }) => [status, error, command?.replace(/ to .*/, '')]),
    ).toEqual([
      ['succeeded', null, 'CREATE TABLE'],
      ['succeeded', null, 'COPY 2'],
      ['succeeded', null, 'COPY'],
      ['succeeded', null, 'COPY 2'],
      ['succeeded', null, 'SELECT 1'],
    ])
    expect(readFileSync(file, 'utf8')).toBe("a,b\n2,\n1,one; 'x'\n")
    expect(await rowsOf(statements.at(-1)?.resultId)).toEqual([['4']])
  })

  test('says what is wrong with a row, and where a file cannot be', async () => {
    const { statements } = await tested.run('copy public.copied from stdin;\nx\t1\n\\.\n')
    expect(statements[0]?.error).toMatchObject({ data: { sqlState: '22P02' } })
    for (const [text, code] of [
      ['\\copy public.copied to relative.csv', 'INPUT_INVALID'],
      ["\\copy public.copied to '/nowhere/at/all.csv'", 'FILE_UNREADABLE'],
      ["\\copy public.copied from '/nowhere/at/all.csv'", 'FILE_UNREADABLE'],
      ['\\copy public.copied to stdout', 'UNSUPPORTED'],
      ["\\copy public.copied from program 'id'", 'UNSUPPORTED'],
      ['\\copy', 'INPUT_INVALID'],
    ]) {
      expect((await tested.run(text ?? '')).statements[0]?.error?.code, text).toBe(code)
    }
    expect((await tested.run('select 1')).statements[0]?.status).toBe('succeeded')
  })
})

describe('a tab is a session', () => {
  const show = async (name: string, sessionId: string) =>
    (await rowsOf((await tested.run(`show ${name}`, {}, sessionId)).statements[0]?.resultId))[0]?.[0]
  const defaults = {
    isAutocommit: true,
    isolation: null,
    role: null,
    searchPath: null,
    statementTimeoutMs: null,
    lockTimeoutMs: null,
    idleInTransactionTimeoutMs: null,
  }

  test('that is set up as it is told, before and after it connects, and as before again', async () => {
    const settings = {
      ...defaults,
      isolation: 'serializable' as const,
      searchPath: 'explore, public',
      statementTimeoutMs: 5000,
    }
    await tested.service.configure({ sessionId: 'set', settings }, {})
    expect(await show('transaction_isolation', 'set')).toBe('serializable')
    expect(await show('search_path', 'set')).toBe('explore, public')
    expect(await show('statement_timeout', 'set')).toBe('5s')
    await tested.service.configure({ sessionId: 'set', settings: { ...defaults, role } }, {})
    expect(await show('role', 'set')).toBe(role)
    expect(await show('statement_timeout', 'set')).toBe('0')
    await expect(
      tested.service.configure({ sessionId: 'set', settings: { ...defaults, role: 'nobody_at_all' } }, {}),
    ).rejects.toMatchObject({ fault: { sqlState: '22023' } })
    expect(await show('role', 'set')).toBe(role)
  })

  test('that commits only when it is told to', async () => {
    await tested.service.configure(
      { sessionId: 'manual', settings: { ...defaults, isAutocommit: false } },
      {},
    )
    const first = await tested.run(
      'create table public.manual (a int); insert into public.manual values (1)',
      {},
      'manual',
    )
    expect(first).toMatchObject({ transaction: 'open', changedRows: 1 })
    expect((await tested.run('rollback', {}, 'manual')).transaction).toBe('idle')
    expect(
      (await database.client.query("select to_regclass('public.manual') as found")).rows[0].found,
    ).toBeNull()
    expect((await tested.run('vacuum public.copied', {}, 'manual')).statements[0]).toMatchObject({
      status: 'succeeded',
    })
  })

  test('whose loss names what was rolled back', async () => {
    const open = await tested.run(
      'begin; insert into public.copied values (7); select 1; update public.copied set b = 1 where a = 7',
      {},
      'lost',
    )
    await database.client.query('select pg_terminate_backend($1)', [open.processId])
    const state = await tested.until(({ processId }) => processId === null, 'lost')
    expect(state.rolledBack.map(({ text }) => text)).toEqual([
      'insert into public.copied values (7)',
      'update public.copied set b = 1 where a = 7',
    ])
    expect(await rowsOf(state.run?.statements[2]?.resultId)).toEqual([['1']])
    expect((await tested.run('select 1', {}, 'lost')).rolledBack).toEqual([])
  })
})

describe('parameters', () => {
  test('go to the server as values, never as text', async () => {
    const text =
      "select :what as \"what\", :what::text || ':no' as twice, '::int' as quoted, (array[1,2,3])[1:2] as slice, :n::int + 1 as more"
    expect(await tested.service.listParameters({ sessionId: 't', text }, {})).toEqual([
      { name: 'what', type: 'text' },
      { name: 'n', type: 'integer' },
    ])
    const { statements } = await tested.run(text, {
      parameters: {
        what: { type: 'auto', value: "'; drop table public.copied; --" },
        n: { type: 'auto', value: '41' },
      },
    })
    expect(statements[0]?.error).toBeNull()
    expect(await rowsOf(statements[0]?.resultId)).toEqual([
      ["'; drop table public.copied; --", "'; drop table public.copied; --:no", '::int', '{1,2}', '42'],
    ])
  })

  test('are cast to the type that was chosen, may be NULL, and leave errors where they are', async () => {
    const { statements } = await tested.run('select :d as d, :e as e;\nselect :d as d,\n  nowhere', {
      parameters: { d: { type: 'date', value: '2026-02-03' }, e: { type: 'numeric', value: null } },
    })
    expect(statements[0]?.columns.map(({ type }) => type)).toEqual(['date', 'numeric'])
    expect(await rowsOf(statements[0]?.resultId)).toEqual([['2026-02-03', null]])
    expect(statements[1]?.error).toMatchObject({ line: 3, column: 3 })
  })

  test('without a value nothing is sent', async () => {
    await expect(tested.start('select :a')).rejects.toMatchObject({
      code: 'INPUT_INVALID',
      fault: { object: ':a' },
    })
  })
})
