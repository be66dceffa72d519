import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { keepPartitions } from '../../src-main/partitions/keeper.ts'
import { landFile } from '../../src-main/pipelines/land.ts'
import { openTestServices, type TestServices } from '../support/services.ts'

let services: TestServices
beforeEach(async () => {
  services = await openTestServices()
})
afterEach(() => services.close())

const thisMonth = `explore.raw_data_${new Date().toISOString().slice(0, 7).replace('-', '_')}`
const exists = async (name: string) =>
  (await services.database.client.query('select to_regclass($1) is not null as exists', [name])).rows[0]
    .exists
const keep = () =>
  keepPartitions({ db: services.db, horizonMonths: 3, describeError: services.describeError })

test('a process that works makes the partitions that are missing, and ends when it is told to', async () => {
  await services.database.client.query(`drop table ${thisMonth}`)
  await keep().stop()
  expect(await exists(thisMonth)).toBe(true)
})

test('on a database without the platform nothing happens', async () => {
  await services.database.client.query('drop function public.atlas_ensure_all_partitions(interval)')
  await keep().stop()
})

test('a landing makes the month that it lands in', async () => {
  await services.database.client.query(`drop table ${thisMonth}`)
  const path = join(services.folder, 'a.csv')
  await writeFile(path, 'a,b\n1,2\n')
  const session = await services.db.session()
  const landed = await session.transaction((tx) =>
    landFile(tx, { path, source: 's', owner: 'x', runId: null }),
  )
  await session.close()
  expect(landed.added).toBe(1)
  const { rows } = await services.database.client.query(
    'select tableoid::regclass::text as place from explore.raw_data_template',
  )
  expect(rows).toEqual([{ place: thisMonth }])
})
