import { useQuery } from '@tanstack/react-query'
import { Link } from '@tanstack/react-router'
import type { TableSummary } from '../../src-main/schema/objects/contract.ts'
import { rpc } from '../rpc/client.ts'
import { bytesColumn, countColumn } from '../ui/columns.tsx'
import { DataTable } from '../ui/DataTable.tsx'
import { QueryPanel } from '../ui/QueryPanel.tsx'

type Sized = Pick<TableSummary, 'estimatedRows' | 'sizeBytes'>

/** The partitions of a table, one level down, with their bounds. */
export function PartitionsTab({ schema, name }: { schema: string; name: string }) {
  const partitions = useQuery(rpc.schema.listPartitions.queryOptions({ input: { schema, name } }))
  return (
    <QueryPanel query={partitions}>
      {(rows) => (
        <DataTable
          label="Partitions"
          rows={rows}
          keyOf={(row) => `${row.schema}.${row.name}`}
          columns={[
            {
              name: 'name',
              label: 'Partition',
              width: 260,
              sortBy: (row) => row.name,
              render: (row) => (
                <Link to="/schema" search={{ schema: row.schema, table: row.name }} className="mono">
                  {row.name}
                </Link>
              ),
            },
            {
              name: 'bound',
              label: 'Bound',
              render: ({ bound }) => (
                <span className="mono t2" title={bound}>
                  {bound}
                </span>
              ),
            },
            countColumn('rows', 'Rows', ({ estimatedRows }: Sized) => estimatedRows),
            bytesColumn('size', 'Size', ({ sizeBytes }: Sized) => sizeBytes),
          ]}
        />
      )}
    </QueryPanel>
  )
}
