import fc from 'fast-check'
import { expect, test } from 'vitest'
import { createCsvEncoder } from '../../src-main/console/csvRows.ts'
import { createEncoder } from '../../src-main/console/export.ts'

/** A row as the server sends it (protocol 3.0, DataRow). */
function dataRow(cells: (string | null)[]): Buffer {
  const values = cells.map((cell) => (cell === null ? null : Buffer.from(cell)))
  const size = values.reduce((sum, value) => sum + 4 + (value?.length ?? 0), 6)
  const bytes = Buffer.alloc(size + 1, 'D')
  bytes.writeInt32BE(size, 1)
  bytes.writeUInt16BE(cells.length, 5)
  let at = 7
  for (const value of values) {
    at = bytes.writeInt32BE(value?.length ?? -1, at)
    at += value?.copy(bytes, at) ?? 0
  }
  return bytes
}

test('CSV from bytes is CSV from text, whatever the values hold', () => {
  const cell = fc.oneof(
    fc.constantFrom(null, '', '\\.', '"', ',', '\r', '\n', '"a",\n', ' ', '\\N'),
    fc.string({ maxLength: 8 }),
    fc.constantFrom('é', '💥', 'a\u0000b'),
  )
  fc.assert(
    fc.property(
      fc.integer({ min: 0, max: 4 }),
      fc.array(fc.array(cell, { minLength: 4, maxLength: 4 }), { maxLength: 12 }),
      (width, all) => {
        const rows = all.map((row) => row.slice(0, width))
        const columns = Array.from({ length: width }, () => ({ name: 'c', type: 'text' }))
        const text = createEncoder({ format: 'csv', hasHeader: false, neutraliseFormulas: false }, columns)
        const encode = createCsvEncoder()
        // Twice: what the first call left behind may not be seen.
        encode(dataRow(['x'.repeat(100)]))
        const bytes = encode(Buffer.concat(rows.map(dataRow)))
        expect(bytes.toString()).toBe(rows.map((row) => text.row(row, false)).join(''))
      },
    ),
  )
})
