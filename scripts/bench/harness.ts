import { execFileSync } from 'node:child_process'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import pg from 'pg'
import { createEmbeddedPostgres, type EmbeddedPostgres } from '../../src-main/adapters/embedded.ts'
import { type Database, openPostgres, type PostgresTarget } from '../../src-main/adapters/postgres.ts'
import { readMigrations } from '../../src-main/migrations/files.ts'
import { applyMigrations } from '../../src-main/migrations/runner.ts'
import { makeHome } from '../../test/support/atlas.ts'

export const root = join(import.meta.dirname, '..', '..')

/** Atlas against a reference that ran in turn with it; times are medians. */
export interface Comparison {
  name: string
  atlasMs: number
  referenceMs: number
  ratio: number
  /** What else was seen: memory, or what the reference is. */
  note?: string
}

/** What a measurement runs on: a server, a folder that goes with the run, and how often to repeat. */
export interface Bench {
  rounds: number
  folder: string
  /** Runs `work` in a database of its own. */
  inFreshDatabase(work: (target: PostgresTarget) => Promise<void>): Promise<void>
  /** Runs `work` in a database of its own that holds the platform. */
  inPlatform(work: (target: PostgresTarget, db: Database) => Promise<void>): Promise<void>
  close(): Promise<void>
}

export type Measurement = (bench: Bench) => Promise<Comparison[]>

/** Starts an embedded server in a temporary folder. */
export async function openBench(rounds: number): Promise<Bench> {
  const home = makeHome()
  const embedded = createEmbeddedPostgres(home, 'bench')
  const server = await withStatistics(embedded)
  const folder = mkdtempSync(join(tmpdir(), 'atlas-bench-'))

  const bench: Bench = {
    rounds,
    folder,
    async inFreshDatabase(work) {
      const name = `bench_${process.hrtime.bigint()}`
      const admin = new pg.Client({ ...server, database: 'postgres' })
      await admin.connect()
      await admin.query(`create database ${name}`)
      try {
        await work({ ...server, database: name })
      } finally {
        await admin.query(`drop database ${name} with (force)`)
        await admin.end()
      }
    },
    inPlatform: (work) =>
      bench.inFreshDatabase(async (target) => {
        const db = openPostgres(async () => target, { applicationName: 'bench' })
        await applyPlatform(db)
        await work(target, db)
        await db.close()
      }),
    async close() {
      await embedded.close()
      rmSync(home, { recursive: true, force: true })
      rmSync(folder, { recursive: true, force: true })
    },
  }
  return bench
}

/** Starts the server with pg_stat_statements, which records nothing before a database asks for it. */
async function withStatistics(embedded: EmbeddedPostgres): Promise<PostgresTarget> {
  const client = await connect(await embedded.start())
  await client.query("alter system set shared_preload_libraries = 'pg_stat_statements'")
  await client.query("alter system set pg_stat_statements.track = 'none'")
  await client.end()
  await embedded.close()
  return embedded.start()
}

/** Applies the platform's own migrations. */
export async function applyPlatform(db: Database): Promise<void> {
  const files = await readMigrations(join(root, 'migrations'))
  await applyMigrations(db, async () => files, { signal: new AbortController().signal, report: () => {} })
}

/** Milliseconds that `work` took. */
export async function timed(work: () => unknown): Promise<number> {
  const begun = performance.now()
  await work()
  return performance.now() - begun
}

/** By which psql finds a database. */
export function psqlEnvironment(target: PostgresTarget): NodeJS.ProcessEnv {
  return {
    ...process.env,
    PGHOST: target.host,
    PGPORT: String(target.port),
    PGUSER: target.user,
    PGPASSWORD: target.password,
    PGDATABASE: target.database,
    PGOPTIONS: '-c client_min_messages=warning',
  }
}

/** Runs psql on a database; its output is dropped. */
export function runPsql(target: PostgresTarget, args: string[]): void {
  execFileSync('psql', ['-X', ...args], {
    env: psqlEnvironment(target),
    stdio: ['ignore', 'ignore', 'inherit'],
  })
}

/** A client whose connection may end with its database. */
export async function connect(target: PostgresTarget): Promise<pg.Client> {
  const client = new pg.Client(target)
  client.on('error', () => {})
  await client.connect()
  return client
}

export function compare(name: string, atlas: number[], reference: number[]): Comparison {
  const [a, b] = [median(atlas), median(reference)]
  return { name, atlasMs: Math.round(a), referenceMs: Math.round(b), ratio: Number((a / b).toFixed(2)) }
}

/** The 95th of a hundred values against the bound that it must keep. */
export function bounded(name: string, values: number[], boundMs: number): Comparison {
  const p95 = [...values].sort((a, b) => a - b)[Math.floor(values.length * 0.95)] ?? 0
  return {
    name,
    atlasMs: Number(p95.toFixed(1)),
    referenceMs: boundMs,
    ratio: Number((p95 / boundMs).toFixed(3)),
    note: 'against its bound',
  }
}

export function median(values: number[]): number {
  return [...values].sort((a, b) => a - b)[Math.floor(values.length / 2)] ?? 0
}
