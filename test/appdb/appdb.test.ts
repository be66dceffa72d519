import {
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  truncateSync,
  writeFileSync,
} from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { openAppDb } from '../../src-main/adapters/appdb.ts'

let home: string
const file = () => join(home, 'atlas.db')

beforeEach(() => {
  home = mkdtempSync(join(tmpdir(), 'atlas-appdb-'))
})
afterEach(() => rmSync(home, { recursive: true, force: true }))

const write = (value: string) => {
  const db = openAppDb(home)
  db.prepare('insert or replace into settings values (?, ?)').run('theme', value)
  db.close()
}
const read = () => {
  const db = openAppDb(home)
  try {
    return db.prepare<[], { value: string }>("select value from settings where key = 'theme'").get()?.value
  } finally {
    db.close()
  }
}
/** The copy is made at the first start of a day: here the day is over. */
const copyNow = () => {
  rmSync(`${file()}.backup`, { force: true })
  openAppDb(home).close()
}

test.each<[string, () => void]>([
  ['overwritten with something else', () => writeFileSync(file(), 'not a database at all'.repeat(500))],
  ['cut off in the middle', () => truncateSync(file(), 10_000)],
  ['zeroed from its head on', () => writeFileSync(file(), Buffer.alloc(readFileSync(file()).length, 7))],
])('%s: the copy takes its place, the damaged file is kept', (_how, damage) => {
  write('dark')
  copyNow()
  write('light')
  damage()
  expect(read()).toBe('dark')
  expect(readdirSync(home).filter((name) => name.includes('.damaged-'))).toHaveLength(1)
  write('light')
  expect(read()).toBe('light')
})

test('damaged without a copy: a new one begins, the damaged file is kept', () => {
  write('dark')
  rmSync(`${file()}.backup`)
  writeFileSync(file(), 'gone'.repeat(5000))
  expect(read()).toBeUndefined()
  const kept = readdirSync(home).find((name) => name.includes('.damaged-'))
  expect(readFileSync(join(home, kept ?? ''), 'utf8')).toContain('gone')
})

test('a file of zero length is one that was never written', () => {
  writeFileSync(file(), '')
  expect(read()).toBeUndefined()
})

test('the file of a newer release is left alone', () => {
  write('dark')
  const db = openAppDb(home)
  db.pragma('user_version = 999')
  db.close()
  const before = readFileSync(file())
  expect(() => openAppDb(home)).toThrow(expect.objectContaining({ code: 'UNSUPPORTED' }))
  expect(readFileSync(file()).equals(before)).toBe(true)
})

test('a folder that cannot be used is named, with the reason of the system', () => {
  writeFileSync(join(home, 'plain'), '')
  expect(() => openAppDb(join(home, 'plain', 'below'))).toThrow(
    expect.objectContaining({
      code: 'FILE_UNREADABLE',
      fault: expect.objectContaining({ sqlState: 'ENOTDIR' }),
    }),
  )
  mkdirSync(join(home, 'folder', 'atlas.db'), { recursive: true })
  expect(() => openAppDb(join(home, 'folder'))).toThrow(expect.objectContaining({ code: 'FILE_UNREADABLE' }))
})
