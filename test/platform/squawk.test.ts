import { spawnSync } from 'node:child_process'
import { readdirSync, readFileSync } from 'node:fs'
import { join, resolve } from 'node:path'
import { describe, expect, test } from 'vitest'

const folder = resolve('migrations')
const files = readdirSync(folder).filter((name) => name.endsWith('.sql'))

test('squawk reports nothing on the migrations', () => {
  const { status, stdout, stderr } = spawnSync(
    resolve('node_modules/.bin/squawk'),
    ['--reporter', 'gcc', ...files.map((name) => join(folder, name))],
    { encoding: 'utf8' },
  )
  expect(stdout, stderr).toBe('')
  expect(status).toBe(0)
})

describe.each(files)('%s', (name) => {
  test('says why beside each rule that it takes exception to', () => {
    const lines = readFileSync(join(folder, name), 'utf8').split('\n')
    const exceptions = lines.flatMap((line, index) => (line.startsWith('-- squawk-ignore') ? [index] : []))
    expect(exceptions.length).toBeGreaterThan(0)
    const isReason = (line = '') => /^-- (?!squawk)\S/.test(line)
    const unexplained = exceptions.filter((index) => {
      // One reason may stand above a group of statements.
      const before = lines.slice(0, index).findLastIndex(isReason)
      return !isReason(lines[index + 1]) && index - before > 12
    })
    expect(unexplained.map((index) => `${name}:${index + 1}`)).toEqual([])
  })
})
