import { afterAll, beforeAll, expect, test, vi } from 'vitest'
import { createActivity } from '../../src-main/activity/service.ts'
import { openTestServices, type TestServices } from '../support/services.ts'

let services: TestServices

beforeAll(async () => {
  services = await openTestServices()
  await services.database.client.query('create table public.held (id int primary key)')
  await services.database.client.query('insert into public.held select generate_series(1, 1000)')
})

afterAll(() => services.close())

const activity = () => createActivity({ db: services.db, jobs: services.jobs, environmentId: 'test' })
const until = <Result>(look: () => Promise<Result>) => vi.waitFor(look, { timeout: 20_000, interval: 50 })

test('a chain of three: who blocks whom, and a cancel that frees the ones behind', async () => {
  const [holder, waiter, last] = await Promise.all([1, 2, 3].map(() => services.database.connect()))
  if (!holder || !waiter || !last) throw new Error('three connections')
  const pid = async (client: typeof holder) =>
    Number((await client.query('select pg_backend_pid() as pid')).rows[0].pid)
  const [first, second, third] = [await pid(holder), await pid(waiter), await pid(last)]
  await holder.query('begin')
  await holder.query('update public.held set id = id where id = 1')
  const waiting = waiter.query('alter table public.held add column if not exists x int').then(
    () => 'done',
    (error: { code: string }) => error.code,
  )
  const sessions = async () =>
    (await activity().list(undefined, {})).filter(({ processId }) =>
      [first, second, third].includes(processId),
    )
  await until(async () =>
    expect((await sessions()).find(({ processId }) => processId === second)?.blockedBy).toEqual([first]),
  )
  const behind = last.query('select count(*) from public.held')
  await until(async () =>
    expect((await sessions()).find(({ processId }) => processId === third)?.blockedBy).toEqual([second]),
  )
  const middle = (await sessions()).find(({ processId }) => processId === second)
  expect(middle?.lock).toBe('AccessExclusiveLock on held')
  expect((await sessions()).find(({ processId }) => processId === first)?.state).toBe('idle in transaction')
  await activity().cancel({ processId: second, startedAt: middle?.startedAt ?? '' }, {})
  expect(await waiting).toBe('57014')
  await behind

  await expect(
    activity().terminate({ processId: first, startedAt: '2001-01-01 00:00:00+00' }, {}),
  ).rejects.toMatchObject({ code: 'NOT_FOUND' })
  const held = (await sessions()).find(({ processId }) => processId === first)
  await activity().terminate({ processId: first, startedAt: held?.startedAt ?? '' }, {})
  await until(async () => expect((await sessions()).some(({ processId }) => processId === first)).toBe(false))
})

test.each(['vacuum', 'vacuum full', 'analyze', 'reindex', 'reindex concurrently'] as const)(
  '%s is a job that succeeds',
  async (action) => {
    const { jobId } = await activity().maintain({ action, schema: 'public', name: 'held' }, {})
    expect(await services.jobs.finished(jobId)).toMatchObject({ status: 'succeeded' })
  },
)

test('a table is written anew in the order of an index', async () => {
  const client = services.database.client
  await client.query(
    'create table public.mixed as select (g * 7919) % 1000 as n from generate_series(1, 1000) g',
  )
  await client.query('create index "by n" on public.mixed (n)')
  const upkeep = { action: 'cluster', schema: 'public', name: 'mixed', index: 'by n' } as const
  expect(await activity().previewMaintain(upkeep, {})).toEqual({
    sql: 'cluster "public"."mixed" using "by n";',
  })
  const { jobId } = await activity().maintain(upkeep, {})
  expect(await services.jobs.finished(jobId)).toMatchObject({ status: 'succeeded' })
  const { rows } = await client.query('select n from public.mixed limit 4')
  expect(rows.map(({ n }) => n)).toEqual([0, 1, 2, 3])
})

test('upkeep of a table that is gone ends with a clear error', async () => {
  const { jobId } = await activity().maintain({ action: 'analyze', schema: 'public', name: 'nothing' }, {})
  expect(await services.jobs.finished(jobId)).toMatchObject({
    status: 'failed',
    error: { code: 'OBJECT_NOT_FOUND' },
  })
})

test('a prepared transaction is listed with its age and locks, and is committed or rolled back by its name', async () => {
  const client = await services.database.connect()
  const odd = `it's "$$" \\ x`
  for (const [name, id] of [
    [odd, 5001],
    ['roll back', 5002],
  ] as const) {
    await client.query('begin')
    await client.query('insert into public.held values ($1)', [id])
    await client.query(`prepare transaction E'${name.replaceAll('\\', '\\\\').replaceAll("'", "''")}'`)
  }
  const { finishPrepared } = activity()
  // The server is shared with other tests.
  const prepared = async () =>
    (await activity().prepared(undefined, {})).filter(({ database }) => database === services.database.name)
  const list = await prepared()
  expect(list).toMatchObject([
    { name: odd, isFinishable: true, database: services.database.name, owner: 'atlas_user' },
    { name: 'roll back', isFinishable: true, locks: ['RowExclusiveLock on held'] },
  ])
  expect(list[0]?.ageMs).toBeGreaterThan(0)
  await expect(finishPrepared({ name: odd, transaction: '3', outcome: 'commit' }, {})).rejects.toMatchObject({
    code: 'NOT_FOUND',
  })
  const end = (at: number, outcome: 'commit' | 'rollback') =>
    finishPrepared({ name: list[at]?.name ?? '', transaction: list[at]?.transaction ?? '', outcome }, {})
  const { sql } = await activity().previewFinish({ name: odd, outcome: 'commit' }, {})
  const { statement } = await end(0, 'commit')
  expect(statement).toBe(`commit prepared  E'it''s "$$" \\\\ x'`)
  expect(sql).toBe(`${statement};`)
  await end(1, 'rollback')
  const { rows } = await client.query('select id from public.held where id > 5000')
  expect(rows).toEqual([{ id: 5001 }])
  expect(await prepared()).toEqual([])
})

test('settings say what was changed and where, hold no password, and are read again on request', async () => {
  const list = await activity().settings(undefined, {})
  const of = (name: string) => list.find((one) => one.name === name)
  expect(list.length).toBeGreaterThan(300)
  expect(of('shared_buffers')).toMatchObject({ value: '256 MB', isChanged: true, source: 'command line' })
  expect(of('work_mem')).toMatchObject({ value: '4096 kB', default: '4096 kB', isChanged: false })
  expect(of('max_connections')).toMatchObject({
    value: '200',
    context: 'postmaster',
    isPendingRestart: false,
  })
  expect(of('application_name')).toMatchObject({ source: 'this connection', isChanged: false })
  await expect(activity().reload(undefined, {})).rejects.toMatchObject({ fault: { sqlState: '42501' } })
  const admin = await services.database.connect('postgres')
  await admin.query('grant execute on function pg_reload_conf() to atlas_user')
  expect(await activity().reload(undefined, {})).toEqual({ isSent: true })
})
