import { compare, connect, type Measurement, timed } from './harness.ts'

const writers = 8
const transactions = 25

/** Inserts of 8 writers, 100 rows a transaction, into a table that is audited against one that is not. */
export const measureAudit: Measurement = async (bench) => {
  const audited: number[] = []
  const plain: number[] = []
  await bench.inPlatform(async (target) => {
    const clients = await Promise.all(Array.from({ length: writers }, () => connect(target)))
    for (const name of ['plain', 'audited'])
      await clients[0]?.query(
        `create table archive.${name} (id bigint generated always as identity primary key, name text not null, amount numeric not null, at timestamptz not null default now())`,
      )
    await clients[0]?.query("select compliance.enable_audit('archive.audited')")
    const insert = (table: string) =>
      Promise.all(
        clients.map(async (client) => {
          for (let transaction = 0; transaction < transactions; transaction++) {
            await client.query(
              `insert into archive.${table} (name, amount) select 'customer ' || g, g * 1.5 from generate_series(1, 100) g`,
            )
          }
        }),
      )
    for (let round = 0; round < bench.rounds; round++) {
      audited.push(await timed(() => insert('audited')))
      plain.push(await timed(() => insert('plain')))
    }
    await Promise.all(clients.map((client) => client.end()))
  })
  return [compare(`audited insert against plain, ${writers} writers × 100 rows`, audited, plain)]
}
