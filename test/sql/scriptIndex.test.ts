import fc from 'fast-check'
import { expect, test } from 'vitest'
import { createScriptIndex, statementAt } from '../../src-main/scriptIndex.ts'
import { splitScript } from '../../src-main/sqlScript.ts'

/** As it is found by cutting the whole text. */
function found(text: string, cursor: number) {
  try {
    const [piece] = statementAt(splitScript(text), cursor)
    return piece && { start: piece.start, end: piece.end, next: piece.next }
  } catch {
    return 'open'
  }
}

const piece = fc.constantFrom(
  ...[
    'select 1;\n',
    "insert into t values ('a;b');\n",
    '-- a comment\n',
    '\\dt x.*\n',
    ';',
    'select $$ ; $$;',
  ],
  ...["set standard_conforming_strings = off; select 'a\\';b';\n", 'copy t from stdin;\n1\n2\n\\.\n'],
  ...['create function f() returns int begin atomic select 1; end;\n', `select '${'x'.repeat(5000)}';\n`],
  ...['select\n', "'", '"', '$$', '/*', '*/', '\\.\n', ' '],
)
const edit = fc.record({ at: fc.nat(), length: fc.nat(40), added: fc.array(piece, { maxLength: 3 }) })

test('after any edits, the statement at any place is the one that cutting all of it finds', async () => {
  await fc.assert(
    fc.asyncProperty(
      fc.array(piece, { minLength: 1, maxLength: 60 }),
      fc.array(edit, { maxLength: 6 }),
      fc.array(fc.nat(), { minLength: 1, maxLength: 4 }),
      async (pieces, edits, places) => {
        let text = pieces.join('')
        const index = createScriptIndex()
        for (const { at, length, added } of [{ at: 0, length: 0, added: [] }, ...edits]) {
          const offset = at % (text.length + 1)
          const removed = Math.min(length, text.length - offset)
          const put = added.join('')
          text = text.slice(0, offset) + put + text.slice(offset + removed)
          index.edited(offset, removed, put.length)
          for (const place of places) {
            const cursor = place % (text.length + 1)
            const expected = found(text, cursor)
            // Where all of it cannot be cut, what stands before may still be found.
            if (expected === 'open') await index.locate(text, cursor).catch(() => {})
            else expect(await index.locate(text, cursor)).toEqual(expected)
          }
        }
      },
    ),
    { numRuns: 300 },
  )
}, 60_000)

test('what is typed at the very beginning, twice, does not move the beginning', async () => {
  const index = createScriptIndex()
  index.edited(0, 0, 1)
  await index.locate(';', 0)
  index.edited(0, 0, 22)
  expect(await index.locate('select\nselect $$ ; $$;;', 22)).toEqual({ start: 0, end: 21, next: 22 })
})

test('a statement before one that is not closed is found, also far away', async () => {
  const text = `select 1;\n${'select 2;\n'.repeat(5000)}select 'open`
  const index = createScriptIndex()
  expect(await index.locate(text, 3)).toMatchObject({ start: 0, end: 8 })
  await expect(index.locate(text, text.length)).rejects.toThrow('not closed')
})
