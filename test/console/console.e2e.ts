import AxeBuilder from '@axe-core/playwright'
import { expect, test } from '@playwright/test'
import { atlas, home, openApp, page, problems } from '../support/app.ts'
import { injections } from './injections.ts'

const requests: string[] = []

openApp({
  view: 'Console',
  prepare: async (page) => {
    page.on('dialog', (dialog) => {
      problems.push(`a dialog said ${dialog.message()}`)
      void dialog.dismiss()
    })
    page.on('request', (request) => requests.push(request.url()))
    await page.addInitScript('window.__pwned = () => { window.__wasPwned = true }')
  },
})

async function write(text: string) {
  await page.locator('.monaco-editor').first().click()
  await page.keyboard.press('Control+a')
  // Pasted: a long text that is typed takes the editor minutes.
  await page.evaluate(`navigator.clipboard.writeText(${JSON.stringify(text)})`)
  await page.keyboard.press('Control+v')
}

async function run(text: string) {
  await write(text)
  await page.keyboard.press('Control+Shift+Enter')
}

test('a million rows are there at once and any of them is reached', async () => {
  await run(
    "select n as id, 'row ' || n as name, n % 7 = 0 as flag, jsonb_build_object('n', n, 'big', 12345678901234567890) as doc from generate_series(1, 1000000) n",
  )
  await expect(page.locator('.res__status')).toContainText('1,000,000 rows', { timeout: 60_000 })
  await page.getByRole('grid', { name: 'Result' }).focus()
  await page.keyboard.press('Control+End')
  await expect(page.getByRole('gridcell', { name: 'row 1000000', exact: true })).toBeVisible()

  // More pixels than a browser draws: the middle of the bar is the middle of the rows, a wheel still moves by pixels.
  const grid = page.getByRole('grid', { name: 'Result' })
  const box = await grid.boundingBox()
  if (!box) throw new Error('The grid is not drawn')
  const [x, y] = [box.x + 100, box.y + box.height / 2]
  const middle = () =>
    page.evaluate<number>(
      `Number(document.elementFromPoint(${x}, ${y})?.closest('[role=row]')?.getAttribute('aria-rowindex'))`,
    )
  await grid.evaluate((element) => {
    element.scrollTop = (element.scrollHeight - element.clientHeight) / 2
  })
  await expect.poll(middle).toBeGreaterThan(499_990)
  expect(await middle()).toBeLessThan(500_010)
  const before = await middle()
  await page.mouse.move(x, y)
  await page.mouse.wheel(0, -260)
  await expect.poll(middle).toBe(before - 10)
  await expect(page.getByRole('gridcell', { name: `row ${before - 11}`, exact: true })).toBeVisible()
  await page.keyboard.press('Control+Home')
  await expect(page.getByRole('gridcell', { name: 'row 1', exact: true })).toBeVisible()
})

test('the rows that came are found and sorted where they are', async () => {
  await page.getByRole('textbox', { name: 'Find in result' }).fill('row 99999')
  await page.keyboard.press('Enter')
  await expect(page.locator('.res__status')).toContainText('11 of 1,000,000 rows')
  await page.getByRole('columnheader', { name: /^id/ }).click({ button: 'right' })
  await page.getByRole('menuitem', { name: 'Sort descending' }).click()
  await expect(page.getByRole('gridcell').first()).toHaveText('999999')
  await page.getByRole('columnheader', { name: /^flag/ }).click({ button: 'right' })
  await page.getByRole('menuitem', { name: 'Hide' }).click()
  await expect(page.getByRole('columnheader', { name: /^flag/ })).toHaveCount(0)
  await page.getByRole('gridcell').first().click()
  await page.getByRole('button', { name: 'Copy', exact: true }).click()
  await page.getByRole('menuitem', { name: 'SQL INSERT' }).click()
  await expect(page.getByText('1 × 1 copied')).toBeVisible()
  expect(await page.evaluate('navigator.clipboard.readText()')).toContain('(999999)')
})

test('a value opens whole, its numbers as they were sent; one row is read column by column', async () => {
  await page
    .getByRole('gridcell', { name: /12345678901234567890/ })
    .first()
    .dblclick()
  await expect(page.getByRole('dialog')).toContainText('"big": 12345678901234567890')
  await page.keyboard.press('Escape')
  await page.getByRole('button', { name: 'One row' }).click()
  await expect(page.getByRole('table', { name: 'Row 999999' })).toContainText('row 999999')
})

test('what destroys shows how much before it is sent, and can be previewed', async () => {
  await run(
    'create table kept (id int primary key, name text); insert into kept select n, null from generate_series(1, 40) n; analyze kept',
  )
  await expect(page.getByText('ANALYZE', { exact: true })).toBeVisible()
  await run("update kept set name = 'x'")
  const guard = page.getByRole('dialog')
  await expect(guard).toContainText('updates every row')
  await expect(guard.getByRole('button', { name: 'Update 40 rows' })).toBeVisible()
  await guard.getByRole('button', { name: 'Preview in a transaction first' }).click()
  await expect(page.getByRole('dialog')).toContainText('40 rows of public.kept updated, not committed')
  await page.getByRole('button', { name: 'Roll back' }).last().click()
  await run('select count(name) as named from kept')
  await expect(page.getByRole('gridcell').first()).toHaveText('0')
})

test('a plan shows its steps', async () => {
  await write('delete from kept where id > 10')
  await page.getByRole('button', { name: 'Analyze', exact: true }).click()
  const steps = page.getByRole('treegrid', { name: 'Steps of the plan' })
  await expect(steps).toContainText('ModifyTable (Delete)')
  await run('select count(*) as rows from kept')
  await expect(page.getByRole('gridcell').first()).toHaveText('40')
})

test('rows of one table are edited, reviewed as SQL, and applied together', async () => {
  await run('select id, name from kept order by id')
  await expect(page.locator('.res__status')).toContainText('40 rows')
  await page.getByRole('gridcell').nth(1).dblclick()
  await page.getByRole('dialog').getByRole('textbox', { name: 'name' }).fill("it's new")
  await page.getByRole('button', { name: 'Stage', exact: true }).click()
  await page.getByRole('gridcell').nth(2).click()
  await page.getByRole('button', { name: 'Remove row' }).click()
  await page.getByRole('button', { name: 'Review 2 changes' }).click()
  await expect(page.getByRole('dialog')).toContainText("it''s new")
  await page.getByRole('button', { name: 'Apply 2 changes' }).click()
  await expect(page.getByRole('dialog')).toHaveCount(0)
  await run('select count(*)::text || max(name) as seen from kept')
  await expect(page.getByRole('gridcell').first()).toHaveText("39it's new")
})

test('a result goes to a file, and the file into a table', async () => {
  const path = `${home}/kept.csv`
  await page.getByRole('button', { name: 'Export', exact: true }).click()
  const form = page.getByRole('dialog')
  await form.getByRole('textbox', { name: 'File' }).fill(path)
  await form.getByRole('button', { name: 'Write the file' }).click()
  await expect(form).toContainText('1 rows')
  await page.keyboard.press('Escape')
  await page.getByRole('button', { name: 'Import', exact: true }).click()
  await form.getByRole('textbox', { name: 'File' }).fill(path)
  await form.getByRole('button', { name: 'Look into it' }).click()
  await expect(form).toContainText('seen')
  await form.getByRole('textbox', { name: 'Table' }).fill('brought_in')
  await form.getByRole('button', { name: 'Import', exact: true }).click()
  await expect(form).toContainText('1 rows')
  await page.keyboard.press('Escape')
  await run('select seen from public.brought_in')
  await expect(page.getByRole('gridcell').first()).toHaveText("39it's new")
})

const quote = (text: string) => `'${text.replaceAll("'", "''")}'`
const name = (text: string) => `"${text.slice(0, 50).replaceAll('"', '""')}"`

async function expectNothingRan() {
  expect(await page.evaluate("'__wasPwned' in window")).toBe(false)
  const own = new URL(atlas.url).origin
  expect(requests.filter((url) => !url.startsWith(own) && !/^(?:data|blob):/.test(url))).toEqual([])
}

test('500 injections in values, names, errors, notices and plans run nothing and ask for nothing', async () => {
  expect(new Set(injections).size).toBeGreaterThanOrEqual(500)
  requests.length = 0
  const notices = injections.map((text) => `raise notice '%', ${quote(text)};`).join('\n')
  const columns = injections.slice(0, 60).map((text, at) => `1 as ${name(`${at}${text}`)}`)
  await run(
    [
      `select * from (values ${injections.map((text, at) => `(${at}, ${quote(text)}, to_jsonb(${quote(text)}::text))`).join(',\n')}) v (n, text, doc)`,
      `select ${columns.join(',\n')}`,
      `do $body$ begin ${notices} end $body$`,
      `do $body$ begin raise exception '%', ${quote(injections.join('\n'))}; end $body$`,
    ].join(';\n'),
  )
  await expect(page.locator('.con__messages')).toContainText('onerror', { timeout: 60_000 })
  await page.getByRole('tab', { name: /^Result 2/ }).click()
  await expect(page.getByRole('columnheader').nth(2)).toBeVisible()
  await page.getByRole('tab', { name: /^Result 1/ }).click()
  const grid = page.getByRole('grid', { name: 'Result' })
  await expect(grid).toBeVisible()
  await grid.focus()
  for (let at = 0; at < 500; at += 20) await page.keyboard.press('PageDown')
  await page.getByRole('gridcell').nth(1).dblclick()
  await expect(page.getByRole('dialog')).toBeVisible()
  await page.keyboard.press('Escape')
  await write(
    `select * from kept ${injections.slice(0, 1).map((text) => `as ${name(text)}`)} where name = ${quote(injections.join('\n'))}`,
  )
  await page.getByRole('button', { name: 'Explain', exact: true }).click()
  await expect(page.getByRole('treegrid')).toContainText('Scan')
  await page.getByRole('row', { name: /Scan/ }).click()
  await expect(page.locator('.plan__detail')).toContainText('onerror')
  await expectNothingRan()
})

test('tables, indexes, columns, aliases and conditions of a plan that are injections are text', async () => {
  requests.length = 0
  const some = injections.filter((_text, at) => at % 16 === 0)
  const of = (kind: string) => some.map((text, at) => name(`${kind}${at}${text}`))
  const [tables, indexes, columns, aliases] = [of('t'), of('i'), of('c'), of('a')]
  await run(
    [
      'set enable_seqscan = off; set enable_bitmapscan = off',
      ...tables.map(
        (table, at) =>
          `create temp table ${table} (${columns[at]} text); create index ${indexes[at]} on ${table} (${columns[at]})`,
      ),
      'select 1 as made',
    ].join(';\n'),
  )
  await expect(page.getByRole('columnheader', { name: 'made' })).toBeVisible()
  const parts = tables.map(
    (table, at) => `select * from ${table} as ${aliases[at]} where ${columns[at]} > ${quote(some[at] ?? '')}`,
  )
  await write(
    `with ${name(some[1] ?? '')} as materialized (${parts.join(' union all ')}) table ${name(some[1] ?? '')}`,
  )
  await page.getByRole('button', { name: 'Explain', exact: true }).click()
  const steps = page.getByRole('treegrid').getByRole('row', { name: /Index Only Scan/ })
  await expect(steps.first()).toBeVisible()
  expect(await steps.count()).toBeGreaterThan(5)
  for (const step of (await steps.all()).slice(0, 12)) {
    await step.click()
    await expect(page.locator('.plan__detail')).toContainText('__pwned()')
  }
  await expectNothingRan()
})

for (const colorScheme of ['light', 'dark'] as const) {
  test(`the results are accessible in ${colorScheme}`, async () => {
    await page.emulateMedia({ colorScheme })
    const { violations } = await new AxeBuilder({ page })
      .include('.res')
      .withTags(['wcag2a', 'wcag2aa'])
      .analyze()
    expect(violations.map(({ id, nodes }) => `${id} ${nodes[0]?.html.slice(0, 200)}`)).toEqual([])
  })
}
