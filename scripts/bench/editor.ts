import type { Page } from 'playwright-core'
import { type BenchWindow, openWindow } from './browser.ts'
import { bounded, type Measurement } from './harness.ts'

const lines = 200_000
const openBoundMs = 1200
const keyBoundMs = 75

/** A script of 10 MB and 200,000 lines in the console: how soon it stands there, and how long a key takes to be seen. */
export const measureEditor: Measurement = async () => {
  const window = await openWindow()
  const { page } = window
  try {
    await page.getByRole('link', { name: 'Console', exact: true }).click()
    const editor = page.locator('.monaco-editor').first()
    await editor.waitFor()
    await page.locator('.view-line').first().waitFor()

    await page.evaluate(`navigator.clipboard.writeText(${JSON.stringify(script())})`)
    await editor.click()
    const pasted = performance.now()
    await page.keyboard.press('Control+v')
    await page.locator('.view-line', { hasText: 'the last line' }).waitFor()
    const pasteMs = performance.now() - pasted
    const shortMs = await typeInto(window, 'a short text', { isNew: true })
    await page.keyboard.press('Alt+PageUp')
    await page.locator('.view-line', { hasText: 'the last line' }).waitFor()

    // What was pasted is with the backend, so that a reload brings it.
    await page.waitForTimeout(3000)
    const opens: number[] = []
    for (let round = 0; round < 3; round++) {
      await page.reload()
      await page.locator('#view-title').waitFor()
      await page.getByRole('link', { name: 'Overview', exact: true }).click()
      await page.locator('.monaco-editor').first().waitFor({ state: 'detached' })
      const begun = performance.now()
      await page.getByRole('link', { name: 'Console', exact: true }).click()
      await page.locator('.view-line', { hasText: 'the last line' }).waitFor()
      opens.push(performance.now() - begun)
    }
    await window.takeLongTasks()
    const atEnd = await typeInto(window, 'at the end')
    await page.keyboard.press('Control+Home')
    const atBegin = await typeInto(window, 'at the begin')
    await goTo(page, lines / 2)
    const inMiddle = await typeInto(window, 'in the middle')
    const tasks = await window.takeLongTasks()
    return [
      bounded('a script of 10 MB is pasted', [pasteMs], openBoundMs),
      bounded('a tab of 10 MB is opened', opens, openBoundMs),
      bounded('a key in a short text, p95', shortMs, keyBoundMs),
      bounded('a key in 10 MB at the end, p95', atEnd, keyBoundMs),
      bounded('a key in 10 MB at the begin, p95', atBegin, keyBoundMs),
      {
        ...bounded('a key in 10 MB in the middle, p95', inMiddle, keyBoundMs),
        note: `${tasks.length} tasks over 50 ms, the longest ${Math.round(Math.max(0, ...tasks))} ms`,
      },
    ]
  } finally {
    await window.close()
  }
}

/** Types as a fast typist does, with what completion and the highlight of the statement do beside. */
async function typeInto({ page, takeKeys }: BenchWindow, words: string, { isNew = false } = {}) {
  if (isNew) {
    await page.keyboard.press('Alt+n')
    await page.locator('.view-line', { hasText: 'the last line' }).waitFor({ state: 'detached' })
  }
  await takeKeys()
  for (let at = 0; at < 10; at++) {
    await page.keyboard.type(`select ${words} from pg_class c where c.`, { delay: 30 })
    await page.keyboard.press('Escape')
  }
  await page.locator('.view-line', { hasText: words }).first().waitFor()
  await page.locator('.is-statement').first().waitFor()
  return takeKeys()
}

async function goTo(page: Page, line: number): Promise<void> {
  await page.keyboard.press('Control+g')
  await page.keyboard.type(String(line))
  await page.keyboard.press('Enter')
}

function script(): string {
  const statement = (at: number) =>
    at % 2 === 0
      ? `insert into navigate.dim_customer (customer_key, name)`
      : `  values (${at}, 'customer ${at}, it''s a name'); -- ${at}`
  return `${Array.from({ length: lines }, (_line, at) => statement(at)).join('\n')}\n-- the last line`
}
