// `npm run screens [-- NAME…]`: a picture of every view, light and dark, from the browser edition with the sample data.
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { chromium, type Page } from 'playwright-core'
import { partitionedTables } from '../test/partitions/fixture.ts'
import { makeHome, removeHome, startAtlas } from '../test/support/atlas.ts'
import { type Blocked, blockSessions } from '../test/support/blocked.ts'
import { runSql } from '../test/support/cli.ts'
import { openStackStage, type Scene, stackScenes } from './stackScenes.ts'

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

// Names that need quoting, break lines, run from right to left, or fill all 63 bytes.
const oddTables = `create schema odd;
create schema nothing;
create table odd."a ""quoted"" $$ name" (id int primary key, "line
break" text not null, "<b>no html</b>" text);
create table odd."שלום עולם" ("מפתח" int primary key references odd."a ""quoted"" $$ name", "\u202Eevil\u202C" int);
create table odd.${'x'.repeat(63)} (${'y'.repeat(63)} int references odd."a ""quoted"" $$ name", self int unique references odd."שלום עולם");
create table odd.tree (id int primary key, parent int references odd.tree, "';drop table odd.tree;--" int not null references odd."שלום עולם");
`

/** Writes a text into the console's editor, in the place of what stands there. */
async function writeSql(page: Page, text: string): Promise<void> {
  await page.locator('.monaco-editor').first().click()
  await page.keyboard.press('Control+a')
  await page.keyboard.press('Delete')
  await page.keyboard.insertText(text)
}

let blocked: Blocked | undefined

const scenes: Scene[] = [
  { name: 'overview', path: '/overview' },
  // Without an engine it says so; with one, in DOCKER_HOST or started for it, `stack-*` show the rest.
  { name: 'stack', path: '/stack', act: (page) => page.locator('.blank, .stack').first().waitFor() },
  ...stackScenes,
  { name: 'compose', path: '/compose', act: (page) => page.locator('.monaco-editor').first().waitFor() },
  { name: 'migrations', path: '/migrations?version=004' },
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
    name: 'migrations-history',
    path: '/migrations?version=002&tab=history&view=order',
    act: (page) => page.getByRole('table', { name: 'History' }).waitFor(),
  },
  { name: 'schema', path: '/schema?schema=navigate&table=dim_customer' },
  { name: 'schema-rows', path: '/schema?schema=explore&table=raw_data_template&tab=data' },
  {
    name: 'schema-edit',
    path: '/schema?schema=navigate&table=dimension_template&tab=data',
    act: async (page) => {
      await page.getByRole('gridcell').nth(3).dblclick()
      await page.getByRole('complementary').getByRole('textbox').nth(3).fill('changed by hand')
      await page.getByRole('button', { name: 'Stage' }).click()
    },
  },
  { name: 'schema-find', path: '/schema?schema=pipeline&table=run_logs&tab=sql&find=run status' },
  {
    name: 'schema-profile',
    path: '/schema?schema=navigate&table=dimension_template',
    act: (page) => page.getByRole('table', { name: 'Columns' }).getByText('natural_key').click(),
  },
  {
    name: 'diagram',
    path: '/schema?show=diagram&schema=pipeline',
    act: async (page) => {
      await page.locator('.erd__box').first().waitFor()
      await page.mouse.move(700, 500)
    },
  },
  {
    name: 'diagram-around',
    path: '/schema?show=diagram&schema=explore&table=raw_data_template&depth=2',
    act: async (page) => {
      await page.locator('.erd').getByRole('button', { name: 'Partitions' }).click()
    },
  },
  { name: 'diagram-hostile', path: '/schema?show=diagram&schema=odd', sql: oddTables },
  { name: 'diagram-empty', path: '/schema?show=diagram&schema=nothing' },
  { name: 'diagram-failing', path: '/schema?show=diagram&schema=gone' },
  {
    name: 'schema-dependencies',
    path: '/schema?schema=pipeline&table=pipeline_runs&tab=dependencies',
    act: (page) => page.getByRole('table', { name: 'Dependencies' }).waitFor(),
  },
  {
    name: 'compare-nothing',
    path: '/schema?show=compare',
    act: (page) => page.getByText('Nothing compared yet').waitFor(),
  },
  {
    name: 'compare',
    path: '/schema?show=compare',
    sql: `alter table pipeline.parameters add column unit text default 'none';
comment on column pipeline.parameters.unit is 'by hand';
create index parameters_unit on pipeline.parameters (unit);
alter table pipeline.parameters alter column description type varchar(200);`,
    act: async (page) => {
      const tools = page.getByRole('toolbar', { name: 'Comparison' })
      await tools.getByRole('button', { name: 'Compare' }).click()
      await page.getByRole('table', { name: 'Differences' }).waitFor({ timeout: 60_000 })
      await page.getByRole('table', { name: 'Differences' }).getByText('pipeline.parameters').click()
      await page.getByTestId('code-diff').waitFor()
    },
  },
  {
    name: 'compare-migration',
    path: '/schema?show=compare',
    act: async (page) => {
      await page.getByRole('button', { name: 'Write a migration' }).click()
      await page.getByRole('combobox', { name: 'What it changes' }).selectOption('here')
      await page.getByRole('region', { name: 'Migration' }).waitFor()
    },
  },
  { name: 'sessions', path: '/activity' },
  {
    name: 'sessions-locks',
    path: '/activity?own=hidden',
    act: async (page) => {
      blocked = await blockSessions({ home })
      const [holder] = blocked.processIds
      const locks = page.getByRole('region', { name: 'Who waits for whom' })
      await locks.getByRole('button', { name: String(holder) }).click()
    },
    after: async () => blocked?.end(),
  },
  { name: 'partitions', path: '/partitions' },
  { name: 'partitions-kinds', path: '/partitions?table=demo.', sql: partitionedTables },
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
  { name: 'pipelines', path: '/pipelines' },
  {
    name: 'pipelines-failed',
    path: '/pipelines?trigger=bird_strikes',
    act: async (page) => {
      await page.getByRole('textbox', { name: /file/ }).fill('/nowhere/at-all.csv')
      await page.getByRole('button', { name: 'Run bird_strikes' }).click()
      await page.locator('.fault').first().waitFor()
    },
  },
  {
    name: 'audit',
    path: '/audit',
    act: async (page) => {
      await page.getByRole('button', { name: 'Verify the chain' }).click()
      await page.getByRole('table', { name: 'Audit entries' }).getByText('changed').first().click()
    },
  },
  {
    name: 'audit-story',
    path: '/audit?table=explore.source_systems',
    act: async (page) => {
      await page
        .getByRole('table', { name: 'Audit entries' })
        .getByText('explore.source_systems')
        .first()
        .click()
      await page.locator('.tale__step').first().waitFor()
    },
  },
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
      await writeSql(
        page,
        "select day::date, kind, round(100 + 40 * sin(extract(doy from day) / 9 + length(kind)) + extract(day from day))::numeric as records\n  from generate_series(date '2026-01-01', date '2026-06-30', interval '1 day') day,\n       unnest(array['airport', 'flight', 'bird_strike']) kind;",
      )
      await page.keyboard.press('Control+Shift+Enter')
      await page.locator('.res__status').getByText('543 rows').waitFor()
      await page.getByRole('button', { name: 'Chart', exact: true }).click()
      await page.getByRole('img', { name: /^line of/ }).waitFor()
    },
  },
  {
    name: 'console-bars',
    path: '/console',
    act: async (page) => {
      await writeSql(
        page,
        'select record_kind, status, count(*) as records from chart.staging_template group by 1, 2 order by 3 desc;',
      )
      await page.keyboard.press('Control+Shift+Enter')
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
      await writeSql(page, 'select * from public.price order by id;')
      await page.keyboard.press('Control+Shift+Enter')
      await page.locator('.res__status').getByText('40 rows').waitFor()
      await page.getByRole('button', { name: 'Pin', exact: true }).click()
      await page.getByRole('button', { name: 'Unpin', exact: true }).waitFor()
      await writeSql(
        page,
        "update public.price set amount = amount + 1, product = null where id in (4, 9);\ndelete from public.price where id = 6;\ninsert into public.price values (41, 'product 41', 12.5, '2026-03-01');\nselect * from public.price order by id;",
      )
      await page.keyboard.press('Control+Shift+Enter')
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
      await writeSql(
        page,
        "select n as worker, case when random() < 0.3 then 'busy' else 'idle' end as state, (random() * 1000)::int as done from generate_series(1, 12) n;",
      )
      await page.keyboard.press('Control+Shift+Enter')
      await page.locator('.res__status').getByText('12 rows').waitFor()
      await page.getByRole('button', { name: 'Watch', exact: true }).click()
      await page.getByRole('menuitem', { name: 'Every second' }).click()
      await page.getByText(/^run 3/).waitFor()
    },
  },
  {
    name: 'console-edits',
    path: '/console',
    act: async (page) => {
      await writeSql(
        page,
        'select id, product, amount, valid_from from public.price where id < 9 order by id;',
      )
      await page.keyboard.press('Control+Shift+Enter')
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
      await writeSql(page, '\\dn+\n\\dt explore.*\n\\d explore.raw_data_template')
      await page.keyboard.press('Control+Shift+Enter')
      await page.locator('.con__footers').waitFor()
    },
  },
  {
    name: 'console-error',
    path: '/console',
    act: async (page) => {
      await writeSql(
        page,
        'begin;\nupdate explore.source_systems set is_active = true where source_id is not null;\nselect s.source_id,\n       s.email\n  from explore.source_systems s;',
      )
      await page.keyboard.press('Control+Shift+Enter')
      await page.locator('.fault').first().waitFor()
    },
  },
  {
    name: 'console-lost',
    path: '/console',
    act: async (page) => {
      await writeSql(
        page,
        'rollback;\nbegin;\nupdate explore.source_systems set is_active = true where source_id is not null;\nselect pg_terminate_backend(pg_backend_pid());',
      )
      await page.keyboard.press('Control+Shift+Enter')
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
  {
    name: 'verification',
    path: '/verification',
    act: (page) => page.getByRole('button', { name: 'Run verification' }).first().click(),
  },
  { name: 'settings', path: '/settings' },
  {
    name: 'palette',
    path: '/overview',
    act: async (page) => {
      await page.locator('.titlebar').waitFor()
      await page.keyboard.press('Control+k')
      await page.locator('.pal__text').fill('audit')
    },
  },
]

const folder = join(import.meta.dirname, '..', 'screens')
const wanted = process.argv.slice(2)
const chosen = scenes.filter(({ name }) => wanted.length === 0 || wanted.includes(name))
if (wanted.length === 0) rmSync(folder, { recursive: true, force: true })
mkdirSync(folder, { recursive: true })

const stage = chosen.some((scene) => stackScenes.includes(scene)) ? await openStackStage() : undefined
const home = makeHome()
const atlas = await startAtlas(home)
const browser = await chromium.launch({
  executablePath: process.env.ATLAS_CHROMIUM ?? '/usr/bin/chromium',
  args: process.getuid?.() === 0 ? ['--no-sandbox'] : [],
})
try {
  const page = await browser.newPage({ viewport: { width: 1440, height: 900 } })
  page.on('pageerror', (error) => console.error(`page: ${error.message}`))
  const shoot = async (name: string) => {
    for (const colorScheme of ['light', 'dark'] as const) {
      await page.emulateMedia({ colorScheme })
      await page.locator('.skeleton').first().waitFor({ state: 'detached' })
      await page.waitForTimeout(600)
      await page.screenshot({ path: join(folder, `${name}-${colorScheme}.png`) })
    }
  }
  await page.goto(atlas.url)
  await page.getByRole('button', { name: 'Deploy the platform' }).waitFor()
  if (wanted.length === 0) await shoot('overview-empty')
  await page.getByRole('button', { name: 'Deploy the platform' }).click()
  await page.getByRole('button', { name: 'Load sample data' }).click({ timeout: 60_000 })
  await page.locator('.flow-layer--navigate').waitFor({ timeout: 60_000 })
  // A scene may stand on what one before it put into the database.
  for (const text of new Set(scenes.flatMap(({ sql }) => sql ?? []))) await runSql(atlas, text)
  for (const scene of chosen) {
    if (!stage && stackScenes.includes(scene)) continue
    const { name, path, act, after } = scene
    await page.goto(new URL(atlas.url).origin + path)
    await act?.(page)
    await shoot(name)
    await after?.()
  }
  console.log(`The pictures are in ${folder}`)
} finally {
  await browser.close()
  await atlas.stop()
  await removeHome(home)
  await stage?.close()
}
