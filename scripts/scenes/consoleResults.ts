import { runSql } from '../../test/support/cli.ts'
import { runAll, runPrices, writeSql } from './console.ts'
import type { Scene } from './scene.ts'

const flights =
  "select s.record_kind, t.name, count(*)\n  from chart.staging_template s\n  join quality.dimensions t on t.name <> s.status\n where s.status <> 'none'\n group by 1, 2\n order by 3 desc;"

export const consoleResultScenes: Scene[] = [
  {
    name: 'console-plan',
    path: '/console',
    act: async (page) => {
      await writeSql(page, flights)
      await page.getByRole('button', { name: 'Explain', exact: true }).click()
      await page.getByRole('row', { name: /Scan/ }).first().click()
    },
  },
  {
    name: 'console-plans',
    path: '/console',
    act: async (page) => {
      await writeSql(page, flights)
      await page.getByRole('button', { name: 'Explain', exact: true }).click()
      await page.getByRole('treegrid').waitFor()
      await writeSql(page, flights.replace("<> 'none'", "= 'valid'"))
      await page.getByRole('button', { name: 'Explain', exact: true }).click()
      await page.getByRole('combobox', { name: 'Compare with' }).selectOption({ index: 1 })
    },
  },
  {
    name: 'console-read-only',
    path: '/console',
    act: async (page) => {
      await writeSql(page, 'delete from explore.source_systems;')
      await page.getByRole('button', { name: 'Read-write' }).click()
      await page.locator('.con__note').waitFor()
    },
    after: (page) => page.getByRole('button', { name: 'Read-only' }).click(),
  },
  {
    name: 'console-notified',
    path: '/console',
    act: async (page, atlas) => {
      await runAll(page, 'listen pipeline_runs;\nlisten orders;')
      await page.getByRole('tab', { name: /^Notifications/ }).click()
      await runSql(
        atlas,
        `select pg_notify('pipeline_runs', json_build_object('run', n, 'state', 'succeeded')::text)
  from generate_series(1, 8) n
 union all select pg_notify('orders', '')
 union all select pg_notify('orders', repeat('a long payload that takes more than one line, ', 12))`,
      )
      await page.getByRole('table', { name: 'Notifications' }).getByText('orders').first().waitFor()
    },
  },
  {
    name: 'console-typing',
    path: '/console',
    act: async (page) => {
      await runPrices(page)
      await page.getByRole('gridcell', { name: 'product 3', exact: true }).click()
      await page.keyboard.type('a better name')
      await page.keyboard.press('Enter')
      await page.keyboard.type('being typ')
    },
  },
]
