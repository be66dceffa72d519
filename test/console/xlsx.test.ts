import { inflateRawSync } from 'node:zlib'
import { describe, expect, test } from 'vitest'
import type { ExportColumn } from '../../src-main/console/export.ts'
import { createXlsxEncoder, type XlsxOptions } from '../../src-main/console/xlsx.ts'
import { columnLetters } from '../../src-main/console/xlsxCell.ts'

type Row = (string | null)[]

/** The entries of an archive by name, read from its central directory (PKWARE APPNOTE 4.3.12). */
function unzip(bytes: Buffer): Map<string, string> {
  const entries = new Map<string, string>()
  const end = bytes.lastIndexOf(Buffer.from('PK\x05\x06'))
  let at = bytes.readUInt32LE(end + 16)
  for (let left = bytes.readUInt16LE(end + 10); left > 0; left--) {
    const [compressed, nameLength] = [bytes.readUInt32LE(at + 20), bytes.readUInt16LE(at + 28)]
    const local = bytes.readUInt32LE(at + 42)
    const name = bytes.toString('utf8', at + 46, at + 46 + nameLength)
    const data = local + 30 + bytes.readUInt16LE(local + 26) + bytes.readUInt16LE(local + 28)
    const body = bytes.subarray(data, data + compressed)
    entries.set(name, (bytes.readUInt16LE(at + 10) === 8 ? inflateRawSync(body) : body).toString('utf8'))
    at += 46 + nameLength + bytes.readUInt16LE(at + 30) + bytes.readUInt16LE(at + 32)
  }
  return entries
}

async function workbook(columns: ExportColumn[], rows: Row[], options: Partial<XlsxOptions> = {}) {
  const pieces: Buffer[] = []
  const encoder = await createXlsxEncoder(
    columns,
    async (piece) => {
      pieces.push(Buffer.from(piece))
    },
    { hasHeader: true, ...options },
  )
  await encoder.add(rows)
  await encoder.end()
  return unzip(Buffer.concat(pieces))
}

/** The cell of one value, without its place. */
async function cellOf(type: string, text: string): Promise<string> {
  const files = await workbook([{ name: 'v', type }], [[text]], { hasHeader: false })
  return /<c r="A1"(.*)<\/c>/s.exec(files.get('xl/worksheets/sheet1.xml') ?? '')?.[1] ?? ''
}

const asText = (text: string) => ` t="inlineStr"><is><t xml:space="preserve">${text}</t></is>`

describe('a value', () => {
  test.each([
    ['int4', '-7', '><v>-7</v>'],
    ['int8', '999999999999999', '><v>999999999999999</v>'],
    ['int8', '9007199254740993', asText('9007199254740993')],
    ['numeric', '0.123456789012345', '><v>0.123456789012345</v>'],
    ['numeric', '1234567890.1234567', asText('1234567890.1234567')],
    ['numeric', 'NaN', asText('NaN')],
    ['float8', '1.5e-300', '><v>1.5e-300</v>'],
    ['float8', '-Infinity', asText('-Infinity')],
    ['bool', 't', ' t="b"><v>1</v>'],
    ['date', '2026-01-15', ' s="1"><v>46037</v>'],
    ['date', '1900-02-28', asText('1900-02-28')],
    ['date', '0044-03-15 BC', asText('0044-03-15 BC')],
    ['date', 'infinity', asText('infinity')],
    ['timestamp', '2026-01-15 12:00:00', ' s="2"><v>46037.5</v>'],
    ['timestamp', '2026-01-15 12:00:00.123456', asText('2026-01-15 12:00:00.123456')],
    ['timestamptz', '2026-01-15 12:00:00+00', asText('2026-01-15 12:00:00+00')],
    ['text', '=1+1', asText('=1+1')],
    ['text', '<b>&"', asText('&lt;b&gt;&amp;"')],
    ['text', ' two\nlines\r', asText(' two\nlines_x000D_')],
    ['text', '\u0007 _x0041_ _x', asText('_x0007_ _x005F_x0041_ _x')],
    ['text', '😀', asText('😀')],
    ['jsonb', '{"a": 1}', asText('{"a": 1}')],
  ])('%s %s', async (type, text, expected) => {
    expect(await cellOf(type, text)).toBe(expected)
  })
})

test('NULL is no cell, and the head is bold and stays in sight', async () => {
  const columns = ['a', 'b', 'b'].map((name) => ({ name, type: 'text' }))
  const files = await workbook(columns, [[null, '', 'x']])
  const sheet = files.get('xl/worksheets/sheet1.xml') ?? ''
  expect(sheet).toContain('<pane ySplit="1"')
  expect(sheet).toContain('<c r="C1" s="3" t="inlineStr"><is><t xml:space="preserve">b</t></is></c>')
  expect(sheet).toContain('<row r="2"><c r="B2"')
  expect(sheet).not.toContain('r="A2"/')
  expect([...files.keys()].sort()).toEqual([
    '[Content_Types].xml',
    '_rels/.rels',
    'xl/_rels/workbook.xml.rels',
    'xl/styles.xml',
    'xl/workbook.xml',
    'xl/worksheets/sheet1.xml',
  ])
})

test.each([
  ['rows', { sheetRows: 4 }],
  ['bytes', { sheetBytes: 1 }],
])('a sheet that is full of %s is followed by another with the same head', async (_what, options) => {
  const rows = Array.from({ length: 7000 }, (_unused, at) => [String(at), 'x'.repeat(100)])
  const all = await workbook(
    [
      { name: 'n', type: 'int4' },
      { name: 'x', type: 'text' },
    ],
    'sheetRows' in options ? rows.slice(0, 7) : rows,
    options,
  )
  const sheets = [...all].filter(([name]) => name.startsWith('xl/worksheets/')).map(([, text]) => text)
  expect(sheets.length).toBeGreaterThan(2)
  for (const sheet of sheets) expect(sheet).toContain('<row r="1"><c r="A1" s="3"')
  const numbers = sheets.flatMap((sheet) =>
    [...sheet.matchAll(/<c r="A\d+"><v>(\d+)/g)].map(([, n]) => Number(n)),
  )
  expect(numbers).toEqual(numbers.map((_number, at) => at))
  expect(all.get('xl/workbook.xml')).toContain(`<sheet name="Result ${sheets.length}"`)
})

test('what no cell can hold is refused with its place', async () => {
  await expect(
    workbook([{ name: 'long', type: 'text' }], [['ok'], ['x'.repeat(32_768)]]),
  ).rejects.toMatchObject({
    code: 'UNSUPPORTED',
    message: 'Row 2 holds a text of 32,768 characters in long',
  })
  const wide = Array.from({ length: 16_385 }, () => ({ name: 'c', type: 'text' }))
  await expect(workbook(wide, [])).rejects.toMatchObject({ code: 'UNSUPPORTED' })
})

test('a file that cannot take more ends it', async () => {
  const full = new Error('no space')
  const encoder = await createXlsxEncoder([{ name: 'x', type: 'text' }], () => Promise.reject(full), {
    hasHeader: false,
  })
  const rows = Array.from({ length: 2000 }, (_unused, at) => [`${Math.sin(at)}`.repeat(100)])
  await expect(
    (async () => {
      for (let round = 0; round < 50; round++) await encoder.add(rows)
      await encoder.end()
    })(),
  ).rejects.toBe(full)
})

test.each([
  [0, 'A'],
  [25, 'Z'],
  [26, 'AA'],
  [701, 'ZZ'],
  [702, 'AAA'],
  [16_383, 'XFD'],
])('column %i is %s', (column, letters) => {
  expect(columnLetters(column)).toBe(letters)
})
