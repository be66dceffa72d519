import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import AxeBuilder from '@axe-core/playwright'
import { expect, test } from '@playwright/test'
import pg from 'pg'
import { atlas, home, openApp, page } from '../support/app.ts'
import { runCli, runSql } from '../support/cli.ts'

const folder = mkdtempSync(join(tmpdir(), 'atlas-shop-'))

// A table and a column whose names would be a tag, a command and a line break.
const odd = `create table public."<img src=x>"";drop table x" ("line\nbreak" int, "$$" text);
alter table quality.dimensions add column by_hand text;`

/** Another database of the same server: the platform, changed by hand. Returns its address. */
async function makeElsewhere(): Promise<string> {
  const data = join(home, 'postgres')
  const password = readFileSync(join(data, 'password'), 'utf8').trim()
  const port = readFileSync(join(data, 'data', 'postmaster.pid'), 'utf8').split('\n')[3]
  const address = `postgres://atlas_user:${password}@127.0.0.1:${port}/elsewhere`
  await runSql(atlas, 'create table public.turned (a int, b int)')
  await onElsewhere(address.replace(/elsewhere$/, 'postgres'), 'create database elsewhere')
  expect((await runCli({ home, url: address }, ['migrate', 'apply'])).code).toBe(0)
  await onElsewhere(
    address,
    `create table public.turned (b int, a int);
     create type public.mood as enum ('good', 'bad'); create table public.visits (id int primary key, mood public.mood);
     alter table quality.dimensions add column heft numeric not null default 1;`,
  )
  return address
}

async function onElsewhere(address: string, text: string): Promise<void> {
  const client = new pg.Client({ connectionString: address })
  await client.connect()
  await client.query(text).finally(() => client.end())
}

openApp({ stage: 'deployed' })

test.afterAll(() => rmSync(folder, { recursive: true, force: true }))

const visit = (path: string) => page.goto(new URL(atlas.url).origin + path)
const compare = () =>
  page.getByRole('toolbar', { name: 'Comparison' }).getByRole('button', { name: 'Compare' }).click()
const accessible = async () => {
  await expect(page.locator('.skeleton')).toHaveCount(0)
  const { violations } = await new AxeBuilder({ page }).withTags(['wcag2a', 'wcag2aa']).analyze()
  expect.soft(violations.map(({ id, nodes }) => `${id} ${nodes[0]?.html.slice(0, 200)}`)).toEqual([])
}

test('a platform that nobody touched is as its migrations say', async () => {
  await visit('/schema')
  await page.getByRole('button', { name: 'Compare', exact: true }).click()
  await expect(page.getByText('Nothing compared yet')).toBeVisible()
  await compare()
  await expect(page.getByText('Identical', { exact: true })).toBeVisible({ timeout: 60_000 })
  await accessible()
})

test('what was changed by hand is found, and shown on both sides', async () => {
  await runSql(atlas, odd)
  await compare()
  const list = page.getByRole('table', { name: 'Differences' })
  await expect(list.getByRole('row')).toHaveCount(3, { timeout: 60_000 })
  await list.getByText('quality.dimensions').click()
  await expect(page.locator('.cmp__details')).toContainText('column by_hand only here')
  await expect(page.getByTestId('code-diff')).toContainText('by_hand')
  await list.getByText('<img src=x>').click()
  await expect(page.getByRole('region', { name: 'Definition' })).toContainText('"line\nbreak" integer')
  await expect(page.locator('.cmp img')).toHaveCount(0)
  await accessible()
})

test('the migration names what it would destroy and leaves it out, until that is wanted', async () => {
  await page.getByRole('button', { name: 'Write a migration' }).click()
  const dialog = page.getByRole('dialog', { name: 'Write a migration' })
  await dialog.getByRole('combobox', { name: 'What it changes' }).selectOption('here')
  await expect(dialog).toContainText('Left out, because it would destroy')
  const text = dialog.getByRole('region', { name: 'Migration' })
  await expect(text).toContainText('-- alter table quality.dimensions drop column by_hand;')
  await dialog.getByRole('checkbox', { name: 'With what destroys' }).check()
  await expect(text).toContainText('\nalter table quality.dimensions drop column by_hand;')
  await accessible()
  const [file] = await Promise.all([
    page.waitForEvent('download'),
    dialog.getByRole('button', { name: 'Save as a file' }).click(),
  ])
  // The command line takes what begins with a dash for an option.
  await runSql(atlas, `\n${readFileSync(await file.path(), 'utf8')}`)
  await dialog.getByRole('button', { name: 'Back' }).click()
  await compare()
  await expect(page.getByText('Identical', { exact: true })).toBeVisible({ timeout: 60_000 })
})

test('another environment: the migration is written into the open folder and applied, and then both are identical', async () => {
  const elsewhere = await makeElsewhere()
  await visit('/settings')
  await page.getByRole('button', { name: 'Add', exact: true }).click()
  const form = page.getByRole('dialog')
  await form.getByRole('textbox', { name: 'Name' }).fill('elsewhere')
  await form.getByRole('textbox', { name: /Address/ }).fill(elsewhere)
  await form.getByRole('button', { name: 'Save' }).click()
  await expect(page.locator('.view-body')).toContainText('elsewhere')

  await visit('/migrations')
  await page.getByRole('button', { name: 'Open a folder' }).click()
  await page
    .getByRole('dialog')
    .getByRole('textbox', { name: /Folder/ })
    .fill(folder)
  await page.getByRole('dialog').getByRole('button', { name: 'Open', exact: true }).click()
  await expect(page.locator('.view-head')).toContainText('0 applied')

  await visit('/schema?show=compare')
  await page.getByRole('combobox', { name: 'The other side' }).selectOption('elsewhere')
  await compare()
  const list = page.getByRole('table', { name: 'Differences' })
  await expect(list.getByRole('row')).toHaveCount(5, { timeout: 60_000 })
  await list.getByText('public.turned').click()
  await expect(page.getByRole('region', { name: 'public.turned' })).toContainText(
    'the same columns in another order',
  )
  await accessible()

  await page.getByRole('button', { name: 'Write a migration' }).click()
  const dialog = page.getByRole('dialog', { name: 'Write a migration' })
  await expect(dialog.getByRole('combobox', { name: 'What it changes' })).toContainText(
    'becomes like elsewhere',
  )
  await expect(dialog.getByLabel('Folder')).toContainText(folder)
  await dialog.getByRole('checkbox', { name: 'With what destroys' }).check()
  await dialog.getByRole('textbox', { name: 'Name of the file' }).fill('like elsewhere')
  await dialog.getByRole('button', { name: 'Create migration' }).click()
  await expect(page).toHaveURL(/migrations\?.*version=001/)
  expect(readdirSync(folder)).toEqual(['001_like_elsewhere.sql'])
  await page.getByRole('button', { name: 'Apply 1' }).click()
  await page.getByRole('dialog').getByRole('button', { name: 'Apply 1' }).click()
  await expect(page.locator('.view-head')).toContainText('1 applied', { timeout: 60_000 })
  await page.getByRole('button', { name: 'Look', exact: true }).click()
  const places = page.getByRole('table', { name: 'Migrations by environment' })
  await expect(places.getByRole('columnheader', { name: 'elsewhere' })).toBeVisible()
  const marks = places.getByRole('row', { name: /001/ }).getByRole('img')
  await expect(marks.first()).toHaveAttribute('aria-label', 'applied')
  await expect(marks.last()).toHaveAttribute('aria-label', 'pending')
  await accessible()

  await visit('/schema?show=compare')
  await compare()
  // What no statement changes is all that is left.
  await expect(list.getByRole('row')).toHaveCount(2, { timeout: 60_000 })
  await expect(list.getByRole('img', { name: 'in another order' })).toBeVisible()
  await runSql(atlas, 'drop table public.turned')
  await onElsewhere(elsewhere, 'drop table public.turned')
  await compare()
  await expect(page.getByText('Identical', { exact: true })).toBeVisible({ timeout: 60_000 })
})

test('a side that does not answer fails as what it is', async () => {
  await visit('/settings')
  await page.getByRole('button', { name: 'Add', exact: true }).click()
  const form = page.getByRole('dialog')
  await form.getByRole('textbox', { name: 'Name' }).fill('far away')
  await form.getByRole('textbox', { name: /Address/ }).fill('postgres://ada@127.0.0.1:1/atlas')
  await form.getByRole('button', { name: 'Save' }).click()
  await expect(page.locator('.view-body')).toContainText('far away')
  await visit('/schema?show=compare')
  await page.getByRole('combobox', { name: 'The other side' }).selectOption('far away')
  await compare()
  await expect(page.getByRole('alert')).toContainText('CONNECTION_REFUSED')
  await accessible()
})
