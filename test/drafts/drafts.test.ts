import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import fc from 'fast-check'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { type AppDb, openAppDb } from '../../src-main/adapters/appdb.ts'
import { createDrafts } from '../../src-main/drafts/service.ts'
import { createLibrary } from '../../src-main/library/service.ts'

let home = ''
let db: AppDb

beforeEach(() => {
  home = mkdtempSync(join(tmpdir(), 'atlas-drafts-'))
  db = openAppDb(home)
})

afterEach(() => {
  db.close()
  rmSync(home, { recursive: true, force: true })
})

const open = () => createDrafts({ db, environmentId: 'e' })
const draft = (id: string, position: number, isActive = false) => ({
  id,
  title: id,
  position,
  isActive,
  view: {},
})

describe('drafts', () => {
  test('come back in their order, with the active one and where somebody was', async () => {
    const drafts = open()
    await drafts.update(draft('b', 1), {})
    await drafts.update({ ...draft('a', 0, true), view: { line: 7 } }, {})
    await drafts.update(draft('b', 1, true), {})
    expect(await open().list(undefined, {})).toEqual([
      { id: 'a', title: 'a', isActive: false, view: { line: 7 } },
      { id: 'b', title: 'b', isActive: true, view: {} },
    ])
    await drafts.remove({ id: 'a' }, {})
    await expect(open().read({ id: 'a' }, {})).rejects.toMatchObject({ code: 'NOT_FOUND' })
    expect(await createDrafts({ db, environmentId: 'other' }).list(undefined, {})).toEqual([])
  })

  test('are on disk with every edit, without anything being closed', async () => {
    const drafts = open()
    await drafts.update(draft('a', 0), {})
    let { version } = await drafts.replace({ id: 'a', text: 'select 1;\r\nselect 2' }, {})
    ;({ version } = await drafts.edit(
      { id: 'a', version, edits: [{ offset: 7, length: 1, text: '42' }] },
      {},
    ))
    expect(await open().read({ id: 'a' }, {})).toEqual({ text: 'select 42;\nselect 2', version })
    await expect(drafts.edit({ id: 'a', version: version - 1, edits: [] }, {})).rejects.toMatchObject({
      code: 'CONFLICT',
    })
  })

  test('of a large size are written when they are closed', async () => {
    const drafts = open()
    await drafts.update(draft('a', 0), {})
    const text = 'x'.repeat(400_000)
    await drafts.replace({ id: 'a', text }, {})
    drafts.close()
    expect((await open().read({ id: 'a' }, {})).text).toBe(text)
  })

  test('follow edits as an editor makes them', async () => {
    const drafts = open()
    await drafts.update(draft('a', 0), {})
    let { version } = await drafts.replace({ id: 'a', text: '' }, {})
    let expected = ''
    await fc.assert(
      fc.asyncProperty(fc.nat(), fc.nat(9), fc.string({ maxLength: 9 }), async (at, length, text) => {
        const offset = at % (expected.length + 1)
        const edit = { offset, length: Math.min(length, expected.length - offset), text }
        expected = expected.slice(0, offset) + text + expected.slice(offset + edit.length)
        ;({ version } = await drafts.edit({ id: 'a', version, edits: [edit] }, {}))
        expect((await drafts.read({ id: 'a' }, {})).text).toBe(expected)
      }),
      { numRuns: 100 },
    )
  })
})

test('the library keeps queries in folders, one of a name in each', async () => {
  const library = createLibrary({ db })
  const query = {
    kind: 'query' as const,
    folder: ' finance / month end ',
    name: 'open items',
    text: 'select 1',
  }
  const saved = await library.save(query, {})
  expect(saved.folder).toBe('finance/month end')
  await expect(library.save(query, {})).rejects.toMatchObject({ code: 'CONFLICT' })
  await library.save({ ...saved, text: 'select 2' }, {})
  expect(await library.list(undefined, {})).toMatchObject([{ name: 'open items', text: 'select 2' }])
  await library.remove({ id: saved.id }, {})
  await expect(library.remove({ id: saved.id }, {})).rejects.toMatchObject({ code: 'NOT_FOUND' })
})

describe('staged changes', () => {
  const table = { schema: 'public', name: 'People "x"' }
  const update = (value: string) =>
    ({ kind: 'update', key: { id: '1' }, before: { n: 'a' }, values: { n: value } }) as const
  const insert = { kind: 'insert', values: { n: null } } as const

  test('come back in their order after a restart; one that is written again keeps its place', async () => {
    const drafts = open()
    await drafts.keepEdits({ ...table, edits: { '{"id":"1"}': update('b'), 'new x': insert } }, {})
    await drafts.keepEdits({ ...table, edits: { '{"id":"1"}': update('c') } }, {})
    db.close()
    db = openAppDb(home)
    const read = await open().readEdits(table, {})
    expect(Object.entries(read)).toEqual([
      ['{"id":"1"}', update('c')],
      ['new x', insert],
    ])
    expect(await open().listEdits(undefined, {})).toEqual([{ ...table, edits: 2 }])
  })

  test('of two windows stand together; what is taken back goes alone', async () => {
    const [one, other] = [open(), open()]
    await one.keepEdits({ ...table, edits: { a: insert } }, {})
    await other.keepEdits({ ...table, edits: { b: insert } }, {})
    expect(await one.keepEdits({ ...table, edits: { a: null, gone: null } }, {})).toEqual({ edits: 1 })
    expect(Object.keys(await other.readEdits(table, {}))).toEqual(['b'])
    await other.keepEdits({ ...table, edits: { b: null } }, {})
    expect(await other.listEdits(undefined, {})).toEqual([])
  })

  test('belong to an environment and a table', async () => {
    await open().keepEdits({ ...table, edits: { a: insert } }, {})
    expect(await createDrafts({ db, environmentId: 'other' }).listEdits(undefined, {})).toEqual([])
    expect(await open().readEdits({ ...table, schema: 'other' }, {})).toEqual({})
  })
})
