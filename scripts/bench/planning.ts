import type { Database, PostgresTarget } from '../../src-main/adapters/postgres.ts'
import { connect, median } from './harness.ts'

interface Recorded {
  text: string
  values: unknown[]
}

/** A plain join of catalogues: what the first plan of a session costs whoever asks, since it fills the session's caches. */
const plainJoin = `select c.oid from pg_class c join pg_namespace n on n.oid = c.relnamespace
  join pg_inherits i on i.inhrelid = c.oid join pg_index x on x.indrelid = c.oid where c.relname = 'nothing'`

/** A database that remembers each statement that is asked for rows. */
export function recordStatements(db: Database): { db: Database; statements: Map<string, Recorded> } {
  const statements = new Map<string, Recorded>()
  const record = ({ text, values }: { text: string; values: unknown[] }) =>
    statements.set(text, { text, values: [...values] })
  return {
    statements,
    db: {
      ...db,
      rows: (query) => {
        record(query.statement)
        return db.rows(query)
      },
      row: (query) => {
        record(query.statement)
        return db.row(query)
      },
    },
  }
}

/** Plans each statement as the first of a new session, and again in that session. Prints the slowest and the plain join. */
export async function reportPlanning(
  target: PostgresTarget,
  statements: Iterable<Recorded>,
  rounds: number,
): Promise<void> {
  const times = []
  for (const statement of statements) times.push(await planned(target, statement, rounds))
  const slowest = times.toSorted((a, b) => b.first - a.first).slice(0, 6)
  const plain = await planned(target, { text: plainJoin, values: [] }, rounds)
  for (const { text, first, again } of [...slowest, plain]) {
    const name =
      text === plainJoin ? 'a plain join of four catalogues' : text.replaceAll(/\s+/g, ' ').slice(0, 90)
    console.log(
      `partitions: planned in ${first.toFixed(1)} ms as the first of a session, ${again.toFixed(1)} ms after it: ${name}`,
    )
  }
}

async function planned(target: PostgresTarget, { text, values }: Recorded, rounds: number) {
  const [first, again]: [number[], number[]] = [[], []]
  for (let round = 0; round < rounds; round++) {
    const client = await connect(target)
    for (const times of [first, again]) {
      const { rows } = await client.query(`explain (format json, summary) ${text}`, values)
      times.push(rows[0]['QUERY PLAN'][0]['Planning Time'])
    }
    await client.end()
  }
  return { text, first: median(first), again: median(again) }
}
