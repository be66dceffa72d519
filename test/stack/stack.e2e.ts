// biome-ignore-all lint/suspicious/noTemplateCurlyInString: the templates are compose's
import { appendFileSync, cpSync, existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { basename, dirname, join } from 'node:path'
import AxeBuilder from '@axe-core/playwright'
import { expect, test } from '@playwright/test'
import { openAppDb } from '../../src-main/adapters/appdb.ts'
import { createSelectionStore } from '../../src-main/stack/selection.ts'
import { atlas, openApp, page } from '../support/app.ts'

// A socket that is not there: the machine of most people on their first day.
process.env.DOCKER_HOST = 'unix:///nowhere/docker.sock'

const folder = join(mkdtempSync(join(tmpdir(), 'atlas-stack-')), 'stack')

openApp({
  fill: (home) => {
    // A copy of the stack that Atlas brings, as it is on the first day: with an example and no .env.
    cpSync(join(import.meta.dirname, '..', '..', 'resources', 'stack'), folder, {
      recursive: true,
      filter: (source) => basename(source) !== '.env',
    })
    const db = openAppDb(home)
    createSelectionStore(db, '').set({ folder })
    db.close()
  },
})

test.afterAll(() => rmSync(dirname(folder), { recursive: true }))

test('without an engine the view says why, where it looked, and that all else works', async () => {
  await page.getByRole('link', { name: 'Stack', exact: true }).click()
  await expect(page.locator('#view-title')).toHaveText('Stack')
  await expect(page.locator('.blank')).toContainText('The Docker engine does not answer')
  await expect(page.locator('.fault')).toContainText('DOCKER_UNAVAILABLE')
  await expect(page.locator('.fault')).toContainText('ENOENT')
  await page.getByText('Where Atlas looked').click()
  await expect(page.locator('details')).toContainText('/nowhere/docker.sock')
  await page.getByRole('link', { name: 'Work without it' }).click()
  await expect(page.locator('#view-title')).toHaveText('Overview')
})

test('the files of the stack are edited without an engine: an error stands at its line, a version is kept', async () => {
  await page.goto(`${new URL(atlas.url).origin}/compose`)
  await expect(page.locator('#view-title')).toHaveText('Compose file')
  await page.locator('.monaco-editor').first().click()
  await page.keyboard.press('Control+Home')
  await page.keyboard.type('wrong: [')
  await expect(page.getByRole('list', { name: 'Problems' })).toContainText('line ')
  await expect(page.locator('.view-head')).toContainText('not saved')
  await page.reload()
  await expect(page.locator('.view-head')).toContainText('not saved')
  await page.getByRole('button', { name: 'Discard' }).click()
  await expect(page.locator('.view-head')).not.toContainText('not saved')
})

const head = () => page.locator('.view-head')
const file = (name: string) =>
  page.getByRole('button', { name: new RegExp(`^${name.replaceAll('.', '\\.')}( |$)`) })

test('without .env one button makes it from the example, and the errors are gone', async () => {
  await expect(head()).toContainText(/\d+ errors/)
  expect(existsSync(join(folder, '.env'))).toBe(false)
  // A text that was begun before it is no reason to lose the passwords that are written now.
  await file('.env').click()
  await page.getByRole('tab', { name: 'Text' }).click()
  await page.locator('.monaco-editor').first().click()
  await page.keyboard.type('STACK_TIME_ZONE=UTC')
  await expect(head()).toContainText('not saved')
  await page.getByRole('button', { name: 'Make .env from .env.example' }).click()
  await expect(page.getByRole('status')).toContainText(/Written to .*DB_PASSWORD/)
  const made = readFileSync(join(folder, '.env'), 'utf8')
  expect(made).toMatch(/^DB_PASSWORD=[\w-]{32}$/m)

  const conflict = page.getByRole('alert').filter({ hasText: 'was written since your text began' })
  await expect(conflict).toBeVisible()
  await expect(page.getByRole('button', { name: 'Save' })).toBeDisabled()
  await conflict.getByRole('button', { name: 'Take the file' }).click()
  await expect(conflict).toHaveCount(0)
  await expect(head()).toContainText('The files are valid')
  await expect(head()).not.toContainText('not saved')
  // Of a write that nobody told of, the save itself finds out; then one may choose one's own text.
  await page.locator('.monaco-editor').first().click()
  await page.keyboard.press('Control+End')
  await page.keyboard.type('MINE=1')
  writeFileSync(join(folder, '.env'), `${made}THEIRS=1\n`)
  await page.getByRole('button', { name: 'Save' }).click()
  await expect(conflict).toBeVisible()
  expect(readFileSync(join(folder, '.env'), 'utf8')).toBe(`${made}THEIRS=1\n`)
  await conflict.getByRole('button', { name: 'Keep my text' }).click()
  await page.getByRole('button', { name: 'Save' }).click()
  await expect(head()).toContainText('Saved')
  expect(readFileSync(join(folder, '.env'), 'utf8')).toBe(`${made}MINE=1`)
  await expect(page.getByRole('tab', { name: 'Not saved yet' })).toHaveCount(0)
})

test('a port and a variable are changed in the form, seen as a diff, saved, and there after a reload', async () => {
  const path = join(folder, 'docker-compose.yml')
  const before = readFileSync(path, 'utf8')
  await file('docker-compose.yml').click()
  await page.getByRole('tab', { name: 'Form' }).click()
  const port = page.getByLabel('Port of this machine of 5432')
  await expect(port).toHaveValue('${DB_PORT:-5432}')
  await expect(page.getByRole('group', { name: 'Ports' })).toContainText('becomes 127.0.0.1, 5432')
  await port.fill('15432')
  await page.getByLabel('Value of TZ').fill('Europe/Berlin')
  await expect(head()).toContainText('not saved')
  await page.getByRole('tab', { name: 'Not saved yet' }).click()
  await expect(page.getByTestId('code-diff')).toContainText('15432')
  await page.getByRole('tab', { name: 'Form' }).click()
  await page.getByLabel('Interval').fill('often')
  await expect(page.getByRole('group', { name: 'Health check' }).getByRole('alert')).toContainText('often')
  await page.getByLabel('Interval').fill('${DB_HEALTH_INTERVAL:-5s}')
  await expect(head()).toContainText('The files are valid')
  // What the text cannot take is said beside it, and stays in its field.
  await page.getByLabel('Name of PGDATA').fill('TZ')
  await page.keyboard.press('Tab')
  await expect(page.getByRole('group', { name: 'Environment' }).getByRole('alert')).toContainText(
    'TZ is there already',
  )
  await expect(page.getByLabel('Name of PGDATA')).toHaveValue('TZ')
  await page.getByLabel('Name of PGDATA').fill('PGDATA')
  await expect(page.getByRole('group', { name: 'Environment' }).getByRole('alert')).toHaveCount(0)
  await page.getByRole('button', { name: 'Save' }).click()
  await expect(head()).toContainText('Saved')
  const after = readFileSync(path, 'utf8')
  expect(after).toBe(
    before
      .replace('${DB_PORT:-5432}', '15432')
      .replace('TZ: ${STACK_TIME_ZONE:-UTC}\n    ports', 'TZ: Europe/Berlin\n    ports'),
  )
  await page.reload()
  await page.getByRole('tab', { name: 'Form' }).click()
  await expect(page.getByLabel('Port of this machine of 5432')).toHaveValue('15432')
  await page.getByRole('tab', { name: 'Earlier versions' }).click()
  await expect(page.getByRole('list', { name: 'Earlier versions' }).getByRole('button')).toHaveCount(1)
})

test('what comes from an anchor cannot be changed in the form, which leads to its line', async () => {
  await page.getByRole('tab', { name: 'Form' }).click()
  await page
    .getByRole('list', { name: 'Services of the file' })
    .getByRole('button', { name: 'api', exact: true })
    .click()
  await expect(page.getByLabel('Value of ATLAS_LOG_LEVEL')).toHaveAttribute('readonly')
  const environment = page.getByRole('group', { name: 'Environment' })
  await expect(environment).toContainText('by <<, from *atlas-environment')
  await environment.getByRole('button', { name: /^Line \d/ }).click()
  await expect(
    page.locator('.monaco-editor .view-line', { hasText: '*atlas-environment' }).first(),
  ).toBeVisible()
})

test('the variables say who uses them; a secret is shown and generated', async () => {
  appendFileSync(join(folder, '.env'), "\nTLS_PRIVATE_KEY='BEGIN\nINNER=1\nEND'\n")
  await page.reload()
  await file('.env').click()
  const key = page.getByLabel('Value of TLS_PRIVATE_KEY')
  await expect(key).toHaveValue('BEGIN\nINNER=1\nEND')
  await expect(key).toHaveCSS('-webkit-text-security', 'disc')
  await expect(page.getByLabel('Value of INNER')).toHaveCount(0)
  await key.fill("it's\nanother")
  await page.getByRole('button', { name: 'Save' }).click()
  await expect(head()).toContainText('Saved')
  expect(readFileSync(join(folder, '.env'), 'utf8')).toMatch(/^TLS_PRIVATE_KEY="it's\nanother"$/m)
  const value = page.getByLabel('Value of DB_PASSWORD', { exact: true })
  await expect(value).toHaveAttribute('type', 'password')
  const old = await value.inputValue()
  await page.getByTitle('Generate a value for DB_PASSWORD', { exact: true }).click()
  await expect(value).not.toHaveValue(old)
  await page.getByTitle('Show DB_PASSWORD', { exact: true }).click()
  await expect(value).toHaveAttribute('type', 'text')
  await value.fill('')
  await expect(page.getByText('1 required one without a value')).toBeVisible()
  await page.getByRole('button', { name: 'Discard' }).click()
  await page.getByLabel('Filter variables').fill('DB_PORT')
  await page.getByRole('button', { name: 'marquez-db.ports' }).click()
  await expect(page.getByRole('tab', { name: 'Text' })).toHaveAttribute('aria-selected', 'true')
})

for (const scheme of ['light', 'dark'] as const) {
  test(`the view without an engine and the editor are accessible in ${scheme}`, async () => {
    await page.emulateMedia({ colorScheme: scheme })
    const variables = `/compose?filter=password&file=${encodeURIComponent(join(folder, '.env'))}`
    for (const path of ['/stack', '/compose', variables]) {
      await page.goto(new URL(atlas.url).origin + path)
      if (path === '/compose') await page.getByRole('tab', { name: 'Form' }).click()
      const shown = path === '/stack' ? '.blank' : path === '/compose' ? '.form__fields' : '.stack__envrow'
      await expect(page.locator(shown).first()).toBeVisible()
      const { violations } = await new AxeBuilder({ page })
        .withTags(['wcag2a', 'wcag2aa'])
        .exclude('.monaco-editor')
        .analyze()
      const found = violations.map(({ id, nodes }) => `${path}: ${id} ${nodes[0]?.html.slice(0, 200)}`)
      expect.soft(found).toEqual([])
    }
  })
}
