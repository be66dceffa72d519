import { useState } from 'react'
import type { Table } from '../../src-main/schema/table/contract.ts'
import { DataTable, type Column as TableColumn } from '../ui/DataTable.tsx'
import { formatCompact } from '../ui/format.ts'
import { ProfileDrawer } from './ProfileDrawer.tsx'

type Column = Table['columnList'][number]

/** The columns; one that is chosen is profiled beside them. */
export function ColumnsTab({ table }: { table: Table }) {
  const [chosen, setChosen] = useState<string>()
  return (
    <div
      className="panes grow"
      style={{ gridTemplateColumns: chosen ? 'minmax(0, 1fr) 320px' : 'minmax(0, 1fr)' }}
    >
      <DataTable
        label="Columns"
        rows={table.columnList}
        keyOf={({ name }) => name}
        selected={chosen}
        onSelect={({ name }) => setChosen(name === chosen ? undefined : name)}
        // Beside a profile there is room for less.
        columns={columnsOf(table).filter(
          ({ name }) => !chosen || !['default', 'nulls', 'distinct'].includes(name),
        )}
      />
      {chosen && (
        <ProfileDrawer
          key={chosen}
          schema={table.schema}
          name={table.name}
          column={chosen}
          type={table.columnList.find(({ name }) => name === chosen)?.type ?? ''}
          onClose={() => setChosen(undefined)}
        />
      )}
    </div>
  )
}

function columnsOf(table: Table): TableColumn<Column>[] {
  return [
    {
      name: 'name',
      label: 'Column',
      width: 190,
      sortBy: ({ name }) => name,
      render: ({ name, isPrimaryKey }) => (
        <span className="mono" style={isPrimaryKey ? { fontWeight: 600 } : undefined}>
          {name}
          {isPrimaryKey && <span className="t3"> key</span>}
        </span>
      ),
    },
    {
      name: 'type',
      label: 'Type',
      width: 170,
      sortBy: ({ type }) => type,
      render: ({ type }) => <span className="mono t2">{type}</span>,
    },
    {
      name: 'null',
      label: 'Null',
      width: 64,
      render: ({ isNullable }) => (isNullable ? 'null' : <span className="t3">not null</span>),
    },
    { name: 'default', label: 'Default', width: 190, render: (column) => <Default column={column} /> },
    {
      name: 'nulls',
      label: 'Nulls',
      width: 60,
      align: 'right',
      sortBy: ({ statistics }) => statistics?.nullFraction ?? -1,
      render: ({ statistics }) => statistics && `${Math.round(statistics.nullFraction * 100)} %`,
    },
    {
      name: 'distinct',
      label: 'Distinct',
      width: 72,
      align: 'right',
      sortBy: (column) => distinctOf(column, table.estimatedRows) ?? -1,
      render: (column) => {
        const distinct = distinctOf(column, table.estimatedRows)
        return distinct !== undefined && formatCompact(distinct)
      },
    },
    {
      name: 'comment',
      label: 'Comment',
      render: ({ comment }) => (
        <span className="t2" title={comment ?? undefined}>
          {comment}
        </span>
      ),
    },
  ]
}

function Default({ column }: { column: Column }) {
  const text = column.identity
    ? `identity ${column.identity}`
    : column.isGenerated
      ? `generated: ${column.default}`
      : column.default
  return (
    <span className="mono t2" title={text ?? undefined}>
      {text}
    </span>
  )
}

/** A negative estimate is a share of the rows (manual, pg_stats). */
function distinctOf({ statistics }: Column, rows: number): number | undefined {
  if (!statistics) return undefined
  return Math.round(statistics.distinct < 0 ? -statistics.distinct * rows : statistics.distinct)
}
