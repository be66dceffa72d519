import { mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { type Database, openPostgres } from '../../src-main/adapters/postgres.ts'
import { chooseFiles, compareFolder } from '../../src-main/migrations/compare.ts'
import { readMigrations } from '../../src-main/migrations/files.ts'
import { applyMigrations } from '../../src-main/migrations/runner.ts'
import { upsertLedger } from '../../src-main/migrations/sql.ts'
import {
  applyPlatform,
  type Bench,
  type Comparison,
  compare,
  type Measurement,
  root,
  runPsql,
  timed,
} from './harness.ts'

const neverCancelled = { signal: new AbortController().signal, report: () => {} }
const applied = {
  project: 'platform',
  normalisedChecksum: '',
  appliedFrom: 'bench',
  durationMs: 1,
  outcome: 'applied',
  isRepeatable: false,
} as const

/**
 * A full deployment against `psql -1 -f` of the same files; a thousand small files against one psql session that runs
 * them with an insert into a history each; and the same runner with nothing to do, at one and at ten thousand files.
 */
export const measureMigrations: Measurement = async (bench) => [
  await deployment(bench),
  await smallFiles(bench, 1000),
  ...(await nothingToDo(bench)),
]

async function deployment(bench: Bench): Promise<Comparison> {
  const files = await readMigrations(join(root, 'migrations'))
  const atlas: number[] = []
  const psql: number[] = []
  for (let round = 0; round < bench.rounds; round++) {
    await bench.inFreshDatabase(async (target) => {
      const db = openPostgres(async () => target, { applicationName: 'bench' })
      atlas.push(await timed(() => applyPlatform(db)))
      await db.close()
    })
    await bench.inFreshDatabase(async (target) => {
      const psqlOptions = ['-q', '-1', '-v', 'ON_ERROR_STOP=1']
      psql.push(
        await timed(() => {
          for (const { fileName } of files)
            runPsql(target, [...psqlOptions, '-f', join(root, 'migrations', fileName)])
        }),
      )
    })
  }
  return compare('migrate apply against psql -f', atlas, psql)
}

function writeFiles(folder: string, count: number): void {
  mkdirSync(folder, { recursive: true })
  const history =
    'create table history (version text primary key, name text, checksum text, applied_text text, applied_at timestamptz default now());\n'
  const script = [history]
  for (let n = 1; n <= count; n++) {
    const version = String(n).padStart(5, '0')
    const text = `create table t${n} (id bigint generated always as identity primary key, name text not null);\n`
    writeFileSync(join(folder, `${version}_table.sql`), text)
    const insert = `insert into history (version, name, checksum, applied_text) values ('${version}', 'table', '${'0'.repeat(64)}', '${text.trim()}');`
    script.push(`begin;\n\\i ${join(folder, `${version}_table.sql`)}\n${insert}\ncommit;\n`)
  }
  writeFileSync(join(folder, 'all.psql'), script.join(''))
}

async function smallFiles(bench: Bench, count: number): Promise<Comparison> {
  const folder = join(bench.folder, `small-${count}`)
  writeFiles(folder, count)
  const atlas: number[] = []
  const psql: number[] = []
  for (let round = 0; round < bench.rounds; round++) {
    await bench.inFreshDatabase(async (target) => {
      const db = openPostgres(async () => target, { applicationName: 'bench' })
      atlas.push(await timed(() => applyFolder(db, folder)))
      await db.close()
    })
    await bench.inFreshDatabase(async (target) => {
      psql.push(
        await timed(() => runPsql(target, ['-q', '-v', 'ON_ERROR_STOP=1', '-f', join(folder, 'all.psql')])),
      )
    })
  }
  return compare(`${count} files against one psql session`, atlas, psql)
}

function applyFolder(db: Database, folder: string) {
  return applyMigrations(
    db,
    async (session) => chooseFiles(await compareFolder(session, { folder, project: 'platform' }), undefined),
    neverCancelled,
  )
}

/** Ten thousand applied and nothing to do, against a thousand: the ratio is how it grows. */
async function nothingToDo(bench: Bench): Promise<Comparison[]> {
  const times: number[][] = []
  for (const count of [10_000, 1000]) {
    const folder = join(bench.folder, `nothing-${count}`)
    writeFiles(folder, count)
    const taken: number[] = []
    await bench.inFreshDatabase(async (target) => {
      const db = openPostgres(async () => target, { applicationName: 'bench' })
      const files = await readMigrations(folder)
      await applyMigrations(db, async () => [], neverCancelled)
      // The rows of the ledger alone: what the files make is not looked at.
      await db.transaction(async (tx) => {
        for (const file of files) await tx.run(upsertLedger({ ...file, ...applied }))
      })
      for (let round = 0; round < bench.rounds; round++)
        taken.push(await timed(() => applyFolder(db, folder)))
      await db.close()
    })
    times.push(taken)
  }
  const [ten = [], one = []] = times
  return [compare('nothing to do, 10,000 files against 1,000', ten, one)]
}
