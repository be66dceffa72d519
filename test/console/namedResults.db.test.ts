import { afterAll, beforeAll, expect, test } from 'vitest'
import { createTestDatabase, type TestDatabase } from '../support/database.ts'
import { openTestConsole } from './support.ts'

let database: TestDatabase
let tested: ReturnType<typeof openTestConsole>

beforeAll(async () => {
  database = await createTestDatabase({ template: 'empty' })
  tested = openTestConsole(database)
})
afterAll(async () => {
  await tested?.close()
  await database?.drop()
})

/** Runs a statement in a tab, pins what it gives, and names it. */
async function name(text: string, wanted: string, sessionId = 'source') {
  const { statements } = await tested.run(text, {}, sessionId)
  const resultId = statements[0]?.resultId ?? ''
  await tested.service.pin({ sessionId, resultId, isPinned: true }, {})
  await tested.service.namePinned({ sessionId, resultId, name: wanted }, {})
  return resultId
}

async function read(text: string, input = {}, on: Pick<typeof tested, 'run' | 'service'> = tested) {
  const { statements } = await on.run(text, input, 'reader')
  const [statement] = statements
  if (statement?.error)
    throw new Error(`${statement.error.line}:${statement.error.column} ${statement.error.message}`)
  const { rows } = await on.service.listRows(
    { resultId: statement?.resultId ?? '', from: 0, count: 100, maxCharacters: 1000 },
    {},
  )
  return { rows, columns: statement?.columns }
}

const typed = `select 9007199254740993::int8 as big, 1.50::numeric as sum, '{"a": "x\\"y"}'::jsonb as doc,
  array['a,b', null, 'c"d\\e'] as list, '-infinity'::timestamptz as at, decode('00ff5c', 'hex') as bytes,
  null::date as none, E'it''s \\\\ "q" {}, NULL' as text, daterange('2026-01-01', '2026-02-01') as span, true as "odd Name"`

test('a named result is read in another tab with its types and values, exactly', async () => {
  await name(typed, 'all_types')
  const plain = await read(typed)
  const named = await read('select * from @all_types')
  expect(named.rows).toEqual(plain.rows)
  expect(named.columns).toEqual(plain.columns)
})

test('it joins, stands beside parameters, in a WITH of its own and in a write; @ stays an operator elsewhere', async () => {
  await name("select n as id, 'item ' || n as item from generate_series(1, 5) n order by n", 'items')
  const parameters = { least: { type: 'int8' as const, value: '4' } }
  expect(
    (await read('select i.item from @items i where i.id >= :least order by 1', { parameters })).rows,
  ).toEqual([['item 4'], ['item 5']])
  expect(
    (
      await read(
        'with recursive up as (select 1 as n union all select n + 1 from up where n < 3) select item from up join @items on id = n order by 1',
      )
    ).rows,
  ).toHaveLength(3)
  expect(
    (await read('with few as (select * from @items limit 2) select count(*) from few, generate_series(1, 2)'))
      .rows,
  ).toEqual([['4']])
  expect((await read('select @ -5 as five, @id as same from @items order by id desc limit 1')).rows).toEqual([
    ['5', '5'],
  ])
  await tested.run('create table kept (id int, item text)', {}, 'reader')
  const { statements } = await tested.run('insert into kept select * from @items', {}, 'reader')
  expect(statements[0]?.command).toBe('INSERT 0 5')
  // An error is where it was written.
  await expect(read('select 1,\n  nowhere from @items')).rejects.toThrow(/^2:3 /)
})

test('a name is taken once, is there after a restart, and a result that is none or too large is refused', async () => {
  const first = await name('select 1 as one', 'lasting')
  await expect(name('select 2', 'lasting', 'second')).rejects.toMatchObject({ code: 'CONFLICT' })
  const reopened = tested.restart()
  expect((await read('select one + 1 from @lasting', {}, reopened)).rows).toEqual([['2']])
  await reopened.service.closeAll()
  await tested.service.namePinned({ sessionId: 'source', resultId: first, name: null }, {})
  await expect(tested.run('select * from @lasting', {}, 'reader')).rejects.toMatchObject({
    code: 'NOT_FOUND',
    fault: { object: '@lasting' },
  })
  await name('select n from generate_series(1, 50001) n', 'large')
  await expect(tested.run('select * from @large', {}, 'reader')).rejects.toMatchObject({
    code: 'UNSUPPORTED',
  })
  await expect(tested.run('create table c as select * from @items', {}, 'reader')).rejects.toMatchObject({
    code: 'UNSUPPORTED',
  })
})
