import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import AxeBuilder from '@axe-core/playwright'
import { expect, test } from '@playwright/test'
import { atlas, home, openApp, page, restartApp } from '../support/app.ts'
import { runSql } from '../support/cli.ts'

openApp({ view: 'Console' })

async function open() {
  await page.goto(`${atlas.url}`)
  await page.getByRole('link', { name: 'Console', exact: true }).click()
}

const copied = () => page.evaluate('navigator.clipboard.readText()')
const grid = () => page.getByRole('grid')
const cell = (row: number, column: number) =>
  grid().locator(`[aria-rowindex="${row + 1}"] [aria-colindex="${column + 1}"]`)
const head = (name: string) => page.getByRole('columnheader', { name: new RegExp(`^${name}`) })
const status = () => page.locator('.res__status')

async function paste(text: string) {
  await page.evaluate(`navigator.clipboard.writeText(${JSON.stringify(text)})`)
  await page.keyboard.press('Control+v')
}

async function write(text: string) {
  await page.locator('.monaco-editor').first().click()
  await page.keyboard.press('Control+a')
  await paste(text)
}

async function run(text: string) {
  await write(text)
  await page.keyboard.press('Control+Shift+Enter')
}

test('columns keep their width, order and place in sight while others move', async () => {
  await run(
    "select n as id, 'name ' || n as name, n * 2 as twice, repeat('wide ', 40) as wide, n % 3 as rest from generate_series(1, 500) n",
  )
  await expect(status()).toContainText('500 rows')
  // Widths are guessed from the first rows.
  await expect(cell(1, 2)).toHaveText('name 1')
  const width = async (name: string) => (await head(name).boundingBox())?.width ?? 0
  const before = await width('name')
  const edge = page.getByRole('button', { name: 'Width of name' })
  const box = await edge.boundingBox()
  await page.mouse.move((box?.x ?? 0) + 3, (box?.y ?? 0) + 10)
  await page.mouse.down()
  await page.mouse.move((box?.x ?? 0) + 83, (box?.y ?? 0) + 10, { steps: 4 })
  await page.mouse.up()
  expect(await width('name')).toBeCloseTo(before + 80, 0)
  await head('rest').dragTo(head('id'))
  await expect(cell(1, 1)).toHaveText('1')
  await expect(page.getByRole('columnheader').nth(1)).toContainText('rest')
  // A width belongs to its column, wherever that goes.
  expect(await width('name')).toBeCloseTo(before + 80, 0)
  await head('id').click({ button: 'right' })
  await page.getByRole('menuitem', { name: 'Keep in sight up to here' }).click()
  await grid().evaluate((element) => element.scrollTo({ left: 5000 }))
  await expect(head('id')).toBeInViewport()
  await head('twice').click({ button: 'right' })
  await page.getByRole('menuitem', { name: 'Hide' }).click()
  await expect(head('twice')).toHaveCount(0)
  await page.getByRole('button', { name: 'Show 1 hidden column' }).click()
  await expect(head('twice')).toHaveCount(1)
})

test('rows are sorted and filtered by what is seen, and what is copied is what is seen', async () => {
  await run(
    `select * from (values (9007199254740993, 'b', null, 'two' || chr(10) || 'lines'), (9007199254740992, 'a|b', '', 'x')) v (big, text, nothing, long)`,
  )
  await expect(status()).toContainText('2 rows')
  await head('big').click({ button: 'right' })
  await page.getByRole('menuitem', { name: 'Sort ascending' }).click()
  await expect(cell(1, 1)).toHaveText('9007199254740992')
  await cell(1, 1).click()
  await cell(2, 4).click({ modifiers: ['Shift'] })
  const as = async (format: string) => {
    await page.evaluate("navigator.clipboard.writeText('nothing yet')")
    await page.getByRole('button', { name: 'Copy', exact: true }).click()
    await page.getByRole('menuitem', { name: format }).click()
    await expect.poll(copied).not.toBe('nothing yet')
    return copied()
  }
  expect(await as('TSV with heads')).toBe(
    'big\ttext\tnothing\tlong\n9007199254740992\ta|b\t\tx\n9007199254740993\tb\t\ttwo lines\n',
  )
  expect(await as('CSV')).toBe(
    'big,text,nothing,long\n9007199254740992,a|b,"",x\n9007199254740993,b,,"two\nlines"\n',
  )
  expect(await as('JSON')).toContain(
    '{"big":9007199254740993,"text":"b","nothing":null,"long":"two\\nlines"}',
  )
  expect(await as('Markdown')).toContain('| 9007199254740992 | a\\|b |  | x |')
  expect(await as('SQL INSERT')).toContain("(9007199254740993, 'b', null, 'two\nlines')")
  await cell(1, 2).click()
  await head('text').click({ button: 'right' })
  await page.getByRole('menuitem', { name: 'Only rows with this value' }).click()
  await expect(status()).toContainText('1 of 2 rows')
})

test('a giant value is previewed and saved to a file whole', async () => {
  await run("select repeat('0123456789', 1000000) as giant")
  await expect(status()).toContainText('1 row')
  await cell(1, 1).dblclick()
  const dialog = page.getByRole('dialog')
  await expect(dialog).toContainText('the beginning is shown')
  await dialog.getByRole('button', { name: 'Save to file' }).click()
  const said = await dialog.getByText(/^in \//).textContent()
  const path = said?.slice(3) ?? ''
  expect(readFileSync(path).length).toBe(10_000_000)
  await page.keyboard.press('Escape')
})

test('a pinned result stays over a run, is compared with the new one, and comes back after a restart', async () => {
  await run(
    'create table stock (id int primary key, item text not null, left_over numeric default 5, seen timestamptz default now())',
  )
  await expect(page.getByText('CREATE TABLE', { exact: true })).toBeVisible()
  await run("insert into stock (id, item) select n, 'item ' || n from generate_series(1, 6) n")
  await expect(page.getByText('INSERT 0 6')).toBeVisible()
  await run('select id, item, left_over from stock order by id')
  await expect(status()).toContainText('6 rows')
  await page.getByRole('button', { name: 'Pin', exact: true }).click()
  await expect(page.getByRole('button', { name: 'Unpin' })).toBeVisible()
  await run(
    "delete from stock where id = 2; update stock set item = 'other' where id = 5; insert into stock (id, item) values (7, 'fresh'); select id, item, left_over from stock order by id",
  )
  await expect(cell(6, 2)).toHaveText('fresh')
  await page.getByRole('button', { name: 'Compare', exact: true }).click()
  await page.getByRole('menuitem', { name: /^Pinned/ }).click()
  await expect(page.getByText('1 added')).toBeVisible()
  await expect(page.getByText('1 removed')).toBeVisible()
  await expect(page.getByText('1 changed')).toBeVisible()
  await expect(page.getByText("matched by the table's key: id")).toBeVisible()
  const compared = page.getByRole('grid', { name: 'Comparison' })
  await expect(compared.locator('.is-removed').first()).toHaveText('2')
  await expect(compared.locator('.is-changed')).toHaveText('item 5other')
  await expect(compared.getByRole('row')).toHaveCount(4)
  await page.getByRole('button', { name: 'All rows' }).click()
  await expect(compared.getByRole('row')).toHaveCount(8)
  await page.getByText('Key: id', { exact: true }).click()
  await page.getByRole('radio', { name: 'whole rows' }).click()
  await expect(page.getByText('2 added')).toBeVisible()

  await restartApp('stop')
  await open()
  const pinned = page.getByRole('tab', { name: /select id, item, left_over/ })
  await pinned.click()
  await expect(page.getByRole('gridcell', { name: 'item 5', exact: true })).toBeVisible()
  await page.getByRole('button', { name: 'Unpin' }).click()
  await expect(pinned).toHaveCount(0)
  expect(readdirSync(join(home, 'pins'))).toEqual([])
})

test('rows are added, pasted as a block and removed, shown as SQL, and applied together', async () => {
  await run('select id, item, left_over from stock order by id')
  await expect(status()).toContainText('6 rows')
  await cell(6, 2).click()
  await paste('last\t1\r\nnew one\t2.50\r\nnew "two"\t')
  await expect(page.getByText('1 changed, 2 new')).toBeVisible()
  await expect(cell(7, 2)).toHaveText('new one')
  await cell(7, 1).dblclick()
  await page.getByRole('dialog').getByRole('textbox', { name: 'id' }).fill('20')
  await page.getByRole('button', { name: 'Stage', exact: true }).click()
  await page.getByRole('button', { name: 'Add row' }).click()
  await expect(cell(9, 3)).toHaveText('default')
  await cell(9, 3).click()
  await page.getByRole('button', { name: 'Remove row' }).click()
  await cell(1, 1).click()
  await cell(2, 1).click({ modifiers: ['Shift'] })
  await page.getByRole('button', { name: 'Remove row' }).click()
  await page.getByRole('button', { name: 'Review 5 changes' }).click()
  const dialog = page.getByRole('dialog')
  await expect(dialog).toContainText('insert into "public"."stock"')
  await dialog.getByRole('button', { name: 'Apply 5 changes' }).click()
  // The row without an id is refused, and with it all others.
  await expect(dialog).toContainText('null value in column "id"')
  await expect(dialog).toContainText('None of the staged changes was saved')
  await page.keyboard.press('Escape')
  await cell(8, 1).dblclick()
  await dialog.getByRole('textbox', { name: 'id' }).fill('21')
  await page.getByRole('button', { name: 'Stage', exact: true }).click()
  await page.getByRole('button', { name: 'Review 5 changes' }).click()
  await dialog.getByRole('button', { name: 'Apply 5 changes' }).click()
  await expect(dialog).toHaveCount(0)
  await run(
    "select string_agg(id || ' ' || item || ' ' || coalesce(left_over::text, '-'), ', ' order by id) as all_of_it from stock",
  )
  await expect(cell(1, 1)).toHaveText(
    '4 item 4 5, 5 other 5, 6 item 6 5, 7 last 1, 20 new one 2.50, 21 new "two" -',
  )
})

test('one value that is pasted fills the selection; computed columns are left out and said', async () => {
  await run('select id, item, left_over, id * 2 as twice from stock order by id')
  await cell(1, 3).click()
  await cell(3, 3).click({ modifiers: ['Shift'] })
  await paste('7')
  await expect(page.getByText('3 changed; nothing is saved yet')).toBeVisible()
  await page.getByRole('button', { name: 'Discard' }).click()
  await cell(1, 3).click()
  await paste('7\t8')
  await expect(page.getByText('1 cell left out: computed, or no column of the table')).toBeVisible()
  await page.getByRole('button', { name: 'Discard' }).click()
})

test('typing into a cell begins another value, as a spreadsheet does; Escape gives it back', async () => {
  await run('select id, item, left_over, id * 2 as double from stock order by id')
  await expect(head('double')).toBeVisible()
  const typed = page.locator('.rgrid__input')
  await cell(1, 2).click()
  await page.keyboard.type('gone')
  await expect(typed).toHaveValue('gone')
  await page.keyboard.press('Escape')
  await expect(cell(1, 2)).toHaveText('item 4')
  await page.keyboard.type('first')
  await page.keyboard.press('Enter')
  await page.keyboard.type('second')
  await page.keyboard.press('Tab')
  await page.keyboard.type('12')
  await page.keyboard.press('Shift+Tab')
  await expect(page.getByText('2 changed; nothing is saved yet')).toBeVisible()
  await expect(cell(1, 2)).toHaveText('first')
  await expect(cell(2, 3)).toHaveText('12')
  // Back on the second item: it goes on with what stands there, and is left by a click elsewhere.
  await page.keyboard.press('F2')
  await page.keyboard.type(' one')
  await cell(4, 4).click()
  await expect(cell(2, 2)).toHaveText('second one')
  // A computed column takes nothing.
  await page.keyboard.type('7')
  await expect(typed).toHaveCount(0)
  await page.getByRole('button', { name: 'Review 2 changes' }).click()
  const dialog = page.getByRole('dialog')
  await expect(dialog).toContainText("'second one'")
  await page.keyboard.press('Escape')
  await page.getByRole('button', { name: 'Discard' }).click()
  await expect(cell(1, 2)).toHaveText('item 4')
})

test('what comes to a channel is shown as it comes', async () => {
  await run('listen orders')
  await page.getByRole('tab', { name: /^Notifications/ }).click()
  await expect(page.getByText('Nothing has come yet')).toBeVisible()
  await runSql(atlas, "select pg_notify('orders', 'order 4711 <b>paid</b>')")
  const heard = page.getByRole('table', { name: 'Notifications' })
  await expect(heard).toContainText('order 4711 <b>paid</b>')
  await expect(page.getByRole('tab', { name: 'Notifications 1' })).toBeVisible()
  await run('unlisten *')
  // A tab that is chosen before the run is there is chosen for the one before.
  await expect(page.locator('.con__messages')).toContainText('UNLISTEN')
  await page.getByRole('tab', { name: /^Notifications/ }).click()
  await expect(page.getByText('listens to no channel')).toBeVisible()
  await expect(heard.getByRole('row')).toHaveCount(2)
})

test('a result is drawn by the types of its columns, and saved as PNG, SVG and CSV', async () => {
  await run(
    "select date '2026-01-01' + n as day, case when n % 2 = 0 then 'even' else 'odd' end as kind, n * 0.1 as amount from generate_series(0, 59) n",
  )
  await expect(status()).toContainText('60 rows')
  await page.getByRole('button', { name: 'Chart', exact: true }).click()
  await expect(page.getByRole('img', { name: 'line of amount by day: 60 points in 2 series' })).toBeVisible()
  const save = async (name: string) => {
    await page.getByRole('button', { name: 'Save picture' }).click()
    const [download] = await Promise.all([
      page.waitForEvent('download'),
      page.getByRole('menuitem', { name }).click(),
    ])
    return readFileSync((await download.path()) ?? '')
  }
  expect((await save('PNG')).subarray(1, 4).toString()).toBe('PNG')
  const svg = (await save('SVG')).toString()
  expect(svg).toContain('<svg')
  expect(svg).toContain('amount')
  const csv = (await save('CSV of its points')).toString()
  expect(csv).toContain('even,2026-01-03,0.2')
  await page.getByRole('button', { name: 'Histogram' }).click()
  await expect(page.getByRole('img', { name: /^histogram of rows by amount/ })).toBeVisible()
  await page.getByRole('button', { name: 'Scatter' }).click()
  await expect(page.getByRole('img', { name: /^scatter of/ })).toBeVisible()
  await page.getByRole('button', { name: 'Bars' }).click()
  await page.getByRole('combobox', { name: 'by', exact: true }).selectOption('kind')
  await page.getByRole('combobox', { name: 'a series for each' }).selectOption('no column')
  const bars = page.getByRole('img', { name: 'bar of sum of amount by kind: 2 points in 1 series' })
  await expect(bars).toBeVisible()
})

test('a statement that is watched tells what changed, stops when it is told, and changes nothing', async () => {
  await run('select id, item from stock order by id')
  await expect(status()).toContainText('6 rows')
  await page.getByRole('button', { name: 'Watch', exact: true }).click()
  await page.getByRole('menuitem', { name: 'Every second' }).click()
  const going = page.getByText(/^run (?:[2-9]|\d\d),/)
  await expect(going).toBeVisible()
  const show = (state: string) =>
    page.evaluate(`{
      Object.defineProperty(document, 'visibilityState', { value: '${state}', configurable: true })
      document.dispatchEvent(new Event('visibilitychange'))
    }`)
  await show('hidden')
  await expect(page.getByText(/^paused,/)).toBeVisible()
  await show('visible')
  await expect(going).toBeVisible()
  await page.getByRole('tab', { name: /^Result/ }).click()
  await page.getByRole('tab', { name: 'Watch' }).click()
  await page.getByRole('button', { name: 'Stop watching' }).click()
  await expect(page.getByRole('tab', { name: 'Watch' })).toHaveCount(0)
  await run('create temp table gone as select 1 as one; select one from gone')
  await page.getByRole('button', { name: 'Watch', exact: true }).click()
  await page.getByRole('menuitem', { name: 'Every second' }).click()
  await expect(page.locator('.fault')).toContainText('gone')
  await expect(page.getByText('ended by an error')).toBeVisible()
  await page.getByRole('button', { name: 'Stop watching' }).click()
})

test('what a statement gave before is kept with each run, and compared with', async () => {
  const text = 'select id, left_over from stock order by id'
  await run(text)
  await expect(status()).toContainText('6 rows')
  await page.getByRole('button', { name: 'Runs', exact: true }).click()
  const form = page.getByRole('dialog', { name: 'Earlier runs' })
  await expect(form).toContainText('No earlier run is kept')
  await page.keyboard.press('Escape')
  await expect
    .poll(() => readdirSync(join(home, 'snapshots')).length, { message: 'the run is kept' })
    .toBeGreaterThan(0)
  await run('update stock set left_over = 77 where id = (select min(id) from stock)')
  await expect(page.locator('.con__messages')).toContainText('UPDATE 1')
  await run(text)
  await expect(status()).toContainText('6 rows')
  await page.getByRole('button', { name: 'Runs', exact: true }).click()
  await form.getByRole('button', { name: 'Compare' }).click()
  await expect(page.locator('.res')).toContainText('1 changed')
  const pinned = page.getByRole('tab', { name: /^select id, left_over/ })
  await pinned.click()
  await page.getByRole('textbox', { name: 'Name of the pinned result' }).fill('before')
  await page.keyboard.press('Enter')
  await run('select count(*) from @before where left_over is distinct from 77')
  await expect(cell(1, 1)).toHaveText('6')
  await pinned.click()
  await page.getByRole('button', { name: 'Unpin', exact: true }).click()
})

test('a statement is measured, and told with a picture', async () => {
  await write('update stock set left_over = 4321')
  await page.getByRole('button', { name: 'Benchmark', exact: true }).click()
  await page.getByRole('menuitem', { name: '10 runs' }).click()
  await expect(page.getByRole('img', { name: 'duration of 10 runs' })).toBeVisible()
  await expect(page.locator('.res')).toContainText(/min.*p50.*p90.*p99.*max/)
  await run('select count(*) from stock where left_over = 4321')
  await expect(cell(1, 1)).toHaveText('0')
})

test('an alert is told in the frame, whatever is looked at by then', async () => {
  await run('select count(*) as items from stock')
  await expect(cell(1, 1)).toHaveText('6')
  await page.getByRole('button', { name: 'Watch', exact: true }).click()
  await page.getByRole('menuitem', { name: 'Alert me when' }).click()
  const form = page.getByRole('dialog', { name: 'Alert' })
  await form.getByLabel('What is looked at').selectOption('items of the first row')
  await form.getByLabel('Value').fill('6')
  await form.getByLabel('How often').selectOption('half second')
  await form.getByRole('button', { name: 'Wait for it' }).click()
  await expect(page.getByRole('button', { name: '1 job running' })).toBeVisible()
  await run("insert into stock (id, item) values (1000, 'late')")
  await page.getByRole('button', { name: '1 alert' }).click()
  await expect(page.getByRole('dialog', { name: 'Activity' })).toContainText('items of the first row > 6')
  await page.keyboard.press('Escape')
  await expect(page.getByRole('button', { name: '1 alert' })).toHaveCount(0)
  await run('delete from stock where id = 1000')
})

test('times are told apart', async () => {
  await run('select pg_sleep(0.5)')
  // The wait stands with the first row, whatever part of it a busy machine read late.
  await expect(status()).toContainText(/network .*plan .*first row (?:[2-9]\d\d ms|\d+\.\d+ s).*rows/)
})

for (const colorScheme of ['light', 'dark'] as const) {
  test(`pictures, comparisons and staged rows are accessible in ${colorScheme}`, async () => {
    await page.emulateMedia({ colorScheme })
    const check = async () => {
      const { violations } = await new AxeBuilder({ page })
        .include('.res')
        .withTags(['wcag2a', 'wcag2aa'])
        .analyze()
      expect(violations.map(({ id, nodes }) => `${id} ${nodes[0]?.html.slice(0, 200)}`)).toEqual([])
    }
    await run('select 1')
    await expect(page.getByRole('tab', { name: /^Result 2/ })).toHaveCount(0)
    await run(
      'select id, item, left_over from stock order by id; select id, item, 1 as left_over from stock where id > 5',
    )
    await expect(page.getByRole('tab', { name: /^Result 2/ })).toBeVisible()
    await page.getByRole('button', { name: 'Compare', exact: true }).click()
    await page.getByRole('menuitem', { name: /^Result 1/ }).click()
    await expect(page.getByRole('grid', { name: 'Comparison' })).toBeVisible()
    await check()
    await page.getByRole('tab', { name: /^Result 1/ }).click()
    await page.getByRole('button', { name: 'Add row' }).click()
    await check()
    await page.getByRole('button', { name: 'Discard' }).click()
    await page.getByRole('button', { name: 'Chart', exact: true }).click()
    await expect(page.getByRole('img', { name: /^bar of/ })).toBeVisible()
    await check()
  })
}
