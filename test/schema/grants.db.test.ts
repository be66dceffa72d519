import { randomBytes } from 'node:crypto'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { openPostgres } from '../../src-main/adapters/postgres.ts'
import type { GrantChange } from '../../src-main/schema/grants/contract.ts'
import { createSchema } from '../../src-main/schema/service.ts'
import { quoteIdentifier } from '../../src-main/sql.ts'
import { openTestServices, type TestServices } from '../support/services.ts'
import { targetOf } from '../support/target.ts'

let services: TestServices
let superuser: Awaited<ReturnType<TestServices['database']['connect']>>

// Roles are the server's: other tests must not meet them.
const mark = randomBytes(3).toString('hex')
const roles: string[] = []
const schema = `"; drop table public.canary; -- ${mark}`

const run = (text: string) => services.database.client.query(text)
const service = () => createSchema({ db: services.db })
const change = (rest: Partial<GrantChange>): GrantChange => ({
  schema,
  name: 'plain',
  role: 'public',
  action: 'grant',
  reach: 'object',
  privileges: ['select'],
  ...rest,
})
const apply = (rest: Partial<GrantChange>) => service().applyGrant(change(rest), {})

async function makeRole(name: string): Promise<string> {
  await superuser.query(`create role ${quoteIdentifier(name)}`)
  roles.push(name)
  return name
}

async function holds(role: string, table: string, privilege: string): Promise<boolean> {
  const { rows } = await services.database.client.query(
    'select has_table_privilege($1::name, format($2, $3::text, $4::text), $5) as held',
    [role, '%I.%I', schema, table, privilege],
  )
  return rows[0].held
}

beforeAll(async () => {
  services = await openTestServices()
  superuser = await services.database.connect('postgres')
  await run('create table public.canary (id int)')
  await run(`create schema ${quoteIdentifier(schema)}`)
  await run(`create table ${quoteIdentifier(schema)}.plain (id int)`)
})

afterAll(async () => {
  for (const role of roles)
    await superuser.query(`drop owned by ${quoteIdentifier(role)}; drop role ${quoteIdentifier(role)}`)
  await services.close()
})

test.each([
  `"; drop table public.canary; --`,
  `'); drop role postgres; --`,
  '$$ line\nbreak',
  'שלום \u202Eevil\u202C',
  '\\ %I $\u007Bx} a.b',
  'x'.repeat(56),
])('what is granted is held, and no more once it is revoked: %j', async (odd) => {
  const role = await makeRole(`${odd} ${mark}`)
  await run(`create table ${quoteIdentifier(schema)}.${quoteIdentifier(odd)} (id int)`)
  const asked = { role, name: odd, privileges: ['select', 'update'] } satisfies Partial<GrantChange>
  const shown = await service().previewGrant(change(asked), {})
  expect(await holds(role, odd, 'select')).toBe(false)
  expect(await apply(asked)).toEqual(shown)
  expect(await holds(role, odd, 'update')).toBe(true)
  expect(await holds(role, odd, 'delete')).toBe(false)
  const { grants } = await service().listGrants({ schema, name: odd }, {})
  expect(grants.find((grant) => grant.role === role)).toEqual({
    role,
    grantor: 'atlas_user',
    isOwner: false,
    privileges: ['select', 'update'],
    grantable: [],
    mayUseSchema: false,
  })
  await apply({ ...asked, action: 'revoke' })
  expect(await holds(role, odd, 'select')).toBe(false)
  const { rows } = await run("select to_regclass('public.canary') is not null as there")
  expect(rows).toEqual([{ there: true }])
})

test('a grant reaches all tables of the schema, those made later, and the schema itself', async () => {
  const role = await makeRole(`reach ${mark}`)
  const quoted = quoteIdentifier(schema)
  await run(`create view ${quoted}.seen as select 1 as n`)
  await apply({ role, reach: 'all' })
  expect([await holds(role, 'plain', 'select'), await holds(role, 'seen', 'select')]).toEqual([true, true])
  await run(`create table ${quoted}.before (id int)`)
  await apply({ role, reach: 'future', privileges: ['select', 'insert'] })
  await run(`create table ${quoted}.after (id int)`)
  expect([await holds(role, 'before', 'select'), await holds(role, 'after', 'insert')]).toEqual([false, true])
  await apply({ role, reach: 'schema', privileges: ['usage'] })
  const { grants } = await service().listGrants({ schema, name: 'plain' }, {})
  expect(grants.find((grant) => grant.role === role)?.mayUseSchema).toBe(true)
  await apply({ role, reach: 'all', action: 'revoke' })
  expect(await holds(role, 'after', 'select')).toBe(false)
})

test('every privilege that is offered can be granted, and none is left out', async () => {
  const role = await makeRole(`offered ${mark}`)
  const quoted = quoteIdentifier(schema)
  await run(`create view ${quoted}.a_view as select 1 as n;
    create materialized view ${quoted}.kept as select 1 as n;
    create table ${quoted}.parted (id int) partition by range (id)`)
  for (const name of ['plain', 'a_view', 'kept', 'parted']) {
    const { choices } = await service().listGrants({ schema, name }, {})
    for (const reach of ['object', 'all', 'schema'] as const)
      await apply({ role, name, reach, privileges: choices[reach] })
    const { grants } = await service().listGrants({ schema, name }, {})
    const [owner, granted] = [grants.find(({ isOwner }) => isOwner), grants.find((one) => one.role === role)]
    expect(granted?.privileges).toEqual(owner?.privileges)
  }
})

test('what the server refuses, or leaves as it was, is told with what stands in the way; nothing is changed', async () => {
  const [first, second] = [await makeRole(`first ${mark}`), await makeRole(`second ${mark}`)]
  const quoted = quoteIdentifier(schema)
  await run(`create table ${quoted}.passed_on (id int); create table ${quoted}.closed (id int)`)
  await apply({ name: 'passed_on', role: first, action: 'grant with grant option' })
  await apply({ role: first, reach: 'schema', privileges: ['usage'] })
  await superuser.query(`set role ${quoteIdentifier(first)};
    grant select on ${quoted}.passed_on to ${quoteIdentifier(second)}; reset role`)

  await expect(apply({ name: 'passed_on', role: first, action: 'revoke' })).rejects.toMatchObject({
    fault: { sqlState: '2BP01' },
  })
  await expect(apply({ name: 'passed_on', role: second, action: 'revoke' })).rejects.toMatchObject({
    code: 'PERMISSION_DENIED',
    message: `${second} still holds select, granted by ${first}`,
  })
  expect([await holds(first, 'passed_on', 'select'), await holds(second, 'passed_on', 'select')]).toEqual([
    true,
    true,
  ])
  await expect(apply({ action: 'grant with grant option' })).rejects.toMatchObject({
    fault: { sqlState: '0LP01' },
  })
  await expect(apply({ role: `nobody ${mark}` })).rejects.toMatchObject({ fault: { sqlState: '42704' } })

  await apply({ role: 'test_reader' })
  await apply({ role: 'test_reader', reach: 'schema', privileges: ['usage'] })
  const db = openPostgres(async () => ({ ...targetOf(services.database.url), user: 'test_reader' }), {
    applicationName: 'Atlas test',
  })
  try {
    const reader = createSchema({ db })
    await expect(reader.applyGrant(change({ role: second }), {})).rejects.toMatchObject({
      code: 'PERMISSION_DENIED',
      fault: { sqlState: '01007' },
    })
    await expect(reader.applyGrant(change({ role: second, name: 'closed' }), {})).rejects.toMatchObject({
      fault: { sqlState: '42501' },
    })
  } finally {
    await db.close()
  }
  expect(await holds(second, 'plain', 'select')).toBe(false)
})
