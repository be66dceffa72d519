import { describe, expect, test } from 'vitest'
import { coverageOf, parseBound, stepOf } from '../../src-main/partitions/coverage.ts'

const range = (from: string, to: string) => ({ from: new Date(from), to: new Date(to) })

describe('parseBound', () => {
  test.each([
    [
      "FOR VALUES FROM ('2026-01-01') TO ('2026-02-01')",
      '2026-01-01T00:00:00.000Z',
      '2026-02-01T00:00:00.000Z',
    ],
    [
      "FOR VALUES FROM ('2026-01-01 00:00:00+00') TO ('2026-02-01 00:00:00+00')",
      '2026-01-01T00:00:00.000Z',
      '2026-02-01T00:00:00.000Z',
    ],
    [
      "FOR VALUES FROM ('2026-01-01 01:00:00+01') TO ('2026-01-01 05:30:00+05:30')",
      '2026-01-01T00:00:00.000Z',
      '2026-01-01T00:00:00.000Z',
    ],
  ])('%s', (bound, from, to) => {
    expect(parseBound(bound)).toEqual(range(from, to))
  })

  test.each([
    'DEFAULT',
    "FOR VALUES IN ('a')",
    'FOR VALUES WITH (modulus 4, remainder 0)',
    "FOR VALUES FROM (MINVALUE) TO ('2026-01-01')",
    "FOR VALUES FROM ('1') TO ('10')",
    "FOR VALUES FROM ('a', '2026-01-01') TO ('b', '2026-01-01')",
  ])('%s is no range of time', (bound) => {
    expect(parseBound(bound)).toBeNull()
  })
})

test('a step is told from the bounds', () => {
  expect(stepOf([range('2026-02-01', '2026-03-01')])).toBe('month')
  expect(stepOf([range('2026-01-01', '2026-04-01')])).toBe('quarter')
  expect(stepOf([range('2024-01-01', '2025-01-01')])).toBe('year')
  expect(stepOf([range('2026-01-01', '2026-01-08')])).toBe('other')
  expect(stepOf([])).toBe('other')
})

describe('coverageOf', () => {
  const now = new Date('2026-11-24')

  test('finds gaps and how far ahead there is none', () => {
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
      coveredUntil: new Date('2027-01-01'),
    })
  })

  test('now may be uncovered', () => {
    expect(coverageOf([range('2026-01-01', '2026-02-01')], now)).toEqual({ gaps: [], coveredUntil: null })
  })
})
