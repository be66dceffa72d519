import { execFileSync } from 'node:child_process'
import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { asyncBufferFromFile, parquetReadObjects } from 'hyparquet'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { fileFormats } from '../../src-main/console/exchangeContract.ts'
import { createTestDatabase, type TestDatabase } from '../support/database.ts'
import { mostHeldBy } from '../support/memory.ts'
import { openTestConsole } from './support.ts'

let database: TestDatabase
let tested: ReturnType<typeof openTestConsole>
let folder: string

beforeAll(async () => {
  database = await createTestDatabase({ template: 'empty' })
  tested = openTestConsole(database)
  folder = join(tested.home, 'files')
  mkdirSync(folder)
})

afterAll(async () => {
  await tested?.close()
  await database?.drop()
})

const odd = `select n::int8 as id, case n % 4 when 0 then null when 1 then '' when 2 then 'a,"b"' || chr(10) || 'c' else '=1+1' end as text,
  (n * 1.10)::numeric(20,2) as amount, n % 2 = 0 as flag, jsonb_build_object('n', n) as doc, '\\x00ff'::bytea as raw
  from generate_series(1, 3000) n order by 1`

async function held(text: string, maxRows = 0) {
  const { statements } = await tested.run(text, { maxRows })
  return statements[0]?.resultId ?? ''
}

type Export = Parameters<typeof tested.service.exportFile>[0]

async function exported(request: Pick<Export, 'resultId' | 'format'> & Partial<Export>) {
  const path = join(folder, `out-${Math.random()}.${request.format}`)
  const { jobId } = await tested.service.exportFile(
    { path, isReplacing: false, again: false, hasHeader: true, neutraliseFormulas: false, ...request },
    {},
  )
  return { job: await tested.jobs.finished(jobId), path: request.path ?? path }
}

async function imported(
  file: string,
  table: string,
  request: Partial<Parameters<typeof tested.service.importFile>[0]>,
) {
  const { jobId } = await tested.service.importFile(
    {
      path: file,
      format: 'csv',
      delimiter: ',',
      hasHeader: true,
      schema: 'public',
      table,
      mapping: [],
      maxRejects: 10_000,
      ...request,
    },
    {},
  )
  return tested.jobs.finished(jobId)
}

function psqlCsv(query: string): Buffer {
  return execFileSync('psql', [
    '-X',
    database.url,
    '-c',
    `\\copy (${query.replaceAll('\n', ' ')}) to stdout (format csv, header)`,
  ])
}

const rows = async (text: string) => (await database.client.query({ text, rowMode: 'array' })).rows

describe('a file of a result', () => {
  test.each([false, true])('as CSV is byte for byte what psql writes (run again: %s)', async (again) => {
    const { job, path } = await exported({ resultId: await held(odd), format: 'csv', again })
    expect(job.status).toBe('succeeded')
    expect(readFileSync(path).equals(psqlCsv(odd))).toBe(true)
    expect(existsSync(`${path}.partial`)).toBe(false)
  })

  test('run again holds every row, also those that were not asked for', async () => {
    const { path } = await exported({ resultId: await held(odd, 10), format: 'jsonl', again: true })
    const lines = readFileSync(path, 'utf8').trimEnd().split('\n')
    expect(lines).toHaveLength(3000)
    expect(lines[1]).toBe(
      '{"id":2,"text":"a,\\"b\\"\\nc","amount":2.20,"flag":true,"doc":{"n": 2},"raw":"\\\\x00ff"}',
    )
  })

  test('as Parquet has types of its own for integers, floats and booleans', async () => {
    const { path } = await exported({ resultId: await held(odd), format: 'parquet' })
    const read = await parquetReadObjects({ file: await asyncBufferFromFile(path) })
    expect(read).toHaveLength(3000)
    expect(read[2]).toEqual({
      id: 3n,
      text: '=1+1',
      amount: '3.30',
      flag: false,
      doc: '{"n": 3}',
      raw: '\\x00ff',
    })
    expect(read[3]?.text).toBeNull()
  })

  test('as SQL makes the same rows', async () => {
    const { path } = await exported({ resultId: await held(odd), format: 'insert', table: 'public.again' })
    await database.client.query(
      'create table again (id int8, text text, amount numeric, flag bool, doc jsonb, raw bytea)',
    )
    await database.client.query(readFileSync(path, 'utf8'))
    expect(await rows(`(${odd}) except all select * from again`)).toEqual([])
    expect(await rows('select count(*)::int from again')).toEqual([[3000]])
  })

  test('is not put over another, and keeps the name .partial when it fails', async () => {
    const path = join(folder, 'there.csv')
    writeFileSync(path, 'precious')
    const resultId = await held(odd)
    expect((await exported({ resultId, format: 'csv', path })).job.error).toMatchObject({ code: 'CONFLICT' })
    expect(readFileSync(path, 'utf8')).toBe('precious')
    const failing = await held('select 1 / (5 - n) from generate_series(1, 9) n', 2)
    const { job } = await exported({
      resultId: failing,
      format: 'jsonl',
      again: true,
      path: join(folder, 'half.jsonl'),
    })
    expect(job.error?.data).toMatchObject({
      sqlState: '22012',
      saved: expect.stringContaining('half.jsonl.partial'),
    })
    expect(existsSync(join(folder, 'half.jsonl'))).toBe(false)
  })

  test('is refused on a full disk with what was kept', async () => {
    const { job } = await exported({ resultId: await held(odd), format: 'csv', path: '/dev/full/x.csv' })
    expect(job.error?.code).toBe('FILE_UNREADABLE')
    await expect(
      tested.service.exportValue(
        { resultId: 'gone', row: 0, column: 0, path: '/tmp/x', isReplacing: false },
        {},
      ),
    ).rejects.toMatchObject({ code: 'NOT_FOUND' })
  })

  test('of one value holds it whole, bytes as bytes', async () => {
    const resultId = await held("select repeat('x', 3000000) || '💥' as text, '\\x00ff10'::bytea as raw")
    const path = (name: string) => join(folder, name)
    const save = (column: number, name: string) =>
      tested.service.exportValue({ resultId, row: 0, column, path: path(name), isReplacing: false }, {})
    expect(await save(0, 'value.txt')).toEqual({ sizeBytes: 3_000_004 })
    expect(readFileSync(path('value.txt'), 'utf8').endsWith('x💥')).toBe(true)
    await save(1, 'value.bin')
    expect(readFileSync(path('value.bin'))).toEqual(Buffer.from([0, 255, 16]))
  })
})

test.each(fileFormats)(
  'a file of a large result as %s is named .partial while it is written, tells how far it is, and stays so when it is cancelled',
  async (format) => {
    const resultId = await held("select n, repeat('x', 100) || n as text from generate_series(1, 300000) n")
    const path = join(folder, `cancelled.${format}`)
    const { jobId } = await tested.service.exportFile(
      { resultId, path, format, isReplacing: false, again: false, hasHeader: true, neutraliseFormulas: true },
      {},
    )
    await expect
      .poll(async () => (await tested.jobs.get({ id: jobId }, {}))?.progress ?? 0, { interval: 5 })
      .toBeGreaterThan(0)
    expect(existsSync(`${path}.partial`)).toBe(true)
    expect(existsSync(path)).toBe(false)
    await tested.jobs.cancel({ id: jobId }, {})
    const job = await tested.jobs.finished(jobId)
    expect(job.status).toBe('cancelled')
    expect(existsSync(path)).toBe(false)
    expect(existsSync(`${path}.partial`)).toBe(true)
  },
)

test('a workbook is written in bounded memory', async () => {
  const resultId = await held('select n, n / 7.0 as x from generate_series(1, 300000) n')
  const { result, mostBytes } = await mostHeldBy(() => exported({ resultId, format: 'xlsx' }))
  const { job, path } = result
  expect(job).toMatchObject({ status: 'succeeded' })
  expect(mostBytes).toBeLessThan(128 * 1024 ** 2)
  expect(readFileSync(path).subarray(0, 2).toString()).toBe('PK')
})

describe('an import', () => {
  test('shows the columns of a file with types that fit', async () => {
    const path = join(folder, 'typed.csv')
    writeFileSync(
      path,
      '\ufeffid;price;day;at;ok;zip\n1;1.50;2026-01-02;2026-01-02T03:04:05Z;true;00501\n2;;2026-01-03;2026-01-02 03:04;f;90210\n',
    )
    const preview = await tested.service.previewFile(
      { path, format: 'csv', delimiter: ';', hasHeader: true },
      {},
    )
    expect(preview.columns.map(({ name, type }) => `${name} ${type}`)).toEqual([
      'id bigint',
      'price numeric',
      'day date',
      'at timestamptz',
      'ok boolean',
      'zip text',
    ])
    expect(preview.rows[1]).toEqual(['2', null, '2026-01-03', '2026-01-02 03:04', 'f', '90210'])
    await expect(
      tested.service.previewFile(
        { path: join(folder, 'none.csv'), format: 'csv', delimiter: ',', hasHeader: true },
        {},
      ),
    ).rejects.toMatchObject({ code: 'FILE_UNREADABLE', fault: { sqlState: 'ENOENT' } })
  })

  test('takes good rows and sets bad ones aside with line and SQLSTATE', async () => {
    await database.client.query(
      'create table goods (id int primary key, note text, price numeric check (price > 0))',
    )
    const path = join(folder, 'goods.csv')
    const lines = Array.from({ length: 2000 }, (_unused, at) => `${at + 1},"two\nlines",${at + 1}.5`)
    lines[9] = 'ten,bad,1'
    lines[19] = '20,"",-5'
    lines[1999] = '5,again,1'
    writeFileSync(path, `id,note,price\n${lines.join('\n')}`)
    const job = await imported(path, 'goods', { mapping: ['id', 'note', 'price'] })
    expect(await rows('select line::int, sqlstate, record from goods_rejects order by line')).toEqual([
      [20, '22P02', 'ten,bad,1'],
      [39, '23514', '20,"",-5'],
      [3998, '23505', '5,again,1'],
    ])
    expect(job).toMatchObject({
      status: 'succeeded',
      detail: '1,997 rows, 3 refused: see public.goods_rejects',
    })
    expect(await rows('select count(*)::int from goods')).toEqual([[1997]])
  })

  test('finds rows that a foreign key refuses at the end', async () => {
    await database.client.query('create table lines (good int references goods)')
    const path = join(folder, 'lines.csv')
    writeFileSync(path, 'good\n1\n777777\n2\n888888\n')
    const job = await imported(path, 'lines', { mapping: ['good'] })
    expect(job).toMatchObject({ detail: '2 rows, 2 refused: see public.lines_rejects' })
    expect(await rows('select line::int, sqlstate from lines_rejects')).toEqual([
      [3, '23503'],
      [5, '23503'],
    ])
  })

  test('beyond the refused rows that are allowed saves nothing', async () => {
    const path = join(folder, 'bad.csv')
    writeFileSync(path, 'a\nx\ny\nz\n')
    await database.client.query('create table numbers (a int)')
    const job = await imported(path, 'numbers', { mapping: ['a'], maxRejects: 2 })
    expect(job.error).toMatchObject({ code: 'CONSTRAINT_VIOLATED', data: { saved: 'Nothing was imported.' } })
    expect(await rows("select to_regclass('public.numbers_rejects')")).toEqual([[null]])
  })

  test('makes the table, leaves columns out, and reads JSON lines and Parquet', async () => {
    const csv = await exported({ resultId: await held(odd), format: 'csv' })
    const mapping = ['id', null, 'amount', null, 'doc', null]
    const job = await imported(csv.path, 'made', { mapping, createWith: ['bigint', 'numeric', 'jsonb'] })
    expect(job.status).toBe('succeeded')
    expect(await rows(`select id, amount, doc from (${odd}) o except all select * from made`)).toEqual([])
    for (const format of ['jsonl', 'parquet'] as const) {
      const { path } = await exported({ resultId: await held(odd), format })
      const table = `from_${format}`
      await database.client.query(`create table ${table} (like again)`)
      const all = await imported(path, table, {
        format,
        mapping: ['id', 'text', 'amount', 'flag', 'doc', 'raw'],
      })
      expect(all).toMatchObject({ status: 'succeeded', detail: '3,000 rows' })
      expect(await rows(`(${odd}) except all select * from ${table}`)).toEqual([])
    }
    const exact = join(folder, 'exact.jsonl')
    writeFileSync(exact, '{"a": 9007199254740993, "b": {"n": 1.10, "big": 12345678901234567890}}\n')
    await database.client.query('create table exact (a int8, b json)')
    await imported(exact, 'exact', { format: 'jsonl', mapping: ['a', 'b'] })
    expect(await rows('select a::text, b::text from exact')).toEqual([
      ['9007199254740993', '{"n":1.10,"big":12345678901234567890}'],
    ])
  })
})
