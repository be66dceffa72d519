import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { afterAll, afterEach, beforeAll, beforeEach, expect, inject, test } from 'vitest'
import { z } from 'zod'
import { type Database, openPostgres } from '../../src-main/adapters/postgres.ts'
import { query, type Sql, sql } from '../../src-main/sql.ts'
import { startServer, type ThrowAwayServer } from '../support/servers.ts'
import { applyFolder } from './applyFolder.ts'

const files = 200
const folder = mkdtempSync(join(tmpdir(), 'atlas-crashed-'))
let server: ThrowAwayServer
let db: Database

beforeAll(async () => {
  server = await startServer(inject('server').version)
  for (let n = 1; n <= files; n++) {
    const text = `create table t${n} (v int);\ninsert into t${n} values (${n});`
    writeFileSync(join(folder, `${String(n).padStart(3, '0')}_t.sql`), text)
  }
})
afterAll(() => {
  server.stop()
  rmSync(folder, { recursive: true })
})

function open(): Database {
  const { host, port } = server
  const target = { host, port, user: 'postgres', database: 'postgres' }
  return openPostgres(async () => target, { applicationName: 'Atlas test' })
}

async function crash() {
  server.crash()
  await db.close()
  db = open()
}

beforeEach(async () => {
  writeFileSync(join(folder, '100_t.sql'), 'create table t100 (v int);\ninsert into t100 values (100);')
  db = open()
  await db.run(sql`drop schema public cascade`)
  await db.run(sql`create schema public`)
  // As a server for work has it; those of the tests wait for no disk.
  await db.run(sql`alter database postgres set synchronous_commit = on`)
})
afterEach(() => db.close())

/** How many files there are, of which the table, its row and the row of the ledger are there: all three or none. */
async function wholeFiles(): Promise<number> {
  const one = z.object({ versions: z.array(z.string()) })
  const versionsOf = async (statement: Sql) => (await db.row(query(one, statement)))?.versions
  const tables = await versionsOf(
    sql`select coalesce(array_agg(lpad(substring(relname, 2), 3, '0') order by lpad(substring(relname, 2), 3, '0')), '{}')
                 as versions
        from pg_class
        where relname ~ '^t[0-9]+$' and pg_relation_size(oid) = 8192`,
  )
  const isThere = sql`select to_regclass('public.schema_migrations') is not null as there`
  const hasLedger = await db.row(query(z.object({ there: z.boolean() }), isThere))
  const ledger = hasLedger?.there
    ? await versionsOf(
        sql`select coalesce(array_agg(version order by version), '{}') as versions from public.schema_migrations`,
      )
    : []
  expect(tables).toEqual(ledger)
  return ledger?.length ?? 0
}

test('what a run says is applied is on disk: a crash right after it takes nothing', async () => {
  expect(await applyFolder(db, folder)).toHaveLength(files)
  await crash()
  expect(await wholeFiles()).toBe(files)
})

test('so is what is applied before a file that fails', async () => {
  writeFileSync(join(folder, '100_t.sql'), 'select nothing;')
  await expect(applyFolder(db, folder)).rejects.toMatchObject({ code: 'MIGRATION_FAILED' })
  await crash()
  expect(await wholeFiles()).toBe(99)
})

test('a crash in the middle leaves whole files, and the next run finishes', async () => {
  const begun = performance.now()
  await applyFolder(db, folder)
  const runMs = performance.now() - begun
  for (let round = 0; round < 5; round++) {
    await db.run(sql`drop schema public cascade`)
    await db.run(sql`create schema public`)
    const cutOff = applyFolder(db, folder).catch((error) => error)
    await sleep(runMs * (0.2 + 0.6 * Math.random()))
    server.crash()
    const error = await cutOff
    await db.close()
    db = open()
    const left = await wholeFiles()
    if (left < files) expect(error).toMatchObject({ code: 'MIGRATION_FAILED' })
    expect(await applyFolder(db, folder)).toHaveLength(files - left)
    expect(await wholeFiles()).toBe(files)
  }
})
