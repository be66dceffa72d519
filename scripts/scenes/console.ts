import type { Page } from 'playwright-core'
import type { Scene } from './scene.ts'

/** Writes a text into the console's editor, in the place of what stands there. */
export async function writeSql(page: Page, text: string): Promise<void> {
  await page.locator('.monaco-editor').first().click()
  await page.keyboard.press('Control+a')
  await page.keyboard.press('Delete')
  await page.keyboard.insertText(text)
}

/** The same, and runs all of it. */
export async function runAll(page: Page, text: string): Promise<void> {
  await writeSql(page, text)
  await page.keyboard.press('Control+Shift+Enter')
}

/** Runs what reads some of `public.price`, which can be changed in the grid. */
export const runPrices = (page: Page) =>
  runAll(page, 'select id, product, amount, valid_from from public.price where id < 9 order by id;')

export const consoleScenes: Scene[] = [
  {
    name: 'console',
    path: '/console',
    act: async (page) => {
      await page.locator('.monaco-editor').first().click()
      await page.keyboard.type(
        'select record_kind, status, count(*) as records from chart.staging_template group by 1, 2 order by 3 desc;',
      )
      await page.keyboard.press('Control+Enter')
    },
  },
  {
    name: 'console-chart',
    path: '/console',
    act: async (page) => {
      await runAll(
        page,
        "select day::date, kind, round(100 + 40 * sin(extract(doy from day) / 9 + length(kind)) + extract(day from day))::numeric as records\n  from generate_series(date '2026-01-01', date '2026-06-30', interval '1 day') day,\n       unnest(array['airport', 'flight', 'bird_strike']) kind;",
      )
      await page.locator('.res__status').getByText('543 rows').waitFor()
      await page.getByRole('button', { name: 'Chart', exact: true }).click()
      await page.getByRole('img', { name: /^line of/ }).waitFor()
    },
  },
  {
    name: 'console-bars',
    path: '/console',
    act: async (page) => {
      await runAll(
        page,
        'select record_kind, status, count(*) as records from chart.staging_template group by 1, 2 order by 3 desc;',
      )
      await page
        .locator('.res__status')
        .getByText(/^4 rows/)
        .waitFor()
      await page.getByRole('button', { name: 'Chart', exact: true }).click()
      await page.getByRole('img', { name: /^bar of/ }).hover()
    },
  },
  {
    name: 'console-compare',
    path: '/console',
    sql: `create table public.price (id int primary key, product text, amount numeric, valid_from date);
insert into public.price
select n, 'product ' || n, round((n * 7.31)::numeric, 2), date '2026-01-01' + n from generate_series(1, 40) n`,
    act: async (page) => {
      await runAll(page, 'select * from public.price order by id;')
      await page.locator('.res__status').getByText('40 rows').waitFor()
      await page.getByRole('button', { name: 'Pin', exact: true }).click()
      await page.getByRole('button', { name: 'Unpin', exact: true }).waitFor()
      await runAll(
        page,
        "update public.price set amount = amount + 1, product = null where id in (4, 9);\ndelete from public.price where id = 6;\ninsert into public.price values (41, 'product 41', 12.5, '2026-03-01');\nselect * from public.price order by id;",
      )
      await page.getByRole('tab', { name: /^Result/ }).waitFor()
      await page.getByRole('button', { name: 'Compare', exact: true }).click()
      await page.getByRole('menuitem', { name: /^Pinned/ }).click()
      await page.getByRole('button', { name: 'All rows' }).click()
    },
  },
  {
    name: 'console-watch',
    path: '/console',
    act: async (page) => {
      await runAll(
        page,
        "select n as worker, case when random() < 0.3 then 'busy' else 'idle' end as state, (random() * 1000)::int as done from generate_series(1, 12) n;",
      )
      await page.locator('.res__status').getByText('12 rows').waitFor()
      await page.getByRole('button', { name: 'Watch', exact: true }).click()
      await page.getByRole('menuitem', { name: 'Every second' }).click()
      await page.getByText(/^run 3/).waitFor()
    },
  },
  {
    name: 'console-alert',
    path: '/console',
    act: async (page) => {
      await runAll(page, "select clock_timestamp() as at, 'waiting' as state;")
      await page.locator('.res__status').getByText('1 row').waitFor()
      await page.getByRole('button', { name: 'Watch', exact: true }).click()
      await page.getByRole('menuitem', { name: /^Alert me/ }).click()
      const dialog = page.getByRole('dialog')
      await dialog.getByLabel('What is looked at').selectOption({ index: 1 })
      await dialog.getByLabel('How', { exact: true }).selectOption('changes')
      await dialog.getByLabel('How often').selectOption({ index: 0 })
    },
    after: (page) => page.getByRole('dialog').getByRole('button', { name: 'Wait for it' }).click(),
  },
  {
    name: 'console-alerted',
    path: '/console',
    act: (page) => page.locator('.titlebar').getByRole('button', { name: /lert/ }).waitFor(),
  },
  {
    name: 'console-benchmark',
    path: '/console',
    act: async (page) => {
      await writeSql(page, 'select count(*) from chart.staging_template;')
      await page.getByRole('button', { name: 'Benchmark', exact: true }).click()
      await page.getByRole('menuitem', { name: '50 runs' }).click()
      await page.getByRole('img', { name: /^duration of/ }).waitFor()
    },
  },
  {
    name: 'console-named',
    path: '/console',
    act: async (page) => {
      await runAll(page, "select n as id, 'product ' || n as product from generate_series(1, 9) n;")
      await page
        .locator('.res__status')
        .getByText(/^9 rows/)
        .waitFor()
      await page.getByRole('button', { name: 'Pin', exact: true }).click()
      await page.getByRole('textbox', { name: 'Name of the pinned result' }).fill('products')
      await page.keyboard.press('Enter')
    },
  },
  {
    name: 'console-runs',
    path: '/console',
    act: async (page) => {
      const text = 'select customer_key, email, valid_from from navigate.dim_customer limit 5;'
      for (let time = 0; time < 3; time++) {
        await runAll(page, text)
        await page.getByRole('tab', { name: /^Result/ }).waitFor()
      }
      await page.getByRole('button', { name: 'Runs', exact: true }).click()
      await page.getByRole('dialog', { name: 'Earlier runs' }).waitFor()
    },
  },
  {
    name: 'console-edits',
    path: '/console',
    act: async (page) => {
      await runPrices(page)
      await page
        .locator('.res__status')
        .getByText(/^\d rows/)
        .waitFor()
      await page.getByRole('gridcell', { name: 'product 7', exact: true }).click()
      // The scripts are checked without the browser's types.
      await page.evaluate(`{
        const clipboardData = new DataTransfer()
        clipboardData.setData('text/plain', 'a better name\\t7.50\\nanother\\t8.00\\nwholly new\\t9.99')
        document.querySelector('[role=grid]').dispatchEvent(new ClipboardEvent('paste', { clipboardData, bubbles: true }))
      }`)
      await page.getByRole('gridcell', { name: 'product 2', exact: true }).click()
      await page.getByRole('button', { name: 'Remove row' }).click()
    },
  },
  {
    name: 'console-completion',
    path: '/console',
    act: async (page) => {
      await writeSql(page, 'select d.customer_key,\n       d.')
      await page.keyboard.insertText('\n  from navigate.dim_customer d\n where d.is_current')
      await page.keyboard.press('ArrowUp')
      await page.keyboard.press('ArrowUp')
      await page.keyboard.press('End')
      await page.keyboard.press('Control+Space')
      await page.locator('.suggest-widget .monaco-list-row').first().waitFor()
    },
  },
  {
    name: 'console-psql',
    path: '/console',
    act: async (page) => {
      await runAll(page, '\\dn+\n\\dt explore.*\n\\d explore.raw_data_template')
      await page.locator('.con__footers').waitFor()
    },
  },
  {
    name: 'console-error',
    path: '/console',
    act: async (page) => {
      await runAll(
        page,
        'begin;\nupdate explore.source_systems set is_active = true where source_id is not null;\nselect s.source_id,\n       s.email\n  from explore.source_systems s;',
      )
      await page.locator('.fault').first().waitFor()
    },
  },
  {
    name: 'console-lost',
    path: '/console',
    act: async (page) => {
      await runAll(
        page,
        'rollback;\nbegin;\nupdate explore.source_systems set is_active = true where source_id is not null;\nselect pg_terminate_backend(pg_backend_pid());',
      )
      await page.locator('.con__lost').waitFor()
    },
  },
  {
    name: 'console-saved',
    path: '/console',
    act: async (page) => {
      await writeSql(
        page,
        'select *\n  from pipeline.run_summary\n where created_at >= :since\n   and status = :status;',
      )
      await page.keyboard.press('Control+s')
      const save = page.getByRole('dialog', { name: 'Save this text' })
      await save.getByRole('textbox', { name: 'Name' }).fill('runs since')
      await save.getByRole('textbox', { name: 'Folder' }).fill('pipelines')
      await save.getByRole('button', { name: 'Save', exact: true }).click()
      await page.getByRole('button', { name: 'Saved', exact: true }).click()
      await page.locator('.monaco-editor').first().click()
      await page.keyboard.press('Control+Enter')
      await page.getByRole('dialog', { name: 'Values of the parameters' }).waitFor()
    },
  },
]
