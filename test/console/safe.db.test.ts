import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import type { RowEdit } from '../../src-main/rowEditContract.ts'
import { createTestDatabase, type TestDatabase } from '../support/database.ts'
import { openTestConsole } from './support.ts'

let database: TestDatabase
let tested: ReturnType<typeof openTestConsole>

beforeAll(async () => {
  database = await createTestDatabase({ template: 'empty' })
  tested = openTestConsole(database)
  await database.client.query(`
    create table parent (id int primary key, name text);
    insert into parent select n, 'n' || n from generate_series(1, 500) n;
    create table child (id int references parent on delete cascade);
    create view parent_names as select name from parent;
    create function touch() returns trigger language plpgsql as $$ begin return null; end $$;
    create trigger touched after delete on parent for each statement execute function touch();
    create table days (day date) partition by range (day);
    create table days_1 partition of days for values from ('2026-01-01') to ('2026-02-01');
    create table days_2 partition of days for values from ('2026-02-01') to ('2026-03-01');
    insert into days select '2026-01-05'::date + n from generate_series(1, 40) n;
    create schema bronze;
    create table bronze.raw as select n from generate_series(1, 30) n;
    analyze`)
})

afterAll(async () => {
  await tested?.close()
  await database?.drop()
})

const assess = async (text: string, on = tested) => on.service.assess({ sessionId: 't', text }, {})

describe('what destroys', () => {
  test('is asked about before anything is sent, and runs when confirmed', async () => {
    const text = 'create temp table p as select 1 as a; delete from p; select count(*) from p'
    await expect(tested.run(text)).rejects.toMatchObject({
      code: 'CONFIRMATION_NEEDED',
      fault: { detail: 'Line 1 deletes every row: delete from p', saved: 'Nothing was run.' },
    })
    const { statements } = await tested.run(text, { isConfirmed: true })
    expect(statements.map(({ status }) => status)).toEqual(['succeeded', 'succeeded', 'succeeded'])
  })

  test('needs its name typed in production', async () => {
    const production = openTestConsole(database, { isProduction: true })
    try {
      const text = 'truncate bronze.raw'
      expect(await assess(text, production)).toMatchObject({ nameToType: 'bronze.raw' })
      for (const typedName of [undefined, 'raw', ''])
        await expect(production.run(text, { isConfirmed: true, typedName })).rejects.toMatchObject({
          code: 'CONFIRMATION_NEEDED',
          fault: { next: 'Type bronze.raw to run it.' },
        })
      await production.run(`begin; ${text}; rollback`, { isConfirmed: true, typedName: 'bronze.raw' })
    } finally {
      await production.close()
    }
  })

  test('shows the rows, cascades, triggers and views that it reaches', async () => {
    const { blasts, nameToType } = await assess('select 1;\ndelete from parent')
    expect(nameToType).toBeNull()
    expect(blasts).toEqual([
      {
        line: 2,
        text: 'delete from parent',
        what: 'deletes every row',
        isCascade: false,
        rows: 500,
        objects: [
          {
            type: 'table',
            name: 'parent',
            rows: 500,
            sizeBytes: expect.any(Number),
            partitions: 0,
            triggers: ['parent: touched'],
            references: ['child: cascade'],
            dependants: ['parent_names'],
          },
        ],
      },
    ])
  })

  test('counts partitions and schemas whole, inside of blocks too', async () => {
    const [truncated] = (await assess('do $$ begin truncate days; end $$')).blasts
    expect(truncated).toMatchObject({ rows: 40, objects: [{ partitions: 2, rows: 40 }] })
    const [schema] = (await assess('drop schema bronze cascade')).blasts
    expect(schema).toMatchObject({ isCascade: true, rows: 30, objects: [{ type: 'schema', name: 'bronze' }] })
    const [unknown] = (await assess('drop table no_such_table')).blasts
    expect(unknown).toMatchObject({ rows: null })
  })

  test('is not run by being assessed', async () => {
    await assess(
      'delete from parent; truncate days; drop schema bronze cascade; do $$ begin delete from child; end $$',
    )
    const { rows } = await database.client.query('select count(*)::int as n from parent')
    expect(rows).toEqual([{ n: 500 }])
  })
})

describe('a preview', () => {
  test('shows rows as they were and as they are, in a transaction that stays open', async () => {
    const preview = await tested.service.preview(
      { sessionId: 't', text: 'update parent as p set name = upper(name) where p.id in (3, 7) -- all' },
      {},
    )
    expect(preview).toMatchObject({
      verb: 'update',
      table: 'public.parent',
      rows: 2,
      columns: ['id', 'name'],
    })
    expect(preview.changes).toContainEqual({ before: ['3', 'n3'], after: ['3', 'N3'] })
    const state = await tested.run('rollback')
    expect(state.statements[0]?.command).toBe('ROLLBACK')
    const { rows } = await database.client.query('select name from parent where id = 3')
    expect(rows).toEqual([{ name: 'n3' }])
  })

  test('of what cannot be compared runs nothing', async () => {
    const preview = (text: string) => tested.service.preview({ sessionId: 't', text }, {})
    await expect(preview('update bronze.raw set n = 1')).rejects.toMatchObject({ code: 'UNSUPPORTED' })
    await expect(preview('drop table parent')).rejects.toMatchObject({ code: 'UNSUPPORTED' })
    await expect(preview('update parent set id = 1')).rejects.toMatchObject({ code: 'CONSTRAINT_VIOLATED' })
    expect((await tested.run('select 1')).transaction).toBe('idle')
  })
})

describe('a result of one table', () => {
  const held = async (text: string) => {
    const { statements } = await tested.run(text, { isConfirmed: true })
    return statements.at(-1)?.resultId ?? ''
  }

  test('is edited by its key; others say why not', async () => {
    const editing = async (text: string) => tested.service.describeEditing({ resultId: await held(text) }, {})
    expect(await editing('select name as n, id, 1 as one from parent')).toMatchObject({
      table: { name: 'parent', key: ['id'] },
      columns: ['name', 'id', null],
    })
    expect((await editing('select name from parent')).reason).toContain('key')
    expect((await editing('select 1')).reason).toContain('No column')
    expect((await editing('select p.id, c.id from parent p, child c')).reason).toContain('several')
    expect((await editing('select n from bronze.raw')).reason).toContain('primary key')
  })

  test('applies its changes at once, or behind a savepoint of the open transaction', async () => {
    const edits: RowEdit[] = [
      { kind: 'update', key: { id: '5' }, before: { name: 'n5' }, values: { name: null } },
      { kind: 'insert', values: { id: '9001', name: 'new' } },
    ]
    const apply = async (isDryRun: boolean) =>
      tested.service.applyEdits(
        { sessionId: 't', resultId: await held('select * from parent'), edits, isDryRun },
        {},
      )
    expect((await apply(true)).sql).toContain('update "public"."parent"')
    await tested.run('begin; create table kept_work (a int)')
    expect((await apply(false)).outcome).toEqual({ inserted: 1, updated: 1, deleted: 0 })
    await expect(apply(false)).rejects.toMatchObject({ code: 'CONFLICT' })
    const { transaction, statements } = await tested.run('select count(*) from kept_work')
    expect([transaction, statements[0]?.status]).toEqual(['open', 'succeeded'])
    await tested.run('rollback')
  })
})
