import { afterAll, beforeAll, expect, test } from 'vitest'
import { type PlotRequest, plotRequestSchema } from '../../src-main/console/plotContract.ts'
import { createTestDatabase, type TestDatabase } from '../support/database.ts'
import { openTestConsole } from './support.ts'

let database: TestDatabase
let tested: ReturnType<typeof openTestConsole>

beforeAll(async () => {
  database = await createTestDatabase()
  tested = openTestConsole(database)
})

afterAll(async () => {
  await tested?.close()
  await database?.drop()
})

async function plot(text: string, request: Partial<PlotRequest> & Pick<PlotRequest, 'kind'>) {
  const { statements } = await tested.run(text, { maxRows: 0 })
  const resultId = statements[0]?.resultId ?? ''
  const made = plotRequestSchema.parse({ x: null, y: [], ...request })
  return tested.service.plot({ resultId, plot: made }, {})
}

test('bars add what shares a name, exactly, NULL being a name of its own', async () => {
  const made = await plot(
    `select * from (values ('a', 9007199254740993), ('b', 0.1), ('a', 0.20), (null, 5), ('a', null), ('b', 0.2)) v (k, n)`,
    { kind: 'bar', x: 0, y: [1], aggregate: 'sum' },
  )
  expect(made).toMatchObject({ axis: 'category', categories: ['a', 'b', 'NULL'], rows: 6, leftOut: 1 })
  expect(made.series).toEqual([
    {
      name: 'n',
      points: [
        [0, Number('9007199254740993.2'), 'a', '9007199254740993.20'],
        [1, 0.3, 'b', '0.3'],
        [2, 5, 'NULL', '5'],
      ],
    },
  ])
})

test.each([
  ['avg', '2'],
  ['min', '1'],
  ['max', '3'],
  ['count', '3'],
] as const)('%s of rows with one x', async (aggregate, text) => {
  const made = await plot('values (1, 1), (1, 2), (1, 3)', { kind: 'line', x: 0, y: [1], aggregate })
  expect(made.series[0]?.points).toEqual([[1, Number(text), '1', text]])
})

test('a line over time is in order, a series for each value of a column', async () => {
  const made = await plot(
    `values (timestamptz '2026-03-01 12:00+00', 2, 'x'), ('2026-02-01 12:00+00', 1, 'x'), ('infinity', 3, 'y'),
            ('2026-02-01 12:00+00', 7, 'y')`,
    { kind: 'line', x: 0, y: [1], series: 2 },
  )
  expect(made).toMatchObject({ axis: 'time', leftOut: 1, reduction: null })
  expect(made.series.map(({ name, points }) => [name, ...points.map(([x, y]) => [x, y])])).toEqual([
    ['x', [Date.parse('2026-02-01T12:00Z'), 1], [Date.parse('2026-03-01T12:00Z'), 2]],
    ['y', [Date.parse('2026-02-01T12:00Z'), 7]],
  ])
})

test('a line of 300,000 rows keeps its only peak, every point one of the result', async () => {
  const made = await plot(
    'select n, case when n = 123457 then 1000000 else n % 100 end as y from generate_series(1, 300000) n',
    { kind: 'line', x: 0, y: [1] },
  )
  const points = made.series[0]?.points ?? []
  expect(points.length).toBeLessThanOrEqual(4000)
  expect(points).toContainEqual([123457, 1_000_000, '123457', '1000000'])
  expect(points[0]?.[2]).toBe('1')
  expect(points.at(-1)?.[2]).toBe('300000')
  expect(made.reduction).toMatch(/of 300,000 points are drawn/)
})

test('a scatter of many rows is a sample, and says so', async () => {
  const made = await plot('select n, -n from generate_series(1, 20000) n', { kind: 'scatter', x: 0, y: [1] })
  expect(made.series[0]?.points).toHaveLength(5000)
  expect(made.reduction).toBe('every 4th row is drawn')
})

test('a histogram counts every row, few whole numbers each for itself', async () => {
  const dice = await plot('select n % 6 + 1 from generate_series(1, 600) n union all select null', {
    kind: 'histogram',
    y: [0],
  })
  expect(dice.series[0]?.points.map(([x, count, text]) => [x, count, text])).toEqual(
    [1, 2, 3, 4, 5, 6].map((side) => [side, 100, String(side)]),
  )
  expect(dice).toMatchObject({ stepWidth: 1, leftOut: 1 })
  const wide = await plot('select n / 7.0 from generate_series(0, 9999) n', { kind: 'histogram', y: [0] })
  const counts = wide.series[0]?.points.map(([, count]) => count) ?? []
  expect(counts).toHaveLength(30)
  expect(counts.reduce((sum, count) => sum + count, 0)).toBe(10_000)
  const days = await plot("select date '2026-01-01' + n from generate_series(0, 89) n", {
    kind: 'histogram',
    y: [0],
  })
  expect(days.axis).toBe('time')
  expect(days.series[0]?.points[0]?.[2]).toMatch(/^2026-01-01 00:00 to below 2026-01-0/)
  const none = await plot('select null::int', { kind: 'histogram', y: [0] })
  expect(none).toMatchObject({ series: [], leftOut: 1 })
})

test('only rows that a filter lets through are drawn', async () => {
  const { statements } = await tested.run('select n % 3 as k from generate_series(1, 9) n')
  const resultId = statements[0]?.resultId ?? ''
  const filters = [{ column: 0, op: '<>' as const, value: '0' }]
  const { arrangementId } = await tested.service.arrange(
    { resultId, arrangement: { find: '', filters, sort: null } },
    {},
  )
  const request = plotRequestSchema.parse({ kind: 'bar', x: 0, y: [], aggregate: 'count' })
  const made = await tested.service.plot({ resultId, arrangementId, plot: request }, {})
  expect(made).toMatchObject({ rows: 6, categories: ['1', '2'] })
})

test('more series than can be told apart are one, more groups than fit are refused', async () => {
  const many = await plot('select n as x, n % 40 as s from generate_series(1, 400) n', {
    kind: 'bar',
    x: null,
    y: [0],
    series: 1,
  })
  expect(many.series).toHaveLength(13)
  expect(many.series.at(-1)?.name).toBe('others')
  await expect(
    plot("select 'k' || n as k, 1 as one from generate_series(1, 120000) n", {
      kind: 'bar',
      x: 0,
      y: [1],
      aggregate: 'sum',
    }),
  ).rejects.toMatchObject({ code: 'UNSUPPORTED', fault: { next: expect.stringContaining('limit 500') } })
})
