import AxeBuilder from '@axe-core/playwright'
import { expect, test } from '@playwright/test'
import { atlas, openApp, page, restartApp } from '../support/app.ts'
import { runSql } from '../support/cli.ts'

openApp({ stage: 'deployed' })

const visit = (path: string) => page.goto(new URL(atlas.url).origin + path)
const staged = () => page.getByRole('status', { name: 'Staged changes' })
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

test('the tables of a schema are sorted by what they take, and lead to their pages', async () => {
  await visit('/schema')
  await page.getByRole('button', { name: /^pipeline \d+$/ }).click()
  await expect(page).toHaveURL(/kind=schema/)
  const tables = page.getByRole('table', { name: 'Tables' })
  await expect(tables.getByRole('row', { name: /^run_logs/ })).toContainText('never')
  await accessible()
  await runSql(atlas, 'vacuum analyze pipeline.parameters')
  await page.reload()
  await tables.getByRole('button', { name: 'Vacuumed' }).click()
  await tables.getByRole('button', { name: 'Vacuumed' }).click()
  await expect(tables.getByRole('row').nth(1)).toContainText('parameters')
  await page.getByRole('tab', { name: 'DDL' }).click()
  await expect(page.getByRole('region', { name: 'Definition' })).toContainText('create schema')
  await page.getByRole('tab', { name: 'Tables' }).click()
  await tables.getByText('parameters').click()
  await expect(page.getByRole('table', { name: 'Columns' })).toBeVisible()
  await page.getByRole('button', { name: 'Objects of pipeline' }).click()
  await expect(page.getByRole('button', { name: /^parameters/ })).toHaveCount(0)
})

test('a row is changed: staged, shown as SQL, applied; the grid has it', async () => {
  await visit('/schema?schema=compliance&table=classification_levels&tab=data')
  const grid = page.getByRole('grid', { name: 'Result' })
  await grid.getByRole('gridcell').first().dblclick()
  const form = page.getByRole('complementary', { name: 'Row' })
  const field = form.getByRole('textbox', { name: /^description/ })
  await field.fill('changed "by" hand')
  await form.getByRole('button', { name: 'Stage' }).click()
  await expect(staged()).toContainText('1 changed')
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
  await expect(staged()).toContainText('1 changed, 1 new')
  await expect(grid.getByRole('gridcell', { name: 'pasted over' })).toBeVisible()
  await grid.getByRole('gridcell', { name: 'pasted new' }).dblclick()
  const form = page.getByRole('complementary', { name: 'New row' })
  await expect(form.getByRole('textbox', { name: /^description/ })).toHaveValue('pasted new')
  await form.getByRole('button', { name: 'Forget this row' }).click()
  await expect(staged()).toContainText('1 changed:')
  await accessible()
  await page.getByRole('button', { name: 'Discard' }).click()
  await expect(grid.getByRole('gridcell', { name: 'pasted over' })).toHaveCount(0)
})

test('staged changes outlive the tab, the view and a restart, and the way back to them is shown', async () => {
  await visit('/schema?schema=compliance&table=classification_levels&tab=data')
  const grid = page.getByRole('grid', { name: 'Result' })
  const form = page.getByRole('complementary', { name: 'Row' })
  await grid.getByRole('gridcell').first().dblclick()
  await form.getByRole('textbox', { name: /^description/ }).fill('waits')
  await form.getByRole('button', { name: 'Stage' }).click()
  await page.getByRole('tab', { name: /^Columns/ }).click()
  await expect(staged()).toHaveCount(0)
  await page.getByRole('tab', { name: /^Rows/ }).click()
  await expect(staged()).toContainText('1 changed')
  await expect(grid).toContainText('waits')
  const waiting = page.getByRole('button', { name: '1 staged change' })
  await expect(waiting).toBeVisible()

  await page.getByRole('link', { name: 'Sessions' }).click()
  const asked: string[] = []
  await page.getByRole('link', { name: 'Schema' }).click()
  await expect(waiting).toBeVisible()
  page.once('dialog', async (dialog) => {
    asked.push(dialog.type())
    await dialog.accept()
  })
  await restartApp('kill')
  await page.goto(atlas.url)
  expect(asked).toEqual(['beforeunload'])
  // The token of the new start is taken before the page is left.
  await expect(page.locator('.view-head')).toContainText('PostgreSQL')
  await visit('/schema')
  await waiting.click()
  await expect(staged()).toContainText('1 changed')
  await expect(grid).toContainText('waits')

  await grid.getByRole('gridcell').first().dblclick()
  await form.getByRole('button', { name: 'Delete row' }).click()
  await expect(staged()).toContainText('1 to delete')
  await form.getByRole('button', { name: 'Keep it' }).click()
  await expect(staged()).toHaveCount(0)
  await expect(waiting).toHaveCount(0)
  await expect(grid).not.toContainText('waits')
})

test('a row is followed along its foreign keys, both ways; rows are narrowed to a value and to all others', async () => {
  await runSql(
    atlas,
    `create table public.makers (id int primary key, name text);
     create table public.parts (id int primary key, maker int references public.makers, colour text);
     insert into public.makers values (1, 'Ada'), (2, 'Bea');
     insert into public.parts values (10, 1, 'red'), (11, 2, 'red'), (12, 2, null)`,
  )
  const grid = page.getByRole('grid', { name: 'Result' })
  const form = page.getByRole('complementary', { name: 'Row' })
  const status = page.locator('.rows__status')
  await visit('/schema?schema=public&table=parts&tab=data')
  await grid.getByRole('gridcell', { name: 'red' }).last().dblclick()
  await expect(form.getByRole('textbox', { name: /^id/ })).toHaveValue('11')
  await form.getByTitle('The next row').click()
  await expect(form.getByRole('textbox', { name: /^id/ })).toHaveValue('12')
  await form.getByRole('link', { name: /leads to.*makers/ }).click()
  await expect(grid).toContainText('Bea')
  await expect(status).toContainText('1 row,')
  await grid.getByRole('gridcell', { name: 'Bea' }).dblclick()
  await form.getByRole('link', { name: /comes from.*parts/ }).click()
  await expect(status).toContainText('2 rows')

  await visit('/schema?schema=public&table=parts&tab=data')
  await grid.getByRole('gridcell', { name: 'red' }).first().click()
  await page.getByRole('button', { name: '= value' }).click()
  await expect(status).toContainText('2 rows')
  await page.getByTitle('Take away: colour = red').click()
  await expect(status).toContainText('3 rows')
  await page.getByRole('tab', { name: /^Relations/ }).click()
  await page
    .getByRole('table', { name: 'Relations' })
    .getByRole('link', { name: /makers/ })
    .click()
  await expect(page.getByRole('table', { name: 'Relations' })).toContainText('comes from')
})

test('the activity of a table tells its last writes and who made them; what was opened lately leads back', async () => {
  await visit('/schema?schema=compliance&table=classification_levels&tab=activity')
  const panel = page.getByRole('region', { name: 'classification_levels' })
  await expect(panel).toContainText('Runs that wrote it')
  await expect(panel).toContainText(/inserted, [\d,]+ updated/)
  await runSql(
    atlas,
    "insert into explore.source_systems (code, name, kind, owner) values ('tab', 'Tab', 'file', 'sales')",
  )
  await visit('/schema?schema=explore&table=source_systems&tab=activity')
  await expect(page.getByRole('table', { name: 'Audit entries' })).toContainText('insert')
  await accessible()
  await visit('/schema')
  await page.getByRole('button', { name: /compliance\.classification_levels/ }).click()
  await expect(page).toHaveURL(/table=classification_levels/)
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

test('what was typed into a form and not staged is there again, and the window asks before it closes', async () => {
  await visit('/schema?schema=compliance&table=classification_levels&tab=data')
  const grid = page.getByRole('grid', { name: 'Result' })
  const form = page.getByRole('complementary', { name: 'Row' })
  const field = form.getByRole('textbox', { name: /^description/ })
  await grid.getByRole('gridcell').first().dblclick()
  const written = await field.inputValue()
  await field.fill('half a sen')
  await form.getByRole('button', { name: 'Close' }).click()
  await page.getByRole('link', { name: 'Sessions' }).click()
  // The page asks for itself: a reload from here would wait for one that does not come.
  const [asked] = await Promise.all([
    page.waitForEvent('dialog'),
    page.evaluate('setTimeout(() => location.reload())'),
  ])
  expect(asked.type()).toBe('beforeunload')
  await asked.dismiss()
  await page.getByRole('link', { name: 'Schema' }).click()
  await page.locator('.recent__item', { hasText: 'classification_levels' }).click()
  await page.getByRole('tab', { name: /^Rows/ }).click()
  await grid.getByRole('gridcell').first().dblclick()
  await expect(field).toHaveValue('half a sen')
  await expect(form).toContainText('not staged yet')
  await accessible()
  await form.getByRole('button', { name: 'Forget it' }).click()
  await expect(field).toHaveValue(written)
  await expect(staged()).toHaveCount(0)
})

test('rows are narrowed by a condition in SQL; one that is wrong says where, and can be corrected', async () => {
  await visit('/schema?schema=compliance&table=classification_levels&tab=data')
  await page.getByRole('button', { name: 'A condition in SQL' }).click()
  const condition = page.getByRole('textbox', { name: 'Condition in SQL' })
  await condition.fill('rnak > 2')
  await condition.press('Enter')
  await expect(page.getByRole('alert')).toContainText('rnak')
  await expect(page.getByRole('alert')).toContainText('No row was read')
  await condition.fill('true) or (true')
  await condition.press('Enter')
  await expect(page.getByRole('alert')).toContainText('SYNTAX_ERROR')
  await condition.fill("code in ('restricted', 'internal') -- two")
  await condition.press('Enter')
  await expect(page.locator('.rows__status')).toContainText('2 rows')
  await accessible()
  await page.reload()
  await expect(page.locator('.rows__status')).toContainText('2 rows')
  await page.getByTitle(/^Take away: where/).click()
  await expect(page.locator('.rows__status')).toContainText('5 rows')
})

test('a privilege is granted and revoked, after its statement was read', async () => {
  const role = `o'dd "role"`
  await runSql(atlas, `create table public.granted (n int); create role "o'dd ""role"""`)
  await visit('/schema?schema=public&table=granted&tab=grants')
  const grants = page.getByRole('table', { name: 'Grants' })
  await page.getByRole('button', { name: 'Grant or revoke' }).click()
  const dialog = page.getByRole('dialog')
  await dialog.getByRole('combobox', { name: /^Role/ }).selectOption(role)
  await dialog.getByRole('checkbox', { name: 'select' }).check()
  await expect(dialog).toContainText(`grant select on table "public"."granted" to "o'dd ""role""";`)
  await accessible()
  await dialog.getByRole('button', { name: 'Grant', exact: true }).click()
  await expect(dialog).toContainText('Granted.')
  await expect(grants.getByRole('row').filter({ hasText: role })).toContainText('select')
  await dialog.getByRole('combobox', { name: /^What to do/ }).selectOption('revoke')
  await dialog.getByRole('button', { name: 'Revoke', exact: true }).click()
  await expect(dialog).toContainText('Revoked.')
  await expect(grants).not.toContainText(role)
  await dialog.getByRole('combobox', { name: /^Role/ }).selectOption('public')
  await dialog.getByRole('combobox', { name: /^What to do/ }).selectOption('grant with grant option')
  await dialog.getByRole('button', { name: 'Grant', exact: true }).click()
  await expect(dialog).toContainText('0LP01')
  await page.keyboard.press('Escape')
})

test('a trigger is turned off and on again, after its statement was read', async () => {
  await runSql(
    atlas,
    `create table public.fired (n int); create function public.keep() returns trigger language plpgsql as 'begin return new; end';
     create trigger keep before insert on public.fired for each row execute function public.keep()`,
  )
  await visit('/schema?schema=public&table=fired&tab=rules')
  const rules = page.getByRole('table', { name: 'Triggers and policies' })
  await rules.getByRole('button', { name: 'Disable' }).click()
  const dialog = page.getByRole('dialog')
  await expect(dialog).toContainText('alter table "public"."fired" disable trigger "keep";')
  await accessible()
  await dialog.getByRole('button', { name: 'Disable it' }).click()
  await expect(rules).toContainText('off')
  await rules.getByRole('button', { name: 'Enable' }).click()
  await dialog.getByRole('button', { name: 'Enable it' }).click()
  await expect(rules.getByRole('button', { name: 'Disable' })).toBeVisible()
})
