import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import pg from 'pg'
import type { RunningAtlas } from './atlas.ts'

/** A connection of its own to the embedded server of a running Atlas, as another program would have one. */
export async function connectTo({ home }: Pick<RunningAtlas, 'home'>, name: string): Promise<pg.Client> {
  const folder = join(home, 'postgres')
  const client = new pg.Client({
    host: '127.0.0.1',
    port: Number(readFileSync(join(folder, 'data', 'postmaster.pid'), 'utf8').split('\n')[3]),
    user: 'atlas_user',
    password: readFileSync(join(folder, 'password'), 'utf8').trim(),
    database: 'atlas_pipeline',
    application_name: name,
  })
  client.on('error', () => {})
  await client.connect()
  return client
}

export interface Blocked {
  /** The processes, from the one that holds to the last that waits. */
  processIds: [number, number, number, number]
  /** How what each of the three waits for ended: `done`, or the code of its error. */
  outcomes: Promise<string>[]
  end(): Promise<void>
}

/**
 * Four sessions on `public.stock`: a transaction of `nightly import` that idles holds a row, `billing` waits to change it,
 * and behind `billing`'s lock wait `migration` with an exclusive one and `report`, which only wants to read.
 */
export async function blockSessions(atlas: Pick<RunningAtlas, 'home'>): Promise<Blocked> {
  const names = ['nightly import', 'billing', 'migration', 'report'] as const
  const clients = await Promise.all(names.map((name) => connectTo(atlas, name)))
  const [holder, billing, migration, report] = clients
  if (!holder || !billing || !migration || !report) throw new Error('Four connections')
  const processIds = await Promise.all(
    clients.map(async (client) => Number((await client.query('select pg_backend_pid() as id')).rows[0].id)),
  )
  await holder.query(
    'create table if not exists public.stock (id int primary key, pieces int not null); insert into public.stock values (1, 10) on conflict do nothing',
  )
  await holder.query('begin')
  await holder.query('update public.stock set pieces = pieces - 1 where id = 1')
  const outcomes: Promise<string>[] = []
  const waitsWith = async (client: pg.Client, statement: string) => {
    outcomes.push(
      client.query(statement).then(
        () => 'done',
        (error: { code?: string }) => error.code ?? 'lost',
      ),
    )
    const own = processIds[clients.indexOf(client)]
    const waits = async () =>
      (await holder.query("select from pg_stat_activity where pid = $1 and wait_event_type = 'Lock'", [own]))
        .rowCount === 1
    while (!(await waits())) await new Promise((resolve) => setTimeout(resolve, 20))
  }
  await waitsWith(billing, 'update public.stock set pieces = pieces - 2 where id = 1')
  await waitsWith(migration, "alter table public.stock add column if not exists place text default 'shelf'")
  await waitsWith(report, 'select sum(pieces) from public.stock')
  return {
    processIds: processIds as Blocked['processIds'],
    outcomes,
    end: async () => {
      await Promise.all(clients.map((client) => client.end()))
    },
  }
}
