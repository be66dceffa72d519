import { mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { createTestDatabase, type TestDatabase } from '../support/database.ts'
import { openTestConsole } from './support.ts'

let database: TestDatabase
let tested: ReturnType<typeof openTestConsole>
let folder: string
let made = 0

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

interface Wish {
  format?: 'csv' | 'jsonl'
  delimiter?: string
  /** Columns of the file that are left out. */
  without?: string[]
}

/** Looks into a file, makes a table of what is found there, and copies it in. */
async function brought(
  content: string | Buffer,
  { format = 'csv', delimiter = ',', without = [] }: Wish = {},
) {
  const path = join(folder, `file-${++made}`)
  writeFileSync(path, content)
  const file = { path, format, delimiter, hasHeader: true }
  const { columns } = await tested.service.previewFile(file, {})
  const table = `t${made}`
  const kept = columns.filter(({ name }) => !without.includes(name))
  const { jobId } = await tested.service.importFile(
    {
      ...file,
      schema: 'public',
      table,
      mapping: columns.map(({ name }) => (without.includes(name) ? null : name)),
      createWith: kept.map(({ type }) => type),
      maxRejects: 100,
    },
    {},
  )
  const job = await tested.jobs.finished(jobId)
  const query = async (text: string) => (await database.client.query({ text, rowMode: 'array' })).rows
  const [hasRejects] = await query(`select to_regclass('public.${table}_rejects') is not null`)
  return {
    job,
    columns: columns.map(({ name, type }) => `${name} ${type}`),
    rows: job.status === 'succeeded' ? await query(`select * from public.${table}`) : [],
    rejects: hasRejects?.[0]
      ? await query(`select line::int, sqlstate from public.${table}_rejects order by line`)
      : [],
  }
}

describe('a file of', () => {
  test.each<[string, string | Buffer, Wish, object]>([
    [
      'CRLF, a byte order mark, line ends and quotes in quotes',
      '\ufeffa,b\r\n1,"x\r\ny"\r\n2,"q""q"\r\n',
      {},
      {
        columns: ['a bigint', 'b text'],
        rows: [
          ['1', 'x\r\ny'],
          ['2', 'q"q'],
        ],
      },
    ],
    [
      'heads that are the same, or nothing',
      'a,a,\n1,2,3\n',
      {},
      { columns: ['a bigint', 'a_2 bigint', 'column_3 bigint'], rows: [['1', '2', '3']] },
    ],
    [
      'records that are too short and too long',
      'a,b\n1,2\n3\n4,5,6\n7,8\n',
      {},
      {
        rows: [
          ['1', '2'],
          ['7', '8'],
        ],
        rejects: [
          [3, '22P04'],
          [4, '22P04'],
        ],
      },
    ],
    [
      'the same where a column is left out',
      'a,b\n1,2\n3\n4,5,6\n"7\n",8\n9,x\n',
      { without: ['a'] },
      {
        rows: [['2'], ['8'], ['x']],
        rejects: [
          [3, '22P04'],
          [4, '22P04'],
        ],
      },
    ],
    [
      'bytes that are no UTF-8',
      Buffer.from('a,b\n1,\xe9\n2,x\n', 'latin1'),
      {},
      { rows: [['2', 'x']], rejects: [[2, '22021']] },
    ],
    ['a zero byte', 'a,b\n1,x\0y\n2,z\n', {}, { rows: [['2', 'z']], rejects: [[2, '22021']] }],
    [
      'no line end behind the last record',
      'a,b\n1,2',
      {},
      { columns: ['a bigint', 'b bigint'], rows: [['1', '2']] },
    ],
    [
      'the mark that once ended the data',
      'a\n\\.\nx\n"in\n\\.\nquotes"\n',
      {},
      { rows: [['\\.'], ['x'], ['in\n\\.\nquotes']], rejects: [] },
    ],
    ['a head alone', 'a,b\n', {}, { rows: [], job: { status: 'succeeded' } }],
    ['semicolons', 'a;b\n1;2,5\n', { delimiter: ';' }, { rows: [['1', '2,5']] }],
    [
      'a type that changes late',
      `a\n${Array.from({ length: 300 }, (_unused, at) => at).join('\n')}\nno number\n`,
      {},
      { columns: ['a bigint'], rejects: [[302, '22P02']] },
    ],
    [
      'objects with keys that come later, numbers of many digits, and line ends of Windows',
      '{"a":12345678901234567890,"b":{"x":[1,2.50]}}\r\n\r\n{"c":true}\r\n',
      { format: 'jsonl' },
      {
        columns: ['a numeric', 'b jsonb', 'c boolean'],
        rows: [
          ['12345678901234567890', { x: [1, 2.5] }, null],
          [null, null, true],
        ],
      },
    ],
    [
      'lines that are no objects, numbered as they stand, also behind blank lines and values of two lines',
      '{"a":1,"b":"x\\ny"}\n\n[1]\n{"a":"no","b":"\\""}\nnot json\n{"a":2}\n',
      { format: 'jsonl' },
      {
        rejects: [
          [3, '22032'],
          [5, '22032'],
        ],
      },
    ],
    [
      'a value that its column refuses, on its own line',
      `${'{"a":1,"b":"two\\nlines"}\n'.repeat(250)}\n{"a":"no"}\n{"a":3}\n`,
      { format: 'jsonl' },
      { rejects: [[252, '22P02']] },
    ],
  ])('%s', async (_what, content, wish, expected) => {
    expect(await brought(content, wish)).toMatchObject(expected)
  })

  test.each<[string, string | Buffer, Wish, string]>([
    ['nothing', '', {}, 'The file is empty'],
    ['line ends of CR alone', 'a,b\r1,2\r', {}, 'The lines end with CR alone'],
    ['a quote that is not closed', 'a,b\n1,"x\n2,y\n', {}, 'The file is no CSV'],
    ['a list of objects', '[{"a":1}]\n', { format: 'jsonl' }, 'No line is a JSON object'],
  ])('%s is refused before anything is written', async (_what, content, wish, message) => {
    await expect(brought(content, wish)).rejects.toMatchObject({ code: 'FILE_UNREADABLE', message })
  })

  test('a key that comes too late to be a column ends the import, and nothing of it is kept', async () => {
    const early = '{"a":1,"pad":"'.concat('x'.repeat(1000), '"}\n').repeat(9000)
    const { job } = await brought(`${early}{"a":1,"late":2}\n`, { format: 'jsonl' })
    expect(job).toMatchObject({
      status: 'failed',
      error: { code: 'FILE_UNREADABLE', message: 'Line 9001 holds the key late, which no line before has' },
    })
    const { rows } = await database.client.query(`select to_regclass('public.t${made}') as there`)
    expect(rows[0]?.there).toBeNull()
  })
})
