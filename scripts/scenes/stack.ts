import { appendFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import type { Page } from 'playwright-core'
import { makeShop, removeShop, troubled } from '../../test/stack/shop.ts'
import { openTestEngine } from '../../test/support/engine.ts'
import type { Scene } from './scene.ts'

const folder = makeShop({ db: 55432, web: 58080 })
const shop = '/stack?project=shop'

/** An engine for the scenes of a running stack, in DOCKER_HOST; undefined where none can be had. */
export async function openStackStage(): Promise<{ close: () => Promise<void> } | undefined> {
  const engine = await openTestEngine()
  if ('reason' in engine) {
    console.error(`The scenes of a running stack are left out: ${engine.reason}`)
    return undefined
  }
  process.env.DOCKER_HOST = engine.host
  return {
    close: async () => {
      await removeShop(engine.host)
      await engine.stop()
    },
  }
}

const bringUp = async (page: Page) => {
  await page.getByRole('button', { name: 'Bring up', exact: true }).click()
  const button = page.getByRole('dialog').getByRole('button', { name: 'Bring up' })
  await button.click({ timeout: 60_000 })
}
const ready = (page: Page, count: string) =>
  page.locator('.view-head', { hasText: `${count} ready` }).waitFor({ timeout: 120_000 })

/** Each stands on the one before it. */
export const stackScenes: Scene[] = [
  {
    name: 'stack-before',
    path: '/stack',
    act: async (page) => {
      await page.getByRole('button', { name: 'More for the whole stack' }).click()
      await page.getByRole('menuitem', { name: 'Open another stack…' }).click()
      await page.getByLabel('Folder with the compose file').fill(folder)
      await page.getByRole('button', { name: 'Open', exact: true }).click()
      await page.locator('.view-head', { hasText: 'project shop' }).waitFor()
      await page.getByRole('button', { name: 'Bring up', exact: true }).click()
      await page.getByRole('dialog').getByRole('list').getByRole('button').first().waitFor()
    },
  },
  {
    name: 'stack-plan',
    path: shop,
    act: async (page) => {
      await page.getByRole('button', { name: 'Bring up', exact: true }).click()
      await page.getByRole('dialog').getByRole('list').getByRole('button').first().click()
      await page.getByRole('table', { name: 'What would be done' }).waitFor()
    },
  },
  {
    name: 'stack-ready',
    path: shop,
    act: async (page) => {
      await bringUp(page)
      await ready(page, '3 of 3')
      await page.waitForTimeout(6000)
    },
  },
  { name: 'stack-open', path: '/stack', act: (page) => openMenu(page, 'Open another stack…') },
  {
    name: 'stack-drift',
    path: `${shop}&service=web`,
    act: async (page) => {
      appendFileSync(join(folder, '.env'), 'GREETING=good day\n')
      await page.reload()
      await page.locator('.diff').waitFor()
    },
  },
  { name: 'stack-numbers', path: `${shop}&service=db&tab=numbers`, act: (page) => page.waitForTimeout(8000) },
  { name: 'stack-inspect', path: `${shop}&service=db&tab=inspect` },
  {
    name: 'stack-files',
    path: `${shop}&service=db&tab=files`,
    act: (page) => page.getByRole('table', { name: /^Files in/ }).waitFor(),
  },
  {
    name: 'stack-troubled',
    path: shop,
    act: async (page) => {
      writeFileSync(join(folder, 'compose.override.yaml'), troubled)
      await page.reload()
      await bringUp(page)
      await page
        .getByRole('row', { name: /gate/ })
        .getByText('health check has failed')
        .waitFor({ timeout: 60_000 })
      await page.getByRole('row', { name: /import/ }).click()
      await page.locator('.stack__failure').waitFor()
      await page.waitForTimeout(4000)
    },
  },
  {
    name: 'stack-shell',
    path: `${shop}&service=gate&tab=shell`,
    act: async (page) => {
      await page.getByRole('button', { name: 'Open a shell in shop-gate-1' }).click()
      await page.getByLabel('Image of the debug shell').waitFor()
    },
  },
  {
    name: 'stack-compose',
    path: '/compose?project=shop',
    act: (page) => page.locator('.monaco-editor').first().waitFor(),
  },
  {
    name: 'stack-password',
    path: `/compose?project=shop&file=${encodeURIComponent(join(folder, '.env'))}`,
    act: async (page) => {
      await page.getByTitle('Generate a value for DB_PASSWORD').click()
      await page.getByRole('status').filter({ hasText: 'keeps the password' }).waitFor()
    },
  },
  {
    name: 'stack-down',
    path: shop,
    act: async (page) => {
      await openMenu(page, 'Take down…')
      await page.getByRole('dialog').getByRole('table', { name: 'Volumes' }).waitFor()
    },
  },
]

async function openMenu(page: Page, item: string): Promise<void> {
  await page.getByRole('button', { name: 'More for the whole stack' }).click()
  await page.getByRole('menuitem', { name: item }).click()
  await page.getByRole('dialog').waitFor()
}
