// `npm run screens`: a picture of every view, light and dark, from the browser edition with the sample data.
import { mkdirSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import { chromium } from 'playwright-core'
import { makeHome, removeHome, startAtlas } from '../test/support/atlas.ts'

const folder = join(import.meta.dirname, '..', 'screens')
const views: [string, string][] = [
  ['overview', '/overview'],
  ['migrations', '/migrations?version=004'],
  ['schema', '/schema?schema=navigate&table=dim_customer'],
  ['schema-rows', '/schema?schema=explore&table=raw_data_template&tab=data'],
  ['partitions', '/partitions'],
  ['pipelines', '/pipelines'],
  ['audit', '/audit'],
  ['console', '/console'],
  ['verification', '/verification'],
  ['settings', '/settings'],
]

rmSync(folder, { recursive: true, force: true })
mkdirSync(folder)
const home = makeHome()
const atlas = await startAtlas(home)
const browser = await chromium.launch({
  executablePath: process.env.ATLAS_CHROMIUM ?? '/usr/bin/chromium',
  args: process.getuid?.() === 0 ? ['--no-sandbox'] : [],
})
try {
  const page = await browser.newPage({ viewport: { width: 1440, height: 900 } })
  page.on('pageerror', (error) => console.error(`page: ${error.message}`))
  const settle = async () => {
    await page.locator('.skeleton').first().waitFor({ state: 'detached' })
    await page.waitForTimeout(600)
  }
  const shoot = async (name: string) => {
    for (const colorScheme of ['light', 'dark'] as const) {
      await page.emulateMedia({ colorScheme })
      await settle()
      await page.screenshot({ path: join(folder, `${name}-${colorScheme}.png`) })
    }
  }
  await page.goto(atlas.url)
  await page.getByRole('button', { name: 'Deploy the platform' }).waitFor()
  await shoot('overview-empty')
  await page.getByRole('button', { name: 'Deploy the platform' }).click()
  await page.getByRole('button', { name: 'Load sample data' }).click({ timeout: 60_000 })
  await page.locator('.flow-layer--navigate').waitFor({ timeout: 60_000 })

  const origin = new URL(atlas.url).origin
  for (const [name, path] of views) {
    await page.goto(origin + path)
    if (name === 'verification') await page.getByRole('button', { name: 'Run verification' }).first().click()
    if (name === 'audit') {
      await page.getByRole('button', { name: 'Verify the chain' }).click()
      await page.getByRole('table', { name: 'Audit entries' }).getByText('changed').first().click()
    }
    if (name === 'console') {
      await page.locator('.monaco-editor').first().click()
      await page.keyboard.type(
        'select record_kind, status, count(*) as records from chart.staging_template group by 1, 2 order by 3 desc;',
      )
      await page.keyboard.press('Control+Enter')
    }
    await shoot(name)
  }
  await page.goto(`${origin}/pipelines?trigger=bird_strikes`)
  await page.getByRole('textbox', { name: /file/ }).fill('/nowhere/at-all.csv')
  await page.getByRole('button', { name: 'Run bird_strikes' }).click()
  await page.locator('.fault').first().waitFor()
  await shoot('pipelines-failed')
  await page.keyboard.press('Control+k')
  await page.locator('.pal__text').fill('audit')
  await shoot('palette')
  console.log(`The pictures are in ${folder}`)
} finally {
  await browser.close()
  await atlas.stop()
  await removeHome(home)
}
