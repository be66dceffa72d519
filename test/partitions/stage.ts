import { afterEach, beforeEach } from 'vitest'
import type { Action } from '../../src-main/partitions/action.contract.ts'
import { createPartitions } from '../../src-main/partitions/service.ts'
import { openTestServices, type TestServices } from '../support/services.ts'

/** A database for each test of a file, and what the tests of actions say in one word. */
export function setStage() {
  let services: TestServices
  beforeEach(async () => {
    services = await openTestServices()
  })
  afterEach(() => services.close())
  const partitions = () =>
    createPartitions({ db: services.db, jobs: services.jobs, environmentId: 'test', horizonMonths: 3 })
  const run = (text: string) => services.database.client.query(text)
  return {
    services: () => services,
    partitions,
    run,
    plan: (action: Action) => partitions().plan({ action }, {}),
    apply: async (action: Action, confirm?: string) =>
      services.jobs.finished((await partitions().apply({ action, confirm }, {})).jobId),
    rows: async (table: string) => Number((await run(`select count(*) from ${table}`)).rows[0].count),
    /** The partitions of a table by name. */
    names: async (parent: string): Promise<string[]> =>
      (
        await run(
          `select inhrelid::regclass::text as name from pg_inherits where inhparent = '${parent}'::regclass order by 1`,
        )
      ).rows.map(({ name }) => name),
    /** By month, with a default partition of 1,000 rows in March and 10 in April. */
    makeEvents: (hasDefault = true) => run(hasDefault ? `${events}; ${eventsDefault}` : events),
  }
}

export const of = (name: string) => ({ schema: 'public', name })

export const march = { kind: 'range', from: '2025-03-01 00:00:00+00', to: '2025-04-01 00:00:00+00' } as const

const events = `
  create table public.events (id bigint generated always as identity, at timestamptz not null, v text not null default 'x',
    twice text generated always as (v || v) stored, primary key (id, at)) partition by range (at);
  create table public.events_2025_01 partition of public.events for values from ('2025-01-01+00') to ('2025-02-01+00')`

const eventsDefault = `
  create table public.events_default partition of public.events default;
  insert into public.events (at)
    select timestamptz '2025-03-01+00' + g * interval '10 minutes' from generate_series(0, 999) g
    union all select timestamptz '2025-04-02+00' from generate_series(1, 10)`
