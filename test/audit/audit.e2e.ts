import { createHash } from 'node:crypto'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import AxeBuilder from '@axe-core/playwright'
import { expect, test } from '@playwright/test'
import { atlas, home, openApp, page } from '../support/app.ts'
import { runSql } from '../support/cli.ts'

openApp({ stage: 'deployed' })

test.beforeAll(async () => {
  await runSql(
    atlas,
    `insert into explore.source_systems (code, name, kind, owner) values ('crm', 'CRM', 'file', 'sales');
     update explore.source_systems set owner = 'marketing' where code = 'crm';
     update explore.source_systems set owner = 'finance', name = 'CRM 2' where code = 'crm';
     begin;
     insert into explore.source_systems (code, name, kind, owner) select 'c' || g, 'n', 'file', 'o' from generate_series(1, 300) g;
     delete from explore.source_systems where code = 'c1';
     commit`,
  )
  await page.getByRole('link', { name: 'Audit', exact: true }).click()
})

const entries = () => page.getByRole('table', { name: 'Audit entries' })
const header = () => page.locator('.view-head')

test('shows activity by hour, entries of one transaction together, and pages on', async () => {
  await expect(page.locator('.heat__cell--some')).not.toHaveCount(0)
  await expect(entries()).toContainText('200 changes')
  await page.getByRole('button', { name: 'Older entries' }).click()
  await expect(entries()).toContainText('301 changes')
})

test('filters by key; the address holds it; the row tells its story with what changed', async () => {
  await page.getByLabel('Table').fill('explore.source_systems')
  await page.getByLabel('Text').fill('finance')
  await expect(page).toHaveURL(/text=finance/)
  await expect(entries().getByRole('row')).toHaveCount(2)
  await entries().getByText('changed name and owner').click()
  const drawer = page.getByRole('complementary')
  await expect(drawer.getByRole('table', { name: 'Before and after' })).toContainText('marketing')
  await expect(drawer.locator('.tale__step')).toHaveCount(3)
  await expect(drawer.locator('.tale')).toContainText('owner: sales → marketing')
  await drawer.getByRole('button', { name: /^insert/ }).click()
  await expect(page).toHaveURL(/key=/)
  await expect(drawer).toContainText('added a row')
  await page.getByTitle('Close').click()
  await page.getByLabel('Key').fill('')
  await page.getByLabel('Table').fill('')
})

test('verifies the chain as a job', async () => {
  await page.getByRole('button', { name: 'Verify the chain' }).click()
  await expect(header()).toContainText('Chain intact')
})

test('follows what comes', async () => {
  await page.getByRole('button', { name: 'Follow' }).click()
  await expect(header()).toContainText('Live, 0 came')
  await runSql(atlas, "update explore.source_systems set owner = 'live' where code = 'crm'")
  await expect(header()).toContainText('Live, 1 came')
  await expect(entries().getByRole('row').nth(1)).toContainText('changed owner')
  await page.getByRole('button', { name: 'Stop following' }).click()
})

test('exports what is filtered to a file, with a manifest that knows it', async () => {
  await page.getByLabel('Action').selectOption('delete')
  await page.getByRole('button', { name: 'Export' }).click()
  const form = page.getByRole('dialog')
  await form.getByLabel('Format').selectOption('JSON lines')
  await expect(form.getByRole('textbox', { name: 'File' })).toHaveValue(/atlas-audit.*\.jsonl$/)
  const path = join(home, 'audit.jsonl')
  await form.getByRole('textbox', { name: 'File' }).fill(path)
  await form.getByRole('button', { name: 'Write the file' }).click()
  await expect(form).toContainText('1 entry, SHA-256')
  const manifest = JSON.parse(readFileSync(`${path}.manifest.json`, 'utf8'))
  const sha256 = createHash('sha256').update(readFileSync(path)).digest('hex')
  expect(manifest).toMatchObject({ rows: 1, sha256, filter: { action: 'delete' } })
  await form.getByRole('button', { name: 'Write the file' }).click()
  await expect(form).toContainText('A file of this name exists')
  await page.keyboard.press('Escape')
  await page.getByLabel('Action').selectOption('')
})

test('names the first row that somebody bent, and how', async () => {
  const guards = (verb: string) => `do $$ declare t regclass; begin
    for t in select relid from pg_partition_tree('compliance.audit_log') loop
      execute format('alter table %s ${verb} trigger refuse_change', t);
    end loop; end $$;`
  const bent = await runSql(
    atlas,
    `${guards('disable')}
     update compliance.audit_log set actor = 'nobody'
     where sequence = (select min(sequence) from compliance.audit_log where table_name = 'source_systems' and action = 'update')
     returning sequence;
     ${guards('enable always')}`,
  )
  const sequence = /"sequence":\s*"?(\d+)/.exec(bent)?.[1]
  expect(sequence).toBeDefined()
  await page.getByRole('button', { name: 'Verify the chain' }).click()
  await expect(header()).toContainText(`Broken at entry ${sequence}: edited`)
})

for (const scheme of ['light', 'dark'] as const) {
  test(`accessible in ${scheme}, with an entry open`, async () => {
    await page.emulateMedia({ colorScheme: scheme })
    await entries().getByRole('row').nth(1).click()
    await expect(page.locator('.tale__step').first()).toBeVisible()
    const { violations } = await new AxeBuilder({ page }).withTags(['wcag2a', 'wcag2aa']).analyze()
    expect(violations.map(({ id, nodes }) => `${id} ${nodes[0]?.html.slice(0, 200)}`)).toEqual([])
  })
}
