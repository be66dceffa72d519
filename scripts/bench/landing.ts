import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { landFile } from '../../src-main/pipelines/land.ts'
import { compare, connect, type Measurement, root, runPsql, timed } from './harness.ts'

const landedRows = 200_000
const columns =
  'ingested_at, source_id, batch_id, run_id, source_row, source_file, classification, payload, checksum'

/** A CSV file of 200,000 records into explore against `\copy` of the same rows, prepared, into the same table. */
export const measureLanding: Measurement = async (bench) => {
  const atlas: number[] = []
  const psql: number[] = []
  const csv = writeFlights(bench.folder)
  const prepared = join(bench.folder, 'prepared.copy')
  await bench.inPlatform(async (target, db) => {
    const client = await connect(target)
    for (let round = 0; round < bench.rounds; round++) {
      const session = await db.session()
      const what = { path: csv, source: 'bench', owner: 'bench', runId: null }
      atlas.push(await timed(() => session.transaction((tx) => landFile(tx, what))))
      await session.close()
      const copyOut = `\\copy (select ${columns} from explore.raw_data_template) to '${prepared}'`
      runPsql(target, ['-q', '-c', copyOut])
      await client.query('truncate explore.raw_data_template')
      await client.query("delete from pipeline.checkpoints where kind = 'content'")
      const copyIn = `\\copy explore.raw_data_template (${columns}) from '${prepared}'`
      psql.push(await timed(() => runPsql(target, ['-q', '-1', '-c', copyIn])))
      await client.query('truncate explore.raw_data_template')
    }
    await client.end()
  })
  return [compare(`landing ${landedRows} records against \\copy`, atlas, psql)]
}

function writeFlights(folder: string): string {
  const sample = readFileSync(join(root, 'resources', 'samples', 'flights.csv'), 'utf8')
  const [head = '', ...lines] = sample.trimEnd().split('\n')
  const body = Array.from({ length: landedRows }, (_, index) => lines[index % lines.length])
  const file = join(folder, 'flights.csv')
  writeFileSync(file, `${[head, ...body].join('\n')}\n`)
  return file
}
