// `npm run screens [-- NAME…]`: a picture of every view, light and dark, from the browser edition with the sample data.
import { mkdirSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import { chromium } from 'playwright-core'
import { makeHome, removeHome, startAtlas } from '../test/support/atlas.ts'
import { runSql } from '../test/support/cli.ts'
import { auditScenes } from './scenes/audit.ts'
import { consoleScenes } from './scenes/console.ts'
import { consoleResultScenes } from './scenes/consoleResults.ts'
import { migrationScenes } from './scenes/migrations.ts'
import { partitionScenes } from './scenes/partitions.ts'
import { pipelineScenes } from './scenes/pipelines.ts'
import type { Scene } from './scenes/scene.ts'
import { schemaScenes } from './scenes/schema.ts'
import { sessionScenes } from './scenes/sessions.ts'
import { shellScenes } from './scenes/shell.ts'
import { openStackStage, stackScenes } from './scenes/stack.ts'

const scenes: Scene[] = [
  { name: 'overview', path: '/overview' },
  // Without an engine it says so; with one, in DOCKER_HOST or started for it, `stack-*` show the rest.
  { name: 'stack', path: '/stack', act: (page) => page.locator('.blank, .stack').first().waitFor() },
  ...stackScenes,
  { name: 'compose', path: '/compose', act: (page) => page.locator('.monaco-editor').first().waitFor() },
  {
    name: 'compose-form',
    path: '/compose',
    act: async (page) => {
      await page.getByRole('tab', { name: 'Form' }).click()
      await page.locator('.form__fields').waitFor()
    },
  },
  {
    name: 'compose-variables',
    path: '/compose',
    act: async (page) => {
      await page.getByRole('button', { name: /^\.env/ }).click()
      await page.locator('.stack__envrow').nth(1).waitFor()
    },
  },
  ...migrationScenes,
  ...schemaScenes,
  ...sessionScenes,
  ...partitionScenes,
  ...pipelineScenes,
  ...auditScenes,
  ...consoleScenes,
  ...consoleResultScenes,
  ...shellScenes,
]

const folder = join(import.meta.dirname, '..', 'screens')
const wanted = process.argv.slice(2)
const chosen = scenes.filter(({ name }) => wanted.length === 0 || wanted.includes(name))
if (wanted.length === 0) rmSync(folder, { recursive: true, force: true })
mkdirSync(folder, { recursive: true })

const stage = chosen.some((scene) => stackScenes.includes(scene)) ? await openStackStage() : undefined
const home = makeHome()
const atlas = await startAtlas(home)
const browser = await chromium.launch({
  executablePath: process.env.ATLAS_CHROMIUM ?? '/usr/bin/chromium',
  args: process.getuid?.() === 0 ? ['--no-sandbox'] : [],
})
try {
  const page = await browser.newPage({ viewport: { width: 1440, height: 900 } })
  page.on('pageerror', (error) => console.error(`page: ${error.message}`))
  const shoot = async (name: string) => {
    for (const colorScheme of ['light', 'dark'] as const) {
      await page.emulateMedia({ colorScheme })
      await page.locator('.skeleton').first().waitFor({ state: 'detached' })
      await page.waitForTimeout(600)
      await page.screenshot({ path: join(folder, `${name}-${colorScheme}.png`) })
    }
  }
  await page.goto(atlas.url)
  await page.getByRole('button', { name: 'Deploy the platform' }).waitFor()
  if (wanted.length === 0) await shoot('overview-empty')
  await page.getByRole('button', { name: 'Deploy the platform' }).click()
  await page.getByRole('button', { name: 'Load sample data' }).click({ timeout: 60_000 })
  await page.locator('.flow-layer--navigate').waitFor({ timeout: 60_000 })
  // A scene may stand on what one before it put into the database.
  for (const text of new Set(scenes.flatMap(({ sql }) => sql ?? []))) await runSql(atlas, text)
  for (const scene of chosen) {
    if (!stage && stackScenes.includes(scene)) continue
    const { name, path, act, after } = scene
    await page.goto(new URL(atlas.url).origin + path)
    await act?.(page, { home })
    await shoot(name)
    await after?.(page)
  }
  console.log(`The pictures are in ${folder}`)
} finally {
  await browser.close()
  await atlas.stop()
  await removeHome(home)
  await stage?.close()
}
