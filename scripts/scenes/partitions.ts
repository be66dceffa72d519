import { partitionedTables, partitionStates, readingsPolicy } from '../../test/partitions/fixture.ts'
import { leaveReadingsPending } from '../../test/partitions/pending.ts'
import type { Scene } from './scene.ts'

export const partitionScenes: Scene[] = [
  { name: 'partitions', path: '/partitions' },
  { name: 'partitions-kinds', path: '/partitions?table=demo.', sql: partitionedTables },
  {
    name: 'partitions-states',
    path: '/partitions?table=demo.readings',
    sql: `${partitionStates};${readingsPolicy}`,
    act: async (page, atlas) => {
      await leaveReadingsPending(atlas)
      await page.reload()
      await page.locator('.bar--detaching').click()
      await page.getByText('Finalize the detach', { exact: true }).waitFor()
    },
  },
  {
    name: 'partitions-undo',
    path: '/partitions?table=demo.readings',
    act: async (page) => {
      await page.getByRole('button', { name: 'Finalize…' }).click()
      await page.getByRole('button', { name: 'Finalize', exact: true }).click()
      await page.getByRole('button', { name: 'Undo…' }).waitFor()
    },
  },
  {
    name: 'partitions-retain',
    path: '/partitions?table=demo.readings',
    act: async (page) => {
      await page.getByRole('button', { name: 'Detach…' }).click()
      await page.getByLabel('Move to schema (optional)').fill('archive')
      await page.getByText('SQL that will run').waitFor()
    },
  },
  {
    name: 'partitions-create',
    path: '/partitions?table=demo.tenants',
    act: async (page) => {
      await page.getByTitle('Make a partition of tenants…').click()
      await page.getByLabel('Name').fill('tenants_umbrella')
      await page.getByLabel('Values, one a line').fill('umbrella\nstark')
      await page.getByLabel('Partitioned again by').selectOption('hash')
      await page.getByRole('combobox', { name: 'Column', exact: true }).selectOption('at')
      await page.getByText('SQL that will run').waitFor()
    },
  },
  {
    name: 'partitions-levels',
    path: '/partitions?table=demo.tenants&partition=demo.tenants_acme_2025',
    act: async (page) => {
      await page.getByRole('button', { name: /^tenants_acme_2024,/ }).hover()
      await page.getByRole('tooltip').getByText('Newest row').waitFor()
    },
  },
  {
    name: 'partitions-many',
    path: '/partitions?table=demo.days&check=select * from demo.days where d > current_date - 20',
  },
  {
    name: 'partitions-split',
    path: '/partitions?table=demo.events&partition=demo.events_default',
    act: async (page) => {
      await page.getByRole('button', { name: 'Count by period' }).click()
      await page
        .getByRole('button', { name: /^Split out/ })
        .first()
        .click()
      await page.getByText('SQL that will run').waitFor()
    },
  },
  {
    name: 'partitions-detach',
    path: '/partitions?table=demo.events&partition=demo.events_default',
    act: async (page) => {
      await page.getByRole('button', { name: /^Detach concurrently/ }).click()
      await page.locator('.blast').first().waitFor()
    },
  },
  {
    name: 'partitions-drop',
    path: '/partitions?table=demo.countries&partition=demo.countries_dach',
    act: async (page) => {
      await page.getByRole('button', { name: /^Drop/ }).click()
      await page.getByText('SQL that will run').waitFor()
    },
  },
  {
    name: 'partitions-ensure',
    path: '/partitions?table=explore.',
    act: async (page) => {
      await page.getByTitle(/^Make the next partitions/).click()
      await page.getByText('SQL that will run').waitFor()
    },
  },
  { name: 'partitions-table', path: '/partitions?as=table&table=demo.' },
]
