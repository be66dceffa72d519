import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { readBound } from '../../src-main/partitions/bounds.ts'
import { coverageOf, stepOf } from '../../src-main/partitions/coverage.ts'
import { createNamer, cutName } from '../../src-main/partitions/naming.ts'

const at = (text: string) => Date.parse(`${text}T00:00:00Z`)
const range = (from: string, to: string) => ({ from: at(from), to: at(to) })

describe('readBound', () => {
  test.each([
    ["FOR VALUES FROM ('2026-01-01') TO ('2026-02-01')", at('2026-01-01'), at('2026-02-01'), 'time'],
    [
      "FOR VALUES FROM ('2026-01-01 00:00:00+00') TO ('2026-02-01 00:00:00+00')",
      at('2026-01-01'),
      at('2026-02-01'),
      'time',
    ],
    [
      "FOR VALUES FROM ('2026-01-01 01:00:00+01') TO ('2026-01-02 05:30:00+05:30')",
      at('2026-01-01'),
      at('2026-01-02'),
      'time',
    ],
    ["FOR VALUES FROM (MINVALUE) TO ('2026-01-01')", null, at('2026-01-01'), 'time'],
    ["FOR VALUES FROM ('1') TO ('10')", 1, 10, 'number'],
    ["FOR VALUES FROM ('-20') TO (MAXVALUE)", -20, null, 'number'],
    ["FOR VALUES FROM ('a', '2026-01-01') TO ('b', '2026-01-01')", null, null, 'none'],
    ["FOR VALUES FROM ('a') TO ('b')", null, null, 'none'],
  ])('%s', (bound, from, to, scale) => {
    expect(readBound(bound)).toMatchObject({ kind: 'range', from, to, scale })
  })

  test('lists, hashes and the default', () => {
    expect(readBound("FOR VALUES IN ('a', 'b''c', NULL, 'd, e')")).toMatchObject({
      kind: 'list',
      values: ['a', "b'c", 'NULL', 'd, e'],
    })
    expect(readBound('FOR VALUES IN (1, 2)').values).toEqual(['1', '2'])
    expect(readBound('FOR VALUES WITH (modulus 4, remainder 3)')).toMatchObject({ modulus: 4, remainder: 3 })
    expect(readBound('DEFAULT').kind).toBe('default')
  })

  test('any text in a list is read back as it was', () => {
    const quote = (text: string) => {
      const doubled = text.replaceAll("'", "''")
      return doubled.includes('\\') ? `E'${doubled.replaceAll('\\', '\\\\')}'` : `'${doubled}'`
    }
    fc.assert(
      fc.property(fc.array(fc.string({ unit: 'grapheme' }), { minLength: 1 }), (values) => {
        expect(readBound(`FOR VALUES IN (${values.map(quote).join(', ')})`).values).toEqual(values)
      }),
    )
  })
})

test('a step is told from the last bounds', () => {
  expect(stepOf([range('2026-02-01', '2026-03-01')])).toBe('month')
  expect(stepOf([range('2026-01-01', '2026-04-01')])).toBe('quarter')
  expect(stepOf([range('2024-01-01', '2025-01-01')])).toBe('year')
  expect(stepOf([range('2026-01-01', '2026-01-08')])).toBe('week')
  expect(stepOf([range('2026-01-01', '2026-01-02')])).toBe('day')
  expect(stepOf([{ from: 0, to: 3_600_000 }])).toBe('hour')
  expect(stepOf([range('2026-01-01', '2026-01-12')])).toBe('other')
  expect(stepOf([])).toBe('other')
})

describe('coverageOf', () => {
  const now = at('2026-11-24')

  test('finds gaps, and how far ahead there is none', () => {
    expect(
      coverageOf(
        [
          range('2026-11-01', '2026-12-01'),
          range('2026-01-01', '2026-02-01'),
          range('2026-12-01', '2027-01-01'),
          range('2027-02-01', '2027-03-01'),
        ],
        now,
      ),
    ).toEqual({
      gaps: [range('2026-02-01', '2026-11-01'), range('2027-01-01', '2027-02-01')],
      coveredUntil: at('2027-01-01'),
    })
  })

  test('now may be uncovered, and the last may have no end', () => {
    expect(coverageOf([range('2026-01-01', '2026-02-01')], now).coveredUntil).toBeNull()
    expect(coverageOf([{ from: at('2026-01-01'), to: null }], now).coveredUntil).toBe(Infinity)
  })
})

describe('names of new partitions', () => {
  test.each([
    ['raw_data_2026_02', 'month', '2026-02-01 00:00:00', '2026-03-01 00:00:00', 'raw_data_2026_03'],
    ['events_p20260228', 'day', '2026-02-28 00:00:00', '2026-03-01 00:00:00', 'events_p20260301'],
    ['audit_log_2025_q4', 'quarter', '2025-10-01 00:00:00', '2026-01-01 00:00:00', 'audit_log_2026_q1'],
    ['m2025', 'year', '2025-01-01 00:00:00', '2026-01-01 00:00:00', 'm2026'],
    ['w_2026w53', 'week', '2026-12-28 00:00:00', '2027-01-04 00:00:00', 'w_2027w01'],
    ['h_2026010123', 'hour', '2026-01-01 23:00:00', '2026-01-02 00:00:00', 'h_2026010200'],
    ['odd', 'month', '2026-02-01 00:00:00', '2026-03-01 00:00:00', 'table_2026_03'],
  ] as const)('%s, a %s later', (name, step, from, next, wanted) => {
    expect(createNamer('table', step, { name, local: from }, [])(next)).toBe(wanted)
  })

  test('a name that is taken gets a number, and none is longer than 63 bytes', () => {
    const name = createNamer('é'.repeat(40), 'day', undefined, [])
    const [first, second] = [name('2026-01-01 00:00:00'), name('2026-01-01 00:00:00')]
    expect(first).not.toBe(second)
    for (const one of [first, second]) expect(Buffer.byteLength(one)).toBeLessThanOrEqual(63)
    expect(cutName(`${'a'.repeat(62)}é`)).toBe('a'.repeat(62))
  })
})
