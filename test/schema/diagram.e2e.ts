import { readFileSync } from 'node:fs'
import AxeBuilder from '@axe-core/playwright'
import { type Download, expect, test } from '@playwright/test'
import { atlas, openApp, page } from '../support/app.ts'
import { runSql } from '../support/cli.ts'

// A name that would be a tag, a command and a line break, and one that turns the direction.
const odd = `<img src=x onerror=alert(1)>";drop`
const shop = `
create schema shop;
create schema nothing;
create table shop.customers (id int primary key, "line\nbreak" text, "\u202Eevil" text);
create table shop.orders (id int, at date, customer int not null references shop.customers, primary key (id, at)) partition by range (at);
create table shop.orders_2025 partition of shop.orders for values from ('2025-01-01') to ('2026-01-01');
create table shop.lines (id int primary key, order_id int, order_at date, foreign key (order_id, order_at) references shop.orders);
create table shop."${odd.replaceAll('"', '""')}" (line int unique references shop.lines);
create schema big;
do $$ begin
  for i in 0..399 loop
    execute format('create table big.t_%s (id int primary key, a text, b int %s, c int %s)', i,
      case when i > 0 then format('references big.t_%s', i / 3) else '' end,
      case when i > 40 then format('references big.t_%s', i % 40) else '' end);
  end loop;
end $$;`

/** What the test needs of SVGPathElement: the types of the DOM are not those of Node. */
interface Line {
  getTotalLength(): number
  getPointAtLength(at: number): { x: number; y: number }
  getScreenCTM(): { a: number; d: number; e: number; f: number }
}

openApp()

test.beforeAll(async () => {
  await runSql(atlas, shop)
})

const visit = (path: string) => page.goto(new URL(atlas.url).origin + path)
const box = (name: string) => page.getByRole('link', { name: `shop.${name}`, exact: true })
const accessible = async () => {
  await expect(page.locator('.skeleton')).toHaveCount(0)
  const { violations } = await new AxeBuilder({ page }).withTags(['wcag2a', 'wcag2aa']).analyze()
  expect.soft(violations.map(({ id, nodes }) => `${id} ${nodes[0]?.html.slice(0, 200)}`)).toEqual([])
}
const saved = async (download: Download) => readFileSync(await download.path())
const save = async (name: string) => {
  const [download] = await Promise.all([
    page.waitForEvent('download'),
    page.getByRole('button', { name }).click(),
  ])
  return download
}

test('a schema as a picture: keys, columns, cardinality; a foreign key lights up its columns', async () => {
  await visit('/schema?show=diagram&schema=shop')
  await expect(box('orders')).toContainText('customer')
  await expect(page.locator('.erd__foot')).toContainText('4 tables')
  await expect(page.locator('.erd__foot')).toContainText('3 foreign keys')
  const key = page
    .locator('.erd__canvas g', { hasText: 'orders_customer_fkey' })
    .last()
    .locator('path')
    .first()
  const middle = await key.evaluate((path) => {
    const line = path as unknown as Line
    const { x, y } = line.getPointAtLength(line.getTotalLength() / 3)
    const { a, d, e, f } = line.getScreenCTM()
    return { x: x * a + e, y: y * d + f }
  })
  await page.mouse.move(middle.x, middle.y)
  await expect(box('customers').locator('text', { hasText: /^id$/ })).toHaveAttribute('fill', 'var(--accent)')
  await expect(box('orders').locator('text', { hasText: /^customer$/ })).toHaveAttribute(
    'fill',
    'var(--accent)',
  )
  await expect(box('orders').locator('text', { hasText: /^at$/ })).toHaveAttribute('fill', 'var(--text-1)')
  await page.getByRole('button', { name: 'Partitions', exact: true }).click()
  await expect(box('orders')).toContainText('orders_2025')
  await accessible()
})

test('text is text: names that look like tags, break lines or turn the direction', async () => {
  await expect(box(odd)).toContainText('<img src=x onerror=alert(1)>')
  await expect(box('customers')).toContainText('line\\nbreak')
  await expect(box('customers')).toContainText('\\u202eevil')
  await expect(page.locator('.erd__canvas img')).toHaveCount(0)
})

test('a table that was dragged stays where it is, after a reload too, until it is laid out again', async () => {
  const place = async () => (await box('customers').locator('..').getAttribute('transform')) ?? ''
  const before = await place()
  const at = await box('customers').boundingBox()
  if (!at) throw new Error('The table is in sight')
  await page.mouse.move(at.x + 20, at.y + 40)
  await page.mouse.down()
  await page.mouse.move(at.x + 90, at.y + 130, { steps: 5 })
  await page.mouse.up()
  await expect.poll(place).not.toBe(before)
  const moved = await place()
  await page.reload()
  await expect.poll(place).toBe(moved)
  await page.getByRole('button', { name: 'Lay out again' }).click()
  await expect(page.getByRole('button', { name: 'Lay out again' })).toHaveCount(0)
  await expect.poll(place).not.toBe(moved)
})

test('saved as SVG and as PNG: files that open, with all names as text and the font within', async () => {
  const svg = (await saved(await save('Save as SVG'))).toString('utf8')
  expect(svg).toContain('&lt;img src=x onerror=alert(1)&gt;')
  expect(svg).not.toContain('var(--')
  expect(svg).toContain('url(data:font/woff2;base64,')
  const other = await page.context().newPage()
  const read = await other.evaluate<{ failures: number; texts: string[] }>(`(() => {
    const parsed = new DOMParser().parseFromString(${JSON.stringify(svg)}, 'image/svg+xml')
    return {
      failures: parsed.querySelectorAll('parsererror').length,
      texts: [...parsed.querySelectorAll('text')].map(({ textContent }) => textContent),
    }
  })()`)
  expect(read.failures).toBe(0)
  expect(read.texts).toEqual(
    expect.arrayContaining(['customers', 'orders', 'lines', 'line\\nbreak', 'customer']),
  )
  const png = await saved(await save('Save as PNG'))
  const size = await other.evaluate<{ width: number; colours: number }>(`(async () => {
    const file = await fetch('data:image/png;base64,${png.toString('base64')}')
    const bitmap = await createImageBitmap(await file.blob())
    const context = new OffscreenCanvas(bitmap.width, bitmap.height).getContext('2d')
    context.drawImage(bitmap, 0, 0)
    const { data } = context.getImageData(0, 0, bitmap.width, bitmap.height)
    return { width: bitmap.width, colours: new Set(new Uint32Array(data.buffer)).size }
  })()`)
  await other.close()
  expect(size.width).toBeGreaterThan(800)
  expect(size.colours).toBeGreaterThan(20)
})

test('around a table by depth; a click opens the page of a table', async () => {
  await visit('/schema?schema=shop&table=customers')
  await page.getByRole('button', { name: 'Diagram' }).click()
  await expect(page.locator('.erd__foot')).toContainText('2 tables')
  await page.getByRole('button', { name: '2', exact: true }).click()
  await expect(page.locator('.erd__foot')).toContainText('3 tables')
  await page.getByRole('button', { name: 'Look around shop.lines' }).click()
  await expect(page.locator('.erd__foot')).toContainText('4 tables')
  await box('orders').click({ position: { x: 30, y: 12 } })
  await expect(page.getByRole('table', { name: 'Columns' })).toContainText('customer')
})

test('four hundred tables: the window stays quick while they are laid out, then one is found', async () => {
  await visit('/schema?show=diagram&schema=shop')
  await expect(box('orders')).toBeVisible()
  await page.evaluate(`
    window.longestMs = 0
    new PerformanceObserver((list) => {
      for (const { duration } of list.getEntries()) window.longestMs = Math.max(window.longestMs, duration)
    }).observe({ type: 'longtask' })
    window.hasWaited = false
    new MutationObserver(() => {
      window.hasWaited ||= document.querySelector('.erd__wait') !== null
    }).observe(document.body, { childList: true, subtree: true })`)
  await page.getByRole('combobox', { name: 'Schema' }).selectOption('big')
  await expect(page.locator('.erd__foot')).toContainText('400 tables')
  await expect(page.locator('.erd__wait')).toHaveCount(0, { timeout: 60_000 })
  expect(await page.evaluate('window.hasWaited')).toBe(true)
  await page.getByRole('textbox', { name: 'Find a table or column' }).fill('t_123')
  await page.keyboard.press('Enter')
  await expect(page.getByRole('link', { name: 'big.t_123', exact: true })).toBeVisible()
  console.log(`longest task while 400 tables were laid out: ${await page.evaluate('window.longestMs')} ms`)
  await page.getByRole('combobox', { name: 'Schema' }).selectOption('nothing')
  await expect(page.getByText('No tables in this schema')).toBeVisible()
  await accessible()
})
