import type { PartitionedTable } from './table.contract.ts'

interface Range {
  from: number | null
  to: number | null
}

const hour = 3_600_000
const day = 24 * hour

/** The period that the last partition of a row spans; a summer-time change makes a day an hour longer or shorter. */
export function stepOf(ranges: Range[]): PartitionedTable['step'] {
  const last = ranges.findLast(({ from, to }) => from !== null && to !== null)
  if (last?.from == null || last.to == null) return 'other'
  const length = last.to - last.from
  const isAbout = (wanted: number) => Math.abs(length - wanted) <= hour
  if (length === hour) return 'hour'
  if (isAbout(day)) return 'day'
  if (isAbout(7 * day)) return 'week'
  if (length >= 28 * day - hour && length <= 31 * day + hour) return 'month'
  if (length >= 90 * day - hour && length <= 92 * day + hour) return 'quarter'
  return length >= 365 * day - hour && length <= 366 * day + hour ? 'year' : 'other'
}

/**
 * What ranges leave uncovered between the first and the last, and until when they cover without a gap from `now` on
 * (Infinity where the last has no end). A missing end is without end. Two never cover the same: PostgreSQL refuses a bound
 * that overlaps another, even that of a partition whose detach is pending.
 */
export function coverageOf(all: Range[], now: number) {
  const ranges = all
    .map(({ from, to }) => ({ from: from ?? Number.NEGATIVE_INFINITY, to: to ?? Number.POSITIVE_INFINITY }))
    .sort((a, b) => a.from - b.from || a.to - b.to)
  const gaps: { from: number; to: number }[] = []
  let end: number | undefined
  let coveredUntil: number | null = null
  for (const { from, to } of ranges) {
    if (end !== undefined && from > end) gaps.push({ from: end, to: from })
    if (from <= now && now < to) coveredUntil = Math.max(coveredUntil ?? to, to)
    else if (coveredUntil !== null && from <= coveredUntil && to > coveredUntil) coveredUntil = to
    if (end === undefined || to > end) end = to
  }
  return { gaps, coveredUntil }
}
