import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import type { Comparison } from '../../src-main/console/compareContract.ts'
import { createTestDatabase, type TestDatabase } from '../support/database.ts'
import { mostHeldBy } from '../support/memory.ts'
import { openTestConsole } from './support.ts'

let database: TestDatabase
let tested: ReturnType<typeof openTestConsole>

beforeAll(async () => {
  database = await createTestDatabase()
  tested = openTestConsole(database)
  await tested.run(`create table item (id int primary key, name text, price numeric);
                    insert into item select n, 'item ' || n, n / 3.0 from generate_series(1, 10) n`)
})

afterAll(async () => {
  await tested?.close()
  await database?.drop()
})

/** Runs a statement in the tab and pins its result. */
async function pinned(text: string, sessionId = 't'): Promise<string> {
  const { statements } = await tested.run(text, { maxRows: 0 }, sessionId)
  const resultId = statements[0]?.resultId ?? ''
  await tested.service.pin({ sessionId, resultId, isPinned: true }, {})
  return resultId
}

const compare = (
  input: { beforeId: string; afterId: string; key?: number[]; unkeyed?: 'rows' | 'position' },
  call: Record<string, never> = {},
) => tested.service.compare({ unkeyed: 'rows', ...input }, call)

const result = async (text: string) =>
  (await tested.run(text, { maxRows: 0 })).statements.at(-1)?.resultId ?? ''

const compared = async ({ comparisonId }: Comparison, isDifferencesOnly = true) =>
  (
    await tested.service.listCompared(
      { comparisonId, isDifferencesOnly, from: 0, count: 1000, maxCharacters: 1000 },
      {},
    )
  ).rows

describe('two results', () => {
  test('of a table are matched by its key: what was added, removed and changed', async () => {
    const beforeId = await pinned('select * from item order by id')
    await tested.run(
      `delete from item where id = 3; update item set name = null, price = 9 where id = 5;
       insert into item values (11, 'new', 1)`,
      { isConfirmed: true },
    )
    const afterId = await result('select * from item order by id')
    const comparison = await compare({ beforeId, afterId }, {})
    expect(comparison).toMatchObject({ added: 1, removed: 1, changed: 1, same: 8, repeatedKeys: 0 })
    expect(comparison).toMatchObject({ key: [0], matched: 'table', beforeRows: 10, afterRows: 10 })
    expect(await compared(comparison)).toEqual([
      { kind: 'removed', before: 2, after: null, cells: ['3', 'item 3', '1.00000000000000000000'], was: [] },
      {
        kind: 'changed',
        before: 4,
        after: 3,
        cells: ['5', null, '9'],
        was: [
          [1, 'item 5'],
          [2, '1.6666666666666667'],
        ],
      },
      { kind: 'added', before: null, after: 9, cells: ['11', 'new', '1'], was: [] },
    ])
    const all = await compared(comparison, false)
    expect(all).toHaveLength(11)
    expect(all.filter(({ kind }) => kind === 'same')).toHaveLength(8)
  })

  test('without a key are matched as whole rows, each as often as it is there', async () => {
    const beforeId = await pinned("values ('a', 1), ('a', 1), ('b', null), ('', 2)")
    const afterId = await result("values ('b', null), ('a', 1), (null, 2), ('a', 1), ('a', 1)")
    const comparison = await compare({ beforeId, afterId }, {})
    expect(comparison).toMatchObject({ matched: 'rows', added: 2, removed: 1, changed: 0, same: 3 })
    const rows = await compared(comparison)
    expect(rows.map(({ kind, cells }) => [kind, ...cells])).toEqual([
      ['added', null, '2'],
      ['removed', '', '2'],
      ['added', 'a', '1'],
    ])
  })

  test('of other columns in another order are matched by a key that is chosen; what one lacks makes no difference', async () => {
    const beforeId = await pinned('select 1 as id, 2 as id, 3 as x, 4 as gone')
    const afterId = await result("select 'new' as fresh, 3 as x, 1 as id, 5 as id")
    const whole = await compare({ beforeId, afterId, key: [] }, {})
    expect(whole).toMatchObject({ added: 1, removed: 1 })
    const comparison = await compare({ beforeId, afterId, key: [2] }, {})
    expect(comparison.columns.map(({ name, side }) => `${name} ${side}`)).toEqual([
      'fresh after',
      'x both',
      'id both',
      'id both',
      'gone before',
    ])
    expect(comparison).toMatchObject({ matched: 'chosen', changed: 1 })
    expect(await compared(comparison)).toMatchObject([
      { cells: ['new', '3', '1', '5', null], was: [[3, '2']] },
    ])
    await expect(compare({ beforeId, afterId, key: [4] }, {})).rejects.toMatchObject({
      code: 'INPUT_INVALID',
      fault: { object: 'gone' },
    })
  })

  test('without a key are matched by their numbers, where that is asked for', async () => {
    const beforeId = await pinned("values ('a', 1), ('b', 2), ('c', 3)")
    const afterId = await result("values ('a', 9), ('b', 2)")
    const comparison = await compare({ beforeId, afterId, unkeyed: 'position' })
    expect(comparison).toMatchObject({ matched: 'position', same: 1, changed: 1, removed: 1, added: 0 })
    expect(await compared(comparison)).toMatchObject([
      { kind: 'changed', cells: ['a', '9'], was: [[1, '1']] },
      { kind: 'removed', cells: ['c', '3'] },
    ])
  })

  test('with a key that is not unique say so', async () => {
    const beforeId = await pinned('values (1, 1), (1, 2), (2, 1)')
    const afterId = await result('values (1, 1), (1, 3), (1, 4)')
    const comparison = await compare({ beforeId, afterId, key: [0] }, {})
    expect(comparison).toMatchObject({ same: 1, changed: 1, added: 1, removed: 1, repeatedKeys: 2 })
  })

  test('with values that differ behind what is shown of them are told apart', async () => {
    const beforeId = await pinned("select 1 as id, repeat('x', 3000000) || 'a' as long")
    const afterId = await result("select 1 as id, repeat('x', 3000000) || 'b' as long")
    const comparison = await compare({ beforeId, afterId, key: [0] }, {})
    const [row] = await compared(comparison)
    expect(row).toMatchObject({ kind: 'changed', was: [[1, 'x'.repeat(1000)]] })
  })

  test('of a million rows each are compared in bounded memory', async () => {
    const million = (change: string) =>
      `select n as id, 'row ' || n as name, ${change} as value, now() - now() as zero from generate_series(1, 1000000) n`
    const beforeId = await pinned(million('n'))
    const afterId = await result(`${million('case when n % 100000 = 0 then -n else n end')} where n <> 7`)
    const { result: comparison, mostBytes } = await mostHeldBy(() =>
      compare({ beforeId, afterId, key: [0] }, {}),
    )
    expect(comparison).toMatchObject({ added: 0, removed: 1, changed: 10, same: 999_989 })
    expect(mostBytes).toBeLessThan(160 * 1024 ** 2)
    expect(await compared(comparison)).toHaveLength(11)
  }, 60_000)
})

describe('a pinned result', () => {
  test('stays when its tab runs anew, is told in the tab, and is gone when it is let go', async () => {
    const resultId = await pinned('select 41 + 1 as answer', 'pins')
    const state = await tested.run('select 2', {}, 'pins')
    expect(state.pinned).toMatchObject([
      { statement: { text: 'select 41 + 1 as answer', rows: 1, resultId } },
    ])
    const read = () => tested.service.listRows({ resultId, from: 0, count: 1, maxCharacters: 100 }, {})
    expect((await read()).rows).toEqual([['42']])
    await tested.service.pin({ sessionId: 'pins', resultId, isPinned: false }, {})
    await expect(read()).rejects.toMatchObject({ code: 'NOT_FOUND' })
    const { pinned: left } = await tested.until(({ isRunning }) => !isRunning, 'pins')
    expect(left).toEqual([])
  })

  test('is not pinned while its rows still come', async () => {
    await tested.start('select n, pg_sleep(0.01) from generate_series(1, 100000) n', {}, 'slow')
    const { run } = await tested.until(
      (state) => (state.run?.statements[0]?.resultId ?? null) !== null,
      'slow',
    )
    const resultId = run?.statements[0]?.resultId ?? ''
    await expect(
      tested.service.pin({ sessionId: 'slow', resultId, isPinned: true }, {}),
    ).rejects.toMatchObject({ code: 'CONFLICT' })
    await tested.service.cancel({ sessionId: 'slow' }, {})
  })

  test('is there after a restart with its statement, and closing its tab removes it', async () => {
    const resultId = await pinned("select n, 'row ' || n as name from generate_series(1, 1000) n", 'again')
    const reopened = tested.restart()
    try {
      const state = await reopened.until(({ isRunning }) => !isRunning, 'again')
      expect(state.run).toBeNull()
      expect(state.pinned).toMatchObject([{ statement: { rows: 1000, resultId } }])
      const rows = await reopened.service.listRows({ resultId, from: 998, count: 5, maxCharacters: 100 }, {})
      expect(rows.rows).toEqual([
        ['999', 'row 999'],
        ['1000', 'row 1000'],
      ])
      await reopened.service.close({ sessionId: 'again' }, {})
      const after = await reopened.until(({ isRunning }) => !isRunning, 'again')
      expect(after.pinned).toEqual([])
    } finally {
      await reopened.service.closeAll()
    }
  })
})
