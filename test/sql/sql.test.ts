import { expect, test } from 'vitest'
import { inlined, sql } from '../../src-main/sql.ts'

test('values are written into a statement as literals, whatever they hold', () => {
  const text = inlined(
    sql`insert into t values (${"it's"}, ${'a\\b'}, ${null}, ${1.5}, ${true}, ${'$1'})`,
  ).text
  expect(text).toBe("insert into t values ('it''s',  E'a\\\\b', null, 1.5, true, '$1')")
  expect(() => inlined(sql`select ${'\0'}`)).toThrow(TypeError)
  expect(() => inlined(sql`select ${['a']}`)).toThrow(TypeError)
})
