import { useQuery } from '@tanstack/react-query'
import type { Partition } from '../../src-main/partitions/table.contract.ts'
import { rpc } from '../rpc/client.ts'
import { Facts } from '../ui/Facts.tsx'
import { formatBytes, formatCount, plural } from '../ui/format.ts'
import { RelativeTime } from '../ui/RelativeTime.tsx'

const width = 300
const heightGuess = 210

/** What one partition holds, beside the pointer: the list at once, the rest as soon as the catalogue has answered. */
export function HoverCard({ partition, anchor }: { partition: Partition; anchor: DOMRect }) {
  const { schema, name } = partition
  const detail = useQuery(
    rpc.partitions.describe.queryOptions({ input: { schema, name }, staleTime: 60_000 }),
  ).data
  const left = Math.max(
    8,
    Math.min(window.innerWidth - width - 8, anchor.left + anchor.width / 2 - width / 2),
  )
  const isBelow = anchor.bottom + heightGuess + 60 < window.innerHeight
  return (
    <div
      className="hover-card"
      role="tooltip"
      style={{
        left,
        width,
        ...(isBelow ? { top: anchor.bottom + 44 } : { bottom: window.innerHeight - anchor.top + 8 }),
      }}
    >
      <p className="hover-card__title mono clip">{name}</p>
      <Facts
        facts={[
          [
            'Bounds',
            <span key="b" className="mono small">
              {boundText(partition.bound)}
            </span>,
          ],
          [
            'Rows',
            `about ${formatCount(partition.estimatedRows)}${partition.isNeverAnalyzed ? ', never analysed' : ''}`,
          ],
          ['Dead rows', partition.deadRows > 0 && formatCount(partition.deadRows)],
          [
            'Size',
            detail
              ? `${formatBytes(partition.sizeBytes)}: ${formatBytes(detail.heapBytes)} heap, ${formatBytes(detail.indexBytes)} in ${plural(detail.indexes, 'index').replace('indexs', 'indexes')}`
              : formatBytes(partition.sizeBytes),
          ],
          ['Newest row', detail?.newestKey ?? (detail && 'unknown before the next analyse')],
          [
            'Vacuumed',
            detail && (detail.lastVacuumed ? <RelativeTime key="v" time={detail.lastVacuumed} /> : 'never'),
          ],
          [
            'Indexes',
            partition.missingIndexes > 0 && (
              <span key="i" className="t-warn">
                {formatCount(partition.missingIndexes)} missing
              </span>
            ),
          ],
        ]}
      />
    </div>
  )
}

/** `from ('2026-01-01') to ('2026-02-01')` */
export const boundText = (bound: string) =>
  bound.replace(/^FOR VALUES /, '').replace(/^(FROM|IN|WITH)|\bTO\b(?= \()/g, (word) => word.toLowerCase())
