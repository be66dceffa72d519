import AxeBuilder from '@axe-core/playwright'
import { expect, test } from '@playwright/test'
import { atlas, openApp, page, restartApp } from '../support/app.ts'

openApp({ stage: 'nothing' })

const open = (view: string) => page.getByRole('link', { name: view, exact: true }).click()
const header = () => page.locator('.view-head')

test('says that PostgreSQL runs and the platform is not deployed, and deploys it', async () => {
  await expect(header()).toContainText('PostgreSQL 18')
  await expect(header()).toContainText('Platform not deployed')
  expect(page.url()).not.toContain('token')
  await page.getByRole('button', { name: 'Deploy the platform' }).click()
  await expect(header()).toContainText('Platform deployed', { timeout: 60_000 })
})

test('loads the sample data and shows the flow of it', async () => {
  await page.getByRole('button', { name: 'Load sample data' }).click()
  await expect(page.locator('.flow-layer--explore')).toContainText('33.38 k', { timeout: 60_000 })
  await expect(page.locator('.flow-layer--navigate')).toContainText('fact_flights')
  await expect(page.locator('.services')).toContainText('This environment names no Redis')
})

test('migrations: four applied, each with its file and its record', async () => {
  await open('Migrations')
  await expect(header()).toContainText('4 applied')
  await page.getByRole('button', { name: /004_compliance/ }).click()
  await page.getByRole('tab', { name: 'History' }).click()
  await expect(page.getByText('the same as the file')).toBeVisible()
})

test('schema: finds a table by its name, its columns with comments, its rows', async () => {
  await open('Schema')
  await page.getByRole('textbox', { name: 'Search names' }).fill('dimension_template')
  await page.getByRole('button', { name: /^navigate.dimension_template table/ }).click()
  await expect(page.getByRole('table', { name: 'Columns' })).toContainText('natural_key')
  await page.getByRole('tab', { name: 'Rows' }).click()
  await expect(page.getByRole('grid', { name: 'Result' })).toContainText('airport')
})

test('partitions: a timeline of each table, today covered', async () => {
  await open('Partitions')
  await expect(page.locator('.tl--explore')).toContainText('days ahead')
  await page.getByRole('button', { name: 'Table', exact: true }).click()
  await expect(page.getByRole('table', { name: 'Partitions' })).toContainText('raw_data_2025_10')
})

test('pipelines: triggers a run with parameters, follows it, and shows why records were rejected', async () => {
  await open('Pipelines')
  await page.getByRole('button', { name: 'Trigger pipeline' }).click()
  await page.getByLabel('Pipeline', { exact: true }).selectOption('bird_strikes')
  await page.getByRole('button', { name: 'Run bird_strikes' }).click()
  await expect(page.locator('.run-view__head')).toContainText('succeeded', { timeout: 60_000 })
  await page
    .locator('.dag')
    .getByRole('button', { name: /validate_reports/ })
    .click()
  await expect(page.getByRole('complementary', { name: 'validate_reports' })).toContainText(
    'damage is none of None, Minor',
  )
})

test('pipelines: a failed task shows its error, and nothing of it is landed', async () => {
  await page.getByRole('button', { name: 'Trigger pipeline' }).click()
  await page.getByLabel('Pipeline', { exact: true }).selectOption('bird_strikes')
  await page.getByRole('textbox', { name: /file/ }).fill('/nowhere/at-all.csv')
  await page.getByRole('button', { name: 'Run bird_strikes' }).click()
  const drawer = page.getByRole('complementary', { name: 'land_reports' })
  await expect(drawer).toContainText('The file does not exist')
  await expect(drawer).toContainText('ENOENT')
  await expect(page.getByRole('button', { name: 'Rerun from here' })).toBeVisible()
})

test('audit: tells who changed what, and that the chain is intact', async () => {
  await open('Audit')
  await expect(page.getByRole('table', { name: 'Audit entries' })).toContainText('atlas_user')
  await page.getByRole('button', { name: 'Verify the chain' }).click()
  await expect(header()).toContainText('Chain intact')
})

test('console: runs, shows an error at its place, and keeps the text over a reload', async () => {
  await open('Console')
  await page.locator('.monaco-editor').first().click()
  await page.keyboard.type("select 9007199254740993 as big, '<img src=x onerror=alert(1)>' as text")
  await page.keyboard.press('Control+Enter')
  await expect(page.locator('.res__status')).toContainText('1 row')
  await page.reload()
  await expect(page.locator('.monaco-editor').first()).toContainText('9007199254740993')
})

test('verification: 12 pass, 3 are skipped with their reasons', async () => {
  await open('Verification')
  await page.getByRole('button', { name: 'Run verification' }).first().click()
  await expect(header()).toContainText('12 of 15 passed')
  await expect(page.getByRole('table', { name: 'Checks' })).toContainText('This environment names no Redis')
})

test('settings: adds an environment, says why it cannot be reached, switches to it and back, removes it', async () => {
  await open('Settings')
  await page.getByRole('button', { name: 'Add', exact: true }).click()
  const form = page.getByRole('dialog')
  await form.getByRole('textbox', { name: 'Name' }).fill('staging east')
  await form.getByRole('combobox', { name: 'Kind' }).selectOption('staging')
  await form.getByRole('textbox', { name: /Address/ }).fill('postgres://ada@db.example:6/atlas')
  await expect(form).toContainText('would travel to db.example unencrypted')
  await form.getByRole('textbox', { name: 'Host' }).fill('127.0.0.1')
  await form.getByRole('textbox', { name: 'Port' }).fill('1')
  await form.getByRole('button', { name: 'Test', exact: true }).click()
  await expect(form).toContainText('CONNECTION_REFUSED')
  await form.getByRole('button', { name: 'Save' }).click()
  await expect(page.locator('.view-body')).toContainText('staging east')

  const environmentSwitch = page.locator('.env-switch')
  const switchTo = async (name: string) => {
    await environmentSwitch.click()
    await page.locator('#environments').getByRole('button', { name }).click()
    await expect(environmentSwitch).toContainText(name)
  }
  await switchTo('staging east')
  await open('Overview')
  await expect(page.locator('.view')).toContainText('Nothing listens there')
  await switchTo('Local (embedded)')
  await open('Settings')
  await page.getByRole('button', { name: 'Remove staging east…' }).click()
  await expect(page.getByRole('dialog')).toContainText('is not touched')
  await page.getByRole('button', { name: 'Remove staging east', exact: true }).click()
  await expect(page.locator('.view-body')).not.toContainText('staging east')
})

test('the palette finds a table, also for Enter before the answer is there', async () => {
  for (const table of ['dim_customer', 'dimension_template']) {
    await page.keyboard.press('Control+k')
    await expect(page.getByRole('option').last()).toBeVisible()
    await page.getByRole('combobox').fill(table)
    await page.keyboard.press('Enter')
    await expect(page.locator('.drawer__title')).toContainText(`navigate.${table}`)
  }
})

for (const scheme of ['light', 'dark'] as const) {
  test(`every view is accessible in ${scheme}`, async () => {
    await page.emulateMedia({ colorScheme: scheme })
    for (const view of [
      'Overview',
      'Schema',
      'Sessions',
      'Partitions',
      'Migrations',
      'Pipelines',
      'Verification',
      'Audit',
      'Settings',
    ]) {
      await open(view)
      await expect(page.locator('#view-title')).toHaveText(view)
      await expect(page.locator('.skeleton')).toHaveCount(0)
      const { violations } = await new AxeBuilder({ page }).withTags(['wcag2a', 'wcag2aa']).analyze()
      const found = violations.map(({ id, nodes }) => `${view}: ${id} ${nodes[0]?.html.slice(0, 200)}`)
      expect.soft(found).toEqual([])
    }
  })
}

test('a page of which a part was dropped on its way is loaded again, and the token is offered again', async ({
  browser,
}) => {
  const other = await (await browser.newContext()).newPage()
  let [asked, offered] = [0, 0]
  await other.route('**/session', (route) =>
    offered++ < 1 ? route.abort('connectionfailed') : route.continue(),
  )
  await other.route('**/assets/react-dom-*.js', (route) =>
    asked++ < 2 ? route.abort('connectionfailed') : route.continue(),
  )
  const kept = new Map<string, string | undefined>()
  other.on('response', (answer) =>
    kept.set(new URL(answer.url()).pathname.split('-')[0] ?? '', answer.headers()['cache-control']),
  )
  await other.goto(atlas.url)
  await expect(other.locator('.view-head')).toContainText('Platform deployed')
  expect([asked, offered]).toEqual([3, 2])
  expect(kept.get('/')).toBe('no-cache')
  expect(kept.get('/assets/react')).toBe('max-age=31536000, immutable')
  await other.context().close()
})

test('killed in the middle of a run and started again, it goes on and doubles nothing', async () => {
  await open('Pipelines')
  await page.getByRole('button', { name: 'Trigger pipeline' }).click()
  await page.getByLabel('Pipeline', { exact: true }).selectOption('flights')
  await page.getByRole('button', { name: 'Run flights' }).click()
  await expect(page.locator('.run-view__head')).toContainText('flights')
  await restartApp('kill', async () => {
    await expect(page.locator('.statusbar')).toContainText('does not answer')
  })
  await page.goto(atlas.url)
  await open('Pipelines')
  await expect(page.locator('.run').filter({ hasText: 'flights' }).first().getByRole('img')).toHaveAttribute(
    'aria-label',
    'succeeded',
    { timeout: 60_000 },
  )
  await open('Overview')
  await expect(page.locator('.flow-layer--explore')).toContainText('33.38 k')
})
