import { IconCalendarPlus, IconChartBar, IconTable } from '@tabler/icons-react'
import { useMutation, useQuery } from '@tanstack/react-query'
import { useNavigate, useSearch } from '@tanstack/react-router'
import { useState } from 'react'
import type { Partition, PartitionedTable } from '../../src-main/partitions/contract.ts'
import { rpc } from '../rpc/client.ts'
import { useCommands } from '../shell/commands.ts'
import { DataTable } from '../ui/DataTable.tsx'
import { EmptyState } from '../ui/EmptyState.tsx'
import { ErrorNotice } from '../ui/ErrorNotice.tsx'
import { FilterInput } from '../ui/FilterInput.tsx'
import { formatBytes, formatCount, plural } from '../ui/format.ts'
import { Layer } from '../ui/Layer.tsx'
import { QueryPanel } from '../ui/QueryPanel.tsx'
import { State } from '../ui/State.tsx'
import { useJobs } from '../ui/useJobs.ts'
import { ViewHeader } from '../ui/ViewHeader.tsx'
import { PartitionDrawer } from './PartitionDrawer.tsx'
import { type Height, Timeline } from './Timeline.tsx'
import './partitions.css'

/** Every partitioned table as a timeline: what covers which time, what is missing, what is ahead. */
export function PartitionsView() {
  const partitions = useQuery(rpc.partitions.list.queryOptions())
  const ensure = useMutation(rpc.partitions.ensure.mutationOptions())
  const { table: shownTable, partition: selected } = useSearch({ strict: false })
  const navigate = useNavigate()
  const [filter, setFilter] = useState(shownTable ?? '')
  const [height, setHeight] = useState<Height>('rows')
  const [isTable, setTable] = useState(false)
  const isMaking = useJobs().some(
    ({ title, status }) => title.startsWith('Make partitions') && status === 'running',
  )
  const tables = partitions.data?.tables ?? []
  const findings = tables.reduce((sum, table) => sum + table.findings.length, 0)
  const count = tables.reduce((sum, table) => sum + table.partitions.length, 0)
  const select = (partition: string | undefined) =>
    void navigate({ to: '/partitions', search: { table: shownTable, partition } })
  const make = () => ensure.mutate({})
  useCommands([{ label: 'Make missing partitions', run: make }], 'partitions')
  const found = tables
    .flatMap((table) => table.partitions.map((partition) => ({ table, partition })))
    .find(({ partition }) => `${partition.schema}.${partition.name}` === selected)

  return (
    <>
      <ViewHeader
        title="Partitions"
        state={
          partitions.data && (
            <>
              {findings > 0 && (
                <span className="t-warn">
                  <State name="warning" />
                  {plural(findings, 'finding')}
                </span>
              )}
              <span>
                <State name="succeeded" />
                {plural(count, 'partition')} of {plural(tables.length, 'table')}
              </span>
            </>
          )
        }
        actions={
          tables.length > 0 && (
            <button
              type="button"
              className="btn btn--primary"
              title="select public.atlas_ensure_all_partitions(…)"
              disabled={isMaking || ensure.isPending}
              onClick={make}
            >
              <IconCalendarPlus className="icon" />
              {isMaking ? 'Making…' : `Make ${partitions.data?.horizonMonths ?? 3} months ahead`}
            </button>
          )
        }
      />
      <QueryPanel query={partitions}>
        {() =>
          tables.length === 0 ? (
            <EmptyState
              icon={<IconCalendarPlus className="icon icon--18" />}
              title="No partitioned table yet"
            >
              Deploying the platform makes four: raw data by month, facts by year, the audit log by quarter,
              test runs by year.
            </EmptyState>
          ) : (
            <div
              className="view-body parts"
              style={found ? undefined : { gridTemplateColumns: 'minmax(0, 1fr)' }}
            >
              <div className="parts__main">
                <div className="toolbar">
                  <div className="parts__filter">
                    <FilterInput label="Filter by table" value={filter} onChange={setFilter} />
                  </div>
                  <div className="seg">
                    <button type="button" aria-pressed={!isTable} onClick={() => setTable(false)}>
                      <IconChartBar className="icon" />
                      Timeline
                    </button>
                    <button type="button" aria-pressed={isTable} onClick={() => setTable(true)}>
                      <IconTable className="icon" />
                      Table
                    </button>
                  </div>
                  <span className="toolbar__label">Height</span>
                  <div className="seg">
                    {(['rows', 'bytes'] as const).map((name) => (
                      <button
                        key={name}
                        type="button"
                        aria-pressed={height === name}
                        onClick={() => setHeight(name)}
                      >
                        {name === 'rows' ? 'Rows' : 'Bytes'}
                      </button>
                    ))}
                  </div>
                  <span className="toolbar__fill" />
                  <ul className="legend" aria-label="Legend">
                    <li>
                      <i className="legend__past" />
                      past
                    </li>
                    <li>
                      <i className="legend__current" />
                      current
                    </li>
                    <li>
                      <i className="legend__premade" />
                      made ahead
                    </li>
                    <li>
                      <i className="legend__gap" />
                      missing
                    </li>
                  </ul>
                </div>
                {ensure.error && <ErrorNotice error={ensure.error} />}
                <Shown tables={tables.filter(({ schema, name }) => `${schema}.${name}`.includes(filter))} />
              </div>
              {found && <PartitionDrawer {...found} onClose={() => select(undefined)} />}
            </div>
          )
        }
      </QueryPanel>
    </>
  )

  function Shown({ tables: shown }: { tables: PartitionedTable[] }) {
    if (isTable) {
      const rows = shown.flatMap((table) =>
        table.partitions.map((partition) => ({ ...partition, parent: table.name })),
      )
      return <PartitionTable rows={rows} selected={selected} onSelect={select} />
    }
    return (
      <div className="scroll column" style={{ flex: 1 }}>
        {shown.map((table) => (
          <Timeline
            key={`${table.schema}.${table.name}`}
            table={table}
            height={height}
            selected={selected}
            onSelect={select}
          />
        ))}
      </div>
    )
  }
}

interface TableProps {
  rows: (Partition & { parent: string })[]
  selected: string | undefined
  onSelect: (partition: string) => void
}

function PartitionTable({ rows, selected, onSelect }: TableProps) {
  return (
    <DataTable
      label="Partitions"
      rows={rows}
      keyOf={({ schema, name }) => `${schema}.${name}`}
      selected={selected}
      onSelect={({ schema, name }) => onSelect(`${schema}.${name}`)}
      columns={[
        {
          name: 'name',
          label: 'Partition',
          sortBy: ({ name }) => name,
          render: ({ schema, name }) => <Layer schema={schema} name={name} />,
        },
        {
          name: 'bound',
          label: 'Bounds',
          sortBy: ({ bound }) => bound,
          render: ({ bound }) => (
            <span className="mono">{bound.replace('FOR VALUES ', '').toLowerCase()}</span>
          ),
        },
        {
          name: 'rows',
          label: 'Rows (estimate)',
          width: 120,
          align: 'right',
          sortBy: ({ estimatedRows }) => estimatedRows,
          render: ({ estimatedRows }) => formatCount(estimatedRows),
        },
        {
          name: 'size',
          label: 'Size',
          width: 90,
          align: 'right',
          sortBy: ({ sizeBytes }) => sizeBytes,
          render: ({ sizeBytes }) => formatBytes(sizeBytes),
        },
      ]}
    />
  )
}
