// biome-ignore-all lint/suspicious/noTemplateCurlyInString: the templates are compose's
import fc from 'fast-check'
import { expect, test } from 'vitest'
import { parseDotenv } from '../../src-main/stack/compose/dotenv.ts'
import {
  addVariable,
  readVariables,
  setVariables,
  writeVariable,
} from '../../src-main/stack/files/envText.ts'

const text = `# Port of the database.
DB_PORT=5432

export NAME = "a # b"  # what it is called
EMPTY= # nothing
# off=1
URL=http://\${HOST}:1
# A key of
# several lines.
KEY='-----BEGIN KEY-----
INNER=no variable
-----END KEY-----' # as it was made
SAME="one\\ntwo \\$5"
LAST: "it is $\${NAME} \${NAME}"
`

const valuesOf = (of: string) => Object.fromEntries(readVariables(of).map(({ name, value }) => [name, value]))
const write = (of: string, name: string, value: string) => {
  const variable = readVariables(of).find((one) => one.name === name)
  return variable ? writeVariable(of, variable, value) : of
}

test('variables are read as compose reads them, with the comments above them', () => {
  const variables = readVariables(text)
  expect(valuesOf(text)).toEqual({
    DB_PORT: '5432',
    NAME: 'a # b',
    EMPTY: '',
    URL: 'http://${HOST}:1',
    KEY: '-----BEGIN KEY-----\nINNER=no variable\n-----END KEY-----',
    SAME: 'one\ntwo $5',
    LAST: 'it is $${NAME} ${NAME}',
  })
  expect(variables.find(({ name }) => name === 'DB_PORT')?.comment).toBe('Port of the database.')
  expect(variables.find(({ name }) => name === 'KEY')?.comment).toBe('A key of several lines.')
  const lines = text.replaceAll('\n', '\r\n')
  expect(valuesOf(lines)).toEqual(valuesOf(text))
})

test('a change touches its own value alone, and stays in its manner', () => {
  expect(write(text, 'DB_PORT', '5433')).toBe(text.replace('5432', '5433'))
  expect(write(text, 'NAME', 'plain')).toBe(text.replace('"a # b"', 'plain'))
  expect(write(text, 'EMPTY', 'full')).toBe(text.replace('EMPTY= #', 'EMPTY= full #'))
  expect(write(text, 'KEY', 'A\nB')).toBe(text.replace(/'-----[^']*'/, "'A\nB'"))
  expect(write(text.replaceAll('\n', '\r\n'), 'KEY', 'A\nB')).toContain("KEY='A\r\nB' # as")
  expect(write(text, 'SAME', 'one\nthree')).toBe(text.replace('"one\\ntwo \\$5"', '"one\\nthree"'))
  // What is filled in goes on to be; what is not stays as it is typed.
  expect(write(text, 'URL', 'https://${HOST}')).toBe(text.replace('http://${HOST}:1', 'https://${HOST}'))
  expect(write(text, 'DB_PORT', '$5')).toBe(text.replace('5432', "'$5'"))
})

test('values that are set touch no line inside another value, and the one that compose reads where there are two', () => {
  const key = "KEY='first\nDB_PORT=1 inside\nlast'\n"
  for (const of of [
    `${key}DB_PORT=5432 # ours\n`,
    `DB_PORT=5432 # ours\n${key}`,
    `\uFEFFDB_PORT=5432 # ours\n${key}`,
  ]) {
    const set = setVariables(of, { DB_PORT: '5433' })
    expect(set).toBe(of.replace('5432', '5433'))
    expect(parseDotenv(set, () => undefined)).toEqual({
      KEY: 'first\nDB_PORT=1 inside\nlast',
      DB_PORT: '5433',
    })
  }
  expect(setVariables(key, { DB_PORT: '5433' })).toBe(`${key}DB_PORT=5433\n`)
  expect(setVariables('A=1\nA=2\n', { A: '3' })).toBe('A=1\nA=3\n')
  // A value is what it says, also where a template stood.
  expect(setVariables('A=${B}\n', { A: '$5' })).toBe("A='$5'\n")
})

test('a value without its closing quote is changed in the text alone', () => {
  expect(readVariables('A="open\nB=1')).toMatchObject([
    { name: 'A', lock: expect.any(String) },
    { name: 'B' },
  ])
})

test('what is written is what is read, here and by compose', () => {
  const value = fc.string({ unit: fc.constantFrom(...'a1 #\'"\\$\n\r\tné={}') })
  const before = fc.constantFrom('A=1', "A='1'", 'A="1"', 'A="1\n2" # x', 'A= # x', "A='1\n2'\nB=2")
  fc.assert(
    fc.property(value, before, (typed, old) => {
      for (const result of [write(old, 'A', typed), addVariable('B=2', 'A', typed)]) {
        expect(valuesOf(result).A).toBe(typed)
        expect(parseDotenv(result, () => undefined).A).toBe(typed)
      }
    }),
    { numRuns: 1000 },
  )
  const template = fc.constantFrom('A=${B}', 'A="${B} "', 'A="\n${B}" # x')
  fc.assert(
    fc.property(value, template, (typed, old) => {
      expect(valuesOf(write(old, 'A', typed)).A).toBe(typed)
    }),
    { numRuns: 500 },
  )
})
