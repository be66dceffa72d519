import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, expect, inject, test } from 'vitest'
import { z } from 'zod'
import { type Database, openPostgres } from '../../src-main/adapters/postgres.ts'
import { readMigrations } from '../../src-main/migrations/files.ts'
import { applyMigrations } from '../../src-main/migrations/runner.ts'
import { definitionsOf } from '../../src-main/schema/define.ts'
import { comparable, type Ignore, isSame, pairsOf } from '../../src-main/schema/diff/compare.ts'
import { planMigration } from '../../src-main/schema/diff/plan.ts'
import { writeMigration } from '../../src-main/schema/diff/write.ts'
import { query, sql } from '../../src-main/sql.ts'
import { createTestDatabase, type TestDatabase } from '../support/database.ts'
import { everyChange } from './changes.ts'
import { everyKind } from './fixture.ts'

const server = inject('server')
const folder = mkdtempSync(join(tmpdir(), 'atlas-diff-'))
const open: { database: TestDatabase; db: Database }[] = []

afterEach(async () => {
  for (const { database, db } of open.splice(0)) {
    await db.close()
    await database.drop()
  }
  rmSync(folder, { recursive: true, force: true })
})

/** A database of its own, made by a superuser: foreign data wrappers and event triggers need one. */
async function make(...scripts: string[]): Promise<Database> {
  const database = await createTestDatabase({ template: 'empty' })
  const client = await database.connect('postgres')
  for (const script of scripts) await client.query(script)
  const db = openPostgres(async () => ({ ...server, user: 'postgres', database: database.name }), {
    applicationName: 'Atlas test',
  })
  open.push({ database, db })
  return db
}

const nothing: Ignore = new Set()
const read = async (db: Database, ignore = nothing) =>
  comparable(await definitionsOf(db, { type: 'all' }), ignore)

async function differences(now: Database, wanted: Database, ignore = nothing): Promise<string[]> {
  return pairsOf(await read(now, ignore), await read(wanted, ignore)).flatMap(({ key, now: a, wanted: b }) =>
    !a ? `missing ${key}` : !b ? `unexpected ${key}` : isSame(a, b, ignore) ? [] : `different ${key}`,
  )
}

let files = 0

/** Writes the migration between two databases, as a file, and applies it with the product's runner. */
async function migrate(
  now: Database,
  wanted: Database,
  { ignore = nothing, withDestructive = true }: { ignore?: Ignore; withDestructive?: boolean } = {},
) {
  const plan = planMigration({
    now: await read(now, ignore),
    wanted: await read(wanted, ignore),
    ignore,
    withDestructive,
  })
  const written = writeMigration(plan, { from: 'one', to: 'another' })
  const own = mkdtempSync(join(tmpdir(), 'atlas-diff-'))
  writeFileSync(join(own, `00${++files}_diff.sql`), written.text)
  try {
    const found = await readMigrations(own)
    const job = { signal: new AbortController().signal, report: () => {} }
    await applyMigrations(now, async () => found, job, { project: `diff${files}` }).catch((error) => {
      if (process.env.ATLAS_TEST_KEEP) writeFileSync(process.env.ATLAS_TEST_KEEP, written.text)
      throw new Error(`${error.message} ${JSON.stringify(error.fault)}`)
    })
  } finally {
    rmSync(own, { recursive: true, force: true })
  }
  return written
}

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
