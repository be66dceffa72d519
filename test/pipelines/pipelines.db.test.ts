import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import type { Database } from '../../src-main/adapters/postgres.ts'
import { claimTask, completeTask, reclaimExpired } from '../../src-main/pipelines/leaseSql.ts'
import { createPipelines, type Pipelines } from '../../src-main/pipelines/service.ts'
import { startWorker, type Worker } from '../../src-main/pipelines/worker.ts'
import { openTestServices, type TestServices } from '../support/services.ts'

const resources = join(import.meta.dirname, '..', '..', 'resources')

let services: TestServices
let pipelines: Pipelines
let workers: Worker[]

const work = (options: { leaseMs?: number; db?: Database } = {}) => {
  const worker = startWorker({
    db: options.db ?? services.db,
    samplesFolder: join(resources, 'samples'),
    leaseMs: options.leaseMs ?? 15_000,
    pollMs: 50,
    concurrency: 2,
    describeError: services.describeError,
  })
  workers.push(worker)
  return worker
}

beforeEach(async () => {
  services = await openTestServices()
  workers = []
  pipelines = createPipelines({
    db: services.db,
    jobs: services.jobs,
    environmentId: 'test',
    definitionsFolder: join(resources, 'pipelines'),
    trigger: 'manual',
    requestedBy: 'tester',
  })
})

afterEach(async () => {
  await Promise.all(workers.map((worker) => worker.stop()))
  await pipelines.close()
  await services.close()
})

const run = async (name: string, parameters: Record<string, unknown> = {}) => {
  const { runId } = await pipelines.run({ name, parameters }, {})
  return pipelines.finished(runId, AbortSignal.timeout(50_000))
}

const count = async (text: string) =>
  Number((await services.database.client.query(`select count(*) as n from ${text}`)).rows[0].n)

const file = async (name: string, text: string | Buffer) => {
  const path = join(services.folder, name)
  await writeFile(path, text)
  return path
}

const reports = (rows: string[]) =>
  `Flight Date,Airport Name,Origin State,Aircraft Airline Operator,Aircraft Make Model,Effect Amount of damage,Phase of flight,Wildlife Size,Wildlife Species,Time of day,Cost Total $,Speed IAS in knots\n${rows.join('\n')}\n`
const good =
  '1999-10-19,NASHVILLE INTL,Tennessee,AMERICAN AIRLINES,MD-80,None,Approach,Small,Unknown bird,Day,0,140'

describe('the sample data', () => {
  test('every row of every file is in explore once, and is either rejected or published', async () => {
    work()
    const { jobId } = await pipelines.loadSamples(undefined, {})
    expect(await services.jobs.finished(jobId)).toMatchObject({
      status: 'succeeded',
      detail: '2 pipelines ran',
    })

    const landed = await count('explore.raw_data_template')
    const valid = await count("chart.staging_template where status = 'valid'")
    const rejected = await count("chart.staging_template where status = 'rejected'")
    const facts = (await count('navigate.fact_flights')) + (await count('navigate.fact_bird_strikes'))
    const airports = await count('navigate.dimension_template where is_current')
    expect({ landed, rejected, facts, airports }).toEqual({
      landed: 33_376,
      rejected: 15,
      facts: 29_985,
      airports: 3376,
    })
    expect(landed).toBe(valid + rejected)
    expect(valid).toBe(facts + airports)
    expect(await count("chart.staging_template where status = 'valid' and published_at is null")).toBe(0)
    expect(
      await count('explore.raw_data_template where checksum <> public.atlas_record_checksum(payload)'),
    ).toBe(0)
    expect(await count('navigate.fact_flights_default')).toBe(0)
    expect(await count('explore.raw_data_default')).toBe(0)

    const [strikes] = (await pipelines.listRuns({ limit: 10 }, {})).filter(
      ({ pipeline }) => pipeline === 'bird_strikes',
    )
    const reasons = await pipelines.listRejected(
      { runId: strikes?.runId ?? '', task: 'validate_reports', limit: 50 },
      {},
    )
    expect(reasons).toHaveLength(15)
    expect(reasons[0]?.reasons).toEqual([
      { rule: 'in', column: 'damage', reason: 'is none of None, Minor, Medium, Substantial' },
    ])
    expect(await count("chart.staging_template where 'speed_knots:required' = any (quality_flags)")).toBe(
      2836,
    )
  })

  test('running twice adds no row anywhere', async () => {
    work()
    await run('bird_strikes')
    const before = [
      await count('explore.raw_data_template'),
      await count('chart.staging_template'),
      await count('navigate.fact_bird_strikes'),
    ]
    const again = await run('bird_strikes')
    expect(again.status).toBe('succeeded')
    expect(again.tasks.map(({ id, rowsOut }) => [id, rowsOut])).toEqual([
      ['land_reports', 0],
      ['validate_reports', 9985],
      ['publish_strikes', 0],
    ])
    expect([
      await count('explore.raw_data_template'),
      await count('chart.staging_template'),
      await count('navigate.fact_bird_strikes'),
    ]).toEqual(before)
  })
})

describe('a messy file', () => {
  test('rejects with every reason, keeps the value exact, and passes the rest', async () => {
    work()
    const rows = [
      good,
      good.replace('1999-10-19', '1999-02-30').replace('None', 'C'),
      good.replace(',140', ','),
      good.replace('AMERICAN AIRLINES', '"A ""B"", \\N\té\r\n日本"'),
      good.replace(',0,140', ',-5,1e3'),
    ]
    const done = await run('bird_strikes', { file: await file('messy.csv', `\ufeff${reports(rows)}`) })
    expect(done.status).toBe('succeeded')
    const { rows: staged } = await services.database.client.query(
      "select source_row, status, quality_flags, record ->> 'operator' as operator, (select string_agg(r ->> 'column' || ' ' || (r ->> 'rule'), ', ' order by r ->> 'column') from jsonb_array_elements(rejection_reasons) r) as reasons from chart.staging_template order by source_row",
    )
    expect(staged.map(({ status, reasons }) => [status, reasons])).toEqual([
      ['valid', null],
      ['rejected', 'damage in, struck_on type'],
      ['valid', null],
      ['valid', null],
      ['rejected', 'cost_total min, speed_knots type'],
    ])
    expect(staged[2].quality_flags).toEqual(['speed_knots:required'])
    expect(staged[3].operator).toBe('A "B", \\N\té\r\n日本')
  })

  test.each([
    ['no such file', undefined, 'ENOENT'],
    ['no UTF-8', Buffer.from(reports([good.replace('MD', 'M\xe9')]), 'latin1'), 'UTF-8'],
    ['a ragged record', reports([good, '1,2,3']), 'Invalid Record Length'],
    ['an open quote', reports([`"${good}`]), 'Quote'],
    ['no record', reports([]).trimEnd(), 'no record'],
    ['U+0000', reports([good.replace('MD-80', 'M\0D')]), 'U+0000'],
    ['two columns of one name', 'a,a\n1,2\n', 'Two columns'],
  ])('%s fails the landing by name, once, and lands nothing', async (_what, content, problem) => {
    work()
    const path = content === undefined ? join(services.folder, 'nowhere.csv') : await file('bad.csv', content)
    const done = await run('bird_strikes', { file: path })
    expect(done).toMatchObject({ status: 'failed', failedTask: 'land_reports' })
    const [landing, validating] = done.tasks
    expect(landing).toMatchObject({ status: 'failed', attempts: 1, error: { code: 'FILE_UNREADABLE' } })
    expect(JSON.stringify(landing?.error)).toContain(problem)
    expect(validating?.status).toBe('upstream_failed')
    expect(await count('explore.raw_data_template')).toBe(0)
    expect(await count('pipeline.checkpoints')).toBe(0)
  })
})

test('a rerun keeps what succeeded and goes on from the task that failed', async () => {
  work()
  // A table in the way of the facts makes the last task fail.
  await services.database.client.query('create table navigate.fact_bird_strikes (x int)')
  const failed = await run('bird_strikes')
  expect(failed).toMatchObject({ status: 'failed', failedTask: 'publish_strikes' })
  await services.database.client.query('drop table navigate.fact_bird_strikes')
  const { runId } = await pipelines.rerun({ runId: failed.runId }, {})
  const rerun = await pipelines.finished(runId)
  expect(rerun).toMatchObject({ status: 'succeeded', rerunOf: failed.runNumber })
  expect(rerun.tasks.map(({ id, keptFrom }) => [id, keptFrom])).toEqual([
    ['land_reports', failed.runNumber],
    ['validate_reports', failed.runNumber],
    ['publish_strikes', null],
  ])
  expect(await count('navigate.fact_bird_strikes')).toBe(9985)
  expect(await count('explore.raw_data_template')).toBe(10_000)
  await expect(pipelines.rerun({ runId }, {})).rejects.toMatchObject({ code: 'CONFLICT' })
})

test('cancel stops the task that runs, rolls it back, and never starts the others', async () => {
  const other = await services.database.connect()
  await other.query('begin')
  await other.query('lock table explore.raw_data_template in access exclusive mode')
  work()
  const { runId } = await pipelines.run({ name: 'bird_strikes', parameters: {} }, {})
  await expect.poll(async () => (await pipelines.getRun({ runId }, {})).tasks[0]?.status).toBe('running')
  await pipelines.cancel({ runId }, {})
  const done = await pipelines.finished(runId, AbortSignal.timeout(20_000))
  await other.query('rollback')
  expect(done.status).toBe('cancelled')
  expect(done.tasks.map(({ status }) => status)).toEqual(['cancelled', 'cancelled', 'cancelled'])
  expect(await count('explore.raw_data_template')).toBe(0)
})

test('a worker that lost its lease cannot commit, and another one finishes the task once', async () => {
  const { runId } = await pipelines.run({ name: 'bird_strikes', parameters: {} }, {})
  const lost = await services.db.row(claimTask('a dead worker', 100, null))
  if (!lost) throw new Error('nothing to claim')
  expect(await services.db.row(claimTask('another', 100, null))).toBeUndefined()
  await new Promise((resolve) => setTimeout(resolve, 150))
  expect(await services.db.rows(reclaimExpired())).toMatchObject([
    { owner: 'a dead worker', status: 'ready' },
  ])
  expect(
    await services.db.run(completeTask(lost, { rowsIn: 1, rowsOut: 1, rowsRejected: 0, output: {} })),
  ).toBe(0)
  work()
  const done = await pipelines.finished(runId)
  expect(done.status).toBe('succeeded')
  expect(done.tasks[0]).toMatchObject({ attempts: 2, rowsOut: 10_000 })
  expect(await count('explore.raw_data_template')).toBe(10_000)
})

test('a worker that stops gives its task back without an attempt lost', async () => {
  const other = await services.database.connect()
  await other.query('begin')
  await other.query('lock table explore.raw_data_template in access exclusive mode')
  const worker = work()
  const { runId } = await pipelines.run({ name: 'bird_strikes', parameters: {} }, {})
  await expect.poll(async () => (await pipelines.getRun({ runId }, {})).tasks[0]?.status).toBe('running')
  await worker.stop()
  await other.query('rollback')
  expect((await pipelines.getRun({ runId }, {})).tasks[0]).toMatchObject({ status: 'ready', attempts: 0 })
  work()
  expect((await pipelines.finished(runId)).status).toBe('succeeded')
})

test('a task whose claim comes back while the worker stops is given back too', async () => {
  const other = await services.database.connect()
  await other.query('begin')
  await other.query('lock table explore.raw_data_template in access exclusive mode')
  const claimed = Promise.withResolvers<void>()
  const answered = Promise.withResolvers<void>()
  const worker = work({
    db: {
      ...services.db,
      row: async (query) => {
        const row = await services.db.row(query)
        if (row && typeof row === 'object' && 'taskRunId' in row) {
          claimed.resolve()
          await answered.promise
        }
        return row
      },
    },
  })
  const { runId } = await pipelines.run({ name: 'bird_strikes', parameters: {} }, {})
  await claimed.promise
  const stopped = worker.stop()
  answered.resolve()
  await stopped
  await other.query('rollback')
  expect((await pipelines.getRun({ runId }, {})).tasks[0]).toMatchObject({ status: 'ready', attempts: 0 })
})

test('two workers and six tasks: each is done once', async () => {
  work()
  work()
  const done = await run('flights')
  expect(done.status).toBe('succeeded')
  expect(done.tasks.every(({ attempts }) => attempts === 1)).toBe(true)
  expect(await count('navigate.fact_flights')).toBe(20_000)
  expect(
    (await pipelines.listLogs({ runId: done.runId, afterId: 0, limit: 1000 }, {})).length,
  ).toBeGreaterThanOrEqual(12)
})
