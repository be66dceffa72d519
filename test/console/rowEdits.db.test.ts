import { afterAll, beforeAll, expect, test } from 'vitest'
import { type Database, openPostgres } from '../../src-main/adapters/postgres.ts'
import type { EditableTable, RowEdit } from '../../src-main/rowEditContract.ts'
import { applyRowEdits, editableTable, writeRowEdits } from '../../src-main/rowEdits.ts'
import { createTestDatabase, type TestDatabase } from '../support/database.ts'

let database: TestDatabase
let db: Database
let table: EditableTable

beforeAll(async () => {
  database = await createTestDatabase({ template: 'empty' })
  const url = new URL(database.url)
  db = openPostgres(
    async () => ({ host: url.hostname, port: Number(url.port), database: database.name, user: url.username }),
    { applicationName: 'test' },
  )
  await database.client.query(`
    create type mood as enum ('calm', 'cross');
    create table "odd ""name" (
      region text, id bigint, amount numeric, flag boolean, doc json, at timestamptz, place point, mood mood,
      double_amount numeric generated always as (amount * 2) stored,
      primary key (region, id));
    create table keyless (a int)`)
  table = (await describe(`"odd ""name"`)) as EditableTable
})

afterAll(async () => {
  await db?.close()
  await database?.drop()
})

async function describe(name: string) {
  const { rows } = await database.client.query('select $1::regclass::oid::int8 as oid', [name])
  return db.row(editableTable(Number(rows[0].oid)))
}

const apply = (edits: RowEdit[]) => db.transaction((tx) => applyRowEdits(tx, table, edits))
const key = { region: "it's", id: '9007199254740993' }
const values = {
  amount: '1.10',
  flag: 't',
  doc: '{"a":  1.10}',
  at: '0044-03-15 00:00:00.000001+00 BC',
  place: '(1,2)',
  mood: 'calm',
}

test('a table is known by its key; without one it is not editable', async () => {
  expect(table).toMatchObject({ schema: 'public', name: 'odd "name', key: ['region', 'id'] })
  expect(table.columns.at(-1)).toMatchObject({ name: 'double_amount', isGenerated: true })
  expect(table.columns.find(({ name }) => name === 'mood')?.choices).toEqual(['calm', 'cross'])
  expect(await describe('keyless')).toBeUndefined()
})

test('rows of every kind of value are inserted, changed and removed by their exact text', async () => {
  const before = { ...values, at: values.at }
  expect(await apply([{ kind: 'insert', values: { ...key, ...values } }])).toEqual({
    inserted: 1,
    updated: 0,
    deleted: 0,
  })
  await apply([
    {
      kind: 'update',
      key,
      before: { ...before, at: await shown('at') },
      values: { amount: null, flag: 'f' },
    },
  ])
  expect(await shown('amount')).toBeNull()
  expect(await apply([{ kind: 'delete', key, before: { amount: null, flag: 'f' } }])).toMatchObject({
    deleted: 1,
  })
})

async function shown(column: string): Promise<string | null> {
  const { rows } = await database.client.query(
    `select case when ${column} is not null then format('%s', ${column}) end as value from "odd ""name"`,
  )
  return rows[0]?.value ?? null
}

test('a change of somebody else in between is a conflict, and nothing is saved', async () => {
  await apply([{ kind: 'insert', values: { ...key, amount: '1' } }])
  await database.client.query(`update "odd ""name" set amount = 2`)
  const staged: RowEdit[] = [
    { kind: 'insert', values: { region: 'x', id: '1' } },
    { kind: 'update', key, before: { amount: '1' }, values: { amount: '3' } },
  ]
  await expect(apply(staged)).rejects.toMatchObject({
    code: 'CONFLICT',
    fault: { detail: 'amount: was 1, is now 2', object: expect.stringContaining('id = 9007199254740993') },
  })
  const { rows } = await database.client.query('select amount from "odd ""name"')
  expect(rows).toEqual([{ amount: '2' }])
  await database.client.query('delete from "odd ""name"')
  await expect(apply([{ kind: 'delete', key, before: {} }])).rejects.toMatchObject({
    message: 'This row is gone',
  })
})

test('what the server refuses names its row', async () => {
  await expect(apply([{ kind: 'insert', values: { ...key, mood: 'wild' } }])).rejects.toMatchObject({
    fault: {
      sqlState: '22P02',
      object: expect.stringContaining('a new row'),
      saved: expect.stringContaining('None'),
    },
  })
})

test('the changes are shown as the SQL that does the same', async () => {
  const shownSql = writeRowEdits(table, [
    { kind: 'insert', values: { ...key, ...values } },
    { kind: 'update', key, before: { amount: '1.10' }, values: { mood: null, doc: '{"a":"\\u0041"}' } },
  ])
  await database.client.query(shownSql)
  expect(await shown('doc')).toBe('{"a":"\\u0041"}')
  await database.client.query(writeRowEdits(table, [{ kind: 'delete', key, before: {} }]))
  expect(await shown('doc')).toBeNull()
})
