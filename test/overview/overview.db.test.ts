import { expect, test } from 'vitest'
import { openPostgres } from '../../src-main/adapters/postgres.ts'
import { createOverview } from '../../src-main/overview/service.ts'
import { freshness, hourlyRows } from '../../src-main/overview/sql.ts'
import { createTestDatabase } from '../support/database.ts'
import { openTestServices } from '../support/services.ts'
import { targetOf } from '../support/target.ts'

test('an empty database has no platform', async () => {
  const database = await createTestDatabase({ template: 'empty' })
  const db = openPostgres(async () => targetOf(database.url), { applicationName: 'Atlas test' })
  const overview = createOverview({ db })
  expect(await overview.get(undefined, {})).toMatchObject({ deployment: 'none', layers: [] })
  await db.close()
  await database.drop()
})

test('a deployed platform without data has three empty layers', async () => {
  const services = await openTestServices()
  const overview = await createOverview({ db: services.db }).get(undefined, {})
  expect(overview.deployment).toBe('complete')
  expect(overview.layers.map(({ name, estimatedRows, freshAt }) => [name, estimatedRows, freshAt])).toEqual([
    ['explore', 0, null],
    ['chart', 0, null],
    ['navigate', 0, null],
  ])
  expect(overview.layers[2]?.tables.map(({ name }) => name).sort()).toEqual([
    'dim_customer',
    'dimension_template',
    'fact_template',
  ])
  await services.close()
})

test('rows by hour come from an index of the task runs, not from the data', async () => {
  const services = await openTestServices()
  const { client } = services.database
  await client.query(`
    with pipeline as (
      insert into pipeline.pipelines (name, definition, definition_checksum, owner)
      values ('hours', '{}', repeat('0', 64), 'test')
      returning pipeline_id
    ), run as (
      insert into pipeline.pipeline_runs (pipeline_id) select pipeline_id from pipeline returning run_id
    )
    insert into pipeline.task_runs (run_id, task_key, kind, status, attempt, started_at, finished_at, rows_out, rows_rejected)
    select run_id, 'task_' || hours, kind, 'succeeded', 1, now(), now() - hours * interval '1 hour', 10, 1
    from run, (values ('land', 0.5), ('validate', 1.5), ('fact', 2.5), ('dimension', 2.7), ('land', 40)) as t (kind, hours)`)
  const overview = await createOverview({ db: services.db }).get(undefined, {})
  const perHour = (name: string) => {
    const layer = overview.layers.find((candidate) => candidate.name === name)
    return layer?.hourlyRows.flatMap((rows, at) => (rows > 0 ? [[23 - at, rows]] : []))
  }
  expect([perHour('explore'), perHour('chart'), perHour('navigate')]).toEqual([
    [[0, 10]],
    [[1, 10]],
    [[2, 20]],
  ])
  expect(overview.rejected).toBe(4)
  await client.query('set enable_seqscan = off')
  for (const { statement } of [hourlyRows(), freshness()]) {
    const { rows } = await client.query(`explain ${statement.text}`, statement.values as unknown[])
    const plan = rows.map((row) => row['QUERY PLAN']).join('\n')
    expect(plan).toContain('task_runs_done_idx')
    expect(plan).not.toContain('Seq Scan on task_runs')
  }
  await services.close()
})
