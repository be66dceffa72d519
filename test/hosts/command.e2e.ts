import { execFileSync } from 'node:child_process'
import { readFileSync } from 'node:fs'
import { delimiter, join } from 'node:path'
import { expect, test } from '@playwright/test'

const root = join(import.meta.dirname, '..', '..')

test('what package.json names as the command is a program of its own', () => {
  const { bin, version } = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8'))
  const path = [join(root, 'node_modules', '.bin'), process.env.PATH].join(delimiter)
  const env = { ...process.env, PATH: path }
  expect(execFileSync(join(root, bin['atlas-desktop']), ['--version'], { env, encoding: 'utf8' })).toBe(
    `${version}\n`,
  )
})
