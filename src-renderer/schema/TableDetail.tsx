import { useQuery } from '@tanstack/react-query'
import type { Table } from '../../src-main/schema/table/contract.ts'
import { rpc } from '../rpc/client.ts'
import { formatBytes, plural } from '../ui/format.ts'
import { Layer } from '../ui/Layer.tsx'
import { QueryPanel } from '../ui/QueryPanel.tsx'
import { Tabs } from '../ui/Tabs.tsx'
import { ColumnsTab } from './ColumnsTab.tsx'
import { Definition } from './Definition.tsx'
import { DependenciesTab } from './DependenciesTab.tsx'
import { GrantsTab } from './GrantsTab.tsx'
import { IndexesTab } from './IndexesTab.tsx'
import { MaintainMenu } from './MaintainMenu.tsx'
import { PartitionsTab } from './PartitionsTab.tsx'
import { usePlace } from './place.ts'
import { RelationsTab } from './RelationsTab.tsx'
import { RowsTab } from './RowsTab.tsx'
import { ConstraintsTab, RulesTab } from './RulesTabs.tsx'
import { TableActivityTab } from './TableActivityTab.tsx'

const tabNames = [
  'columns',
  'data',
  'indexes',
  'constraints',
  'relations',
  'dependencies',
  'partitions',
  'rules',
  'grants',
  'activity',
  'sql',
] as const
type TabName = (typeof tabNames)[number]

interface Props {
  schema: string
  name: string
  tab: string | undefined
}

/** One table or view: structure, rows, what it holds and what it is tied to, what happened to it, how it was made. */
export function TableDetail({ schema, name, tab }: Props) {
  const table = useQuery(rpc.schema.describe.queryOptions({ input: { schema, name } }))
  const { open } = usePlace()
  const active: TabName = tabNames.find((known) => known === tab) ?? 'columns'
  return (
    <section className="column" aria-label={name}>
      <QueryPanel query={table} rows={12}>
        {(data) => (
          <>
            <header className="column detail__head">
              <div className="row">
                <h2 className="drawer__title grow">
                  <Layer schema={schema} name={name} />
                </h2>
                {(data.kind.includes('table') || data.kind === 'materialized view') && (
                  <MaintainMenu
                    schema={schema}
                    name={name}
                    sizeBytes={data.sizeBytes}
                    indexes={data.indexes.filter(canCluster).map((index) => index.name)}
                  />
                )}
              </div>
              <p className="drawer__sub num">
                {data.kind}
                {!data.kind.includes('view') && (
                  <>
                    <i className="sep" />
                    about {plural(Math.round(data.estimatedRows), 'row')}
                    <i className="sep" />
                    {formatBytes(data.sizeBytes)}
                  </>
                )}
              </p>
              {data.comment && <p className="small t2">{data.comment}</p>}
            </header>
            <Tabs
              label="Parts of the table"
              active={active}
              onChange={(next) => open({ schema, table: name, tab: next })}
              tabs={tabsOf(data)}
            />
            <TabBody table={data} tab={active} />
          </>
        )}
      </QueryPanel>
    </section>
  )
}

/** By rows in their order, and of all of them. */
const canCluster = ({ definition, isValid }: Table['indexes'][number]) =>
  isValid && / using (btree|gist) /i.test(definition) && !/ where /i.test(definition)

function tabsOf(table: Table): { name: TabName; label: string; count?: number }[] {
  const isView = table.kind.includes('view')
  return [
    { name: 'columns', label: 'Columns', count: table.columnList.length },
    { name: 'data', label: 'Rows' },
    { name: 'indexes', label: 'Indexes', count: table.indexes.length },
    { name: 'constraints', label: 'Constraints', count: table.constraints.length },
    {
      name: 'relations',
      label: 'Relations',
      count:
        table.referencedBy.length + table.constraints.filter(({ kind }) => kind === 'foreign key').length,
    },
    { name: 'dependencies', label: 'Dependencies' },
    ...(table.partitions > 0
      ? [{ name: 'partitions' as const, label: 'Partitions', count: table.partitions }]
      : []),
    { name: 'rules', label: 'Triggers and policies', count: table.triggers.length + table.policies.length },
    { name: 'grants', label: 'Grants' },
    ...(isView ? [] : [{ name: 'activity' as const, label: 'Activity' }]),
    { name: 'sql', label: 'DDL' },
  ]
}

function TabBody({ table, tab }: { table: Table; tab: TabName }) {
  if (tab === 'data') return <RowsTab table={table} />
  if (tab === 'indexes') return <IndexesTab table={table} />
  if (tab === 'constraints') return <ConstraintsTab table={table} />
  if (tab === 'relations') return <RelationsTab table={table} />
  if (tab === 'dependencies') return <DependenciesTab schema={table.schema} name={table.name} />
  if (tab === 'partitions') return <PartitionsTab schema={table.schema} name={table.name} />
  if (tab === 'rules') return <RulesTab table={table} />
  if (tab === 'grants') return <GrantsTab schema={table.schema} name={table.name} />
  if (tab === 'activity') return <TableActivityTab schema={table.schema} name={table.name} />
  if (tab === 'sql') return <Definition {...table} signature="" />
  return <ColumnsTab table={table} />
}
