import { afterAll, beforeAll, expect, test } from 'vitest'
import { z } from 'zod'
import { createSchema } from '../../src-main/schema/service.ts'
import { query, type Sql, sql } from '../../src-main/sql.ts'
import { openTestServices, type TestServices } from '../support/services.ts'
import { nodesOf, type PlanNode, recording } from './support.ts'

const manyTables = Number(process.env.ATLAS_TEST_TABLES ?? 10_000)
const bigCatalogues = [
  'pg_class',
  'pg_attribute',
  'pg_constraint',
  'pg_index',
  'pg_depend',
  'pg_type',
  'pg_proc',
]

let services: TestServices

beforeAll(async () => {
  services = await openTestServices()
  await makeTables('few', 10)
})

afterAll(() => services.close())

const run = (text: string) => services.database.client.query(text)

async function makeTables(schema: string, count: number) {
  await run(`create schema if not exists ${schema}`)
  // A transaction holds a lock on each table that it makes, and the server has room for so many.
  for (let from = 0; from < count; from += 1000) {
    await run(`do $$ begin
      for i in ${from}..${Math.min(from + 1000, count) - 1} loop
        execute format('create table ${schema}.t_%s (id int, note text)', i);
      end loop;
    end $$`)
  }
}

/** What a first visitor does: the tree, a search, the columns of a table, its page. */
async function visit(table: string) {
  const { db, statements } = recording(services.db)
  const schema = createSchema({ db })
  await schema.tree(undefined, {})
  await schema.search({ text: 't_7', limit: 20 }, {})
  await schema.model({ relations: [{ name: table }] }, {})
  const before = statements.length
  await schema.describe({ schema: 'few', name: 't_7' }, {})
  return { model: statements.slice(0, before), page: statements.slice(before) }
}

async function planOf(statement: Sql): Promise<PlanNode[]> {
  const plan = z.object({ 'QUERY PLAN': z.array(z.object({ Plan: z.custom<PlanNode>() })) })
  const text = `explain (format json) ${statement.text}`
  const { rows } = await services.database.client.query({ text, values: [...statement.values] })
  const [first] = plan.parse(rows[0])['QUERY PLAN']
  return first ? [...nodesOf(first.Plan)] : []
}

test('as many statements for ten tables as for ten thousand, and none scans what it need not', async () => {
  const few = await visit('t_7')
  await makeTables('many', manyTables)
  await run('analyze')
  const many = await visit('t_7')
  expect(many.model.length).toBe(few.model.length)
  expect(many.page.length).toBe(few.page.length)

  for (const statement of many.model) {
    const scans = (await planOf(statement)).filter(
      (node) => node['Relation Name'] && node['Node Type'] === 'Seq Scan',
    )
    const scanned = scans.map((node) => node['Relation Name'])
    const twice = scanned.filter(
      (name, at) => name !== 'pg_class' && bigCatalogues.includes(name ?? '') && scanned.indexOf(name) !== at,
    )
    expect({ twice, text: statement.text }).toMatchObject({ twice: [] })
  }
  for (const statement of many.page) {
    const scanned = (await planOf(statement))
      .filter((node) => node['Node Type'] === 'Seq Scan')
      .map((node) => node['Relation Name'] ?? '')
      .filter((name) => bigCatalogues.includes(name))
    expect({ scanned, text: statement.text }).toMatchObject({ scanned: [] })
  }
})

test('a second look asks for the revision only, and a change of any kind is seen', async () => {
  const { db, statements } = recording(services.db)
  const schema = createSchema({ db })
  // Tests beside this one make roles, which are the whole server's and a change too: then the next look is the one.
  const statementsOfALook = async () => {
    const before = statements.length
    await schema.tree(undefined, {})
    return statements.length - before
  }
  await schema.model({ relations: [{ name: 't_1' }] }, {})
  await expect.poll(statementsOfALook).toBe(1)

  const changes = [
    'create table few.fresh (id int primary key, v varchar(10))',
    'alter table few.fresh alter column v type varchar(20)',
    'alter table few.fresh alter column v set default 7',
    'alter table few.fresh alter column v set not null',
    "comment on column few.fresh.v is 'words'",
    'create index on few.fresh (v)',
    'alter table few.fresh add check (id > 0)',
    'create function few.f() returns int language sql as $$ select 1 $$',
    'create or replace function few.f() returns int language sql as $$ select 2 $$',
    "create type few.mood as enum ('a')",
    "alter type few.mood add value 'b'",
    'create policy p on few.fresh using (true)',
    'grant select on few.fresh to public',
    'alter table few.fresh rename column v to w',
    'drop table few.fresh',
  ]
  for (const change of changes) {
    await run(change)
    expect({ change, isSeen: (await statementsOfALook()) > 1 }).toEqual({ change, isSeen: true })
  }
  await expect.poll(statementsOfALook).toBe(1)
  for (const noChange of ['select pg_current_xact_id()', 'analyze few.t_1']) {
    await expect
      .poll(async () => {
        await run(noChange)
        return statementsOfALook()
      })
      .toBe(1)
  }
})

test('finds by names, columns, comments and bodies, the nearest first', async () => {
  const schema = createSchema({ db: services.db })
  const find = async (text: string, kinds?: ('table' | 'column' | 'function')[]) =>
    (await schema.search({ text, kinds, limit: 20 }, {})).hits.map(
      ({ kind, schema: space, parent, name, where }) =>
        `${kind} ${[space, parent, name].filter(Boolean).join('.')} ${where}`,
    )
  expect((await find('dim_customer'))[0]).toBe('table navigate.dim_customer name')
  expect((await find('navigate.dim_cust'))[0]).toBe('table navigate.dim_customer name')
  expect((await find('dim_customer email'))[0]).toMatch(/^column navigate\.dim_customer\.email/)
  expect(await find('dim_customer email', ['table'])).toEqual([])
  const [{ comment } = { comment: '' }] = await services.db.rows(
    query(
      z.object({ comment: z.string() }),
      sql`select obj_description('pipeline.pipeline_runs'::regclass) as comment`,
    ),
  )
  const inComment = await find(comment.split(' ').slice(0, 4).join(' '))
  expect(inComment.join('\n')).toContain('table pipeline.pipeline_runs')
  await run("create function few.secret_of() returns text language sql as $$ select 'xyzzy_needle' $$")
  await schema.tree(undefined, {})
  expect(await find('xyzzy_needle')).toEqual(['function few.secret_of body'])
  const all = await schema.search({ text: 'note', limit: 5 }, {})
  expect(all.hits).toHaveLength(5)
  expect(all.total).toBeGreaterThan(Math.min(manyTables, 10_000) - 1)
})

test('partitions stay with their parents; the model knows keys and where foreign keys lead', async () => {
  const schema = createSchema({ db: services.db })
  const partitions = await schema.listPartitions({ schema: 'explore', name: 'raw_data_template' }, {})
  expect(partitions.map(({ name }) => name)).toContain('raw_data_2025_10')
  expect(partitions.at(-1)?.bound).toBe('DEFAULT')
  const [runs, nothing] = await schema.model(
    { relations: [{ schema: 'pipeline', name: 'task_runs' }, { name: 'no_such_thing' }] },
    {},
  )
  expect(nothing).toBeUndefined()
  expect(runs?.foreignKeys).toContainEqual(
    expect.objectContaining({
      target: { schema: 'pipeline', name: 'pipeline_runs' },
      targetColumns: ['run_id'],
    }),
  )
  expect(runs?.columns.filter(({ isPrimaryKey }) => isPrimaryKey).length).toBeGreaterThan(0)
})
