import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { sql } from '../../src-main/sql.ts'
import { createTestDatabase, type TestDatabase } from '../support/database.ts'
import { openTestConsole } from './support.ts'

let database: TestDatabase
let tested: ReturnType<typeof openTestConsole>

beforeAll(async () => {
  // With the platform's schemas, which register personal columns.
  database = await createTestDatabase()
  tested = openTestConsole(database)
  await tested.run(
    'create table public.stock (id int primary key, item text); insert into stock values (1, $$one$$)',
  )
})
afterAll(async () => {
  await tested?.close()
  await database?.drop()
})

/** Runs a statement that has so many earlier runs, and waits until this one is kept too. */
async function runAgain(text: string, earlier: number, sessionId = 't') {
  const { statements } = await tested.run(text, {}, sessionId)
  const resultId = statements[0]?.resultId ?? ''
  const list = () => tested.service.listSnapshots({ resultId }, {})
  expect((await list()).snapshots).toHaveLength(earlier)
  // The next run would end what is still being kept.
  const own = tested.appDb.prepare('select count(*) from snapshots where definition like ?').pluck()
  await expect.poll(() => own.get(`%${resultId}%`)).toBe(1)
  return { resultId, list }
}

const rowsOf = async (resultId: string) =>
  (await tested.service.listRows({ resultId, from: 0, count: 10, maxCharacters: 100 }, {})).rows

test('each run of a statement is kept, recalled, and told apart from a later one', async () => {
  const text = 'select id, item from public.stock order by id'
  await runAgain(text, 0)
  await tested.db.run(sql`update public.stock set item = 'two' where id = 1`)
  const second = await runAgain(text, 1)
  const [earlier] = (await second.list()).snapshots
  expect(earlier).toMatchObject({ rows: 1, leftOut: [] })
  const pinned = await tested.service.recallSnapshot({ sessionId: 't', snapshotId: earlier?.id ?? '' }, {})
  const beforeId = pinned.statement.resultId ?? ''
  expect(await rowsOf(beforeId)).toEqual([['1', 'one']])
  const comparison = await tested.service.compare({ beforeId, afterId: second.resultId, unkeyed: 'rows' }, {})
  expect(comparison).toMatchObject({ changed: 1, added: 0, removed: 0 })
  const other = await tested.run('select id from public.stock', {}, 'other')
  expect(
    (await tested.service.listSnapshots({ resultId: other.statements[0]?.resultId ?? '' }, {})).snapshots,
  ).toEqual([])
  expect(await tested.service.removeSnapshots({ resultId: second.resultId }, {})).toEqual({ removed: 2 })
  await expect(
    tested.service.recallSnapshot({ sessionId: 't', snapshotId: earlier?.id ?? '' }, {}),
  ).rejects.toMatchObject({ code: 'NOT_FOUND' })
})

test('columns that policy masks are not on the disk, nor what may be made of them', async () => {
  await tested.db.run(sql`create table public.person (id int primary key, mail text, note text, born date)`)
  await tested.db.run(
    sql`insert into public.person values (1, 'ada@secret.example', 'plain words', '1815-12-10')`,
  )
  await tested.db.run(sql`insert into compliance.data_assets (schema_name, table_name, column_name, classification, is_personal, mask_kind, owner)
                          values ('public', 'person', 'mail', 'restricted', true, 'email', 'test')`)
  const text =
    'select id, mail, note, upper(mail) as loud, length(mail) as size, null::int as none from public.person'
  await runAgain(text, 0, 'p')
  const { list, resultId } = await runAgain(text, 1, 'p')
  const [earlier] = (await list()).snapshots
  expect(earlier?.leftOut).toEqual(['mail', 'loud'])
  const pinned = await tested.service.recallSnapshot({ sessionId: 'p', snapshotId: earlier?.id ?? '' }, {})
  const beforeId = pinned.statement.resultId ?? ''
  expect(await rowsOf(beforeId)).toEqual([['1', 'plain words', '18', null]])
  // A column that is not kept makes no row differ.
  expect(await tested.service.compare({ beforeId, afterId: resultId, unkeyed: 'rows' }, {})).toMatchObject({
    same: 1,
  })
  const folder = join(tested.home, 'snapshots')
  for (const file of readdirSync(folder))
    expect(readFileSync(join(folder, file)).toString('utf8').toLowerCase()).not.toContain('secret.example')
})

test('a small one counts as more than its bytes, so that their number is bounded', async () => {
  const insert = tested.appDb.prepare("insert into snapshots values (?, 'other', ?, 0, 1, '[]', '{}')")
  tested.appDb.transaction(() => {
    for (let at = 0; at < 5000; at++) insert.run(`old ${at}`, `statement ${at}`)
  })()
  await runAgain('select 1 as newest', 0, 'm')
  const ids = tested.appDb.prepare("select id from snapshots where environment_id = 'other' order by rowid")
  const left = ids.pluck().all()
  expect(left.length).toBeLessThanOrEqual(4096)
  expect(left.at(-1)).toBe('old 4999')
  tested.appDb.exec("delete from snapshots where environment_id = 'other'")
})

test('of one statement twenty runs are kept, the oldest go; large results and what writes are none', async () => {
  const count = () =>
    tested.appDb
      .prepare('select count(*) from snapshots where definition like ?')
      .pluck()
      .get('%as_numbered%')
  for (let run = 1; run <= 22; run++) {
    await tested.run('select 1 as as_numbered', {}, 'n')
    await expect.poll(count).toBe(Math.min(run, 20))
  }
  const before = tested.appDb.prepare('select count(*) from snapshots').pluck()
  const had = before.get()
  await tested.run("select repeat('x', 5000000)", {}, 'n')
  await tested.run('insert into public.stock values (9, null) returning id', {}, 'n')
  await tested.run('select 2 as as_numbered_last', {}, 'n')
  await expect.poll(() => before.get()).toBe(Number(had) + 1)
  expect(readdirSync(join(tested.home, 'snapshots')).length).toBe(2 * Number(before.get()))
})
