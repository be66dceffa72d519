import { mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { quoteIdentifier } from '../../src-main/sql.ts'
import { runCli } from '../support/cli.ts'
import { createTestDatabase, type TestDatabase } from '../support/database.ts'

let database: TestDatabase
let home: string
let folder: string

beforeAll(async () => {
  database = await createTestDatabase({ template: 'empty' })
  home = mkdtempSync(join(tmpdir(), 'atlas-cli-'))
  folder = mkdtempSync(join(tmpdir(), 'atlas-shop-'))
})

afterAll(async () => {
  await database.drop()
  rmSync(home, { recursive: true, force: true })
  rmSync(folder, { recursive: true, force: true })
})

const atlas = (...args: string[]) => runCli({ home, url: database.url }, args)

const diff = (...args: string[]) => atlas('schema', 'diff', '--folder', folder, ...args)

// Quotes, dollars, a line break, right to left, 63 bytes, a command: each is a table, a column and a comment.
const names = [
  'a "b" $$ c',
  "it's",
  'line\nbreak -- x',
  'שלום',
  'x'.repeat(63),
  '";drop table canary;--',
  '/* open',
  '\\',
]

test('a database against its migrations: identical, then changed by hand, then again by a file of the difference', async () => {
  writeFileSync(
    join(folder, '001_first.sql'),
    'create table public.canary (id int primary key, note text);\n',
  )
  expect((await atlas('migrate', '--folder', folder, 'apply')).code).toBe(0)
  const identical = await diff('--json')
  // How far it is may be said there: on a busy machine it takes longer than a moment.
  expect(identical).toMatchObject({ code: 0, err: expect.not.stringContaining('error') })
  expect(JSON.parse(identical.out)).toMatchObject({ counts: { different: 0, onlyHere: 0, onlyThere: 0 } })

  for (const name of names) {
    const quoted = quoteIdentifier(name)
    const text = `E'${name.replaceAll('\\', '\\\\').replaceAll("'", "''")}'`
    await database.client.query(`create table public.${quoted} (${quoted} text primary key default ${text})`)
    await database.client.query(`comment on column public.${quoted}.${quoted} is ${text}`)
    await database.client.query(`create index on public.${quoted} (lower(${quoted}))`)
  }
  await database.client.query('alter table public.canary drop column note, add column more int')
  const changed = await diff('--json', '--changes', 'there', '--destructive')
  expect(changed.code).toBe(1)
  const { counts, objects, migration } = JSON.parse(changed.out)
  expect(counts).toMatchObject({ different: 1, onlyHere: names.length, onlyThere: 0 })
  expect(objects[0]).toMatchObject({ change: 'different', name: 'public.canary' })
  expect(objects[0].details).toEqual(['column more only here', 'column note only there'])
  expect(migration.destructive).toEqual(['the values of public.canary.note'])

  // The file makes the migrations as the database is; as it is already so here, the ledger only takes it.
  expect((await diff('--changes', 'there', '--destructive', '--create', 'by hand')).out).toContain(
    'Written: ',
  )
  expect(readdirSync(folder)).toContain('002_by_hand.sql')
  const again = await diff('--json')
  expect(again).toMatchObject({ code: 0, err: expect.not.stringContaining('error') })
  expect(JSON.parse(again.out).objects).toEqual([])
})

test('what cannot be compared says so', async () => {
  const unknown = await atlas('schema', 'diff', '--with', 'nowhere')
  expect(unknown.code).toBe(1)
  expect(unknown.err).toContain('There is no such environment')
  const word = await diff('--ignore', 'colour')
  expect(word.err).toContain('INPUT_INVALID')
  writeFileSync(join(folder, '003_broken.sql'), 'create table public.canary (id int);\n')
  const broken = await diff()
  expect(broken.code).toBe(1)
  expect(broken.err).toContain('003_broken')
})
