import { useQuery } from '@tanstack/react-query'
import { Link } from '@tanstack/react-router'
import { rpc } from '../rpc/client.ts'
import { DataTable } from '../ui/DataTable.tsx'
import { formatBytes, formatCompact } from '../ui/format.ts'
import { QueryPanel } from '../ui/QueryPanel.tsx'

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
            {
              name: 'rows',
              label: 'Rows',
              width: 90,
              align: 'right',
              sortBy: ({ estimatedRows }) => estimatedRows,
              render: ({ estimatedRows }) => formatCompact(estimatedRows),
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
      )}
    </QueryPanel>
  )
}
