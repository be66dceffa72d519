import { afterAll, beforeAll, expect, test } from 'vitest'
import { createActivity } from '../../src-main/activity/service.ts'
import { createSchema } from '../../src-main/schema/service.ts'
import { quoteIdentifier } from '../../src-main/sql.ts'
import { openTestServices, type TestServices } from '../support/services.ts'
import { fingerprint } from './fingerprint.ts'

// A thousand take minutes; the constant is raised to try them all.
const count = Number(process.env.ATLAS_TEST_NAMES ?? 30)

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
  for (const name of all) {
    const quoted = quoteIdentifier(name)
    const text = `'${name.replaceAll("'", "''").replaceAll('\\', '\\\\')}'`
    await run(`create table hostile.${quoted} (${quoted} text primary key, other int)`)
    await run(`comment on column hostile.${quoted}.${quoted} is E${text}`)
    await run(`create index on hostile.${quoted} (other)`)
    await run(`create function hostile.${quoted}(a int) returns int language sql as 'select 1'`)
    await run(
      `create type hostile.${quoteIdentifier(name === 'x'.repeat(63) ? 'long' : `${[...name].slice(0, 12).join('')}~t`)} as enum (E${text})`,
    ).catch((error: { code: string }) => {
      // Two names may begin alike.
      if (error.code !== '42710') throw error
    })
  }
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
  let script = ''
  for (const name of all) {
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
    script += (await schema.definition({ ...target, kind: 'table', signature: '' }, {})).text
    script += (await schema.definition({ ...target, kind: 'function', signature: 'a integer' }, {})).text

    const insert = { kind: 'insert' as const, values: { [name]: name, other: '1' } }
    expect((await schema.previewEdits({ ...target, edits: [insert] }, {})).sql).toContain(
      quoteIdentifier(name),
    )
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
  const { jobId } = await activity.maintain({ action: 'analyze', schema: 'hostile', name: all[0] ?? '' }, {})
  expect((await services.jobs.finished(jobId)).status).toBe('succeeded')
  expect(await fingerprint(services.database.client)).toEqual(before)

  const copy = await services.database.connect()
  await copy.query('alter schema hostile rename to hostile_before')
  await copy.query('create schema hostile')
  await copy.query(script)
  const remade = await schema.tree(undefined, {})
  expect(remade.tables.filter((table) => table.schema === 'hostile')).toHaveLength(all.length)
  expect(remade.tables.some(({ name }) => name === 'canary')).toBe(true)
}, 600_000)
