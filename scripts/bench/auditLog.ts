import type pg from 'pg'
import type { Database } from '../../src-main/adapters/postgres.ts'
import { readPage, readPlace } from '../../src-main/audit/search.ts'
import { countByHour } from '../../src-main/audit/sql.ts'
import { measureAuditTail } from './auditTail.ts'
import { compare, connect, type Measurement, timed } from './harness.ts'

// Twenty million by hand: they take ten gigabytes and some minutes.
const entries = Number(process.env.ATLAS_BENCH_AUDIT_ENTRIES ?? 500_000)
const limit = 200
const window = { from: new Date('2025-01-01T00:00:00Z'), to: new Date('2027-01-01T00:00:00Z') }

/** Pages of a long audit log against the bare driver running the same keyset statement, and a deep page against the first; then a live tail. */
export const measureAuditLog: Measurement = async (bench) => {
  const times = { first: [], deep: [], bareFirst: [], bareDeep: [], hours: [], bareHours: [] } as Record<
    string,
    number[]
  >
  await bench.inPlatform(async (target, db) => {
    const client = await connect(target)
    await fill(client)
    const middle = await client.query(
      `select to_char(occurred_at at time zone 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.US"Z"') as time, sequence
       from compliance.audit_log where sequence = ${Math.floor(entries / 2)}`,
    )
    const place = readPlace(`${middle.rows[0].time} ${middle.rows[0].sequence}`)
    const day = { from: new Date('2026-03-01T00:00:00Z'), to: new Date('2026-03-02T00:00:00Z') }
    for (let round = 0; round < Math.max(9, bench.rounds); round++) {
      times.first?.push(await timed(() => page(db, undefined)))
      times.bareFirst?.push(await timed(() => barePage(client, undefined)))
      times.deep?.push(await timed(() => page(db, place)))
      times.bareDeep?.push(await timed(() => barePage(client, place)))
      times.hours?.push(await timed(() => db.rows(countByHour(day, false))))
      times.bareHours?.push(
        await timed(() =>
          client.query(
            `select date_trunc('hour', occurred_at), count(*) from compliance.audit_log
             where occurred_at >= $1 and occurred_at < $2 group by 1`,
            [day.from, day.to],
          ),
        ),
      )
    }
    await client.end()
  })
  const of = (name: string) => times[name] ?? []
  return [
    compare(
      `audit log of ${entries}: first page of ${limit} against the bare driver`,
      of('first'),
      of('bareFirst'),
    ),
    compare(`audit log: a page ${entries / 2} deep against the bare driver`, of('deep'), of('bareDeep')),
    compare('audit log: the deep page against the first', of('deep'), of('first')),
    compare('audit log: the hours of one day against the bare driver', of('hours'), of('bareHours')),
    ...(await measureAuditTail(bench)),
  ]
}

type Place = { time: string; sequence: number } | undefined

const page = (db: Database, before: Place) => readPage(db, window, { before, limit, isMasked: false })

const barePage = (client: pg.Client, before: Place) =>
  client.query(
    `select * from compliance.audit_log
     where occurred_at >= $1 and occurred_at < $2
       ${before ? 'and occurred_at <= $3 and (occurred_at, sequence) < ($3, $4)' : ''}
     order by occurred_at desc, sequence desc limit ${limit}`,
    [window.from, window.to, ...(before ? [before.time, before.sequence] : [])],
  )

/** Entries without a chain, spread over two years: paging does not look at hashes. */
async function fill(client: pg.Client): Promise<void> {
  await client.query(`
    do $$ declare t regclass; begin
      for t in select relid from pg_partition_tree('compliance.audit_log') loop
        execute format('alter table %s disable trigger user', t);
      end loop;
    end $$`)
  await client.query('truncate compliance.audit_log')
  const chunk = 1_000_000
  for (let from = 1; from <= entries; from += chunk) {
    await client.query(
      `insert into compliance.audit_log
         (sequence, occurred_at, action, schema_name, table_name, row_key, old_values, new_values, db_user, db_role,
          application_name, transaction_id, prev_hash, hash)
       select g, timestamptz '2025-01-01+00' + g * (interval '729 days' / ${entries}), 'update', 'pipeline', 'pipelines',
              jsonb_build_object('id', g % 1000), '{"status": "queued"}', '{"status": "running"}', 'atlas_user', 'none',
              'bench', g / 10, decode(repeat('00', 32), 'hex'), decode(repeat('00', 32), 'hex')
       from generate_series(${from}, ${Math.min(entries, from + chunk - 1)}) g`,
    )
  }
  await client.query('vacuum analyze compliance.audit_log')
}
