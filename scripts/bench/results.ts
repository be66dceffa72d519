import { join } from 'node:path'
import type { ConsoleRun } from '../../src-main/console/statementContract.ts'
import { openBenchConsole, watchMemory } from './console.ts'
import { type Comparison, compare, connect, type Measurement, timed } from './harness.ts'

const rows = 1_000_000

/** What is made of a result that is held: a comparison and a picture against the server's own SQL, a workbook against CSV. */
export const measureResults: Measurement = async (bench) => {
  const comparisons: Comparison[] = []
  await bench.inFreshDatabase(async (target) => {
    const client = await connect(target)
    const fill = (table: string, change: string) =>
      client.query(
        `create table ${table} as select n::int8 as id, 'name ' || n as name, ${change} as amount,
                timestamptz '2026-01-01' + n * interval '1 s' as at from generate_series(1, ${rows}) n`,
      )
    await fill('before', '(n % 1000)::numeric')
    await fill('after', 'case when n % 1000 = 0 then -1 else n % 1000 end::numeric')
    await client.query('vacuum analyze')
    const { service, jobs, close } = openBenchConsole(bench, target)
    const held = async (sessionId: string, text: string) => {
      let resultId = ''
      const feed = await service.run({ sessionId, text, maxRows: 0, isConfirmed: false }, {})
      for await (const run of feed as AsyncIterable<ConsoleRun>) resultId = run.statements[0]?.resultId ?? ''
      return resultId
    }
    const [beforeId, afterId] = [await held('one', 'table before'), await held('two', 'table after')]

    const [ours, theirs]: [number[], number[]] = [[], []]
    let extraMb = 0
    for (let round = 0; round < bench.rounds; round++) {
      const memory = watchMemory()
      ours.push(await timed(() => service.compare({ beforeId, afterId, key: [0], unkeyed: 'rows' }, {})))
      extraMb = Math.max(extraMb, memory.stop())
      theirs.push(
        await timed(() =>
          client.query(
            `select count(*) filter (where b.id is null), count(*) filter (where a.id is null),
                    count(*) filter (where a.id is not null and b.id is not null and a::text <> b::text)
               from before b full join after a using (id)`,
          ),
        ),
      )
    }
    comparisons.push({
      ...compare(`compare of two results of ${rows} rows, against a full join on the server`, ours, theirs),
      note: `+${extraMb} MB`,
    })

    const plot = { kind: 'line' as const, x: 3, y: [2], series: null, aggregate: 'none' as const }
    const [drawn, read]: [number[], number[]] = [[], []]
    let plotMb = 0
    for (let round = 0; round < bench.rounds; round++) {
      const memory = watchMemory()
      drawn.push(await timed(() => service.plot({ resultId: afterId, plot }, {})))
      plotMb = Math.max(plotMb, memory.stop())
      read.push(await timed(() => client.query({ text: 'select at, amount from after', rowMode: 'array' })))
    }
    comparisons.push({
      ...compare(`line of ${rows} rows, against reading its two columns by the bare driver`, drawn, read),
      note: `+${plotMb} MB`,
    })

    const write = async (format: 'xlsx' | 'csv') => {
      const { jobId } = await service.exportFile(
        {
          resultId: afterId,
          again: false,
          format,
          path: join(bench.folder, `result.${format}`),
          isReplacing: true,
          hasHeader: true,
          neutraliseFormulas: true,
        },
        {},
      )
      const job = await jobs.finished(jobId)
      if (job.status !== 'succeeded') throw new Error(`${job.title}: ${job.error?.message ?? job.status}`)
    }
    const [workbook, csv]: [number[], number[]] = [[], []]
    let bookMb = 0
    for (let round = 0; round < bench.rounds; round++) {
      const memory = watchMemory()
      workbook.push(await timed(() => write('xlsx')))
      bookMb = Math.max(bookMb, memory.stop())
      csv.push(await timed(() => write('csv')))
    }
    comparisons.push({
      ...compare(`workbook of ${rows} rows, against CSV for spreadsheets of them`, workbook, csv),
      note: `+${bookMb} MB`,
    })
    await close()
    await client.end()
  })
  return comparisons
}
