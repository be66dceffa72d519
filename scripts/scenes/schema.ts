import type { Scene } from './scene.ts'

// Names that need quoting, break lines, run from right to left, or fill all 63 bytes.
const oddTables = `create schema odd;
create schema nothing;
create table odd."a ""quoted"" $$ name" (id int primary key, "line
break" text not null, "<b>no html</b>" text);
create table odd."שלום עולם" ("מפתח" int primary key references odd."a ""quoted"" $$ name", "\u202Eevil\u202C" int);
create table odd.${'x'.repeat(63)} (${'y'.repeat(63)} int references odd."a ""quoted"" $$ name", self int unique references odd."שלום עולם");
create table odd.tree (id int primary key, parent int references odd.tree, "';drop table odd.tree;--" int not null references odd."שלום עולם");
`

export const schemaScenes: Scene[] = [
  { name: 'schema', path: '/schema?schema=navigate&table=dim_customer' },
  { name: 'schema-tables', path: '/schema?kind=schema&name=pipeline' },
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
  { name: 'schema-grants', path: '/schema?schema=navigate&table=dim_customer&tab=grants' },
  {
    name: 'schema-grant',
    path: '/schema?schema=navigate&table=dim_customer&tab=grants',
    act: async (page) => {
      await page.getByRole('button', { name: 'Grant or revoke' }).click()
      await page.getByRole('combobox', { name: /^Role/ }).selectOption('atlas_read')
      await page.getByRole('checkbox', { name: 'update' }).check()
      await page.getByRole('region', { name: 'SQL that will run' }).waitFor()
    },
  },
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
]
