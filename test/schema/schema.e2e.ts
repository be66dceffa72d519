import AxeBuilder from '@axe-core/playwright'
import { expect, type Page, test } from '@playwright/test'
import { makeHome, type RunningAtlas, removeHome, startAtlas } from '../support/atlas.ts'

const home = makeHome()
let atlas: RunningAtlas
let page: Page
const problems: string[] = []

test.describe.configure({ mode: 'serial' })

test.beforeAll(async ({ browser }) => {
  atlas = await startAtlas(home)
  page = await (await browser.newContext()).newPage()
  page.on('pageerror', (error) => problems.push(error.message))
  await page.goto(atlas.url)
  await page.getByRole('button', { name: 'Deploy the platform' }).click()
  await expect(page.locator('.view-head')).toContainText('Platform deployed', { timeout: 60_000 })
})

test.afterAll(async () => {
  await page.context().close()
  await atlas.stop()
  await removeHome(home)
})

const visit = (path: string) => page.goto(new URL(atlas.url).origin + path)
const accessible = async () => {
  await expect(page.locator('.skeleton')).toHaveCount(0)
  const { violations } = await new AxeBuilder({ page }).withTags(['wcag2a', 'wcag2aa']).analyze()
  expect.soft(violations.map(({ id, nodes }) => `${id} ${nodes[0]?.html.slice(0, 200)}`)).toEqual([])
}

test('finds a column by its name and a function by its code, and goes there', async () => {
  await visit('/schema')
  const search = page.getByRole('textbox', { name: 'Search names' })
  await search.fill('dim_customer email')
  await page
    .getByRole('button', { name: /^navigate\.dim_customer\.email/ })
    .first()
    .click()
  await expect(page.getByRole('table', { name: 'Columns' })).toContainText('email')
  await search.fill('mask')
  await page.getByRole('button', { name: 'Functions' }).click()
  await page.getByRole('button', { name: /mask/ }).first().click()
  await expect(page.getByRole('region', { name: 'Definition' })).toContainText('CREATE OR REPLACE FUNCTION')
  await accessible()
})

test('partitions stand below their table, and are in sight when they are asked for', async () => {
  await visit('/schema?schema=explore&table=raw_data_template')
  await expect(page.getByRole('button', { name: 'raw_data_2025_10' })).toHaveCount(0)
  await page.getByRole('button', { name: 'Partitions of raw_data_template' }).click()
  await expect(page.getByRole('button', { name: /^raw_data_2025_10/ })).toBeVisible()
})

test('a row is changed: staged, shown as SQL, applied; the grid has it', async () => {
  await visit('/schema?schema=compliance&table=classification_levels&tab=data')
  const grid = page.getByRole('grid', { name: 'Result' })
  await grid.getByRole('gridcell').first().dblclick()
  const form = page.getByRole('complementary', { name: 'Row' })
  const field = form.getByRole('textbox', { name: /^description/ })
  await field.fill('changed "by" hand')
  await form.getByRole('button', { name: 'Stage' }).click()
  await expect(page.getByRole('status')).toContainText('1 changed')
  await page.getByRole('button', { name: 'Review and apply' }).click()
  const dialog = page.getByRole('dialog')
  await expect(dialog).toContainText(`= 'changed "by" hand'`)
  await dialog.getByRole('button', { name: 'Apply 1 change' }).click()
  await expect(page.getByRole('button', { name: 'Review and apply' })).toHaveCount(0)
  await expect(grid).toContainText('changed "by" hand')
  await accessible()
})

test('a block from a spreadsheet is pasted over rows, and behind the last one as new rows', async () => {
  await visit('/schema?schema=compliance&table=classification_levels&tab=data')
  const grid = page.getByRole('grid', { name: 'Result' })
  await expect(grid.getByRole('gridcell').first()).toBeVisible()
  const rowCount = await grid.getByRole('row').count()
  const column = page.getByRole('columnheader', { name: /^description/ })
  const at = Number(await column.getAttribute('aria-colindex'))
  await grid.locator(`[aria-rowindex="${rowCount}"] [aria-colindex="${at}"]`).click()
  await page.evaluate(`{
    const clipboardData = new DataTransfer()
    clipboardData.setData('text/plain', 'pasted over\\r\\npasted new')
    document.querySelector('[role=grid]').dispatchEvent(new ClipboardEvent('paste', { clipboardData, bubbles: true }))
  }`)
  await expect(page.getByRole('status')).toContainText('1 changed, 1 new')
  await expect(grid.getByRole('gridcell', { name: 'pasted over' })).toBeVisible()
  await grid.getByRole('gridcell', { name: 'pasted new' }).dblclick()
  const form = page.getByRole('complementary', { name: 'New row' })
  await expect(form.getByRole('textbox', { name: /^description/ })).toHaveValue('pasted new')
  await form.getByRole('button', { name: 'Forget this row' }).click()
  await expect(page.getByRole('status')).toContainText('1 changed; nothing is saved yet')
  await accessible()
  await page.getByRole('button', { name: 'Discard' }).click()
  await expect(grid.getByRole('gridcell', { name: 'pasted over' })).toHaveCount(0)
})

test('a column is profiled, and a frequent value leads to its rows', async () => {
  await visit('/schema?schema=quality&table=dimensions')
  await page.getByRole('table', { name: 'Columns' }).getByRole('row').nth(1).click()
  const profile = page.getByRole('complementary', { name: /^Profile/ })
  await expect(profile).toContainText('Rows read')
  await accessible()
  await profile.getByRole('button', { name: /^.+1$/ }).first().click()
  await expect(page.locator('.rows__status')).toContainText('1 row')
})

test('sessions: who is connected; upkeep of a table is a job', async () => {
  await visit('/activity')
  await expect(page.getByRole('table', { name: 'Sessions' })).toContainText('Atlas Desktop')
  await accessible()
  await visit('/schema?schema=pipeline&table=run_logs')
  await page.getByRole('button', { name: 'Upkeep' }).click()
  await page.getByRole('button', { name: 'Start vacuum' }).click()
  await expect(page.getByRole('dialog')).toContainText('Done in')
})

test('nothing failed in the page on the way', () => {
  expect(problems).toEqual([])
})
