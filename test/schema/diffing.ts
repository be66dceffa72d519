import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { inject } from 'vitest'
import { type Database, openPostgres } from '../../src-main/adapters/postgres.ts'
import { readMigrations } from '../../src-main/migrations/files.ts'
import { applyMigrations } from '../../src-main/migrations/runner.ts'
import { type Ignore, isSame, pairsOf } from '../../src-main/schema/diff/compare.ts'
import { planMigration } from '../../src-main/schema/diff/plan.ts'
import { readSides } from '../../src-main/schema/diff/read.ts'
import { writeMigration } from '../../src-main/schema/diff/write.ts'
import { createTestDatabase, type TestDatabase } from '../support/database.ts'

const open: { database: TestDatabase; db: Database }[] = []

/** A database of its own, made by a superuser: foreign data wrappers and event triggers need one. */
export async function make(...scripts: string[]): Promise<Database> {
  const database = await createTestDatabase({ template: 'empty' })
  const client = await database.connect('postgres')
  for (const script of scripts) await client.query(script)
  return opened(database)
}

/** A database of the platform's migrations. */
export const makePlatform = async () => opened(await createTestDatabase())

function opened(database: TestDatabase): Database {
  const db = openPostgres(async () => ({ ...inject('server'), user: 'postgres', database: database.name }), {
    applicationName: 'Atlas test',
  })
  open.push({ database, db })
  return db
}

/** Drops all that `make` made. */
export async function dropMade(): Promise<void> {
  for (const { database, db } of open.splice(0)) {
    await db.close()
    await database.drop()
  }
}

const nothing: Ignore = new Set()

/** `missing table shop.customers`, each object that is not the same on both. */
export async function differences(now: Database, wanted: Database, ignore = nothing): Promise<string[]> {
  const [from, to] = await readSides(now, wanted, ignore)
  return pairsOf(from.definitions, to.definitions).flatMap(({ key, now: a, wanted: b }) =>
    !a ? `missing ${key}` : !b ? `unexpected ${key}` : isSame(a, b, ignore) ? [] : `different ${key}`,
  )
}

let files = 0

/** Writes the migration between two databases, as a file, and applies it with the product's runner. */
export async function migrate(
  now: Database,
  wanted: Database,
  { ignore = nothing, withDestructive = true }: { ignore?: Ignore; withDestructive?: boolean } = {},
) {
  const [from, to] = await readSides(now, wanted, ignore)
  const plan = planMigration({ now: from.definitions, wanted: to.definitions, ignore, withDestructive })
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
