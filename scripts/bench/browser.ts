import { type Browser, chromium, type Page } from 'playwright-core'
import type { PostgresTarget } from '../../src-main/adapters/postgres.ts'
import { makeHome, type RunningAtlas, removeHome, startAtlas } from '../../test/support/atlas.ts'

/** The browser edition in a real Chromium, and what its main thread was busy with. */
export interface BenchWindow {
  page: Page
  atlas: RunningAtlas
  /** The tasks over 50 ms since the last call, in milliseconds. */
  takeLongTasks(): Promise<number[]>
  /** Presses a key; milliseconds until the first cell of a row, counted from 0, shows this text. */
  pressUntil(key: string, row: number, text: string): Promise<number>
  /** Scrolls to a share of a result whose first column counts from 1; milliseconds until the row in the middle is there. */
  jumpTo(share: number): Promise<number>
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
}, { capture: true })
window.watchFor = (row, text) => {
  window.shown = new Promise((resolve) => {
    const pressed = ({ key, timeStamp }) => {
      if (key === 'Control') return
      removeEventListener('keydown', pressed, { capture: true })
      const look = () => {
        const cell = document.querySelector('.rgrid [aria-rowindex="' + (row + 2) + '"] [aria-colindex="2"]')
        if (cell?.textContent !== text) return requestAnimationFrame(look)
        const channel = new MessageChannel()
        channel.port1.onmessage = () => resolve(performance.now() - timeStamp)
        channel.port2.postMessage(undefined)
      }
      look()
    }
    addEventListener('keydown', pressed, { capture: true })
  })
}
window.jumpTo = (share) => new Promise((resolve) => {
  const grid = document.querySelector('.rgrid')
  const { left, top, width, height } = grid.getBoundingClientRect()
  const before = document.elementFromPoint(left + 100, top + height / 2)?.closest('.rgrid__row')?.ariaRowIndex
  const begun = performance.now()
  grid.scrollTop = share * (grid.scrollHeight - grid.clientHeight)
  const look = () => {
    const row = document.elementFromPoint(left + 100, top + height / 2)?.closest('.rgrid__row')
    const cell = row?.querySelector('[aria-colindex="2"]')
    if (!row || row.ariaRowIndex === before || cell?.textContent !== String(row.ariaRowIndex - 1))
      return requestAnimationFrame(look)
    const channel = new MessageChannel()
    channel.port1.onmessage = () => resolve(performance.now() - begun)
    channel.port2.postMessage(undefined)
  }
  look()
})`

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
    // Playwright's own look at a grid by its roles takes longer than what is measured.
    pressUntil: async (key, row, text) => {
      await page.evaluate(`window.watchFor(${row}, ${JSON.stringify(text)})`)
      await page.keyboard.press(key)
      return page.evaluate<number>('window.shown')
    },
    jumpTo: (share) => page.evaluate<number>(`window.jumpTo(${share})`),
    takeKeys: () => page.evaluate<number[]>('window.keys.splice(0)'),
    close: async () => {
      await browser.close()
      await atlas.stop()
      await removeHome(home)
    },
  }
}
