import type { RunningAtlas } from '../support/atlas.ts'
import { connectTo } from '../support/blocked.ts'

/**
 * Leaves the partition of `demo.readings` of four months ago half detached: a reader holds the table in a transaction, and
 * who detaches it concurrently gives up. A default partition comes afterwards, since with one none is detached so.
 */
export async function leaveReadingsPending(atlas: Pick<RunningAtlas, 'home'>): Promise<string> {
  const [reader, other] = await Promise.all([connectTo(atlas, 'report'), connectTo(atlas, 'nightly import')])
  try {
    const { rows } = await other.query(
      `select 'readings_' || to_char(now() at time zone 'UTC' - interval '4 months', 'YYYY_MM') as name`,
    )
    const name: string = rows[0].name
    await reader.query('begin isolation level repeatable read; select count(*) from demo.readings')
    await other.query('set statement_timeout = 500')
    const ended = await other
      .query(`alter table demo.readings detach partition demo.${name} concurrently`)
      .catch((error: { code?: string }) => error.code)
    if (ended !== '57014') throw new Error(`The detach of ${name} was not interrupted`)
    await reader.query('rollback')
    await other.query(`create table demo.readings_default partition of demo.readings default;
      insert into demo.readings select now() - interval '2 months' + g * interval '1 hour', g from generate_series(1, 300) g;
      analyze demo.readings_default`)
    return name
  } finally {
    await Promise.all([reader.end(), other.end()])
  }
}
