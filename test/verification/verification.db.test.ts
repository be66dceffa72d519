import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { Redis } from 'ioredis'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { type Database, openPostgres } from '../../src-main/adapters/postgres.ts'
import { openRedis } from '../../src-main/adapters/redis.ts'
import { createVerification } from '../../src-main/verification/service.ts'
import { createTestDatabase, type TestDatabase } from '../support/database.ts'
import { startRedis, type TestRedis } from '../support/redis.ts'
import { targetOf } from '../support/target.ts'

let database: TestDatabase
let db: Database

beforeEach(async () => {
  database = await createTestDatabase()
  db = openPostgres(async () => targetOf(database.url), { applicationName: 'Atlas test' })
})

afterEach(async () => {
  await db.close()
  await database.drop()
})

const verify = (change: Partial<Parameters<typeof createVerification>[0]> = {}) =>
  createVerification({ db, redis: undefined, apiUrl: undefined, environmentName: 'test', ...change }).run(
    undefined,
    {},
  )

const statusOf = (report: Awaited<ReturnType<typeof verify>>, name: string) =>
  report.checks.find((check) => check.name === name)

test('a deployed platform passes, and what needs a service that is not there is skipped with its reason', async () => {
  const report = await verify()
  expect(report.checks.filter(({ status }) => status === 'failed')).toEqual([])
  expect(report).toMatchObject({ passed: 12, failed: 0, skipped: 3 })
  expect(report.checks).toHaveLength(15)
  expect(new Set(report.checks.map(({ category }) => category)).size).toBe(8)
  expect(statusOf(report, 'Redis connection')).toMatchObject({
    status: 'skipped',
    detail: 'This environment names no Redis',
  })
})

describe('each thing, broken once, is named', () => {
  test.each([
    ['All 7 schemas exist', 'drop schema archive cascade', 'Missing schema: archive'],
    ['Tables of archive', 'drop table archive.snapshot_manifest cascade', 'Missing table: snapshot_manifest'],
    ['Tables of quality', 'drop table quality.anomalies cascade', 'Missing table: anomalies'],
    ['Tables of chart', 'drop table chart.staging_template cascade', 'Missing table: staging_template'],
    ['Tables of navigate', 'drop table navigate.dim_customer cascade', 'Missing table: dim_customer'],
    ['Tables of explore', 'drop table explore.source_systems cascade', 'Missing table: source_systems'],
    ['Tables of pipeline', 'drop table pipeline.alerts cascade', 'Missing table: alerts'],
    [
      'Tables of compliance',
      'drop table compliance.consent_records cascade',
      'Missing table: consent_records',
    ],
    ['Layers are explore, chart, navigate', 'create schema bronze', 'Foreign layer names: bronze'],
    ['Layers are explore, chart, navigate', 'alter schema chart rename to charts', 'Missing layer: chart'],
    [
      'Partitions of raw_data, fact and audit_log',
      'alter table explore.raw_data_template detach partition explore.raw_data_default',
      'Missing: raw_data_default',
    ],
    [
      'Partitions of raw_data, fact and audit_log',
      'alter table navigate.fact_template detach partition navigate.fact_2027',
      'Missing: fact_2027',
    ],
    [
      'Partitions of raw_data, fact and audit_log',
      'alter table compliance.audit_log detach partition compliance.audit_log_2025_q1',
      'Missing: audit_log_2025_q1',
    ],
    [
      'Quality dimensions, PII patterns, classification levels',
      "delete from quality.dimensions where code = 'timeliness'",
      'quality.dimensions has 5 of 6 rows',
    ],
    [
      'Quality dimensions, PII patterns, classification levels',
      'truncate compliance.pii_patterns cascade',
      'compliance.pii_patterns has 0 of 10 rows',
    ],
    [
      'Quality dimensions, PII patterns, classification levels',
      "delete from compliance.classification_levels where code = 'secret'",
      'compliance.classification_levels has 4 of 5 rows',
    ],
  ])('%s', async (name, statement, detail) => {
    const superuser = await database.connect('postgres')
    await superuser.query(statement)
    expect(statusOf(await verify(), name)).toMatchObject({ status: 'failed', detail })
  })

  test('PostgreSQL itself: every check of it fails with the reason and none throws', async () => {
    const nowhere = openPostgres(async () => ({ host: '127.0.0.1', port: 1, database: 'x', user: 'x' }), {
      applicationName: 'Atlas test',
    })
    const report = await verify({ db: nowhere })
    await nowhere.close()
    expect(report).toMatchObject({ passed: 0, failed: 12, skipped: 3 })
    expect(report.checks[0]?.detail).toContain('127.0.0.1:1, ECONNREFUSED')
  })
})

describe('Redis', () => {
  let server: TestRedis

  beforeEach(async () => {
    server = await startRedis()
  })

  afterEach(() => server.stop())

  test('with the right password both checks pass', async () => {
    const redis = openRedis(() => server.url)
    const report = await verify({ redis })
    await redis.close()
    expect(statusOf(report, 'Redis connection')).toMatchObject({ status: 'passed' })
    expect(statusOf(report, 'Redis set, get, delete')).toMatchObject({ status: 'passed' })
  })

  test('with a wrong password both fail and say so without it', async () => {
    const redis = openRedis(() => server.url.replace(server.password, 'hunter2'))
    const report = await verify({ redis })
    await redis.close()
    const check = statusOf(report, 'Redis connection')
    expect(check?.status).toBe('failed')
    expect(check?.detail).toContain('WRONGPASS')
    expect(check?.detail).not.toContain('hunter2')
  })

  test('a user who may connect and not write passes one check and fails the other', async () => {
    const redis = openRedis(() => server.url)
    const admin = new Redis(server.url)
    await admin.acl('SETUSER', 'default', '-set')
    const report = await verify({ redis })
    await admin.quit()
    await redis.close()
    expect(statusOf(report, 'Redis connection')).toMatchObject({ status: 'passed' })
    expect(statusOf(report, 'Redis set, get, delete')).toMatchObject({
      status: 'failed',
      detail: expect.stringMatching(/refuses the command .*NOPERM/),
    })
  })
})

test('the API check passes on 200, fails on 500 and on silence', async () => {
  let status = 200
  const server = createServer((_request, response) => response.writeHead(status).end())
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const apiUrl = `http://127.0.0.1:${(server.address() as AddressInfo).port}`
  expect(statusOf(await verify({ apiUrl }), 'API health')).toMatchObject({ status: 'passed' })
  status = 500
  expect(statusOf(await verify({ apiUrl }), 'API health')).toMatchObject({ status: 'failed' })
  server.closeAllConnections()
  await new Promise((resolve) => server.close(resolve))
  expect(statusOf(await verify({ apiUrl }), 'API health')).toMatchObject({ status: 'failed' })
})
