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

test('upkeep of a table that is gone ends with a clear error', async () => {
  const { jobId } = await activity().maintain({ action: 'analyze', schema: 'public', name: 'nothing' }, {})
  expect(await services.jobs.finished(jobId)).toMatchObject({
    status: 'failed',
    error: { code: 'OBJECT_NOT_FOUND' },
  })
})
