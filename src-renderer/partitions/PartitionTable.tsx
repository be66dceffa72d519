import type { Partition } from '../../src-main/partitions/table.contract.ts'
import { DataTable } from '../ui/DataTable.tsx'
import { formatBytes, formatCount } from '../ui/format.ts'
import { Layer } from '../ui/Layer.tsx'
import { State, type StateName } from '../ui/State.tsx'
import { boundText } from './HoverCard.tsx'
import { keyOf } from './layout.ts'

interface Props {
  rows: (Partition & { table: string })[]
  selected: string | undefined
  onSelect: (partition: string) => void
}

const marks: Record<Partition['state'], StateName> = {
  current: 'running',
  premade: 'queued',
  cold: 'succeeded',
  due: 'warning',
  default: 'skipped',
  detaching: 'warning',
  attached: 'succeeded',
}

/** The same partitions as rows: for the keyboard, for screen readers, for sorting. */
export function PartitionTable({ rows, selected, onSelect }: Props) {
  return (
    <DataTable
      label="Partitions"
      rows={rows}
      keyOf={keyOf}
      selected={selected}
      onSelect={(row) => onSelect(keyOf(row))}
      columns={[
        {
          name: 'name',
          label: 'Partition',
          sortBy: ({ name }) => name,
          render: ({ schema, name, level }) => (
            <span style={{ paddingLeft: (level - 1) * 16 }}>
              <Layer schema={schema} name={name} />
            </span>
          ),
        },
        {
          name: 'state',
          label: 'State',
          width: 110,
          sortBy: ({ state }) => state,
          render: ({ state }) => (
            <span className="cell">
              <State name={marks[state]} label={state} />
              {state}
            </span>
          ),
        },
        {
          name: 'bound',
          label: 'Bounds',
          sortBy: ({ from, bound }) => from ?? bound,
          render: ({ bound }) => <span className="mono">{boundText(bound)}</span>,
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
          name: 'dead',
          label: 'Dead',
          width: 80,
          align: 'right',
          sortBy: ({ deadRows }) => deadRows,
          render: ({ deadRows }) => formatCount(deadRows),
        },
        {
          name: 'size',
          label: 'Size',
          width: 90,
          align: 'right',
          sortBy: ({ sizeBytes }) => sizeBytes,
          render: ({ sizeBytes }) => formatBytes(sizeBytes),
        },
        {
          name: 'missing',
          label: 'Missing indexes',
          width: 116,
          align: 'right',
          sortBy: ({ missingIndexes }) => missingIndexes,
          render: ({ missingIndexes }) =>
            missingIndexes > 0 ? (
              <span className="t-warn">{missingIndexes}</span>
            ) : (
              <span className="t3">none</span>
            ),
        },
      ]}
    />
  )
}
