import { expect, test } from 'vitest'
import { normalizeSql, parseStatements } from '../../src-main/sqlParse.ts'

test('statements have their kind and their place, in characters and not in bytes', async () => {
  const text =
    "select '👍é' as x;\n-- note\ndelete from a.b where x = 1;; create index concurrently i on t (x)"
  const parsed = await parseStatements(text)
  expect(parsed.map(({ kind }) => kind)).toEqual(['SelectStmt', 'DeleteStmt', 'IndexStmt'])
  for (const { start, end, text: own } of parsed) expect(text.slice(start, end)).toBe(own)
  expect(parsed[0]?.text).toBe("select '👍é' as x")
  expect(parsed[2]?.text).toBe('create index concurrently i on t (x)')
})

test('a syntax error names its place in characters', async () => {
  await expect(parseStatements("select '👍é';\nselec 2")).rejects.toMatchObject({
    code: 'SYNTAX_ERROR',
    fault: { position: 15, sqlState: '42601' },
  })
})

test('comments and white space change nothing; a name, a literal, a quoted space do', async () => {
  const base = await normalizeSql("select a, b from t where c = 'x  y'")
  expect(await normalizeSql("select a,b /* c */\nfrom t -- d\n where c='x  y'")).toBe(base)
  for (const other of ["select a,b from t where c='x y'", "select a, b from T2 where c = 'x  y'"]) {
    expect(await normalizeSql(other)).not.toBe(base)
  }
})

test('a text without a statement has none', async () => {
  for (const text of ['', ' \n', '-- nothing\n', ';;']) expect(await parseStatements(text)).toEqual([])
  expect(await normalizeSql('')).toBe('')
})
