import type pg from 'pg'
import { compare, connect, type Measurement, timed } from './harness.ts'

const writers = 8
const transactions = 25

/** The columns that an append fills, and who and where from, as compliance.append_audit fills them. */
const columns =
  'sequence, occurred_at, action, schema_name, table_name, row_key, old_values, new_values, db_user, db_role, actor, application_name, client_address, transaction_id, prev_hash, hash'
const origin =
  "session_user::text, current_setting('role'), nullif(current_setting('atlas.actor', true), ''), current_setting('application_name'), inet_client_addr(), pg_current_xact_id()::text::bigint"

/** Keys and values of 100 rows as the trigger makes them from an insert. */
const makeRows = `select array_agg(jsonb_build_object('id', g))::text as keys,
    array_agg(jsonb_build_object('id', g, 'name', 'customer ' || g, 'amount', g * 1.5, 'at', now()))::text as values
  from generate_series(1, 100) g`

/** A table like the audit log, with the same columns, checks, indexes and partitions, but without the chain. */
const makeTwin = `
  create table compliance.twin (like compliance.audit_log including all) partition by range (occurred_at);
  create sequence compliance.twin_sequence;
  do $$ declare p record; begin
    for p in select c.relname, pg_get_expr(c.relpartbound, c.oid) as bound
      from pg_inherits i join pg_class c on c.oid = i.inhrelid where i.inhparent = 'compliance.audit_log'::regclass loop
      execute format('create table compliance.%I partition of compliance.twin %s', 'twin_' || p.relname, p.bound);
    end loop;
  end $$`

/**
 * 8 writers, 100 rows a transaction. First the price of the chain alone: the same rows into the log and into its
 * unchained twin. A chained transaction begins when the one before is on the disk, unchained ones share a write to
 * it, so that the price depends on the disk: the same is measured without waiting for it. Then what auditing costs a
 * narrow table: each of its rows becomes a wide one in the log as well.
 */
export const measureAudit: Measurement = async (bench) => {
  const times: Record<string, number[]> = {}
  await bench.inPlatform(async (target) => {
    const clients = await Promise.all(Array.from({ length: writers }, () => connect(target)))
    const [first] = clients
    if (!first) throw new Error('No client')
    await first.query(makeTwin)
    for (const name of ['plain', 'audited'])
      await first.query(
        `create table archive.${name} (id bigint generated always as identity primary key, name text not null, amount numeric not null, at timestamptz not null default now())`,
      )
    await first.query("select compliance.enable_audit('archive.audited')")
    const { rows: made } = await first.query<{ keys: string; values: string }>(makeRows)
    const parameters = [made[0]?.keys, made[0]?.values]

    const insert = (table: string) =>
      `insert into archive.${table} (name, amount) select 'customer ' || g, g * 1.5 from generate_series(1, 100) g`
    const ways: Record<string, pg.QueryConfig> = {
      chained: {
        name: 'chained',
        text: "select compliance.append_audit('insert', 'archive', 'audited', $1::jsonb[], null, $2::jsonb[])",
        values: parameters,
      },
      twin: {
        name: 'twin',
        text: `insert into compliance.twin (${columns})
          select nextval('compliance.twin_sequence'), clock_timestamp(), 'insert', 'archive', 'audited', c.row_key, null, c.doc,
            s.*, sha256(''), sha256('')
          from unnest($1::jsonb[], $2::jsonb[]) c (row_key, doc) cross join (select ${origin}) s`,
        values: parameters,
      },
      audited: { text: insert('audited') },
      plain: { text: insert('plain') },
    }
    for (let round = 0; round <= bench.rounds; round++) {
      for (const commit of ['on', 'off']) {
        for (const client of clients) await client.query(`set synchronous_commit = ${commit}`)
        for (const [name, query] of Object.entries(ways)) {
          const ms = await timed(() =>
            Promise.all(
              clients.map(async (client) => {
                for (let transaction = 0; transaction < transactions; transaction++) await client.query(query)
              }),
            ),
          )
          // The first round warms the caches.
          const key = `${name} ${commit}`
          if (round > 0) times[key] = [...(times[key] ?? []), ms]
        }
      }
    }
    const { rows } = await first.query('select is_intact, detail from compliance.verify_audit_chain()')
    if (!rows[0]?.is_intact) throw new Error(`The chain broke: ${rows[0]?.detail}`)
    await Promise.all(clients.map((client) => client.end()))
  })
  const setting = `${writers} writers × 100 rows a transaction`
  const chain = (commit: string, note: string) =>
    compare(
      `append to the audit chain against its unchained twin, ${setting}${note}`,
      times[`chained ${commit}`] ?? [],
      times[`twin ${commit}`] ?? [],
    )
  return [
    chain('on', ''),
    chain('off', ', not waiting for the disk'),
    compare(
      `audited insert into a narrow table against plain, ${setting}`,
      times['audited on'] ?? [],
      times['plain on'] ?? [],
    ),
  ]
}
