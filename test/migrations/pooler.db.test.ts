import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, inject, test } from 'vitest'
import { type Database, openPostgres } from '../../src-main/adapters/postgres.ts'
import { sql } from '../../src-main/sql.ts'
import { createTestDatabase, type TestDatabase } from '../support/database.ts'
import { hasPgBouncer, startPgBouncer } from '../support/pgbouncer.ts'
import { targetOf } from '../support/target.ts'
import { applyFolder } from './applyFolder.ts'

if (!hasPgBouncer) console.warn('Skipped: no PgBouncer. Install it with: apt-get install pgbouncer')

describe.skipIf(!hasPgBouncer)('behind PgBouncer', () => {
  let folder: string
  let database: TestDatabase
  let db: Database
  let stop: () => Promise<void>

  beforeEach(async () => {
    folder = mkdtempSync(join(tmpdir(), 'atlas-pooled-'))
    writeFileSync(join(folder, '001_a.sql'), 'create table a (id int);')
    database = await createTestDatabase({ template: 'empty' })
  })
  afterEach(async () => {
    await db.close()
    await stop()
    await database.drop()
    rmSync(folder, { recursive: true })
  })

  async function openPooled(mode: 'session' | 'transaction' | 'statement') {
    const pooler = await startPgBouncer(inject('server'), mode)
    stop = pooler.stop
    db = openPostgres(async () => ({ ...targetOf(database.url), port: pooler.port }), {
      applicationName: 'Atlas test',
    })
  }

  const there = async () =>
    (
      await database.client.query(
        "select to_regclass('a')::text as a, to_regclass('schema_migrations')::text as l",
      )
    ).rows

  test.each(['transaction', 'statement'] as const)(
    'a pool by %s is refused with the reason',
    async (mode) => {
      await openPooled(mode)
      await expect(applyFolder(db, folder)).rejects.toMatchObject({
        code: 'UNSUPPORTED',
        message: 'This address is a connection pooler that shares sessions',
        fault: { saved: 'Nothing was applied.', next: expect.stringContaining('session mode') },
      })
      expect(await there()).toEqual([{ a: null, l: null }])
    },
  )

  test('a pool by transaction is told also where others use it', async () => {
    await openPooled('transaction')
    let isOver = false
    const others = Array.from({ length: 6 }, async () => {
      while (!isOver) await db.transaction((tx) => tx.flat(sql`select pg_sleep(random() / 100)`))
    })
    try {
      for (let round = 0; round < 20; round++)
        await expect(applyFolder(db, folder)).rejects.toMatchObject({ code: 'UNSUPPORTED' })
    } finally {
      isOver = true
      await Promise.all(others)
    }
    expect(await there()).toEqual([{ a: null, l: null }])
  })

  test('a pool by session is accepted, and a cancel reaches what runs', async () => {
    await openPooled('session')
    expect(await applyFolder(db, folder)).toHaveLength(1)
    expect(await there()).toEqual([{ a: 'a', l: 'schema_migrations' }])

    writeFileSync(join(folder, '002_b.sql'), 'create table b (id int);\nselect pg_sleep(60);')
    const abort = new AbortController()
    const cut = applyFolder(db, folder, abort.signal).catch((error) => error)
    const sleeping =
      "select from pg_stat_activity where datname = current_database() and query = 'select pg_sleep(60)'"
    await expect.poll(async () => (await database.client.query(sleeping)).rowCount).toBe(1)
    abort.abort()
    expect(await cut).toMatchObject({ fault: { sqlState: '57014' } })
  })
})
