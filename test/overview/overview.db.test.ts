import { expect, test } from 'vitest'
import { openPostgres } from '../../src-main/adapters/postgres.ts'
import { createOverview } from '../../src-main/overview/service.ts'
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
