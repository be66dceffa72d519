import { readFileSync } from 'node:fs'
import AxeBuilder from '@axe-core/playwright'
import { expect, test } from '@playwright/test'
import { atlas, openApp, page } from '../support/app.ts'
import { runSql } from '../support/cli.ts'
import { partitionedTables, partitionStates } from './fixture.ts'
import { leaveReadingsPending } from './pending.ts'

openApp()

test.beforeAll(async () => {
  await runSql(atlas, `${partitionedTables};${partitionStates};${oddColumns}`)
  await page.getByRole('link', { name: 'Partitions', exact: true }).click()
})

const oddColumns = `create table demo.odd (k text, "a, ""b""" int, c int) partition by list (k)`

const picture = (table: string) => page.getByRole('region', { name: `demo.${table}`, exact: true })
/** The first day of a month in the past. */
const monthsAgo = (months: number) => {
  const now = new Date()
  return new Date(Date.UTC(now.getUTCFullYear(), now.getUTCMonth() - months, 1)).toISOString().slice(0, 10)
}
const dialog = () => page.getByRole('dialog')

test('draws ranges with their gap, lists, hashes and levels, and says what is wrong', async () => {
  await expect(page.locator('.view-head')).toContainText('findings')
  await page.getByRole('textbox', { name: 'Filter by table' }).fill('demo.events')
  await expect(picture('events')).toContainText('lack an index of the table')
  await expect(picture('events')).toContainText('rows are in the default partition')
  await expect(picture('events').locator('.gap')).toHaveCount(1)
  await expect(picture('events').locator('.bar--current')).toHaveCount(1)
  await expect(picture('events').locator('.tl__today')).toBeVisible()
  await page.getByRole('textbox', { name: 'Filter by table' }).fill('demo.')
  await expect(picture('countries')).toContainText('AT, CH')
  await picture('shards').scrollIntoViewIfNeeded()
  await expect(picture('shards')).toContainText('3 of 8')
  await expect(picture('shards')).toContainText('mean')
})

test('levels open below each other; the keyboard walks the bars; the card tells what the catalogue knows', async () => {
  await page.getByRole('textbox', { name: 'Filter by table' }).fill('demo.tenants')
  await picture('tenants')
    .getByRole('button', { name: /^tenants_acme,/ })
    .click()
  await expect(picture('tenants').locator('.tl__crumb')).toContainText(
    'tenants_acme by range of at, 5 partitions',
  )
  await picture('tenants')
    .getByRole('button', { name: /^tenants_acme_2023,/ })
    .focus()
  await page.keyboard.press('ArrowRight')
  await expect(picture('tenants').getByRole('button', { name: /^tenants_acme_2024,/ })).toBeFocused()
  await page.keyboard.press('Enter')
  await expect(page.getByRole('complementary')).toContainText("from ('2024-01-01') to ('2025-01-01')")
  await page.keyboard.press('End')
  await expect(picture('tenants').getByRole('button', { name: /^tenants_acme_2027,/ })).toBeFocused()
  await picture('tenants')
    .getByRole('button', { name: /^tenants_acme_2025,/ })
    .hover()
  await expect(page.getByRole('tooltip')).toContainText('Newest row')
})

test('of 400 days only those in sight are in the page, and the table twin holds all', async () => {
  await page.goto(`${new URL(atlas.url).origin}/partitions?table=demo.days`)
  await expect(picture('days')).toContainText('400 partitions')
  expect(await picture('days').locator('.bar').count()).toBeLessThan(250)
  await page.getByRole('button', { name: 'Table', exact: true }).click()
  await expect(page.getByRole('table', { name: 'Partitions' })).toContainText('days_')
  await expect(page).toHaveURL(/as=table/)
  await page.getByRole('button', { name: 'Analysed' }).click()
  await expect(page.getByRole('columnheader', { name: 'Analysed' })).toHaveAttribute('aria-sort', 'ascending')
  await expect(page.getByRole('row', { name: /days_/ }).first()).toContainText(/ago|now/)
  const [file] = await Promise.all([page.waitForEvent('download'), page.getByTitle('Save as CSV').click()])
  expect(
    readFileSync(await file.path(), 'utf8')
      .trimEnd()
      .split('\r\n'),
  ).toHaveLength(401)
  const [image] = await Promise.all([
    page.waitForEvent('download'),
    page.getByTitle('Save the pictures as PNG').click(),
  ])
  expect(
    readFileSync(await image.path())
      .subarray(1, 4)
      .toString(),
  ).toBe('PNG')
})

test('rows of default are counted by period and split out, with the SQL shown before', async () => {
  await page.goto(`${new URL(atlas.url).origin}/partitions?table=demo.events`)
  await picture('events')
    .getByRole('button', { name: /^events_default/ })
    .click()
  await page.getByRole('button', { name: 'Count by period' }).click()
  const rows = page.getByRole('table', { name: 'Rows in default' }).getByRole('row')
  const before = await rows
    .first()
    .textContent()
    .then(() => rows.count())
  await page
    .getByRole('button', { name: /^Split out/ })
    .first()
    .click()
  await expect(dialog()).toContainText('attach partition')
  await expect(dialog()).toContainText('access exclusive')
  await dialog()
    .getByRole('button', { name: /^Move \d+/ })
    .click()
  await expect(dialog()).toHaveCount(0)
  await expect(picture('events').locator('.gap')).toHaveCount(before > 1 ? 1 : 0)
})

test('detach concurrently is refused with its reason, and the plain way goes through', async () => {
  await picture('events').locator('.bar--past').first().click()
  await page.getByRole('button', { name: /^Detach concurrently/ }).click()
  await expect(dialog()).toContainText('only where no default partition stands')
  await expect(dialog().getByRole('button', { name: 'Not possible' })).toBeDisabled()
  await dialog().getByRole('button', { name: 'Detach plainly instead' }).click()
  await dialog()
    .getByRole('button', { name: /^Detach events_/ })
    .click()
  await expect(dialog()).toHaveCount(0)
  await expect(page.getByRole('complementary')).toHaveCount(0)
})

test('a detach that was interrupted is seen, finalized, and taken back', async () => {
  const name = await leaveReadingsPending(atlas)
  await page.goto(`${new URL(atlas.url).origin}/partitions?table=demo.readings`)
  const bar = picture('readings').getByRole('button', { name: new RegExp(`^${name},`) })
  await expect(bar).toHaveClass(/bar--detaching/)
  await expect(bar).toHaveAccessibleName(/half detached/)
  await expect(picture('readings').locator('.gap')).toHaveCount(2)
  await picture('readings').getByRole('button', { name: 'Finalize…' }).click()
  await expect(dialog()).toContainText(`detach partition "demo"."${name}" finalize`)
  await dialog().getByRole('button', { name: 'Finalize', exact: true }).click()
  await expect(page.getByRole('status')).toContainText(`${name} detached; it stays as a table`)
  await expect(bar).toHaveCount(0)
  await expect(picture('readings').locator('.gap')).toHaveCount(3)

  await page.getByRole('button', { name: 'Undo…' }).click()
  await expect(dialog()).toContainText('validate constraint')
  await dialog()
    .getByRole('button', { name: `Attach ${name}` })
    .click()
  await expect(bar).toHaveClass(/bar--past/)
})

test('what is missing is filled; one partition is made by its form, and partitioned again', async () => {
  await picture('readings').getByRole('button', { name: 'Fill…' }).first().click()
  await dialog().getByRole('button', { name: 'Make 2 partitions' }).click()
  await expect(picture('readings').locator('.gap')).toHaveCount(0)

  await page.getByRole('textbox', { name: 'Filter by table' }).fill('demo.tenants')
  await page.getByTitle('Make a partition of tenants…').click()
  await dialog().getByLabel('Name').fill('tenants_umbrella')
  await dialog().getByLabel('Values, one a line').fill('umbrella')
  await dialog().getByLabel('Partitioned again by').selectOption('hash')
  await dialog().getByRole('combobox', { name: 'Column', exact: true }).selectOption('at')
  await expect(dialog()).toContainText('partition by hash ("at")')
  await dialog().getByRole('button', { name: 'Make tenants_umbrella' }).click()
  await picture('tenants')
    .getByRole('button', { name: /^tenants_umbrella,/ })
    .click()
  await page.getByRole('button', { name: /^Make a partition of it/ }).click()
  await dialog().getByLabel('Name').fill('tenants_umbrella_0')
  await dialog().getByLabel('Modulus').fill('1')
  await dialog().getByLabel('Remainder').fill('0')
  await dialog().getByRole('button', { name: 'Make tenants_umbrella_0' }).click()
  await expect(picture('tenants').locator('.tl__crumb')).toContainText(
    'tenants_umbrella by hash of at, 1 partition',
  )
  await page.getByRole('status').getByRole('button', { name: 'Close' }).click()
})

test('commas and quotes in the columns of a key and in the values of a list stay what they are', async () => {
  await page.getByRole('textbox', { name: 'Filter by table' }).fill('demo.odd')
  await page.getByTitle('Make a partition of odd…').click()
  await dialog().getByLabel('Name').fill('odd_1')
  await dialog().getByLabel('Values, one a line').fill('x, "y"\nit\'s')
  await dialog().getByLabel('Partitioned again by').selectOption('range')
  await dialog().getByRole('combobox', { name: 'Column', exact: true }).selectOption('a, "b"')
  await dialog().getByLabel('Then by').first().selectOption('c')
  await expect(dialog()).toContainText('partition by range ("a, ""b""", "c")')
  await dialog().getByRole('button', { name: 'Make odd_1' }).click()
  await picture('odd')
    .getByRole('button', { name: /^odd_1,/ })
    .click()
  await expect(page.getByRole('complementary')).toContainText(`in ('x, "y"', 'it''s')`)
  await page.getByRole('status').getByRole('button', { name: 'Close' }).click()
})

test('what is due leaves: kept as tables up to a day, then dropped, with the SQL shown before', async () => {
  const bars = picture('readings').locator('.bar')
  await page.goto(`${new URL(atlas.url).origin}/partitions?table=demo.readings`)
  await expect(bars).toHaveCount(15)
  await page.getByTitle('Detach or drop what is old of readings…').click()
  await expect(dialog()).toContainText('At most 200 partitions leave in a run')
  await expect(dialog().getByRole('button', { name: 'Detach 9 partitions' })).toBeEnabled()
  await dialog().getByLabel('Ended before').fill(monthsAgo(7))
  await dialog().getByLabel('Move to schema (optional)').fill('public')
  await expect(dialog()).toContainText('set schema "public"')
  await dialog().getByRole('button', { name: 'Detach 2 partitions' }).click()
  await expect(bars).toHaveCount(13)

  await page.getByTitle('Detach or drop what is old of readings…').click()
  await dialog().getByLabel('Ended before').fill(monthsAgo(6))
  await dialog().getByLabel('What leaves').selectOption('drop')
  await expect(dialog()).toContainText('drop table "demo"."readings_')
  await expect(dialog()).toContainText('None after the commit.')
  await dialog()
    .getByRole('button', { name: /^Drop 1 partition with about [\d,]+ rows$/ })
    .click()
  await expect(bars).toHaveCount(12)
})

test('a statement lights up what it touches, and is in the address', async () => {
  await page.getByRole('textbox', { name: 'Filter by table' }).fill('demo.events')
  await page.getByRole('button', { name: 'Check a statement' }).click()
  await page.getByLabel('Statement to check').fill('select * from demo.events where at > now()')
  await page.getByRole('button', { name: 'Check', exact: true }).click()
  await expect(page.getByRole('status')).toContainText('pruned')
  await expect(picture('events').locator('.bar.is-pruned').first()).toBeVisible()
  await expect(page).toHaveURL(/check=select/)
  await page.getByLabel('Statement to check').fill('drop table demo.events')
  await page.getByRole('button', { name: 'Check', exact: true }).click()
  await expect(page.getByRole('alert')).toContainText('One SELECT, INSERT, UPDATE, DELETE or MERGE')
  await page.getByRole('region', { name: 'Pruning check' }).getByRole('button', { name: 'Close' }).click()
})

for (const scheme of ['light', 'dark'] as const) {
  test(`accessible in ${scheme}, with a drawer and a dialog open`, async () => {
    await page.emulateMedia({ colorScheme: scheme })
    await page.goto(`${new URL(atlas.url).origin}/partitions?table=demo.`)
    await picture('countries')
      .getByRole('button', { name: /^countries_dach/ })
      .click()
    await page.getByRole('button', { name: /^Drop/ }).click()
    await expect(dialog()).toContainText('drop table')
    const { violations } = await new AxeBuilder({ page }).withTags(['wcag2a', 'wcag2aa']).analyze()
    expect(violations.map(({ id, nodes }) => `${id} ${nodes[0]?.html.slice(0, 200)}`)).toEqual([])
    await page.keyboard.press('Escape')
    const behind = await new AxeBuilder({ page }).withTags(['wcag2a', 'wcag2aa']).analyze()
    expect(behind.violations.map(({ id, nodes }) => `${id} ${nodes[0]?.html.slice(0, 200)}`)).toEqual([])
  })
}
