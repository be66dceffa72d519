import { useQuery } from '@tanstack/react-query'
import type { StatementRun } from '../../src-main/console/statementContract.ts'
import { rpc } from '../rpc/client.ts'
import { formatCount } from '../ui/format.ts'
import { QueryPanel } from '../ui/QueryPanel.tsx'

interface Props {
  resultId: string
  columns: StatementRun['columns']
  rowCount: number
  /** Its number in the result as it came. */
  row: number
  onRow: (row: number) => void
  onOpen: (column: number) => void
}

const shownCharacters = 2000

/** One row, a column a line. */
export function RecordView({ resultId, columns, rowCount, row, onRow, onOpen }: Props) {
  const page = useQuery({
    ...rpc.console.listRows.queryOptions({
      input: { resultId, from: row, count: 1, maxCharacters: shownCharacters },
    }),
    gcTime: 0,
  })
  return (
    <div className="con__record">
      <p className="row small t2">
        <button type="button" className="btn btn--sm" disabled={row === 0} onClick={() => onRow(row - 1)}>
          Previous
        </button>
        <span className="num">
          row {formatCount(row + 1)} of {formatCount(rowCount)}
        </span>
        <button
          type="button"
          className="btn btn--sm"
          disabled={row + 1 >= rowCount}
          onClick={() => onRow(row + 1)}
        >
          Next
        </button>
      </p>
      <QueryPanel query={page}>
        {({ rows }) => (
          <table className="table" aria-label={`Row ${row + 1}`}>
            <tbody>
              {columns.map(({ name, type }, at) => (
                // biome-ignore lint/suspicious/noArrayIndexKey: two columns may have one name
                <tr key={at}>
                  <th scope="row">
                    {name} <span className="t3 mono small">{type}</span>
                  </th>
                  <td className="mono" onDoubleClick={() => onOpen(at)}>
                    {rows[0]?.[at] ?? <span className="null">NULL</span>}
                  </td>
                </tr>
              ))}
            </tbody>
          </table>
        )}
      </QueryPanel>
    </div>
  )
}
