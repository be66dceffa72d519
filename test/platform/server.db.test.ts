import { afterAll, beforeAll, expect, inject, test } from 'vitest'
import { createTestDatabase, type TestDatabase } from '../support/database.ts'

let database: TestDatabase
beforeAll(async () => {
  database = await createTestDatabase()
})
afterAll(() => database.drop())

test('the project runs on the release that its name says', async () => {
  const { rows } = await database.client.query<{ version: number; superuser: boolean }>(
    `select current_setting('server_version_num')::int / 10000 as version, usesuper as superuser
     from pg_user where usename = current_user`,
  )
  expect(rows).toEqual([{ version: inject('server').version, superuser: false }])
})
