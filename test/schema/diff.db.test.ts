import { afterEach, expect, inject, test } from 'vitest'
import { z } from 'zod'
import { objectsOf } from '../../src-main/schema/diff/objects.ts'
import { readSides } from '../../src-main/schema/diff/read.ts'
import { query, sql } from '../../src-main/sql.ts'
import { everyChange } from './changes.ts'
import { differences, dropMade, make, migrate } from './diffing.ts'
import { everyKind } from './fixture.ts'

const server = inject('server')

afterEach(dropMade)

test('an empty database becomes one of two hundred objects of all kinds, and is emptied again', async () => {
  const [full, empty, other] = [await make(everyKind(server.version)), await make(), await make()]
  expect((await differences(empty, full)).length).toBeGreaterThan(200)
  expect((await migrate(empty, full)).destructive).toEqual([])
  expect(await differences(empty, full)).toEqual([])
  const written = await migrate(empty, other)
  expect(written.destructive).toContain('the table shop.customers with its rows')
  expect(await differences(empty, other)).toEqual([])
})

test('one database becomes another where every kind of object differs, and goes back', async () => {
  const script = everyKind(server.version)
  const [before, after, kept] = [await make(script), await make(script, everyChange), await make(script)]
  const found = await differences(before, after)
  expect(found.length).toBeGreaterThan(50)
  expect((await migrate(before, after)).problems).toEqual([])
  expect(await differences(before, after)).toEqual([])
  expect((await migrate(after, kept)).problems).toEqual([])
  expect(await differences(after, kept)).toEqual([])
})

test('without what destroys, rows stay and all else is as it shall be', async () => {
  const script = everyKind(server.version)
  const [before, after] = [await make(script), await make(script, everyChange)]
  await before.run(sql`insert into shop.scratch (a) values (1)`)
  const written = await migrate(before, after, { withDestructive: false })
  expect(written.destructive).toEqual(
    expect.arrayContaining(['the table shop.scratch with its rows', 'the values of shop.customers.big']),
  )
  expect(written.text).toContain('-- drop table shop.scratch;')
  const left = await differences(before, after)
  expect(left).toContain('unexpected relation shop.scratch')
  expect(left.filter((one) => one.startsWith('missing'))).toEqual([])
  expect(await before.row(query(z.object({ a: z.number() }), sql`select a from shop.scratch`))).toEqual({
    a: 1,
  })
  await migrate(before, after)
  expect(await differences(before, after)).toEqual([])
})

test('columns in another order are no identical tables: it is said, and no migration is written', async () => {
  const [one, other] = [
    await make(`create table public.t (a int, b text, c int); create type public.pair as (x int, y int);
                create table public.u (a int, b int); create table public.same (a int)`),
    await make(`create table public.t (c int, a int, b text); create type public.pair as (y int, x int);
                create table public.u (b int, more int, a int); create table public.same (a int)`),
  ]
  const [here, there] = await readSides(one, other, new Set())
  const { counts, objects } = objectsOf(here.definitions, there.definitions, new Set())
  expect(counts).toEqual({ identical: 3, different: 1, reordered: 2, onlyHere: 0, onlyThere: 0 })
  expect(objects.slice(0, 3).map(({ name, change, details }) => [name, change, details])).toEqual([
    ['public.u', 'different', ['column more only there', 'order of columns']],
    ['public.pair', 'reordered', ['order of columns']],
    ['public.t', 'reordered', ['order of columns']],
  ])
  expect((await migrate(one, other)).text.match(/^alter .*$/gm)).toEqual([
    'alter table public.u add column more integer;',
  ])
})
