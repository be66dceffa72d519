import type { TableUpkeep } from '../../src-main/schema/table/contract.ts'
import { bytesColumn, countColumn, timeColumn } from '../ui/columns.tsx'
import { DataTable } from '../ui/DataTable.tsx'
import { EmptyState } from '../ui/EmptyState.tsx'
import { formatCount } from '../ui/format.ts'
import { ObjectIcon } from './ObjectIcon.tsx'

/** Tables with their sizes, dead rows and last upkeep: what needs a vacuum is found by its heads. */
export function UpkeepTable({ rows, onOpen }: { rows: TableUpkeep[]; onOpen: (table: string) => void }) {
  if (rows.length === 0) {
    return (
      <EmptyState icon={<ObjectIcon kind="table" />} title="No table">
        Views, functions and types of the schema stand below it on the left.
      </EmptyState>
    )
  }
  return (
    <DataTable
      label="Tables"
      rows={rows}
      keyOf={({ name }) => name}
      onSelect={({ name }) => onOpen(name)}
      columns={[
        {
          name: 'name',
          label: 'Table',
          sortBy: ({ name }) => name,
          render: ({ kind, name, comment }) => (
            <span className="cell" title={[`${kind} ${name}`, comment].filter(Boolean).join('\n')}>
              <ObjectIcon kind={kind} />
              <span className="mono clip">{name}</span>
            </span>
          ),
        },
        {
          name: 'partitions',
          label: 'Partitions',
          width: 84,
          align: 'right',
          sortBy: ({ partitions }) => partitions,
          render: ({ partitions }) => partitions > 0 && formatCount(partitions),
        },
        countColumn('rows', 'Rows (estimate)', ({ estimatedRows }: TableUpkeep) => estimatedRows, 120),
        countColumn('dead', 'Dead', ({ deadRows }: TableUpkeep) => deadRows),
        bytesColumn('table', 'Size', ({ tableBytes }: TableUpkeep) => tableBytes),
        bytesColumn('indexes', 'Indexes', ({ indexBytes }: TableUpkeep) => indexBytes),
        bytesColumn('total', 'Total', (row: TableUpkeep) => row.tableBytes + row.indexBytes),
        timeColumn('vacuumed', 'Vacuumed', ({ lastVacuum }: TableUpkeep) => lastVacuum?.getTime() ?? null),
        timeColumn('analyzed', 'Analysed', ({ lastAnalyze }: TableUpkeep) => lastAnalyze?.getTime() ?? null),
      ]}
    />
  )
}
