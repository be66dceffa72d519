import { afterEach, beforeEach, expect, test } from 'vitest'
import { createAudit } from '../../src-main/audit/service.ts'
import { listEntries } from '../../src-main/audit/sql.ts'
import { openTestServices, type TestServices } from '../support/services.ts'

let services: TestServices

beforeEach(async () => {
  services = await openTestServices()
  const { client } = services.database
  await client.query("set application_name = 'audit test'")
  await client.query(
    "insert into explore.source_systems (code, name, kind, owner) values ('crm', 'CRM', 'file', 'sales')",
  )
  await client.query("update explore.source_systems set owner = 'marketing' where code = 'crm'")
  await client.query("delete from explore.source_systems where code = 'crm'")
})

afterEach(() => services.close())

const audit = () => createAudit({ db: services.db })
const window = () => ({ from: new Date(Date.now() - 3_600_000), to: new Date(Date.now() + 3_600_000) })
const ofSources = { table: 'explore.source_systems', limit: 200 }

test('tells who changed what, from where, before and after, newest first', async () => {
  const entries = await audit().list({ ...window(), ...ofSources }, {})
  expect(entries.map(({ action }) => action)).toEqual(['delete', 'update', 'insert'])
  const [, update] = entries
  expect(update).toMatchObject({
    user: 'atlas_user',
    application: 'audit test',
    schema: 'explore',
    table: 'source_systems',
  })
  expect(update?.old?.owner).toBe('sales')
  expect(update?.new?.owner).toBe('marketing')
  expect(update?.occurredAt).toMatch(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{6}Z$/)
})

test('filters and pages', async () => {
  const filter = { ...window(), ...ofSources }
  expect(await audit().list({ ...filter, action: 'update' }, {})).toHaveLength(1)
  expect(await audit().list({ ...filter, user: 'nobody' }, {})).toEqual([])
  const [first] = await audit().list({ ...filter, limit: 1 }, {})
  expect(
    (await audit().list({ ...filter, before: first?.sequence }, {})).map(({ action }) => action),
  ).toEqual(['update', 'insert'])
})

test('reads only the partitions of its window', async () => {
  const { statement } = listEntries({ from: new Date('2025-01-10'), to: new Date('2025-01-20'), limit: 10 })
  const { rows } = await services.database.client.query(`explain ${statement.text}`, [...statement.values])
  const plan = rows.map((row) => row['QUERY PLAN']).join('\n')
  expect(plan).toContain('audit_log_2025_q1')
  expect(plan).not.toMatch(/2025_q2|2026_q|default/)
})

test('the days of a window are counted by hour', async () => {
  const cells = await audit().heatmap(window(), {})
  expect(cells.reduce((sum, { entries }) => sum + entries, 0)).toBeGreaterThanOrEqual(3)
})

test('an untouched chain is intact; a changed row is found and named', async () => {
  expect(await audit().verify({}, {})).toMatchObject({ isIntact: true, firstBad: null })
  const superuser = await services.database.connect('postgres')
  // The triggers that refuse it fire always; only a superuser can take them away.
  await superuser.query(
    `do $$ declare t regclass; begin
       for t in select relid from pg_partition_tree('compliance.audit_log') loop
         execute format('alter table %s disable trigger all', t);
       end loop;
     end $$`,
  )
  const { rows } = await superuser.query(
    `update compliance.audit_log set new_values = '{"owner": "nobody"}' where action = 'update' and table_name = 'source_systems' returning sequence`,
  )
  expect(await audit().verify({}, {})).toMatchObject({
    isIntact: false,
    firstBad: { sequence: Number(rows[0].sequence), kind: 'edited' },
  })
})
