import { expect, type Page, test } from '@playwright/test'
import { makeHome, type RunningAtlas, removeHome, startAtlas } from './atlas.ts'
import { copyServer } from './homes.ts'

/** Of the spec that runs. */
export let atlas: RunningAtlas
export let page: Page
/** Its data folder. */
export let home: string
/** What went wrong in the page and is on no screen: the spec fails by it. */
export const problems: string[] = []

interface Opened {
  /** What is there before: a server without the platform unless said otherwise, or not even that. */
  stage?: 'nothing' | 'initialised' | 'deployed'
  /** The view that is opened, by its name in the navigation. */
  view?: string
  /** What is in the data folder before Atlas starts. */
  fill?(home: string): unknown
  /** Before the page has loaded anything. */
  prepare?(page: Page): unknown
}

let wasEnded = false

/** Starts Atlas for the spec that calls it, in a data folder of its own, and opens it in a page that all its tests share. */
export function openApp({ stage = 'initialised', view, fill, prepare }: Opened = {}): void {
  test.describe.configure({ mode: 'serial' })
  let opened: Page | undefined

  test.beforeAll(async ({ browser }) => {
    problems.length = 0
    wasEnded = false
    home = makeHome()
    if (stage !== 'nothing') copyServer(stage, home)
    await fill?.(home)
    atlas = await startAtlas(home)
    // axe opens a page of its own beside it, in the same context.
    const context = await browser.newContext({ permissions: ['clipboard-read', 'clipboard-write'] })
    opened = await context.newPage()
    page = opened
    watch(page)
    await prepare?.(page)
    await page.goto(atlas.url)
    await expect(page.locator('.view-head')).toContainText('PostgreSQL', { timeout: 60_000 })
    if (stage === 'deployed')
      await expect(page.locator('.view-head')).toContainText('Platform deployed', { timeout: 60_000 })
    if (view) await page.getByRole('link', { name: view, exact: true }).click()
  })

  test.afterAll(async () => {
    if (!opened) return
    await page.context().close()
    await atlas.stop()
    await removeHome(home)
    expect(problems).toEqual([])
  })
}

/** Ends Atlas as `how` says, and starts it again on the same data. */
export async function restartApp(how: 'stop' | 'kill', meanwhile?: () => Promise<void>): Promise<void> {
  wasEnded = true
  await atlas[how]()
  await meanwhile?.()
  atlas = await startAtlas(home)
}

/** Errors of `watched` are problems of the spec. */
export function watch(watched: Page): void {
  const add = (text: string) => {
    if (wasEnded && /WebSocket|ERR_CONNECTION_REFUSED/.test(text)) return
    // The network of a container came or went on this machine. The page loads itself again; a test of its own sees to that.
    if (text.includes('ERR_NETWORK_CHANGED')) return
    problems.push(text)
  }
  watched.on('pageerror', (error) => add(error.message))
  watched.on('console', (message) => {
    if (message.type() === 'error') add(message.text())
  })
}
