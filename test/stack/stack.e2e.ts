import AxeBuilder from '@axe-core/playwright'
import { expect, type Page, test } from '@playwright/test'
import { makeHome, type RunningAtlas, removeHome, startAtlas } from '../support/atlas.ts'

// A socket that is not there: the machine of most people on their first day.
process.env.DOCKER_HOST = 'unix:///nowhere/docker.sock'

const home = makeHome()
let atlas: RunningAtlas
let page: Page
const problems: string[] = []

test.describe.configure({ mode: 'serial' })

test.beforeAll(async ({ browser }) => {
  atlas = await startAtlas(home)
  page = await (await browser.newContext()).newPage()
  page.on('pageerror', (error) => problems.push(error.message))
})

test.afterAll(async () => {
  await page.context().close()
  await atlas.stop()
  await removeHome(home)
})

test('without an engine the view says why, where it looked, and that all else works', async () => {
  await page.goto(atlas.url)
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

for (const scheme of ['light', 'dark'] as const) {
  test(`the view without an engine and the editor are accessible in ${scheme}`, async () => {
    await page.emulateMedia({ colorScheme: scheme })
    for (const path of ['/stack', '/compose']) {
      await page.goto(new URL(atlas.url).origin + path)
      await expect(page.locator(path === '/stack' ? '.blank' : '.monaco-editor').first()).toBeVisible()
      const { violations } = await new AxeBuilder({ page })
        .withTags(['wcag2a', 'wcag2aa'])
        .exclude('.monaco-editor')
        .analyze()
      const found = violations.map(({ id, nodes }) => `${path}: ${id} ${nodes[0]?.html.slice(0, 200)}`)
      expect.soft(found).toEqual([])
    }
  })
}

test('nothing failed in the page on the way', () => {
  expect(problems).toEqual([])
})
