import type { Partition } from '../../src-main/partitions/table.contract.ts'
import { bytesColumn, countColumn, timeColumn } from '../ui/columns.tsx'
import { DataTable } from '../ui/DataTable.tsx'
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
        countColumn('rows', 'Rows (estimate)', ({ estimatedRows }: Partition) => estimatedRows, 120),
        countColumn('dead', 'Dead', ({ deadRows }: Partition) => deadRows, 80),
        bytesColumn('size', 'Size', ({ sizeBytes }: Partition) => sizeBytes),
        timeColumn('vacuumed', 'Vacuumed', ({ vacuumedAt }: Partition) => vacuumedAt),
        timeColumn('analyzed', 'Analysed', ({ analyzedAt }: Partition) => analyzedAt),
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
