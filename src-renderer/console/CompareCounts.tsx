import type { Comparison } from '../../src-main/console/compareContract.ts'
import { formatCount } from '../ui/format.ts'

/** `2 added  1 removed  3 changed  994 the same`, in the colours of the grid. */
export function CompareCounts({ comparison }: { comparison: Comparison }) {
  const { added, removed, changed, same, repeatedKeys } = comparison
  return (
    <span className="con__counts num" role="status">
      <span className="is-added">{formatCount(added)} added</span>
      <span className="is-removed">{formatCount(removed)} removed</span>
      <span className="is-changed">{formatCount(changed)} changed</span>
      <span>{formatCount(same)} the same</span>
      {repeatedKeys > 0 && (
        <span className="t-warn" title="Rows that share a key are matched in the order in which they stand">
          the key is not unique: {formatCount(repeatedKeys)} rows repeat one
        </span>
      )}
    </span>
  )
}
