import { openPostgres } from '../../src-main/adapters/postgres.ts'
import { createSchema } from '../../src-main/schema/service.ts'
import { compare, connect, type Measurement, median, runPsql, timed } from './harness.ts'

const schemas = 100
const tablesEach = 100

// What any client must read for the same picture: three flat statements, without names being put together.
const reference = [
  `select oid, relnamespace, relname, relkind, reltuples, relpages, relnatts from pg_class`,
  `select attrelid, attnum, attname, format_type(atttypid, atttypmod), attnotnull from pg_attribute
   where attnum > 0 and not attisdropped`,
  `select indexrelid, indrelid, indkey, indisunique, indisvalid from pg_index`,
]

/** A catalogue of 10,000 tables, 100,000 columns and 20,000 indexes: tree, whole model, search, and all again warm. */
export const measureSchema: Measurement = async (bench) => {
  const [tree, whole, warm, treePsql, wholePsql, searches]: number[][] = [[], [], [], [], [], []]
  let extraBytes = 0
  await bench.inFreshDatabase(async (target) => {
    const client = await connect(target)
    await client.query(fill)
    await client.query('call fill()')
    await client.query('analyze')
    await client.end()
    const db = openPostgres(async () => target, { applicationName: 'bench' })
    for (let round = 0; round < bench.rounds; round++) {
      globalThis.gc?.()
      const before = process.memoryUsage().rss
      const schema = createSchema({ db })
      const begun = performance.now()
      await schema.tree(undefined, {})
      tree?.push(performance.now() - begun)
      await schema.model({ relations: [{ name: 't_50' }] }, {})
      whole?.push(performance.now() - begun)
      warm?.push(await timed(() => schema.tree(undefined, {})))
      await schema.search({ text: 'first', limit: 50 }, {})
      for (const text of typed) searches?.push(await timed(() => schema.search({ text, limit: 50 }, {})))
      extraBytes = Math.max(extraBytes, process.memoryUsage().rss - before)
      treePsql?.push(await timed(() => runPsql(target, ['-q', '-c', '\\dt *.*'])))
      wholePsql?.push(
        await timed(() =>
          runPsql(
            target,
            reference.flatMap((text) => ['-c', text]),
          ),
        ),
      )
    }
    await db.close()
  })
  const p95 = [...(searches ?? [])].sort((a, b) => a - b)[Math.floor((searches?.length ?? 0) * 0.95)] ?? 0
  const tables = schemas * tablesEach
  console.log(
    `catalogue of ${tables} tables: search p95 ${p95.toFixed(1)} ms, median ${median(searches ?? []).toFixed(1)} ms; at most ${Math.round(extraBytes / 1024 ** 2)} MB more`,
  )
  return [
    compare(`tree of ${tables} tables against \\dt`, tree ?? [], treePsql ?? []),
    compare(`model of ${tables} tables against three flat statements`, whole ?? [], wholePsql ?? []),
    compare(`tree of ${tables} tables, warm, against \\dt`, warm ?? [], treePsql ?? []),
  ]
}

const typed = [
  'c',
  't_',
  't_5',
  's50.t_5',
  's50.t_50 c',
  'jsonb',
  'orders',
  'orders of day 7',
  'zzz',
  'id',
  't_100_pkey',
  '9',
]

const fill = `create procedure fill() language plpgsql as $$
begin
  for s in 1..${schemas} loop
    execute format('create schema s%s', s);
    for t in 1..${tablesEach} loop
      execute format('create table s%s.t_%s (id bigint primary key, c1 text not null, c2 int default 0, c3 timestamptz default now(), c4 numeric(12,2), c5 text, c6 jsonb, c7 uuid, c8 varchar(40), c9 boolean)', s, t);
      execute format('create index on s%s.t_%s (c2)', s, t);
      execute format('comment on table s%s.t_%s is %L', s, t, 'orders of day ' || t);
    end loop;
    commit;
  end loop;
end $$`
