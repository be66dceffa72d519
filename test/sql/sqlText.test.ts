import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { normaliseScript, splitStatements, UnterminatedError } from '../../src-main/sqlText.ts'

const texts = (script: string) => splitStatements(script).map(({ text }) => text)

describe('splitStatements', () => {
  test.each([
    ['nothing', '', []],
    ['only comments', '-- a; b\n/* c; */;;', []],
    ['two, the last without semicolon', 'select 1; select 2', ['select 1', 'select 2']],
    ['a semicolon in a string', "select ';', 'it''s;'; x", ["select ';', 'it''s;'", 'x']],
    ['a backslash in an escape string', "select E'\\';', 'b\\'; x", ["select E'\\';', 'b\\'", 'x']],
    ['a quoted identifier', 'select "a;""b"; x', ['select "a;""b"', 'x']],
    [
      'dollar quotes, nested by tag',
      'do $a$ begin; $$ ; $$ end $a$; x',
      ['do $a$ begin; $$ ; $$ end $a$', 'x'],
    ],
    ['a parameter is no dollar quote', 'select $1; select $2', ['select $1', 'select $2']],
    ['an identifier with dollars', 'select a$b$; x', ['select a$b$', 'x']],
    ['nested comments', 'select /* a /* ; */ ; */ 1; x', ['select /* a /* ; */ ; */ 1', 'x']],
    ['a byte order mark and CRLF', '\ufeffselect 1;\r\nselect 2;\r\n', ['select 1', 'select 2']],
    [
      'a body of SQL',
      'create function f() returns int begin atomic select case when true then 1 end; select 2; end; x',
      ['create function f() returns int begin atomic select case when true then 1 end; select 2; end', 'x'],
    ],
    [
      'a rule of two commands',
      'create rule r as on insert to t do (delete from a; delete from b); x',
      ['create rule r as on insert to t do (delete from a; delete from b)', 'x'],
    ],
    ['a parenthesis too many', 'select 1); select 2', ['select 1)', 'select 2']],
  ])('%s', (_name, script, expected) => {
    expect(texts(script)).toEqual(expected)
  })

  test('says where each begins', () => {
    expect(splitStatements('-- a\n  select 1;\nselect 2')).toMatchObject([
      { line: 2, column: 3, start: 7, end: 15 },
      { line: 3, column: 1 },
    ])
  })

  test.each([
    ['string', "select 1;\n  'abc"],
    ['quoted identifier', 'select 1;\n  "abc'],
    ['dollar quote $x$', 'select 1;\n  $x$ abc $$'],
    ['comment', 'select 1;\n  /* /* */'],
  ])('names an open %s and its place', (construct, script) => {
    expect(() => splitStatements(script)).toThrow(
      expect.objectContaining({
        name: UnterminatedError.name,
        line: 2,
        column: 3,
        message: expect.stringContaining(construct),
      }),
    )
  })

  const piece = fc.constantFrom(
    "select 'a;b'",
    'do $q$ ; $q$',
    'select "x;y"',
    "select E'\\';'",
    'select 1 /* ; */ + 2',
    'select a -- ;\n , b',
  )
  test('statements joined by semicolons come back as they were', () => {
    fc.assert(
      fc.property(fc.array(piece), (pieces) => {
        expect(texts(pieces.join(';\n'))).toEqual(pieces)
      }),
    )
  })
})

describe('normaliseScript', () => {
  test('forgets comments, blanks and line ends, outside of literals', () => {
    expect(normaliseScript("-- c\r\nselect  1,\n '  a -- b ' /* x */ ;\r\n")).toBe("select 1, '  a -- b ' ;")
  })

  test('tells a change inside a literal', () => {
    expect(normaliseScript("select ' a'")).not.toBe(normaliseScript("select 'a'"))
  })
})
