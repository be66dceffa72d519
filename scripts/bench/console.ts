import { mkdtempSync } from 'node:fs'
import { join } from 'node:path'
import { openAppDb } from '../../src-main/adapters/appdb.ts'
import { copyIn, copyOut } from '../../src-main/adapters/copy.ts'
import { openPostgres, type PostgresTarget } from '../../src-main/adapters/postgres.ts'
import { translateQueryError } from '../../src-main/adapters/postgresErrors.ts'
import { sendStatement } from '../../src-main/adapters/statement.ts'
import { createConsole } from '../../src-main/console/service.ts'
import type { ConsoleRun } from '../../src-main/console/statementContract.ts'
import { createDrafts } from '../../src-main/drafts/service.ts'
import { createJobs } from '../../src-main/jobs/service.ts'
import { createLogger } from '../../src-main/log.ts'
import {
  type Bench,
  bounded,
  type Comparison,
  compare,
  connect,
  type Measurement,
  runPsql,
  timed,
} from './harness.ts'

/** 100 MB of text at a million; ATLAS_BENCH_ROWS asks for another size. */
export const benchRows = Number(process.env.ATLAS_BENCH_ROWS ?? 1_000_000)
const megabyte = 1024 ** 2
const whole = 'select * from bench_rows'

/** A large result: its first rows, all of it, any of its rows, the memory that it takes, and cancelling. */
export const measureConsole: Measurement = async (bench) => {
  const comparisons: Comparison[] = []
  await bench.inFreshDatabase(async (target) => {
    await fillRows(target)
    const { service, close } = openBenchConsole(bench, target)
    const runAll = async (
      text: string,
      onChange: (run: ConsoleRun) => boolean | Promise<boolean> = () => false,
    ) => {
      const feed = (await service.run(
        { sessionId: 'bench', text, maxRows: 0, isConfirmed: false },
        {},
      )) as AsyncIterable<ConsoleRun>
      let last: ConsoleRun | undefined
      for await (const run of feed) {
        last = run
        if (await onChange(run)) break
      }
      return last?.statements[0]
    }
    await runAll('select 1')

    const [all, psqlAll, first, psqlFirst]: number[][] = [[], [], [], []]
    const memory = watchMemory()
    let resultId = ''
    for (let round = 0; round < bench.rounds; round++) {
      psqlFirst?.push(await timed(() => runPsql(target, ['-c', `${whole} limit 100`])))
      const begun = performance.now()
      const held = await runAll(whole, async (run) => {
        const id = run.statements[0]?.resultId
        if (!id || (first?.length ?? 0) > round) return false
        const { rows } = await service.listRows(
          { resultId: id, from: 0, count: 100, maxCharacters: 1000 },
          {},
        )
        if (rows.length > 0) first?.push(performance.now() - begun)
        return false
      })
      all?.push(performance.now() - begun)
      if (held?.rows !== benchRows) throw new Error(`${held?.rows} rows of ${benchRows} came`)
      resultId = held.resultId ?? ''
      psqlAll?.push(await timed(() => runPsql(target, ['-c', `\\copy (${whole}) to /dev/null`])))
    }
    const extraMb = memory.stop()
    comparisons.push(
      compare(`first rows of ${benchRows} against psql with limit 100`, first ?? [], psqlFirst ?? []),
      {
        ...compare(`${benchRows} rows against \\copy to /dev/null`, all ?? [], psqlAll ?? []),
        note: `+${extraMb} MB`,
      },
    )

    const reached: number[] = []
    for (let at = 0; at < 200; at++) {
      const from = Math.floor(((at * 7919) % 1000) * (benchRows / 1000))
      reached.push(
        await timed(async () => {
          const { rows } = await service.listRows({ resultId, from, count: 100, maxCharacters: 1000 }, {})
          if (rows[0]?.[0] !== String(from + 1)) throw new Error(`Row ${from} is ${rows[0]?.[0]}`)
        }),
      )
    }
    comparisons.push(bounded('any row of it, p95', reached, 100))
    comparisons.push(bounded('cancel to idle, p95', await cancels(service, target), 200))
    await close()
  })
  return comparisons
}

async function cancels(
  service: ReturnType<typeof openBenchConsole>['service'],
  target: PostgresTarget,
): Promise<number[]> {
  const observer = await connect(target)
  const values: number[] = []
  for (let round = 0; round < 30; round++) {
    const feed = (await service.run(
      {
        sessionId: 'cancel',
        text: 'select count(*) from bench_rows a, bench_rows b',
        maxRows: 0,
        isConfirmed: false,
      },
      {},
    )) as AsyncGenerator<ConsoleRun>
    const state = async () => {
      const { rows } = await observer.query(
        "select state from pg_stat_activity where application_name like '%console' and query like '%bench_rows a%'",
      )
      return rows[0]?.state
    }
    while ((await state()) !== 'active') await new Promise((resolve) => setTimeout(resolve, 2))
    const begun = performance.now()
    await service.cancel({ sessionId: 'cancel' }, {})
    while ((await state()) === 'active') await new Promise((resolve) => setTimeout(resolve, 2))
    values.push(performance.now() - begun)
    for await (const _run of feed);
  }
  await observer.end()
  return values
}

/** A table of ten columns, of which a million rows are 100 MB as text. */
export async function fillRows(target: PostgresTarget, rows = benchRows) {
  const client = await connect(target)
  await client.query(
    `create table bench_rows as
     select n::int8 as id, md5(n::text) as hash, n % 97 as small, (n * 1.37)::numeric(12,2) as amount,
            timestamptz '2026-01-01' + n * interval '1 second' as at, n % 2 = 0 as flag, 'source_' || n % 12 as source,
            n / 7.0::float8 as ratio, date '2026-01-01' + (n % 365)::int as day, 'x' as kind
       from generate_series(1, ${rows}) n`,
  )
  await client.query('vacuum analyze bench_rows')
  // Else a scan begins where one that was broken off had come to, and rows come in another order.
  await client.query(`alter database ${target.database} set synchronize_seqscans = off`)
  await client.end()
}

/** A console on a database of the bench, and how to close it. */
export function openBenchConsole(bench: Bench, target: PostgresTarget) {
  const home = mkdtempSync(join(bench.folder, 'console-'))
  const db = openPostgres(async () => target, { applicationName: 'bench' })
  const appDb = openAppDb(home)
  const describeError = createLogger('silent').describe
  const jobs = createJobs(appDb, describeError)
  const service = createConsole({
    db,
    appDb,
    environmentId: 'bench',
    environmentName: 'test',
    isProduction: false,
    pinFolder: join(home, 'pins'),
    snapshotFolder: join(home, 'snapshots'),
    spoolFolder: join(home, 'spool'),
    readDraft: createDrafts({ db: appDb, environmentId: 'bench' }).at,
    sendStatement,
    copyIn,
    copyOut,
    translate: translateQueryError,
    jobs,
    describeError,
    maxResultBytes: 64 * 1024 ** 3,
  })
  const close = async () => {
    await service.closeAll()
    await db.close()
    appDb.close()
  }
  return { service, jobs, close }
}

/** Megabytes that this process holds more, at its peak, than when the watch began. */
export function watchMemory() {
  const held = () => process.memoryUsage().rss
  const before = held()
  let peak = before
  const timer = setInterval(() => {
    peak = Math.max(peak, held())
  }, 20)
  return {
    stop: () => {
      clearInterval(timer)
      return Math.round((peak - before) / megabyte)
    },
  }
}
