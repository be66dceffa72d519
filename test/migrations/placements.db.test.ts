import { expect, test } from 'vitest'
import { openPostgres } from '../../src-main/adapters/postgres.ts'
import type { Environment } from '../../src-main/environments/contract.ts'
import { createLogger } from '../../src-main/log.ts'
import { createPlacements } from '../../src-main/migrations/placements.ts'
import { targetOf } from '../support/target.ts'
import { openMigrationsBench } from './support.ts'

const environment = (id: string, kind: Environment['kind']): Environment => ({
  id,
  name: id,
  kind,
  postgres: { type: 'embedded' },
  hasPassword: false,
  hasRedisPassword: false,
  isFromVariables: false,
})

test('says of each environment how far the migrations of a folder are, and of one that is down that it is', async () => {
  const here = await openMigrationsBench()
  const there = await openMigrationsBench({ folder: here.folder })
  await here.write('001_first.sql', 'create table a (id int)')
  await here.write('002_second.sql', 'create table b (id int)')
  await here.apply()
  await there.apply('001')
  const { placements } = createPlacements({
    folder: here.folder,
    elsewhere: {
      list: async () => [
        environment('here', 'local'),
        environment('there', 'staging'),
        environment('nowhere', 'production'),
      ],
      visit: async (id, work) => {
        if (id === 'here') return work(here.db)
        if (id === 'there') return work(there.db)
        const db = openPostgres(async () => ({ ...targetOf(here.database.url), port: 1 }), {
          applicationName: 'Atlas test',
        })
        return work(db).finally(() => db.close())
      },
      describeError: createLogger('silent').describe,
    },
  })
  const found = await placements({ project: 'shop' })
  expect(found.map(({ states }) => states?.map(({ version, state }) => `${version} ${state}`))).toEqual([
    ['001 pending', '002 pending'],
    ['001 pending', '002 pending'],
    undefined,
  ])
  expect(await placements(undefined)).toMatchObject([
    {
      environment: 'here',
      kind: 'local',
      failure: null,
      states: [{ state: 'applied' }, { state: 'applied' }],
    },
    {
      environment: 'there',
      kind: 'staging',
      failure: null,
      states: [{ state: 'applied' }, { version: '002', name: 'second', state: 'pending' }],
    },
    { environment: 'nowhere', kind: 'production', states: null, failure: { code: 'CONNECTION_REFUSED' } },
  ])
  await here.close()
  await there.close()
})
