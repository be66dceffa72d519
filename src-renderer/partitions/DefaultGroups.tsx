import { useMutation } from '@tanstack/react-query'
import type { Action } from '../../src-main/partitions/action.contract.ts'
import type { Relation } from '../../src-main/partitions/table.contract.ts'
import { rpc } from '../rpc/client.ts'
import { ErrorNotice } from '../ui/ErrorNotice.tsx'
import { formatCount } from '../ui/format.ts'

interface Props {
  table: Relation
  onAct: (action: Action) => void
}

/** Rows of the default partition by the period that lacks a partition, counted on request, each to be split out. */
export function DefaultGroups({ table: { schema, name }, onAct }: Props) {
  const count = useMutation(rpc.partitions.countDefault.mutationOptions())
  const groups = count.variables?.name === name ? count.data : undefined
  return (
    <section className="drawer__section">
      <h3 className="drawer__label">What lies in it</h3>
      {!groups && (
        <p>
          <button
            type="button"
            className="btn btn--sm"
            disabled={count.isPending}
            onClick={() => count.mutate({ schema, name })}
          >
            {count.isPending ? 'Counting…' : 'Count by period'}
          </button>{' '}
          <span className="t3 small">reads every row of it</span>
        </p>
      )}
      {count.error && <ErrorNotice error={count.error} />}
      {groups?.length === 0 && <p className="t2">Nothing: it is empty.</p>}
      {groups && groups.length > 0 && (
        <table className="blast" aria-label="Rows in default">
          <tbody>
            {groups.map(({ label, rows, split }) => (
              <tr key={label}>
                <td className="mono small">{label}</td>
                <td className="num r">{formatCount(rows)}</td>
                <td style={{ width: 92 }}>
                  {split && (
                    <button
                      type="button"
                      className="btn btn--sm"
                      aria-label={`Split out ${label}`}
                      onClick={() =>
                        onAct({ kind: 'split', table: { schema, name }, ...split, batchRows: 20_000 })
                      }
                    >
                      Split out…
                    </button>
                  )}
                </td>
              </tr>
            ))}
          </tbody>
        </table>
      )}
    </section>
  )
}
