import type { Partition } from '../../src-main/partitions/table.contract.ts'
import { formatBytes, formatCompact } from '../ui/format.ts'
import { State } from '../ui/State.tsx'
import { axisHeight } from './layout.ts'

interface Props {
  partition: Partition
  isSelected: boolean
  isPruned: boolean
  onSelect: () => void
}

/** The default partition, beside the others: it has no bounds. Rows in it want a partition of their own. */
export function DefaultBox({ partition, isSelected, isPruned, onSelect }: Props) {
  const rows = partition.estimatedRows
  return (
    <button
      type="button"
      className={`def${rows >= 1 ? ' def--holds' : ''}${isSelected ? ' is-selected' : ''}${isPruned ? ' is-pruned' : ''}`}
      aria-label={`${partition.name}, default, about ${rows} rows`}
      onClick={onSelect}
    >
      <span className="def__box" style={{ height: axisHeight }}>
        <State name={rows >= 1 ? 'warning' : 'succeeded'} />
        {rows >= 1 ? (
          <>
            <b className="num">{formatCompact(rows)}</b>
            <span>rows</span>
            <span className="def__act">Move…</span>
          </>
        ) : (
          <span>empty</span>
        )}
      </span>
      <span className="bar__name">
        <span className="mono">default</span>
        <i className="num">{formatBytes(partition.sizeBytes)}</i>
      </span>
    </button>
  )
}
