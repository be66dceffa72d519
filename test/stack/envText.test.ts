import fc from 'fast-check'
import { expect, test } from 'vitest'
import { readVariables, writeVariable } from '../../src-renderer/stack/envText.ts'

const text = '# Port of the database.\nDB_PORT=5432\n\nexport NAME = "a # b"  \nEMPTY=\n# off=1\n'

test('variables are read with the comments above them', () => {
  expect(readVariables(text)).toEqual([
    { name: 'DB_PORT', value: '5432', comment: 'Port of the database.', line: 1 },
    { name: 'NAME', value: 'a # b', comment: '', line: 3 },
    { name: 'EMPTY', value: '', comment: '', line: 4 },
  ])
})

test('a change touches its own line alone', () => {
  const changed = writeVariable(text, 1, '5433')
  expect(changed).toBe(text.replace('5432', '5433'))
  expect(writeVariable(text, 0, 'x')).toBe(text)
})

test('what is written is what is read', () => {
  const value = fc.string().filter((candidate) => !/[\r\n\\]/.test(candidate))
  fc.assert(
    fc.property(value, (written) => {
      expect(readVariables(writeVariable('A=1', 0, written))[0]?.value).toBe(written)
    }),
    { numRuns: 500 },
  )
})
