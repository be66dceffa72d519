// `npm run bench [-- NAME…]`: Atlas against psql or the bare driver in the same run, as ratios.
// Shared machines are noisy: medians of several rounds.
import { mkdirSync, writeFileSync } from 'node:fs'
import { cpus, totalmem } from 'node:os'
import { join } from 'node:path'
import { measureAudit } from './bench/audit.ts'
import { measureAuditLog } from './bench/auditLog.ts'
import { measureConsole } from './bench/console.ts'
import { measureEditor } from './bench/editor.ts'
import { measureExchange } from './bench/exchange.ts'
import { type Comparison, type Measurement, openBench, root } from './bench/harness.ts'
import { measureLanding } from './bench/landing.ts'
import { measureLogs } from './bench/logs.ts'
import { measureMigrations } from './bench/migrations.ts'
import { measurePartitions } from './bench/partitions.ts'
import { measureResults } from './bench/results.ts'
import { measureSchema } from './bench/schema.ts'
import { measureStack } from './bench/stack.ts'
import { measureWindow } from './bench/window.ts'

const measurements: Record<string, Measurement> = {
  migrations: measureMigrations,
  landing: measureLanding,
  audit: measureAudit,
  auditLog: measureAuditLog,
  partitions: measurePartitions,
  console: measureConsole,
  exchange: measureExchange,
  results: measureResults,
  editor: measureEditor,
  window: measureWindow,
  schema: measureSchema,
  logs: measureLogs,
  stack: measureStack,
}

const rounds = Number(process.env.ATLAS_BENCH_ROUNDS ?? 5)
const wanted = process.argv.slice(2)
const unknown = wanted.find((name) => !(name in measurements))
if (unknown) {
  console.error(`No measurement is called ${unknown}. There are: ${Object.keys(measurements).join(', ')}.`)
  process.exit(2)
}

const bench = await openBench(rounds)
const comparisons: Comparison[] = []
try {
  for (const [name, measure] of Object.entries(measurements)) {
    if (wanted.length === 0 || wanted.includes(name)) comparisons.push(...(await measure(bench)))
  }
} finally {
  await bench.close()
}
const machine = `${cpus().length} × ${cpus()[0]?.model}, ${Math.round(totalmem() / 1024 ** 3)} GiB, Node ${process.versions.node}, PostgreSQL 18 embedded`
console.log(`\nMachine: ${machine}\nMedians of ${rounds} rounds`)
console.table(Object.fromEntries(comparisons.map(({ name, ...figures }) => [name, figures])))
const folder = join(root, 'bench-results')
mkdirSync(folder, { recursive: true })
const stamp = new Date().toISOString().slice(0, 19).replaceAll(':', '')
writeFileSync(join(folder, `${stamp}.json`), JSON.stringify({ machine, rounds, comparisons }, null, 2))
