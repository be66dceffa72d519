import { execFileSync } from 'node:child_process'
import { rmSync } from 'node:fs'
import { join } from 'node:path'
import type { ConsoleRun } from '../../src-main/console/statementContract.ts'
import { benchRows, fillRows, openBenchConsole, watchMemory } from './console.ts'
import { type Comparison, compare, connect, type Measurement, runPsql, timed } from './harness.ts'

const whole = 'select * from bench_rows'

/** A result to a CSV file and the file into a table, against psql's own `\copy` of the same rows; both files are equal. */
export const measureExchange: Measurement = async (bench) => {
  const comparisons: Comparison[] = []
  await bench.inFreshDatabase(async (target) => {
    await fillRows(target)
    const { service, jobs, close } = openBenchConsole(bench, target)
    const [ours, theirs] = [join(bench.folder, 'atlas.csv'), join(bench.folder, 'psql.csv')]

    const feed = await service.run({ sessionId: 'bench', text: whole, maxRows: 0, isConfirmed: false }, {})
    let resultId = ''
    for await (const run of feed as AsyncIterable<ConsoleRun>) resultId = run.statements[0]?.resultId ?? ''

    const finish = async ({ jobId }: { jobId: string }) => {
      const job = await jobs.finished(jobId)
      if (job.status !== 'succeeded') throw new Error(`${job.title}: ${job.error?.message ?? job.status}`)
    }
    const write = (again: boolean) =>
      service
        .exportFile(
          {
            resultId,
            again,
            format: 'csv',
            path: ours,
            isReplacing: true,
            hasHeader: true,
            neutraliseFormulas: false,
          },
          {},
        )
        .then(finish)
    const copyTo = `\\copy (${whole}) to '${theirs}' with (format csv, header)`

    const psql: number[] = []
    const exports: Record<string, { times: number[]; extraMb: number }> = {}
    for (const [name, again] of [
      ['run again', true],
      ['held', false],
    ] as const) {
      const times: number[] = []
      let extraMb = 0
      for (let round = 0; round < bench.rounds; round++) {
        const memory = watchMemory()
        times.push(await timed(() => write(again)))
        extraMb = Math.max(extraMb, memory.stop())
        psql.push(await timed(() => runPsql(target, ['-q', '-c', copyTo])))
        execFileSync('cmp', [ours, theirs])
      }
      exports[name] = { times, extraMb }
    }
    for (const [name, { times, extraMb }] of Object.entries(exports)) {
      comparisons.push({
        ...compare(`CSV of ${benchRows} rows, ${name}, against \\copy to`, times, psql),
        note: `byte-equal, +${extraMb} MB`,
      })
    }

    const client = await connect(target)
    await client.query('create table brought (like bench_rows)')
    const { columns } = await service.previewFile(
      { path: theirs, format: 'csv', delimiter: ',', hasHeader: true },
      {},
    )
    const [imported, copied]: [number[], number[]] = [[], []]
    let importMb = 0
    for (let round = 0; round < bench.rounds; round++) {
      const memory = watchMemory()
      imported.push(
        await timed(async () =>
          finish(
            await service.importFile(
              {
                path: theirs,
                format: 'csv',
                delimiter: ',',
                hasHeader: true,
                schema: 'public',
                table: 'brought',
                mapping: columns.map(({ name }) => name),
                maxRejects: 0,
              },
              {},
            ),
          ),
        ),
      )
      importMb = Math.max(importMb, memory.stop())
      const { rows } = await client.query('select count(*)::int as n from brought')
      if (rows[0]?.n !== benchRows) throw new Error(`${rows[0]?.n} rows of ${benchRows} were imported`)
      await client.query('truncate brought')
      copied.push(
        await timed(() =>
          runPsql(target, ['-q', '-c', `\\copy brought from '${theirs}' with (format csv, header)`]),
        ),
      )
      await client.query('truncate brought')
    }
    await client.end()
    comparisons.push({
      ...compare(`import of ${benchRows} rows against \\copy from`, imported, copied),
      note: `bound 1.18, +${importMb} MB`,
    })
    await close()
    for (const path of [ours, theirs]) rmSync(path)
  })
  return comparisons
}
