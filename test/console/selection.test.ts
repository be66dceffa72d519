import { describe, expect, test } from 'vitest'
import { contains, move, parseTsv, rectangle, toTsv } from '../../src-renderer/ui/resultSelection.ts'

const key = (name: string, ctrlKey = false) => ({ key: name, ctrlKey, metaKey: false })
const size = { rows: 1000, columns: 5 }

describe('move', () => {
  test.each([
    ['ArrowDown', false, { row: 11, column: 2 }],
    ['ArrowUp', true, { row: 0, column: 2 }],
    ['ArrowDown', true, { row: 999, column: 2 }],
    ['ArrowRight', true, { row: 10, column: 4 }],
    ['PageUp', false, { row: 0, column: 2 }],
    ['End', true, { row: 999, column: 4 }],
    ['Home', false, { row: 10, column: 0 }],
  ])('%s, Ctrl %s', (name, isFar, expected) => {
    expect(move(key(name, isFar), { row: 10, column: 2 }, size)).toEqual(expected)
  })

  test('stays inside, and leaves other keys and empty results alone', () => {
    expect(move(key('ArrowLeft'), { row: 0, column: 0 }, size)).toEqual({ row: 0, column: 0 })
    expect(move(key('x'), { row: 0, column: 0 }, size)).toBeUndefined()
    expect(move(key('ArrowDown'), undefined, { rows: 0, columns: 2 })).toBeUndefined()
  })
})

test('a selection is the same from either corner', () => {
  const range = { from: { row: 7, column: 3 }, to: { row: 2, column: 1 } }
  expect(rectangle(range)).toEqual({ row: 2, column: 1, height: 6, width: 3 })
  expect(contains(range, { row: 7, column: 1 })).toBe(true)
  expect(contains(range, { row: 8, column: 1 })).toBe(false)
})

test('copies one value as it is, several as lines of a sheet', () => {
  expect(toTsv([['a\tb\nc']])).toBe('a\tb\nc')
  expect(
    toTsv([
      ['a\tb', null],
      ['', 'c\r\nd'],
    ]),
  ).toBe('a b\t\n\tc d')
})

test.each([
  ['a', [['a']]],
  ['', []],
  [
    'a\tb\r\nc\td\r\n',
    [
      ['a', 'b'],
      ['c', 'd'],
    ],
  ],
  [
    'a\t\n\tb',
    [
      ['a', ''],
      ['', 'b'],
    ],
  ],
  ['"two\nlines"\t"a ""word"""\nlast', [['two\nlines', 'a "word"'], ['last']]],
  ['"json"\t{"a":1}', [['"json"', '{"a":1}']]],
  ['5" disk\t"', [['5" disk', '"']]],
  ['one\n\nthree', [['one'], [''], ['three']]],
])('the clipboard %j is the cells %j', (text, cells) => {
  expect(parseTsv(text)).toEqual(cells)
})
