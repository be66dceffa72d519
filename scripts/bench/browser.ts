import { type Browser, chromium, type Page } from 'playwright-core'
import type { PostgresTarget } from '../../src-main/adapters/postgres.ts'
import { makeHome, type RunningAtlas, removeHome, startAtlas } from '../../test/support/atlas.ts'

/** The browser edition in a real Chromium, and what its main thread was busy with. */
export interface BenchWindow {
  page: Page
  atlas: RunningAtlas
  /** The tasks over 50 ms since the last call, in milliseconds. */
  takeLongTasks(): Promise<number[]>
  /** From each key to the frame behind it since the last call, in milliseconds. */
  takeKeys(): Promise<number[]>
  close(): Promise<void>
}

const watching = `window.longTasks = []
new PerformanceObserver((list) => window.longTasks.push(...list.getEntries().map(({ duration }) => duration)))
  .observe({ type: 'longtask' })
window.keys = []
addEventListener('keydown', ({ timeStamp }) => {
  const channel = new MessageChannel()
  channel.port1.onmessage = () => window.keys.push(performance.now() - timeStamp)
  requestAnimationFrame(() => channel.port2.postMessage(undefined))
}, { capture: true })`

/** Opens Atlas as a user sees it: on a server that the bench has, else on its own. */
export async function openWindow(target?: PostgresTarget): Promise<BenchWindow> {
  const home = makeHome()
  if (target) {
    const { user, host, port, database, password = '' } = target
    process.env.ATLAS_DATABASE_URL = `postgres://${user}:${encodeURIComponent(password)}@${host}:${port}/${database}`
  }
  const atlas = await startAtlas(home)
  delete process.env.ATLAS_DATABASE_URL
  const browser: Browser = await chromium.launch({
    executablePath: process.env.ATLAS_CHROMIUM ?? '/usr/bin/chromium',
    args: process.getuid?.() === 0 ? ['--no-sandbox'] : [],
  })
  const context = await browser.newContext({
    viewport: { width: 1440, height: 900 },
    permissions: ['clipboard-read', 'clipboard-write'],
  })
  const page = await context.newPage()
  await page.addInitScript({ content: watching })
  await page.goto(atlas.url)
  await page.locator('#view-title').waitFor()
  return {
    page,
    atlas,
    takeLongTasks: () => page.evaluate<number[]>('window.longTasks.splice(0)'),
    takeKeys: () => page.evaluate<number[]>('window.keys.splice(0)'),
    close: async () => {
      await browser.close()
      await atlas.stop()
      await removeHome(home)
    },
  }
}
