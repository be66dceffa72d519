import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import AxeBuilder from '@axe-core/playwright'
import { expect, test } from '@playwright/test'
import { openApp, page } from '../support/app.ts'

const folder = mkdtempSync(join(tmpdir(), 'atlas-shop-'))

test.beforeAll(() => {
  writeFileSync(
    join(folder, '001_orders.sql'),
    'create table public.orders (order_id bigint primary key, note text);\n',
  )
  writeFileSync(join(folder, '001_orders.down.sql'), 'drop table public.orders;\n')
  writeFileSync(
    join(folder, '002_state.sql'),
    'create index orders_note on public.orders (note);\nalter table public.orders alter column note set not null;\n',
  )
  writeFileSync(
    join(folder, '002_state.down.sql'),
    'alter table public.orders alter column note drop not null;\ndrop index public.orders_note;\n',
  )
})

openApp({ view: 'Migrations' })

test.afterAll(() => rmSync(folder, { recursive: true, force: true }))

const header = () => page.locator('.view-head')
const item = (name: RegExp) => page.locator('.mig__list').getByRole('button', { name })
const checks = () => page.getByRole('complementary', { name: 'Checks' })

test('opens any folder and shows its plan', async () => {
  await page.getByRole('button', { name: 'Open a folder' }).click()
  const dialog = page.getByRole('dialog')
  await dialog.getByRole('textbox', { name: /Folder/ }).fill(folder)
  await dialog.getByRole('textbox', { name: /Name in the ledger/ }).fill('shop')
  await dialog.getByRole('button', { name: 'Open', exact: true }).click()
  await expect(header()).toContainText('2 pending')
  await expect(page.getByRole('table', { name: 'Plan' })).toContainText('create table public.orders')
})

test('rehearses: times, locks, and down and up again', async () => {
  await page.getByRole('button', { name: 'Rehearse', exact: true }).click()
  await expect(checks()).toContainText('Rehearsed in', { timeout: 60_000 })
  await item(/002_state/).click()
  await page.getByRole('tab', { name: 'Rehearsal' }).click()
  await expect(page.getByRole('table', { name: 'Rehearsal' })).toContainText('share public.orders')
  await expect(page.locator('.rehearsal__head')).toContainText('Down and up passed')
})

test('applies, and the ledger remembers', async () => {
  await page.getByRole('button', { name: 'Apply 2' }).click()
  await expect(header()).toContainText('2 applied', { timeout: 60_000 })
  await page.getByRole('tab', { name: 'History' }).click()
  await expect(page.getByRole('table', { name: 'History' })).toContainText('applied')
})

test('writes a file from a template, and the lint stands on its line', async () => {
  await page.getByRole('button', { name: 'New migration' }).click()
  const dialog = page.getByRole('dialog')
  await dialog.getByRole('textbox', { name: 'Name' }).fill('index by note')
  await dialog.getByRole('button', { name: 'Create' }).click()
  await expect(item(/003_index_by_note/)).toBeVisible()
  await page.locator('.monaco-editor').first().click()
  await page.keyboard.type('create index by_note on public.orders (note);')
  await expect(page.locator('.mig__findings')).toContainText('Writes wait while the index is built')
  await page.locator('.mig__findings').getByText('Show the change').click()
  await expect(page.locator('.mig__findings')).toContainText('create index concurrently by_note')
  await page.getByRole('button', { name: 'Save' }).click()
  await expect(page.getByRole('tab', { name: /Plan 1/ })).toBeVisible()
  await page.getByRole('tab', { name: /Plan/ }).click()
  await expect(page.getByRole('table', { name: 'Plan' })).toContainText('share')
})

test('asks before others wait, then applies', async () => {
  await page.getByRole('button', { name: 'Apply 1' }).click()
  const dialog = page.getByRole('dialog')
  await expect(dialog).toContainText('Others wait for 1 statement')
  await dialog.getByRole('button', { name: 'Apply 1' }).click()
  await expect(header()).toContainText('3 applied', { timeout: 60_000 })
})

test('a statement of the console becomes the next file of the folder that is open', async () => {
  await page.getByRole('link', { name: 'Console', exact: true }).click()
  await page.locator('.monaco-editor').first().click()
  await page.keyboard.insertText('alter table public.orders add column colour text;')
  await page.keyboard.press('Control+s')
  const dialog = page.getByRole('dialog', { name: 'Save this text' })
  await dialog.getByLabel('As').selectOption('migration')
  await dialog.getByRole('textbox', { name: 'Name' }).fill('colour of an order')
  await expect(dialog.getByLabel('Folder')).toContainText(`shop: ${folder}`)
  await dialog.getByRole('button', { name: 'Save', exact: true }).click()
  const saved = page.getByRole('dialog', { name: 'Saved as 004_colour_of_an_order.sql' })
  await expect(saved).toContainText(join(folder, '004_colour_of_an_order.sql'))
  await saved.getByRole('button', { name: 'Open in migrations' }).click()
  await expect(item(/004_colour_of_an_order/)).toBeVisible()
  await expect(page.locator('.monaco-editor').first()).toContainText('add column colour text')
  expect(readFileSync(join(folder, '004_colour_of_an_order.sql'), 'utf8')).toBe(
    'alter table public.orders add column colour text;\n',
  )
  rmSync(join(folder, '004_colour_of_an_order.sql'))
})

test('an edited file stops everything until it is repaired with a reason; the difference is shown', async () => {
  writeFileSync(join(folder, '003_index_by_note.sql'), 'create index by_note on public.orders (note desc);\n')
  await page.reload()
  await expect(header()).toContainText('1 edited or missing')
  await item(/003_index_by_note/).click()
  await page.getByRole('tab', { name: 'History' }).click()
  await expect(page.getByTestId('code-diff')).toContainText('note desc')
  await page.getByRole('button', { name: 'Repair' }).click()
  const dialog = page.getByRole('dialog')
  await dialog.getByRole('textbox', { name: /Reason/ }).fill('the order was changed by hand')
  await dialog.getByRole('button', { name: 'Repair 003' }).click()
  await expect(header()).toContainText('3 applied')
  await expect(page.getByRole('table', { name: 'History' })).toContainText('the order was changed by hand')
})

test('shows the drift that a hand has made', async () => {
  await checks().getByRole('button', { name: 'Check' }).click()
  await checks().getByRole('button', { name: 'Show them' }).click({ timeout: 60_000 })
  await expect(page.getByRole('dialog')).toContainText('public.by_note')
  await page.getByRole('dialog').getByRole('button', { name: /Close/ }).click()
})

test('takes the newest back only after its name is typed', async () => {
  await item(/002_state/).click()
  await expect(page.getByRole('button', { name: 'Revert' })).toHaveCount(0)
  writeFileSync(join(folder, '003_index_by_note.down.sql'), 'drop index public.by_note;\n')
  await page.reload()
  await item(/003_index_by_note/).click()
  await page.getByRole('button', { name: 'Revert' }).click()
  const dialog = page.getByRole('dialog')
  await expect(dialog).toContainText('No row and no value is lost')
  await dialog.getByRole('textbox').fill('index_by_note')
  await dialog.getByRole('button', { name: 'Revert 003' }).click()
  await expect(header()).toContainText('2 applied', { timeout: 60_000 })
})

for (const scheme of ['light', 'dark'] as const) {
  test(`every tab is accessible in ${scheme}`, async () => {
    await page.emulateMedia({ colorScheme: scheme })
    await page.getByRole('button', { name: 'Order', exact: true }).click()
    for (const tab of ['Plan', 'File', 'Rehearsal', 'History']) {
      await page.getByRole('tab', { name: tab }).click()
      await expect(page.locator('.skeleton')).toHaveCount(0)
      const { violations } = await new AxeBuilder({ page }).withTags(['wcag2a', 'wcag2aa']).analyze()
      const found = violations.map(({ id, nodes }) => `${tab}: ${id} ${nodes[0]?.html.slice(0, 200)}`)
      expect.soft(found).toEqual([])
    }
  })
}
