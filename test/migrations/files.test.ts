import { describe, expect, test } from 'vitest'
import { nextVersion, parseFileName, versionKey } from '../../src-main/migrations/names.ts'
import { readOptions } from '../../src-main/migrations/options.ts'
import { isSameScript } from '../../src-main/migrations/prepare.ts'
import { cutSections } from '../../src-main/migrations/sections.ts'

test.each([
  ['001_a_b.sql', { version: '001', name: 'a_b', part: 'up' }],
  ['001_a.down.sql', { version: '001', name: 'a', part: 'down' }],
  ['001_a.verify.sql', { version: '001', name: 'a', part: 'verify' }],
  ['20260101120000_a.sql', { version: '20260101120000', name: 'a', part: 'up' }],
  ['V1_2__add_it.sql', { version: '1.2', name: 'add_it', part: 'up' }],
  ['U2__add_it.sql', { version: '2', name: 'add_it', part: 'down' }],
  ['R__views.sql', { version: 'R__views', name: 'views', isRepeatable: true }],
  ['readme.md', undefined],
  ['01_short.sql', undefined],
])('%s', (fileName, expected) => {
  const name = parseFileName(fileName)
  if (expected) expect(name).toMatchObject(expected)
  else expect(name).toBeUndefined()
})

test('versions order by number, part by part', () => {
  const sorted = ['10', '9', '1.10', '1.2', '001'].sort((a, b) => (versionKey(a) < versionKey(b) ? -1 : 1))
  expect(sorted).toEqual(['001', '1.2', '1.10', '9', '10'])
  expect(versionKey('7')).toBe(versionKey('007'))
})

test('the next version is in the manner of the folder', () => {
  const now = new Date('2026-02-03T04:05:06Z')
  expect(nextVersion([], now)).toBe('001')
  expect(nextVersion(['001', '099'], now)).toBe('100')
  expect(nextVersion(['20260101120000'], now)).toBe('20260203040506')
  expect(nextVersion(['20990101120000'], now)).toBe('20990101120001')
})

describe('options', () => {
  test('stand in the comments that a file begins with, and nowhere else', () => {
    const text =
      '-- What it is for\n-- atlas: no-transaction, lock-timeout=2s\n-- atlas: statement-timeout=5min\nselect 1;\n-- atlas: repeatable'
    expect(readOptions(text, 'x.sql')).toMatchObject({
      isTransactional: false,
      isRepeatable: false,
      lockTimeoutMs: 2000,
      statementTimeoutMs: 300_000,
    })
  })

  test.each(['lock-timeout', 'lock-timeout=soon', 'no-transaction=1', 'lock-retries=-1'])(
    '%s is refused',
    (option) => {
      expect(() => readOptions(`-- atlas: ${option}`, 'x.sql')).toThrow(/is not known/)
    },
  )
})

test('both directions in one file: places stay places of the file', () => {
  const { up, down, isTransactional } = cutSections(
    '-- migrate:up transaction:false\nselect 1;\n-- migrate:down\nselect 2;',
  )
  expect(up.trim()).toBe('-- migrate:up transaction:false\nselect 1;')
  expect(down?.split('\n')[3]).toBe('select 2;')
  expect(isTransactional).toBe(false)
})

test('comments and white space make no other script; a literal and a name do', async () => {
  expect(await isSameScript('select a, b from t', '-- x\nselect a,b\n  from t /* y */')).toBe(true)
  expect(await isSameScript("select 'a b'", "select 'a  b'")).toBe(false)
  expect(await isSameScript('select a', 'select b')).toBe(false)
})
