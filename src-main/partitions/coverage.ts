import type { Partition, PartitionedTable } from './contract.ts'

const rangeBound = /^FOR VALUES FROM \('([^']+)'\) TO \('([^']+)'\)$/

/** Bounds of a range over dates or times; null for every other bound, MINVALUE and MAXVALUE included. */
export function parseBound(bound: string): { from: Date; to: Date } | null {
  const match = rangeBound.exec(bound)
  if (!match?.[1] || !match[2]) return null
  const [from, to] = [toDate(match[1]), toDate(match[2])]
  return from && to ? { from, to } : null
}

/** `2026-01-01` is midnight UTC; `2026-01-01 01:00:00+01` is what it says. */
function toDate(text: string): Date | undefined {
  const match = /^(\d{4,}-\d\d-\d\d)(?:[ T](\d\d:\d\d:\d\d(?:\.\d+)?)([+-]\d\d(?::?\d\d)?)?)?$/.exec(text)
  if (!match) return undefined
  const zone = match[3] ? match[3].replace(/^([+-]\d\d)$/, '$1:00') : 'Z'
  const date = new Date(`${match[1]}T${match[2] ?? '00:00:00'}${zone}`)
  return Number.isNaN(date.getTime()) ? undefined : date
}

const day = 86_400_000

/** The period that most partitions span. */
export function stepOf(partitions: Pick<Partition, 'from' | 'to'>[]): PartitionedTable['step'] {
  const days = partitions.flatMap(({ from, to }) =>
    from && to ? [(to.getTime() - from.getTime()) / day] : [],
  )
  const last = days.at(-1)
  if (last === undefined) return 'other'
  if (last >= 28 && last <= 31) return 'month'
  if (last >= 90 && last <= 92) return 'quarter'
  return last >= 365 && last <= 366 ? 'year' : 'other'
}

/** What ranges leave uncovered between the first and the last, and until when they cover without a gap from `now` on. */
export function coverageOf(partitions: Pick<Partition, 'from' | 'to'>[], now: Date) {
  const ranges = partitions
    .flatMap(({ from, to }) => (from && to ? [{ from, to }] : []))
    .sort((a, b) => a.from.getTime() - b.from.getTime())
  const gaps: { from: Date; to: Date }[] = []
  let end: Date | undefined
  let coveredUntil: Date | null = null
  for (const range of ranges) {
    if (end && range.from > end) gaps.push({ from: end, to: range.from })
    if (range.from <= now && now < range.to) coveredUntil = range.to
    else if (coveredUntil && range.from.getTime() === coveredUntil.getTime()) coveredUntil = range.to
    if (!end || range.to > end) end = range.to
  }
  return { gaps, coveredUntil }
}
