import { IconBinaryTree } from '@tabler/icons-react'
import { useQuery } from '@tanstack/react-query'
import { Link } from '@tanstack/react-router'
import { rpc } from '../rpc/client.ts'
import { DataTable } from '../ui/DataTable.tsx'
import { EmptyState } from '../ui/EmptyState.tsx'
import { QueryPanel } from '../ui/QueryPanel.tsx'
import { ObjectIcon } from './ObjectIcon.tsx'

/** What a table or view uses and what would break without it, foreign keys apart: those have a tab of their own. */
export function DependenciesTab({ schema, name }: { schema: string; name: string }) {
  const dependencies = useQuery(rpc.schema.dependencies.queryOptions({ input: { schema, name } }))
  return (
    <QueryPanel query={dependencies} rows={6}>
      {({ uses, usedBy }) => {
        const rows = [
          ...usedBy.map((one) => ({ ...one, direction: 'used by' })),
          ...uses.map((one) => ({ ...one, direction: 'uses' })),
        ]
        if (rows.length === 0)
          return (
            <EmptyState icon={<IconBinaryTree className="icon icon--18" />} title="Nothing depends on it">
              Views and functions that read it would be here, and the types, sequences and functions that it
              uses.
            </EmptyState>
          )
        return (
          <DataTable
            label="Dependencies"
            rows={rows}
            keyOf={(one) => JSON.stringify([one.direction, one.kind, one.schema, one.name, one.signature])}
            columns={[
              {
                name: 'direction',
                label: '',
                width: 80,
                sortBy: ({ direction }) => direction,
                render: ({ direction }) => <span className="t2">{direction}</span>,
              },
              {
                name: 'name',
                label: 'Object',
                width: 380,
                sortBy: (one) => `${one.schema}.${one.name}`,
                render: ({ kind, schema: space, name: other, signature }) => (
                  <Link
                    to="/schema"
                    className="cell"
                    search={
                      /table|view/.test(kind)
                        ? { schema: space, table: other, tab: 'dependencies' }
                        : { kind, schema: space, name: other, signature: signature || undefined }
                    }
                  >
                    <ObjectIcon kind={kind} />
                    <span className="mono clip">
                      {space}.{other}
                      {signature && <span className="t3">({signature})</span>}
                    </span>
                  </Link>
                ),
              },
              {
                name: 'kind',
                label: 'Kind',
                width: 150,
                sortBy: ({ kind }) => kind,
                render: ({ kind }) => kind,
              },
              {
                name: 'columns',
                label: 'Columns',
                render: ({ columns }) => (
                  <span className="mono t2" title={columns.join('\n')}>
                    {columns.join(', ')}
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
