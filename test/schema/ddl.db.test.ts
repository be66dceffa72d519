import { execFileSync } from 'node:child_process'
import { afterAll, beforeAll, expect, inject, test } from 'vitest'
import { type Database, openPostgres } from '../../src-main/adapters/postgres.ts'
import { readDefinitions } from '../../src-main/schema/ddl/definitions.ts'
import { databaseScript, inOrder } from '../../src-main/schema/ddl/order.ts'
import { createSchema } from '../../src-main/schema/service.ts'
import { sql } from '../../src-main/sql.ts'
import { createTestDatabase, type TestDatabase } from '../support/database.ts'
import { fingerprint } from './fingerprint.ts'
import { everyKind } from './fixture.ts'

let source: TestDatabase
let copy: TestDatabase
let db: Database
const server = inject('server')

beforeAll(async () => {
  ;[source, copy] = await Promise.all([
    createTestDatabase({ template: 'empty' }),
    createTestDatabase({ template: 'empty' }),
  ])
  db = openPostgres(async () => ({ ...server, user: 'postgres', database: source.name }), {
    applicationName: 'Atlas test',
  })
})

afterAll(async () => {
  await db.close()
  await source.drop()
  await copy.drop()
})

const definitions = () =>
  db.transaction(async (tx) => {
    await tx.run(sql`set local search_path = ''`)
    return readDefinitions(tx.flat, { type: 'all' })
  })

test('two hundred objects of all kinds are made anew from their definitions, to the last grant', async () => {
  const from = await source.connect('postgres')
  await from.query(everyKind(server.version))
  const read = await definitions()
  expect(read.all.filter(({ kind }) => kind !== 'settings').length).toBeGreaterThan(200)
  const script = databaseScript(inOrder(read), [])
  const into = await copy.connect('postgres')
  await into.query(script).catch((error: { position?: string; message: string }) => {
    const at = Number(error.position ?? 1)
    throw new Error(`${error.message}\n${script.slice(Math.max(0, at - 300), at + 200)}`)
  })
  expect(await fingerprint(into)).toEqual(await fingerprint(from))
  if (server.version === 15) {
    const dump = (name: string) =>
      execFileSync('pg_dump', ['-s', '-h', server.host, '-p', String(server.port), '-U', 'postgres', name], {
        encoding: 'utf8',
        maxBuffer: 64 * 1024 ** 2,
      })
        .split('\n')
        .filter((line) => !/^(--|\\(un)?restrict)/.test(line))
        .join('\n')
    expect(dump(copy.name)).toBe(dump(source.name))
  }
})

test('the definition of one object is that of the whole script', async () => {
  const schema = createSchema({ db })
  const define = async (
    kind: 'table' | 'function' | 'enum' | 'publication' | 'role',
    space: string | null,
    name: string,
    signature = '',
  ) => (await schema.definition({ kind, schema: space, name, signature }, {})).text
  const customers = await define('table', 'shop', 'customers')
  expect(customers).toContain('create table shop.customers (')
  expect(customers).toContain('CREATE TRIGGER touch')
  expect(customers).toContain('create policy own_rows')
  expect(customers).toContain('comment on column shop.customers."odd ""col"" $$ " is \'odd\'')
  expect(customers).toMatch(/grant INSERT, SELECT on table shop\.customers to atlas_read with grant option/)
  expect(customers).not.toContain('shop.events')
  expect(await define('enum', 'shop', 'mood')).toContain(`as enum ('sad', 'ok', 'it''s "fine"')`)
  expect(await define('function', 'shop', 'touch')).toContain('SECURITY DEFINER')
  expect(await define('publication', null, 'orders')).toContain('publish_via_partition_root')
  expect(await define('role', null, 'atlas_read')).toContain('create role atlas_read')
  await expect(define('enum', 'shop', 'nothing')).rejects.toMatchObject({ code: 'OBJECT_NOT_FOUND' })
})

test('the whole script says by name what it leaves out', async () => {
  const from = await source.connect('postgres')
  await from.query(`create conversion shop.latin for 'LATIN1' to 'UTF8' from iso8859_1_to_utf8;
    create user mapping for public server far; create operator family shop.many using btree`)
  const { text, objects, unwritten } = await createSchema({ db }).script(undefined, {})
  expect(objects).toBeGreaterThan(200)
  expect(unwritten).toEqual([
    'conversion shop.latin',
    'operator family shop.many USING btree',
    'user mapping public on server far',
  ])
  expect(text).toMatch(
    /^-- Not in here; pg_dump -s writes them:\n-- {3}conversion shop\.latin\n[^;]*\nset check_function_bodies = off;\n/,
  )
})
