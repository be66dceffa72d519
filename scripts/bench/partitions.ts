import pg from 'pg'
import { openPostgres, type PostgresTarget } from '../../src-main/adapters/postgres.ts'
import { createPartitions } from '../../src-main/partitions/service.ts'
import { listPartitioned, listPartitions } from '../../src-main/partitions/sql.ts'
import { compare, connect, type Measurement, timed } from './harness.ts'

// Making ten thousand takes minutes: each new one is placed among those that are there.
const partitionCount = Number(process.env.ATLAS_BENCH_PARTITIONS ?? 2000)

/** The inspector of a table of many partitions against the bare driver with the plainest statement for its bounds. */
export const measurePartitions: Measurement = async (bench) => {
  const atlas: number[] = []
  const bare: number[] = []
  let planned = 0
  await bench.inFreshDatabase(async (target) => {
    await makeDays(target, partitionCount)
    const client = await connect(target)
    const db = openPostgres(async () => target, { applicationName: 'bench' })
    const partitions = createPartitions({ db, jobs: noJobs, environmentId: 'bench', horizonMonths: 3 })
    for (let round = 0; round < bench.rounds; round++) {
      atlas.push(await timed(() => partitions.list({ schema: 'public', name: 'days' }, {})))
      bare.push(
        await timed(() =>
          client.query(
            `select c.oid, c.relname, pg_get_expr(c.relpartbound, c.oid), c.reltuples
             from pg_inherits i join pg_class c on c.oid = i.inhrelid
             where i.inhparent = 'public.days'::regclass`,
          ),
        ),
      )
    }
    planned = Math.max(
      ...(await Promise.all(
        [listPartitioned(), listPartitions(null)].map((query) => planningMs(client, query.statement)),
      )),
    )
    await db.close()
    await client.end()
  })
  console.log(`partitions: the longest planning of a statement was ${planned.toFixed(1)} ms`)
  return [compare(`inspector of ${partitionCount} partitions against names and bounds`, atlas, bare)]
}

const noJobs = {
  start: () => {
    throw new Error('Nothing is changed here')
  },
}

/** A table by day, a partition each, made on the server. */
async function makeDays(target: PostgresTarget, count: number): Promise<void> {
  const client = new pg.Client(target)
  await client.connect()
  await client.query(
    'create table public.days (at timestamptz not null, id bigint not null, v text, primary key (id, at)) partition by range (at)',
  )
  await client.query('create index on public.days (at)')
  for (let from = 0; from < count; from += 250) {
    await client.query(`do $$ begin for i in ${from}..${Math.min(count, from + 250) - 1} loop
      execute format('create table public.days_%s partition of public.days for values from (%L) to (%L)',
        to_char(date '2000-01-01' + i, 'YYYY_MM_DD'), date '2000-01-01' + i, date '2000-01-01' + i + 1);
    end loop; end $$`)
  }
  await client.query('analyze pg_class; analyze pg_inherits; analyze pg_index')
  await client.end()
}

async function planningMs(
  client: pg.Client,
  { text, values }: { text: string; values: unknown[] },
): Promise<number> {
  const { rows } = await client.query(`explain (summary, format json) ${text}`, [...values])
  return rows[0]['QUERY PLAN'][0]['Planning Time']
}
