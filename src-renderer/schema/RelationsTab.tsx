import { useQuery } from '@tanstack/react-query'
import { Link } from '@tanstack/react-router'
import type { Table } from '../../src-main/schema/table/contract.ts'
import { rpc } from '../rpc/client.ts'
import { DataTable } from '../ui/DataTable.tsx'
import { Layer } from '../ui/Layer.tsx'
import { QueryPanel } from '../ui/QueryPanel.tsx'

/** Foreign keys both ways: where this table leads, and who leads here. */
export function RelationsTab({ table }: { table: Table }) {
  const { schema, name } = table
  const model = useQuery(rpc.schema.model.queryOptions({ input: { relations: [{ schema, name }] } }))
  return (
    <QueryPanel query={model}>
      {([own]) => {
        const relations = [
          ...(own?.foreignKeys ?? []).map((key) => ({
            direction: 'leads to',
            schema: key.target.schema,
            table: key.target.name,
            name: key.name,
            definition: `${key.columns.join(', ')} → ${key.targetColumns.join(', ')}`,
          })),
          ...table.referencedBy.map((key) => ({ ...key, direction: 'comes from' })),
        ]
        return (
          <DataTable
            label="Relations"
            rows={relations}
            keyOf={({ direction, schema: space, table: other, name: key }) =>
              `${direction} ${space}.${other}.${key}`
            }
            columns={[
              {
                name: 'direction',
                label: '',
                width: 90,
                render: ({ direction }) => <span className="t2">{direction}</span>,
              },
              {
                name: 'table',
                label: 'Table',
                width: 280,
                sortBy: ({ schema: space, table: other }) => `${space}.${other}`,
                render: ({ schema: space, table: other }) => (
                  <Link to="/schema" search={{ schema: space, table: other, tab: 'relations' }}>
                    <Layer schema={space} name={other} />
                  </Link>
                ),
              },
              {
                name: 'name',
                label: 'Foreign key',
                width: 260,
                render: ({ name: key }) => <span className="mono">{key}</span>,
              },
              {
                name: 'definition',
                label: 'Columns',
                render: ({ definition }) => (
                  <span className="mono t2" title={definition}>
                    {definition}
                  </span>
                ),
              },
            ]}
          />
        )
      }}
    </QueryPanel>
  )
}
