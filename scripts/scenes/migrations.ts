import { mkdtempSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { Scene } from './scene.ts'

const ordersSql = `create table public.orders (
  order_id bigint generated always as identity primary key,
  customer_id bigint not null,
  note text
);
comment on table public.orders is 'What customers ordered';
create index orders_customer on public.orders (customer_id);
`
const stateSql = `alter table navigate.dim_customer add column segment text not null default 'new';
create index dim_customer_segment on navigate.dim_customer (segment);
alter table navigate.dim_customer
  add constraint dim_customer_segment_check check (segment <> '');
alter table public.orders alter column note set not null;
truncate navigate.dim_customer cascade;
`

export const migrationScenes: Scene[] = [
  { name: 'migrations', path: '/migrations?version=004' },
  {
    // The environment of the stack, which is not up, does not answer.
    name: 'migrations-places',
    path: '/migrations?version=004',
    act: async (page) => {
      await page.getByRole('button', { name: 'Look', exact: true }).click()
      await page.getByRole('table', { name: 'Migrations by environment' }).waitFor()
    },
  },
  {
    name: 'migrations-plan',
    path: '/migrations',
    act: async (page) => {
      const folder = mkdtempSync(join(tmpdir(), 'atlas-shop-'))
      writeFileSync(join(folder, '001_orders.sql'), ordersSql)
      writeFileSync(join(folder, '001_orders.down.sql'), 'drop table public.orders;\n')
      writeFileSync(join(folder, '002_state.sql'), stateSql)
      await page.goto(
        `${new URL(page.url()).origin}/migrations?project=shop&folder=${encodeURIComponent(folder)}`,
      )
      await page.getByRole('button', { name: 'Rehearse', exact: true }).click()
      await page
        .getByText(/Rehearsed in|rehearsal failed/)
        .first()
        .waitFor({ timeout: 60_000 })
    },
  },
  {
    name: 'migrations-rehearsal',
    path: '/migrations',
    act: async (page) => {
      await page.goBack()
      await page.getByRole('button', { name: /002_state/ }).click()
      await page.getByRole('tab', { name: 'Rehearsal' }).click()
      await page.getByRole('table', { name: 'Rehearsal' }).waitFor()
    },
  },
  {
    name: 'migrations-file',
    path: '/migrations',
    act: async (page) => {
      await page.goBack()
      await page.getByRole('tab', { name: 'File' }).click()
      await page.locator('.mig__findings').waitFor()
    },
  },
  {
    name: 'migrations-apply',
    path: '/migrations',
    act: async (page) => {
      const folder = mkdtempSync(join(tmpdir(), 'atlas-live-'))
      writeFileSync(
        join(folder, '001_backfill.sql'),
        'create table public.copied as select * from navigate.dim_customer;\nselect pg_sleep(120);\nalter table public.copied add column note text;\n',
      )
      writeFileSync(join(folder, '002_note.sql'), 'create index on public.copied (note);\n')
      await page.goto(
        `${new URL(page.url()).origin}/migrations?project=live&folder=${encodeURIComponent(folder)}`,
      )
      await page.getByRole('button', { name: 'Apply 2' }).click()
      await page.getByText('Statement 2 of 3').waitFor({ timeout: 60_000 })
      await page.waitForTimeout(3000)
    },
    after: (page) => page.getByRole('button', { name: 'Cancel and roll back' }).click(),
  },
  {
    name: 'migrations-history',
    path: '/migrations?version=002&tab=history&view=order',
    act: (page) => page.getByRole('table', { name: 'History' }).waitFor(),
  },
]
