import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import AxeBuilder from '@axe-core/playwright'
import { type Browser, chromium, expect, test } from '@playwright/test'
import { openAppDb } from '../../src-main/adapters/appdb.ts'
import { createHistory } from '../../src-main/console/history.ts'
import { atlas, home, openApp, page, restartApp, watch } from '../support/app.ts'
import { runSql } from '../support/cli.ts'

openApp({ stage: 'deployed', view: 'Console' })

test.beforeAll(() =>
  runSql(
    atlas,
    `create table public."Odd Name" ("Two Words" int);
     comment on column public."Odd Name"."Two Words" is 'counted by hand'`,
  ),
)

const editor = () => page.locator('.monaco-editor').first()
const type = async (text: string) => {
  await editor().click()
  await page.keyboard.press('Control+a')
  await page.keyboard.press('Delete')
  await page.keyboard.insertText(text)
}
const statusLine = () => page.locator('.res__status')
const tabs = () => page.getByRole('tablist', { name: 'Consoles' })

test('psql: \\dn+ and \\dt explore.* give their grids as typed', async () => {
  await type('\\dn+\n\\dt explore.*')
  await page.keyboard.press('Control+Shift+Enter')
  await expect(page.getByRole('tab', { name: /List of schemas/ })).toBeVisible()
  await page.getByRole('tab', { name: /List of relations/ }).click()
  await expect(page.getByRole('region', { name: 'Result' })).toContainText('raw_data_template')
  await type('\\d explore.raw_data_template')
  await page.keyboard.press('Control+Enter')
  await expect(page.locator('.con__footers')).toContainText('Partition key: RANGE')
  await type('\\watch')
  await page.keyboard.press('Control+Enter')
  await expect(page.locator('.fault')).toContainText('does not work here')
})

test('completion knows columns by alias, hover their types', async () => {
  await type('select d. from navigate.dim_customer d')
  await page.keyboard.press('Home')
  for (let at = 0; at < 'select d.'.length; at++) await page.keyboard.press('ArrowRight')
  await page.keyboard.press('Control+Space')
  const widget = page.locator('.suggest-widget')
  await expect(widget).toContainText('customer_key')
  await page.keyboard.type('customer_k')
  await expect(widget.locator('.focused')).toContainText('customer_key')
  await page.keyboard.press('Enter')
  await expect(editor()).toContainText('d.customer_key')
  await page.locator('.view-line span', { hasText: 'customer_key' }).last().hover()
  await expect(page.locator('.monaco-hover').first()).toContainText('navigate.dim_customer.customer_key')
})

test('a name that needs quotes gets them; hover tells the type and the comment of a column', async () => {
  await type('select "Two Words" from Odd')
  await page.keyboard.press('Control+Space')
  await expect(page.locator('.suggest-widget .focused')).toContainText('Odd Name')
  await page.keyboard.press('Enter')
  await expect(editor()).toContainText('from "Odd Name"')
  await page.locator('.view-line span', { hasText: 'Two Words' }).last().hover()
  const shown = page.locator('.monaco-hover').first()
  await expect(shown).toContainText('public.Odd Name.Two Words  integer')
  await expect(shown).toContainText('counted by hand')
})

test('a call tells its arguments while it is typed, a snippet unfolds to its places', async () => {
  await type('select ')
  await page.keyboard.type('date_trunc(')
  await expect(page.locator('.parameter-hints-widget')).toContainText('date_trunc(text, timestamp')
  await page.keyboard.press('Escape')
  await type('')
  await page.keyboard.type('selw')
  await page.keyboard.press('Control+Space')
  await expect(page.locator('.suggest-widget .focused')).toContainText('selw')
  await page.keyboard.press('Enter')
  await expect(editor()).toContainText('where condition')
  await page.keyboard.type('relname')
  await page.keyboard.press('Tab')
  await page.keyboard.type('pg_class')
  await page.keyboard.press('Escape')
  await expect(editor()).toContainText('select relname')
  await expect(editor()).toContainText('from pg_class')
})

test('\\? lists the commands, \\e opens what ran last in a tab', async () => {
  await type('select 4712 as last_one')
  await page.keyboard.press('Control+Enter')
  await expect(statusLine()).toContainText('1 row')
  await type('\\?')
  await page.keyboard.press('Control+Enter')
  await expect(page.getByRole('region', { name: 'Result' })).toContainText('the commands that work here')
  await type('\\e')
  await page.keyboard.press('Control+Enter')
  await expect(tabs().getByRole('tab')).toHaveCount(2)
  await expect(editor()).toContainText('select 4712 as last_one')
  await page.keyboard.press('Alt+w')
  await expect(tabs().getByRole('tab')).toHaveCount(1)
})

test('marks in the margin say what ran and what failed, move with their text, and go when it is edited', async () => {
  await type('select 1;\n\nselect nowhere;')
  await page.keyboard.press('Control+Shift+Enter')
  const [ran, failed] = [editor().locator('.ed-mark--succeeded'), editor().locator('.ed-mark--failed')]
  await expect(ran).toHaveCount(1)
  await expect(failed).toHaveCount(1)
  const at = async (mark: typeof ran) => (await mark.boundingBox())?.y ?? 0
  const [before, apart] = [await at(ran), (await at(failed)) - (await at(ran))]
  const [statement] = [editor().locator('.is-statement')]
  await page.keyboard.press('Control+End')
  await expect.poll(async () => Math.abs((await at(statement)) - (await at(failed))) < 12).toBe(true)
  await page.keyboard.press('Control+Home')
  await expect.poll(async () => Math.abs((await at(statement)) - (await at(ran))) < 12).toBe(true)
  const words = editor().locator('.is-statement-text')
  await expect(words.first()).toHaveCSS('text-decoration-line', 'underline')
  expect((await words.allTextContents()).join('').replaceAll('\u00a0', ' ')).toBe('select 1')
  await page.keyboard.press('Enter')
  await expect.poll(() => at(ran)).toBeCloseTo(before + apart / 2, 0)
  expect((await at(failed)) - (await at(ran))).toBeCloseTo(apart, 0)
  await page.keyboard.press('End')
  await page.keyboard.press('ArrowLeft')
  await page.keyboard.type('0')
  await expect(ran).toHaveCount(0)
  await expect(failed).toHaveCount(1)
})

test('a parameter is asked for, and sent as a value', async () => {
  await type("select :who as who, 'a:b' as text")
  await page.keyboard.press('Control+Enter')
  const dialog = page.getByRole('dialog', { name: 'Values of the parameters' })
  await dialog.getByLabel(':who').fill("O'Neil")
  await dialog.getByRole('button', { name: 'Run' }).click()
  await expect(page.getByRole('region', { name: 'Result' })).toContainText("O'Neil")
})

test('an error marks its place, formatting rewrites the text', async () => {
  await type('SELECT 1,\n  nowhere FROM pg_class WHERE relname=1')
  await page.keyboard.press('Control+Enter')
  await expect(page.locator('.squiggly-error')).toBeVisible()
  await page.keyboard.press('Shift+Alt+f')
  await expect(editor()).toContainText('relname = 1')
})

test('a query is saved in a folder, found again and opened', async () => {
  await type('select 4711 as saved')
  await page.keyboard.press('Control+s')
  const dialog = page.getByRole('dialog', { name: 'Save this text' })
  await dialog.getByRole('textbox', { name: 'Name' }).fill('the number')
  await dialog.getByLabel('Folder').fill('finance')
  await dialog.getByRole('button', { name: 'Save', exact: true }).click()
  await expect(tabs()).toContainText('the number')
  await page.getByRole('button', { name: 'Saved', exact: true }).click()
  await page.getByRole('textbox', { name: 'Search in saved queries' }).fill('4711')
  await page.getByRole('button', { name: /the number.*4711/ }).click()
  await expect(tabs().getByRole('tab')).toHaveCount(2)
  await page.getByRole('button', { name: 'History', exact: true }).last().click()
  await page.getByRole('textbox', { name: /Search in/ }).fill('nowhere')
  await expect(page.locator('.hist__item').first()).toContainText('error 42703')
})

test('history is of this environment or of all, and says where each statement ran', async () => {
  const db = openAppDb(home)
  createHistory(db, { id: 'elsewhere', name: 'Elsewhere' }).add({
    at: new Date(),
    text: 'select 815 as far_away',
    durationMs: 3,
    rows: 1,
    error: null,
  })
  db.close()
  const scope = page.getByRole('group', { name: 'Statements of' })
  await page.getByRole('textbox', { name: /Search in/ }).fill('far_away')
  await expect(page.locator('.hist__none')).toBeVisible()
  await scope.getByRole('button', { name: 'All environments' }).click()
  await expect(page.locator('.hist__item')).toHaveCount(1)
  await expect(page.locator('.hist__item')).toContainText('Elsewhere')
  await page.reload()
  await expect(scope.getByRole('button', { name: 'All environments' })).toHaveAttribute(
    'aria-pressed',
    'true',
  )
  await scope.getByRole('button', { name: 'This environment' }).click()
})

test('a file is run as a job and never loaded', async () => {
  const path = join(home, 'run me.sql')
  writeFileSync(
    path,
    'create table public.from_file (a int);\ncopy public.from_file from stdin;\n1\n2\n\\.\n',
  )
  await page.keyboard.press('Alt+o')
  const dialog = page.getByRole('dialog', { name: 'Run a file' })
  await dialog.getByRole('textbox').fill(path)
  await dialog.getByRole('button', { name: 'Run the file' }).click()
  await expect(dialog).toBeHidden()
  await page.getByRole('button', { name: 'Activity centre' }).first().click()
  await expect(page.getByText('2 rows copied')).toBeVisible()
  await page.keyboard.press('Escape')
})

test('closing a tab with an open transaction asks, and commits when told to', async () => {
  await type('begin; insert into public.from_file values (3)')
  await page.keyboard.press('Control+Shift+Enter')
  await expect(page.locator('.tx')).toContainText('1 row changed')
  await expect(editor()).toContainText('1 row, not committed')
  await page.keyboard.press('Alt+w')
  await page.getByRole('button', { name: 'Commit and close' }).click()
  await expect(tabs().getByRole('tab')).toHaveCount(1)
  await type('select count(*) as n from public.from_file')
  await page.keyboard.press('Control+Enter')
  await expect(statusLine()).toContainText('1 row')
  await expect(page.getByRole('region', { name: 'Result' })).toContainText('3')
})

test('a session commits by hand where it is told to, and a lost one says what went', async () => {
  await page.getByRole('button', { name: /pid \d+/ }).click()
  const dialog = page.getByRole('dialog', { name: 'Session of this tab' })
  await dialog.getByLabel('Commit', { exact: true }).selectOption('manual')
  await dialog.getByRole('button', { name: 'Apply' }).click()
  await type('update public.from_file set a = 9 where a = 1')
  await page.keyboard.press('Control+Enter')
  await expect(page.locator('.tx')).toContainText('Transaction open')
  const pid = /pid (\d+)/.exec((await page.locator('.con__bar').textContent()) ?? '')?.[1]
  await page.keyboard.press('Alt+n')
  await expect(tabs().getByRole('tab')).toHaveCount(2)
  await type(`select pg_terminate_backend(${pid})`)
  await page.keyboard.press('Control+Enter')
  await expect(statusLine()).toContainText('1 row')
  await page.keyboard.press('Alt+PageUp')
  await expect(page.locator('.con__remark')).toContainText('rolled back')
  await expect(page.getByRole('list', { name: 'Rolled back' })).toContainText(
    'update public.from_file set a = 9',
  )
  await expect(editor()).toContainText('update public.from_file')
})

test('everything comes back when the backend and the window are killed', async () => {
  await type('select 1;\n-- typed last, never run: é💥')
  await expect(editor()).toContainText('typed last')
  const own: Browser = await chromium.launch({
    executablePath: process.env.ATLAS_CHROMIUM ?? '/usr/bin/chromium',
    args: process.getuid?.() === 0 ? ['--no-sandbox'] : [],
  })
  await restartApp('kill', async () => {
    // Typed while the backend is away: it is told when it is back.
    await page.keyboard.press('Control+End')
    await page.keyboard.type(' and this')
  })
  await page.goto(atlas.url)
  await page.getByRole('link', { name: 'Console', exact: true }).click()
  await expect(tabs().getByRole('tab')).toHaveCount(2)
  await expect(editor()).toContainText('typed last, never run: é💥')

  const other = await own.newPage()
  watch(other)
  // Killed when the last key has left the window: what never left it cannot be kept elsewhere.
  const sent: string[] = []
  other.on('websocket', (socket) => socket.on('framesent', ({ payload }) => sent.push(String(payload))))
  await other.goto(atlas.url)
  await other.getByRole('link', { name: 'Console', exact: true }).click()
  await expect(other.locator('.monaco-editor').first()).toContainText('typed last')
  await other.keyboard.press('Control+End')
  await other.keyboard.insertText('\nselect 815')
  await expect.poll(() => sent.some((frame) => /drafts\/edit.*"text":"5"/.test(frame))).toBe(true)
  await own.close()
  await page.reload()
  await expect(editor()).toContainText('select 815')
  await expect(tabs().getByRole('tab').first()).toHaveAttribute('aria-selected', 'true')
})

// The last but for how it looks: the clock of the page stands still from here on.
test('a transaction in which nothing runs for half a minute is said to hold its locks', async () => {
  await type('begin')
  await page.keyboard.press('Control+Enter')
  const transaction = page.locator('.tx')
  await expect(transaction).toContainText('Transaction open')
  await expect(transaction).not.toContainText('idle')
  await page.clock.setFixedTime(Date.now() + 40_000)
  await expect(transaction).toContainText(/idle for 0:[34]\d, its locks are held/)
  await transaction.getByRole('button', { name: 'Roll back' }).click()
  await expect(transaction).toHaveCount(0)
})

for (const scheme of ['light', 'dark'] as const) {
  test(`the console is accessible in ${scheme}`, async () => {
    await page.emulateMedia({ colorScheme: scheme })
    const { violations } = await new AxeBuilder({ page })
      .withTags(['wcag2a', 'wcag2aa'])
      .exclude('.monaco-editor')
      .analyze()
    expect(violations.map(({ id, nodes }) => `${id} ${nodes[0]?.html.slice(0, 200)}`)).toEqual([])
  })
}
