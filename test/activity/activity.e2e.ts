import AxeBuilder from '@axe-core/playwright'
import { expect, test } from '@playwright/test'
import { atlas, openApp, page, restartApp } from '../support/app.ts'
import { type Blocked, blockSessions, connectTo } from '../support/blocked.ts'
import { runSql } from '../support/cli.ts'

let blocked: Blocked

test.afterAll(() => blocked?.end())

openApp()

test.beforeAll(async () => {
  // Two-phase commits are off until a server is told otherwise, and started again.
  await runSql(atlas, 'alter system set max_prepared_transactions = 4')
  await restartApp('stop')
  await page.goto(atlas.url)
  await expect(page.getByRole('button', { name: 'Deploy the platform' })).toBeVisible({ timeout: 60_000 })
  blocked = await blockSessions(atlas)
  await page.getByRole('link', { name: 'Sessions' }).click()
})

const locks = () => page.getByRole('region', { name: 'Who waits for whom' })
const line = (processId: number) => locks().getByRole('button', { name: String(processId) })
const sessions = () => page.getByRole('table', { name: 'Sessions' })

test('who waits for whom is a tree from the session that holds to the last that waits', async () => {
  const [holder, billing, migration, report] = blocked.processIds
  await expect(locks().getByRole('button')).toHaveCount(4)
  const texts = await locks().getByRole('button').allTextContents()
  expect(texts.map((text) => blocked.processIds.findIndex((id) => text.includes(String(id))))).toEqual([
    0, 1, 2, 3,
  ])
  await expect(line(holder)).toContainText('nightly import')
  await expect(line(holder)).toContainText('holds up 3 sessions')
  await expect(line(holder)).toContainText('idle in transaction')
  await expect(line(billing)).toContainText('ShareLock on transaction')
  await expect(line(migration)).toContainText('AccessExclusiveLock on stock')
  await expect(line(report)).toContainText('AccessShareLock on stock')
  await expect(page.locator('.view-head')).toContainText('3 sessions waiting for a lock')
  const { violations } = await new AxeBuilder({ page }).withTags(['wcag2a', 'wcag2aa']).analyze()
  expect(violations.map(({ id, nodes }) => `${id} ${nodes[0]?.html.slice(0, 200)}`)).toEqual([])
})

test("Atlas's own sessions are marked, and can be hidden", async () => {
  await expect(sessions()).toContainText('Atlas Desktop')
  await page.getByLabel("Hide Atlas's own").check()
  await expect(page).toHaveURL(/own=hidden/)
  await expect(sessions()).not.toContainText('Atlas Desktop')
  await expect(sessions()).toContainText('nightly import')
  await page.getByLabel("Hide Atlas's own").uncheck()
  await expect(sessions()).toContainText('Atlas Desktop')
})

test('a cancelled statement ends, and frees the one behind it', async () => {
  const [, , migration, report] = blocked.processIds
  await line(migration).click()
  const drawer = page.getByRole('complementary', { name: `Session ${migration}` })
  await expect(drawer).toContainText(String(report))
  await drawer.getByRole('button', { name: 'Cancel statement' }).click()
  await page.getByRole('dialog').getByRole('button', { name: 'Cancel statement' }).click()
  expect(await blocked.outcomes[1]).toBe('57014')
  expect(await blocked.outcomes[2]).toBe('done')
  await expect(locks().getByRole('button')).toHaveCount(2)
})

test('a session that is ended is rolled back, and who waited for it goes on', async () => {
  const [holder] = blocked.processIds
  await line(holder).click()
  await page
    .getByRole('complementary', { name: `Session ${holder}` })
    .getByRole('button', { name: 'End session' })
    .click()
  await page.getByRole('dialog').getByRole('button', { name: 'End session' }).click()
  expect(await blocked.outcomes[0]).toBe('done')
  await expect(locks()).toHaveCount(0)
  const reader = await connectTo(atlas, 'reader')
  const { rows } = await reader.query('select pieces from public.stock where id = 1')
  await reader.end()
  expect(rows).toEqual([{ pieces: 8 }])
})

test('a prepared transaction that nobody finished is shown with its age, and rolled back after a look', async () => {
  const manager = await connectTo(atlas, 'manager')
  await manager.query('begin')
  await manager.query('update public.stock set pieces = 0 where id = 1')
  await manager.query("prepare transaction 'order 17, leg 2'")
  await manager.end()
  const list = page.getByRole('region', { name: 'Prepared transactions' })
  await expect(list).toContainText('order 17, leg 2')
  await expect(list).toContainText('RowExclusiveLock on stock')
  await expect(page.locator('.view-head')).toContainText('1 prepared transaction')
  await list.getByRole('button', { name: 'Roll back' }).click()
  const dialog = page.getByRole('dialog', { name: 'Roll a prepared transaction back' })
  await expect(dialog).toContainText("rollback prepared 'order 17, leg 2';")
  const { violations } = await new AxeBuilder({ page }).withTags(['wcag2a', 'wcag2aa']).analyze()
  expect(violations.map(({ id, nodes }) => `${id} ${nodes[0]?.html.slice(0, 200)}`)).toEqual([])
  await dialog.getByRole('button', { name: 'Roll it back' }).click()
  await expect(list).toHaveCount(0)
  const reader = await connectTo(atlas, 'reader')
  const { rows } = await reader.query('select pieces from public.stock where id = 1')
  await reader.end()
  expect(rows).toEqual([{ pieces: 8 }])
})

test('the configuration shows what was changed, and what waits for a restart after a reload', async () => {
  await runSql(atlas, 'alter system set max_prepared_transactions = 5')
  await page.getByRole('button', { name: 'Configuration' }).click()
  const settings = page.getByRole('table', { name: 'Settings of the server' })
  await expect(settings).toContainText('max_prepared_transactions')
  await page.getByRole('button', { name: 'Reload' }).click()
  await page.getByRole('dialog').getByRole('button', { name: 'Reload' }).click()
  await expect(async () => {
    await page.reload()
    await page.getByRole('button', { name: /^Wait for a restart [1-9]/ }).click({ timeout: 2000 })
  }).toPass()
  await expect(settings).toContainText('max_prepared_transactions')
  await expect(settings.getByRole('img', { name: 'waits for a restart' }).first()).toBeVisible()
  await page.getByRole('button', { name: /^All/ }).click()
  await page.getByRole('textbox', { name: /Filter by name/ }).fill('autovacuum naptime')
  await expect(settings).toContainText('autovacuum_naptime')
  const { violations } = await new AxeBuilder({ page }).withTags(['wcag2a', 'wcag2aa']).analyze()
  expect(violations.map(({ id, nodes }) => `${id} ${nodes[0]?.html.slice(0, 200)}`)).toEqual([])
  await page.getByRole('button', { name: 'Sessions', exact: true }).click()
})

test('the log of the server is followed, and filtered by level and text', async () => {
  await page.getByRole('button', { name: 'Server log' }).click()
  const log = page.getByRole('table', { name: 'Log of the server' })
  await expect(log).toContainText('database system is ready to accept connections')
  const writer = await connectTo(atlas, 'writer')
  await writer.query('select 1 / 0').catch(() => {})
  await writer.end()
  await page.getByRole('button', { name: 'Errors', exact: true }).click()
  await expect(log).not.toContainText('database system is ready')
  await page.getByRole('textbox', { name: /^Filter by message/ }).fill('division select')
  await log.getByRole('row').filter({ hasText: 'division by zero' }).first().click()
  await expect(page.getByRole('complementary', { name: 'Log entry' })).toContainText(
    'STATEMENT: select 1 / 0',
  )
  const follow = page.getByRole('button', { name: 'Follow', exact: true })
  await follow.click()
  await expect(follow).toHaveAttribute('aria-pressed', 'false')
  await expect(page.getByRole('button', { name: 'Errors', exact: true })).toHaveAttribute(
    'aria-pressed',
    'true',
  )
  await expect(page.getByRole('textbox', { name: /^Filter by message/ })).toHaveValue('division select')
  await follow.click()
  const { violations } = await new AxeBuilder({ page }).withTags(['wcag2a', 'wcag2aa']).analyze()
  expect(violations.map(({ id, nodes }) => `${id} ${nodes[0]?.html.slice(0, 200)}`)).toEqual([])
})

test('upkeep of a table is a job that tells how far it is', async () => {
  const maker = await connectTo(atlas, 'maker')
  await maker.query(
    'create table public.wide as select g as id, repeat($$x$$, 500) as t from generate_series(1, 10000) g',
  )
  // So slow that one can watch it.
  await maker.query('alter database atlas_pipeline set vacuum_cost_delay = 10')
  await maker.query('alter database atlas_pipeline set vacuum_cost_limit = 20')
  await page.goto(`${new URL(atlas.url).origin}/schema?schema=public&table=wide`)
  await page.getByRole('button', { name: 'Upkeep' }).click()
  await page.getByRole('button', { name: 'Start vacuum' }).click()
  const dialog = page.getByRole('dialog')
  await expect(dialog).toContainText('scanning heap')
  await expect(dialog.getByRole('progressbar')).toHaveAttribute('aria-valuenow', /^[1-9]/)
  await maker.query('alter database atlas_pipeline reset all')
  await maker.end()
  await expect(dialog).toContainText('Done in')
})
