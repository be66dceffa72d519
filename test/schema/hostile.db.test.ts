import { afterAll, beforeAll, expect, test } from 'vitest'
import { createActivity } from '../../src-main/activity/service.ts'
import { openPostgres } from '../../src-main/adapters/postgres.ts'
import { databaseScript, inOrder } from '../../src-main/schema/ddl/order.ts'
import { definitionsOf } from '../../src-main/schema/define.ts'
import { objectsOf } from '../../src-main/schema/diff/objects.ts'
import { planMigration } from '../../src-main/schema/diff/plan.ts'
import { readSides } from '../../src-main/schema/diff/read.ts'
import { writeMigration } from '../../src-main/schema/diff/write.ts'
import { createSchema } from '../../src-main/schema/service.ts'
import { quoteIdentifier } from '../../src-main/sql.ts'
import { createTestDatabase } from '../support/database.ts'
import { openTestServices, type TestServices } from '../support/services.ts'
import { targetOf } from '../support/target.ts'
import { fingerprint } from './fingerprint.ts'

const count = 1000
/** Names that go through the browser at the same time, on connections of their own. */
const lanes = 6

const seeds = [
  `";drop table public.canary;--`,
  `'); drop table public.canary; --`,
  '$$',
  '$body$ $$ $',
  'line\nbreak',
  'tab\there',
  'שלום עולם',
  '\u202Eevil\u202C',
  'a.b',
  '"',
  '""',
  "it's",
  '\\',
  "E'\\''",
  '%I %s %L',
  '$\u007Bx} {{y}}',
  '<img src=x onerror=alert(1)>',
  '__proto__',
  'constructor',
  'select',
  ' ',
  'x'.repeat(63),
  '😀'.repeat(15),
  'ß'.repeat(31),
  '/* open',
  '-- line',
  '0',
  'NULL',
  '*',
  'İstanbul',
]

/** At most 63 bytes, whole characters, none twice. */
function names(): string[] {
  const made = new Set(seeds)
  for (let at = 0; made.size < count; at++) {
    let name = `${seeds[at % seeds.length]}${seeds[(at * 7 + 3) % seeds.length]}${at}`
    while (Buffer.byteLength(name) > 63) name = [...name].slice(1).join('')
    made.add(name)
  }
  return [...made].slice(0, count)
}

const textOf = (name: string) => `E'${name.replaceAll('\\', '\\\\').replaceAll("'", "''")}'`

let services: TestServices
const run = (text: string) => services.database.client.query(text)

beforeAll(async () => {
  services = await openTestServices()
  await run('create table public.canary (id int)')
})

afterAll(() => services.close())

test('hostile names go through every part of the browser, and nothing else happens', async () => {
  const all = names()
  await run('create schema hostile')
  // Two names may begin alike: then one type is of the one and not of the other.
  const types = new Map(all.map((name) => [`${[...name].slice(0, 12).join('')}~t`, name]))
  const making = all.map((name) => {
    const quoted = quoteIdentifier(name)
    return `create table hostile.${quoted} (${quoted} text primary key, other int);
      comment on column hostile.${quoted}.${quoted} is ${textOf(name)};
      create index on hostile.${quoted} (other);
      create function hostile.${quoted}(a int) returns int language sql as 'select 1'`
  })
  for (const [type, name] of types)
    making.push(`create type hostile.${quoteIdentifier(type)} as enum (${textOf(name)})`)
  for (let at = 0; at < making.length; at += 100) await run(making.slice(at, at + 100).join(';\n'))
  const before = await fingerprint(services.database.client)
  const schema = createSchema({ db: services.db })
  const activity = createActivity({ db: services.db, jobs: services.jobs, environmentId: 'test' })
  const tree = await schema.tree(undefined, {})
  expect(
    tree.tables
      .filter((table) => table.schema === 'hostile')
      .map(({ name }) => name)
      .sort(),
  ).toEqual([...all].sort())
  const through = async (name: string) => {
    const target = { schema: 'hostile', name }
    const about = { ...target, object: JSON.stringify(name) }
    const table = await schema.describe(target, {})
    expect({ about, columns: table.columnList.map((column) => column.name) }).toMatchObject({
      columns: [name, 'other'],
    })
    expect(table.columnList[0]?.comment).toBe(name)
    if (name.trim() !== '') {
      const { hits } = await schema.search({ text: name, kinds: ['table'], limit: 500 }, {})
      expect({ about, isFound: hits.some((hit) => hit.name === name) }).toMatchObject({ isFound: true })
    }
    expect((await schema.model({ relations: [target] }, {}))[0]?.columns[0]?.name).toBe(name)
    expect((await schema.activity(target, {})).counts.live).toBe(0)
    const insert = { kind: 'insert' as const, values: { [name]: name, other: '1' } }
    // One object's definition is read as all are, below: here the names that the others are put together from.
    if (seeds.includes(name)) {
      const table = await schema.definition({ ...target, kind: 'table', signature: '' }, {})
      const routine = await schema.definition({ ...target, kind: 'function', signature: 'a integer' }, {})
      script += table.text + routine.text
      // So is the text of an edit, which the edits below are run from.
      expect((await schema.previewEdits({ ...target, edits: [insert] }, {})).sql).toContain(
        quoteIdentifier(name),
      )
    }

    await schema.applyEdits({ ...target, edits: [insert] }, {})
    const page = await schema.listRows(
      {
        ...target,
        order: [{ column: name, isDescending: true }],
        filters: [
          { column: name, operator: '=', value: name },
          { column: name, operator: 'contains', value: name },
        ],
        limit: 10,
      },
      {},
    )
    expect({ about, rows: page.rows }).toMatchObject({ rows: [[name, '1']] })
    expect((await schema.getRow({ ...target, key: { [name]: name } }, {})).values[name]).toBe(name)
    expect((await schema.profile({ ...target, column: name }, {})).least).toBe(name)
    const gone = { kind: 'delete' as const, key: { [name]: name }, before: { other: '1' } }
    await schema.applyEdits({ ...target, edits: [gone] }, {})
  }
  let script = ''
  const waiting = [...all]
  const lane = async () => {
    for (let name = waiting.pop(); name !== undefined; name = waiting.pop()) await through(name)
  }
  await Promise.all(Array.from({ length: lanes }, lane))
  const { jobId } = await activity.maintain({ action: 'analyze', schema: 'hostile', name: all[0] ?? '' }, {})
  expect((await services.jobs.finished(jobId)).status).toBe('succeeded')
  expect(await fingerprint(services.database.client)).toEqual(before)

  const definitions = inOrder(await definitionsOf(services.db, { type: 'all' }))
  const made = definitions.flatMap(({ statements }) => statements)
  for (const line of script.split(';\n').filter((one) => one.startsWith('create')))
    expect(made).toContain(line)
  const copy = await createTestDatabase({ template: 'empty' })
  await copy.client.query(databaseScript(definitions, []))
  // PostgreSQL flattens a nested `and` that it reads again: the platform's checks come out otherwise written.
  const hostile = (lines: string[]) => lines.filter((line) => line.includes('hostile'))
  expect(hostile(await fingerprint(copy.client))).toEqual(hostile(before))

  const { tables, total } = await schema.diagram({ schema: 'hostile', depth: 1, limit: 500 }, {})
  expect(total).toBe(count)
  for (const { name, columns } of tables) expect(columns.map((one) => one.name)).toEqual([name, 'other'])

  // The copy loses something of each table, and a migration gives it back.
  const losing = all.map((name) => {
    const table = `hostile.${quoteIdentifier(name)}`
    return `drop function ${table}(int); comment on column ${table}.${quoteIdentifier(name)} is null; alter table ${table} drop column other, alter column ${quoteIdentifier(name)} set default ${textOf(name)}`
  })
  for (let at = 0; at < all.length; at += 100) await copy.client.query(losing.slice(at, at + 100).join(';\n'))
  const db = openPostgres(async () => targetOf(copy.url), { applicationName: 'Atlas test' })
  const nothing = new Set<never>()
  try {
    const [now, wanted] = await readSides(db, services.db, nothing)
    const { objects } = objectsOf(now.definitions, wanted.definitions, nothing)
    const changes = objects.filter(({ name }) => name.startsWith('hostile.')).map(({ change }) => change)
    expect(changes.filter((change) => change === 'different')).toHaveLength(count)
    expect(changes.filter((change) => change === 'only there')).toHaveLength(count)
    const plan = planMigration({
      now: now.definitions,
      wanted: wanted.definitions,
      ignore: nothing,
      withDestructive: false,
    })
    const { text, problems } = writeMigration(plan, { from: all[0] ?? '', to: all[4] ?? '' })
    expect(problems).toEqual([])
    await copy.client.query(text)
    expect(hostile(await fingerprint(copy.client))).toEqual(hostile(before))
  } finally {
    await db.close()
  }
  await copy.drop()
}, 600_000)
