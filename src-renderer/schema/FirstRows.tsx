import { IconTable } from '@tabler/icons-react'
import { useQuery } from '@tanstack/react-query'
import { rpc } from '../rpc/client.ts'
import { EmptyState } from '../ui/EmptyState.tsx'
import { formatDuration, plural } from '../ui/format.ts'
import { QueryPanel } from '../ui/QueryPanel.tsx'

/** Some rows as they lie in the table, every value as exact text. */
export function FirstRows({ schema, name }: { schema: string; name: string }) {
  const rows = useQuery({ ...rpc.schema.listRows.queryOptions({ input: { schema, name } }), staleTime: 0 })
  return (
    <QueryPanel query={rows} rows={12}>
      {(data) =>
        data.rows.length === 0 ? (
          <EmptyState icon={<IconTable className="icon icon--18" />} title="No row yet">
            <span className="mono">
              {schema}.{name}
            </span>{' '}
            is empty, or its rows are not for this user.
          </EmptyState>
        ) : (
          <div className="rows column" style={{ flex: 1, minHeight: 0 }}>
            {/* biome-ignore lint/a11y/noNoninteractiveTabindex: a wide table is scrolled with the keyboard */}
            <div className="table-wrap" tabIndex={0}>
              <table className="table" aria-label="First rows">
                <thead>
                  <tr>
                    {data.columns.map((column, index) => (
                      // biome-ignore lint/suspicious/noArrayIndexKey: two columns may have one name; the place is the key
                      <th key={index}>
                        {column.name}
                        <span className="rows__type">{column.type}</span>
                      </th>
                    ))}
                  </tr>
                </thead>
                <tbody>
                  {data.rows.map((row, at) => (
                    // biome-ignore lint/suspicious/noArrayIndexKey: rows have no key of their own here
                    <tr key={at}>
                      {row.map((value, index) => (
                        // biome-ignore lint/suspicious/noArrayIndexKey: the place is the key
                        <td key={index} title={value ?? undefined}>
                          {value === null ? <span className="null">null</span> : value}
                        </td>
                      ))}
                    </tr>
                  ))}
                </tbody>
              </table>
            </div>
            <p className="toolbar small t2 num" style={{ height: 28, borderTop: '1px solid var(--border)' }}>
              {plural(data.rows.length, 'row')} in {formatDuration(data.durationMs)}; values are cut at{' '}
              {data.cutAt} characters
            </p>
          </div>
        )
      }
    </QueryPanel>
  )
}
