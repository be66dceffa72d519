import { existsSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { _electron, expect, test } from '@playwright/test'
import { makeHome, removeHome } from '../support/atlas.ts'

const folder = join(import.meta.dirname, '..', '..', 'node_modules', 'electron')
const pathFile = join(folder, 'path.txt')
const binary = existsSync(pathFile) ? join(folder, 'dist', readFileSync(pathFile, 'utf8').trim()) : ''

test('a window opens, reaches its data process, and closes without leaving anything', async () => {
  test.skip(!existsSync(binary), 'Electron has no binary on this machine')
  const home = makeHome()
  const app = await _electron.launch({
    executablePath: binary,
    args: ['.', '--no-sandbox'],
    env: { ...process.env, ATLAS_HOME: home },
  })
  const window = await app.firstWindow()
  await expect(window.locator('.view-head')).toContainText('PostgreSQL 18')
  expect(await window.evaluate(() => typeof (globalThis as { require?: unknown }).require)).toBe('undefined')
  await app.close()
  await removeHome(home)
})
