import { execFileSync } from 'node:child_process'
import fc from 'fast-check'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { createTestDatabase, type TestDatabase } from '../support/database.ts'
import { openTestConsole } from './support.ts'

let database: TestDatabase
let tested: ReturnType<typeof openTestConsole>

beforeAll(async () => {
  database = await createTestDatabase({ template: 'empty' })
  tested = openTestConsole(database)
  await database.client.query(`
    create type mood as enum ('sad', 'it''s "fine"', 'a, b');
    create type pair as (a int, b text);
    create domain short as varchar(9);`)
})

afterAll(async () => {
  await tested?.close()
  await database?.drop()
})

/** Text that a server of UTF-8 can hold; without the noncharacters, which psql leaves out when it prints (`mbvalidate`). */
const text = fc
  .string({ unit: 'binary', maxLength: 12 })
  .map((value) => value.toWellFormed().replaceAll(/\0|\p{Noncharacter_Code_Point}/gu, ''))
const int = (bits: number) =>
  fc.bigInt({ min: -(2n ** BigInt(bits - 1)), max: 2n ** BigInt(bits - 1) - 1n }).map(String)
const digits = (most: number) =>
  fc.array(fc.nat(9), { minLength: 1, maxLength: most }).map((all) => all.join(''))
const numeric = fc
  .tuple(fc.constantFrom('', '-'), digits(600), digits(400))
  .map(([sign, whole, part]) => `${sign}${whole}.${part}`)
const float = fc
  .double({ noNaN: true })
  .map((value) => (Number.isFinite(value) ? value.toExponential() : value > 0 ? 'infinity' : '-infinity'))
const two = (number: number) => String(number).padStart(2, '0')
const date = fc
  .tuple(
    fc.integer({ min: 1, max: 5_874_897 }),
    fc.integer({ min: 1, max: 12 }),
    fc.integer({ min: 1, max: 28 }),
    fc.boolean(),
  )
  .map(
    ([year, month, day, isBc]) =>
      `${String(isBc ? (year % 4712) + 1 : year).padStart(4, '0')}-${two(month)}-${two(day)}${isBc ? ' BC' : ''}`,
  )
const time = fc
  .tuple(fc.nat(23), fc.nat(59), fc.nat(59), fc.nat(999_999))
  .map(
    ([hour, minute, second, micro]) =>
      `${two(hour)}:${two(minute)}:${two(second)}.${String(micro).padStart(6, '0')}`,
  )
const stamp = fc
  .tuple(
    fc.integer({ min: 1, max: 294_275 }),
    fc.integer({ min: 1, max: 12 }),
    fc.integer({ min: 1, max: 28 }),
    time,
    fc.boolean(),
  )
  .map(
    ([year, month, day, at, isBc]) =>
      `${String(isBc ? (year % 4712) + 1 : year).padStart(4, '0')}-${two(month)}-${two(day)} ${at}${isBc ? ' BC' : ''}`,
  )
const bytes = fc.uint8Array({ maxLength: 40 }).map((value) => `\\x${Buffer.from(value).toString('hex')}`)
const json = fc.jsonValue().map((value) => JSON.stringify(value).replaceAll('\\u0000', '').toWellFormed())
const list = (element: fc.Arbitrary<string>) =>
  fc
    .array(fc.option(element), { maxLength: 4 })
    .map(
      (all) =>
        `{${all.map((one) => (one === null ? 'NULL' : `"${one.replaceAll(/["\\]/g, '\\$&')}"`)).join(',')}}`,
    )

/** A type of PostgreSQL, and what it may hold beside NULL. */
const types: [string, fc.Arbitrary<string>][] = [
  ['int2', int(16)],
  ['int4', int(32)],
  ['int8', int(64)],
  ['numeric', fc.oneof(numeric, fc.constantFrom('NaN', 'Infinity', '-Infinity', '0.000'))],
  ['float4', fc.oneof(fc.constantFrom('NaN', 'infinity', '-infinity', '1e-40'), int(32))],
  ['float8', fc.oneof(float, fc.constant('NaN'))],
  ['money', int(40)],
  ['bool', fc.constantFrom('t', 'f')],
  ['text', text],
  ['varchar', text],
  ['char(7)', fc.string({ maxLength: 7 }).map((value) => value.replaceAll('\0', ''))],
  ['"char"', fc.constantFrom('a', '\\', '')],
  ['name', fc.string({ maxLength: 20 }).map((value) => value.replaceAll('\0', ''))],
  ['short', fc.string({ maxLength: 9 }).map((value) => value.replaceAll('\0', ''))],
  ['mood', fc.constantFrom('sad', 'it\'s "fine"', 'a, b')],
  ['bytea', bytes],
  ['date', fc.oneof(date, fc.constantFrom('infinity', '-infinity'))],
  ['time', time],
  ['timetz', time.map((at) => `${at}+05:30`)],
  ['timestamp', fc.oneof(stamp, fc.constantFrom('infinity', '-infinity'))],
  [
    'timestamptz',
    fc.oneof(
      stamp.map((at) => at.replace(/( BC)?$/, '+02$1')),
      fc.constant('infinity'),
    ),
  ],
  [
    'interval',
    fc.tuple(fc.integer({ min: -9999, max: 9999 }), time).map(([months, at]) => `${months} mons ${at}`),
  ],
  ['uuid', fc.uuid()],
  ['json', json],
  ['jsonb', json],
  ['xml', text.map((value) => `<a>${value.replaceAll(/[^\p{L}\p{N} ]/gu, '')}</a>`)],
  ['inet', fc.ipV4()],
  ['cidr', fc.ipV4().map((address) => `${address}/32`)],
  ['macaddr', fc.constantFrom('08:00:2b:01:02:03', 'ff:ff:ff:ff:ff:ff')],
  ['bit(5)', fc.constantFrom('00000', '10101')],
  ['varbit', fc.array(fc.constantFrom('0', '1'), { maxLength: 20 }).map((all) => all.join(''))],
  ['point', fc.tuple(int(20), int(20)).map(([x, y]) => `(${x},${y})`)],
  ['tsvector', fc.constantFrom("'a' 'b c'", "'it''s':1A")],
  ['int4range', fc.tuple(fc.nat(999), fc.nat(999)).map(([a, b]) => `[${a},${a + b}]`)],
  ['tstzrange', stamp.filter((at) => !at.endsWith('BC')).map((at) => `["${at}",)`)],
  ['int4multirange', fc.constantFrom('{}', '{[1,3),[5,9)}')],
  ['int8[]', list(int(64))],
  ['text[]', list(text)],
  ['jsonb[]', list(json)],
  [
    'pair',
    fc
      .tuple(int(32), fc.constantFrom('a"b', 'c,d', '(e)'))
      .map(([a, b]) => `(${a},"${b.replaceAll('"', '""')}")`),
  ],
  ['oid', fc.nat().map(String)],
  ['pg_lsn', fc.constantFrom('0/0', '16/B374D848')],
]

/** Between values and rows stand bytes that no value here holds. */
const [fieldMark, recordMark, nullMark] = ['\u001f', '\u001e', '\u0011']

function askPsql(statement: string): (string | null)[][] {
  const url = new URL(database.url)
  const out = execFileSync(
    'psql',
    ['-XAtq', '-F', fieldMark, '-R', recordMark, '-P', `null=${nullMark}`, '-f', '-', database.url],
    {
      input: statement,
      encoding: 'utf8',
      env: { ...process.env, PGCLIENTENCODING: 'UTF8', PGUSER: url.username },
    },
  )
  return out
    .slice(0, -1)
    .split(recordMark)
    .map((row) => row.split(fieldMark).map((cell) => (cell === nullMark ? null : cell)))
}

const marks = new RegExp(`[${fieldMark}${recordMark}${nullMark}]`, 'g')
const literalOf = (value: string | null, type: string) =>
  value === null ? 'null' : `'${value.replaceAll(marks, '').replaceAll("'", "''")}'::${type}`

test.each(types)('values of %s are shown as psql shows them, to the last digit', async (type, values) => {
  const many = fc.array(fc.option(values, { freq: 12 }), { minLength: 40, maxLength: 40, size: 'max' })
  await fc.assert(
    fc.asyncProperty(many, async (cells) => {
      const statement = `values ${cells.map((cell, at) => `(${at}, ${literalOf(cell, type)})`).join(',\n')}`
      const { statements } = await tested.run(statement)
      expect(statements[0]?.error ?? null).toBeNull()
      const resultId = statements[0]?.resultId ?? ''
      const { rows } = await tested.service.listRows(
        { resultId, from: 0, count: cells.length, maxCharacters: 1_000_000 },
        {},
      )
      expect(rows).toEqual(askPsql(statement))
    }),
    { numRuns: 3, endOnFailure: true },
  )
})
