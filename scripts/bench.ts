// `npm run bench`: Atlas against psql in the same run, as ratios. Shared machines are noisy: medians of several rounds.
import { execFileSync } from 'node:child_process'
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { cpus, tmpdir, totalmem } from 'node:os'
import { join } from 'node:path'
import pg from 'pg'
import { createEmbeddedPostgres } from '../src-main/adapters/embedded.ts'
import { openPostgres, type PostgresTarget } from '../src-main/adapters/postgres.ts'
import { readMigrations } from '../src-main/migrations/files.ts'
import { applyMigrations } from '../src-main/migrations/runner.ts'
import { landFile } from '../src-main/pipelines/land.ts'
import { makeHome } from '../test/support/atlas.ts'

const root = join(import.meta.dirname, '..')
const rounds = 5
const landedRows = 200_000
const home = makeHome()
const embedded = createEmbeddedPostgres(home, 'bench')
const server = await embedded.start()
const work = mkdtempSync(join(tmpdir(), 'atlas-bench-'))
const results: Record<string, { atlasMs: number; referenceMs: number; ratio: number }> = {}
let lastTime = 0

try {
  await measureMigrations()
  await measureLanding()
  await measureAudit()
  const machine = `${cpus().length} × ${cpus()[0]?.model}, ${Math.round(totalmem() / 1024 ** 3)} GiB, Node ${process.versions.node}, PostgreSQL 18 embedded`
  console.log(`\nMachine: ${machine}\nMedians of ${rounds} rounds`)
  console.table(results)
  mkdirSync(join(root, 'bench-results'), { recursive: true })
  const file = join(
    root,
    'bench-results',
    `${new Date().toISOString().slice(0, 19).replaceAll(':', '')}.json`,
  )
  writeFileSync(file, JSON.stringify({ machine, rounds, results }, null, 2))
} finally {
  await embedded.close()
  rmSync(home, { recursive: true, force: true })
  rmSync(work, { recursive: true, force: true })
}

/** A full deployment against `psql -1 -f` of the same files. */
async function measureMigrations() {
  const files = await readMigrations(join(root, 'migrations'))
  const atlas: number[] = []
  const psql: number[] = []
  for (let round = 0; round < rounds; round++) {
    atlas.push(
      await inFreshDatabase(async (target) => {
        const db = openPostgres(async () => target, { applicationName: 'bench' })
        await timed(() =>
          applyMigrations(db, async () => files, { signal: new AbortController().signal, report: () => {} }),
        )
        const time = lastTime
        await db.close()
        return time
      }),
    )
    psql.push(
      await inFreshDatabase(async (target) => {
        await timed(async () => {
          for (const { fileName } of files)
            runPsql(target, ['-q', '-1', '-v', 'ON_ERROR_STOP=1', '-f', join(root, 'migrations', fileName)])
        })
        return lastTime
      }),
    )
  }
  report('migrate apply against psql -f', atlas, psql)
}

/** A CSV file of 200,000 records into explore against `\copy` of the same rows, prepared, into the same table. */
async function measureLanding() {
  const atlas: number[] = []
  const psql: number[] = []
  const csv = join(work, 'flights.csv')
  const head = 'date,delay,distance,origin,destination'
  const lines = readFileSync(join(root, 'resources', 'samples', 'flights.csv'), 'utf8')
    .trimEnd()
    .split('\n')
    .slice(1)
  writeFileSync(
    csv,
    `${head}\n${Array.from({ length: landedRows }, (_, index) => lines[index % lines.length]).join('\n')}\n`,
  )
  await inFreshDatabase(async (target) => {
    const db = openPostgres(async () => target, { applicationName: 'bench' })
    const files = await readMigrations(join(root, 'migrations'))
    await applyMigrations(db, async () => files, { signal: new AbortController().signal, report: () => {} })
    const client = new pg.Client(target)
    client.on('error', () => {})
    client.on('error', () => {})
    await client.connect()
    for (let round = 0; round < rounds; round++) {
      const session = await db.session()
      await timed(() =>
        session.transaction((tx) =>
          landFile(tx, { path: csv, source: 'bench', owner: 'bench', runId: null }),
        ),
      )
      atlas.push(lastTime)
      await session.close()
      const prepared = join(work, 'prepared.copy')
      const columns =
        'ingested_at, source_id, batch_id, run_id, source_row, source_file, classification, payload, checksum'
      runPsql(target, [
        '-q',
        '-c',
        `\\copy (select ${columns} from explore.raw_data_template) to '${prepared}'`,
      ])
      await client.query('truncate explore.raw_data_template')
      await client.query("delete from pipeline.checkpoints where kind = 'content'")
      await timed(async () =>
        runPsql(target, [
          '-q',
          '-1',
          '-c',
          `\\copy explore.raw_data_template (${columns}) from '${prepared}'`,
        ]),
      )
      psql.push(lastTime)
      await client.query('truncate explore.raw_data_template')
    }
    await client.end()
    await db.close()
    return 0
  })
  report(`landing ${landedRows} records against \\copy`, atlas, psql)
}

/** Inserts of 8 writers, 100 rows a transaction, into a table that is audited against one that is not. */
async function measureAudit() {
  const audited: number[] = []
  const plain: number[] = []
  await inFreshDatabase(async (target) => {
    const db = openPostgres(async () => target, { applicationName: 'bench' })
    const files = await readMigrations(join(root, 'migrations'))
    await applyMigrations(db, async () => files, { signal: new AbortController().signal, report: () => {} })
    await db.close()
    const clients = await Promise.all(
      Array.from({ length: 8 }, async () => {
        const client = new pg.Client(target)
        client.on('error', () => {})
        await client.connect()
        return client
      }),
    )
    for (const name of ['plain', 'audited'])
      await clients[0]?.query(
        `create table archive.${name} (id bigint generated always as identity primary key, name text not null, amount numeric not null, at timestamptz not null default now())`,
      )
    await clients[0]?.query("select compliance.enable_audit('archive.audited')")
    const insert = (table: string) =>
      Promise.all(
        clients.map(async (client) => {
          for (let transaction = 0; transaction < 25; transaction++) {
            await client.query(
              `insert into archive.${table} (name, amount) select 'customer ' || g, g * 1.5 from generate_series(1, 100) g`,
            )
          }
        }),
      )
    for (let round = 0; round < rounds; round++) {
      await timed(() => insert('audited'))
      audited.push(lastTime)
      await timed(() => insert('plain'))
      plain.push(lastTime)
    }
    await Promise.all(clients.map((client) => client.end()))
    return 0
  })
  report('audited insert against plain, 8 writers × 100 rows', audited, plain)
}

async function timed(run: () => Promise<unknown>) {
  const begun = performance.now()
  await run()
  lastTime = performance.now() - begun
}

async function inFreshDatabase(run: (target: PostgresTarget) => Promise<number>): Promise<number> {
  const name = `bench_${process.hrtime.bigint()}`
  const admin = new pg.Client({ ...server, database: 'postgres' })
  await admin.connect()
  await admin.query(`create database ${name}`)
  try {
    return await run({ ...server, database: name })
  } finally {
    await admin.query(`drop database ${name} with (force)`)
    await admin.end()
  }
}

function runPsql(target: PostgresTarget, args: string[]) {
  const environment = {
    ...process.env,
    PGHOST: target.host,
    PGPORT: String(target.port),
    PGUSER: target.user,
    PGPASSWORD: target.password,
    PGDATABASE: target.database,
    PGOPTIONS: '-c client_min_messages=warning',
  }
  execFileSync('psql', ['-X', ...args], { env: environment, stdio: ['ignore', 'ignore', 'inherit'] })
}

function report(name: string, atlas: number[], reference: number[]) {
  const median = (values: number[]) => [...values].sort((a, b) => a - b)[Math.floor(values.length / 2)] ?? 0
  const [a, b] = [median(atlas), median(reference)]
  results[name] = { atlasMs: Math.round(a), referenceMs: Math.round(b), ratio: Number((a / b).toFixed(2)) }
}
