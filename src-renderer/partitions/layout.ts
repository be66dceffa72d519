import type { Partition, PartitionedTable } from '../../src-main/partitions/table.contract.ts'

/** What the height of a bar says. */
export type Height = 'rows' | 'bytes'

/** How high the pictures are, in pixels. */
export const axisHeight = 84

/** A partition as it is drawn: its left edge and its width in pixels from the left of the whole picture. */
export interface Bar {
  partition: Partition
  x: number
  width: number
}

export interface Hatch {
  from: number
  to: number
  x: number
  width: number
}

export interface Layout {
  bars: Bar[]
  gaps: Hatch[]
  width: number
  /** Where a time or a number lies; null outside of the picture, and where partitions have no order of that kind. */
  at: (value: number) => number | null
  /** A label fits below every so many bars. */
  labelEvery: number
}

const narrowest = 7
const labelWidth = 76

/**
 * Puts the partitions of one level on a line: by their bounds where those are times or numbers, else one beside the other.
 * They fill `room` pixels, or more where they would become too narrow to be seen.
 */
export function layOut(
  table: Pick<PartitionedTable, 'scale' | 'gaps'>,
  partitions: Partition[],
  room: number,
  zoom: number,
): Layout {
  const isScaled = table.scale !== 'none' && partitions.some(hasEnd)
  return isScaled ? onScale(table, partitions, room, zoom) : sideBySide(partitions, room, zoom)
}

const hasEnd = ({ from, to }: Partition) => from !== null || to !== null

function sideBySide(partitions: Partition[], room: number, zoom: number): Layout {
  const each = Math.max(narrowest * 2, Math.min(160, room / Math.max(1, partitions.length))) * zoom
  return {
    bars: partitions.map((partition, index) => ({ partition, x: index * each, width: each })),
    gaps: [],
    width: partitions.length * each,
    at: () => null,
    labelEvery: Math.max(1, Math.ceil(labelWidth / each)),
  }
}

function onScale(
  { gaps }: Pick<PartitionedTable, 'gaps'>,
  all: Partition[],
  room: number,
  zoom: number,
): Layout {
  const partitions = all.filter(hasEnd)
  const ends = partitions.flatMap(({ from, to }) => [from, to]).filter((end) => end !== null)
  const lengths = partitions
    .flatMap(({ from, to }) => (from === null || to === null ? [] : [to - from]))
    .sort((a, b) => a - b)
  const usual = lengths[lengths.length >> 1] ?? 1
  const first = ends.reduce((least, end) => Math.min(least, end), Number.POSITIVE_INFINITY)
  const last = ends.reduce((most, end) => Math.max(most, end), Number.NEGATIVE_INFINITY)
  // What has no end is drawn one usual length long.
  const start = partitions.some(({ from }) => from === null) ? first - usual : first
  const stop = partitions.some(({ to }) => to === null) ? last + usual : last
  const span = Math.max(1, stop - start)
  const scale = Math.max(room / span, narrowest / usual) * zoom
  const place = (value: number) => (value - start) * scale
  const hatch = ({ from, to }: { from: number; to: number }): Hatch => ({
    from,
    to,
    x: place(from),
    width: place(to) - place(from),
  })
  return {
    bars: partitions.map((partition) => {
      const x = place(partition.from ?? start)
      return { partition, x, width: place(partition.to ?? stop) - x }
    }),
    gaps: gaps.map(hatch),
    width: span * scale,
    at: (value) => (value < start || value > stop ? null : place(value)),
    labelEvery: Math.max(1, Math.ceil(labelWidth / (usual * scale))),
  }
}

/** The bars between two pixels; they stand in order, so that a search finds the first. */
export function barsBetween(bars: Bar[], left: number, right: number): { index: number; bar: Bar }[] {
  let [low, high] = [0, bars.length]
  while (low < high) {
    const middle = (low + high) >> 1
    const bar = bars[middle]
    if (bar && bar.x + bar.width < left) low = middle + 1
    else high = middle
  }
  const found: { index: number; bar: Bar }[] = []
  for (let index = low; index < bars.length; index++) {
    const bar = bars[index]
    if (!bar || bar.x > right) break
    found.push({ index, bar })
  }
  return found
}

/** `raw_data_2025_10` of raw_data_template is `2025_10`. */
export function shortName(name: string, parent: string): string {
  const stem = parent.replace(/_template$/, '')
  return name.startsWith(`${stem}_`) ? name.slice(stem.length + 1) : name
}

/** What a bar stands for: its period, its values, or its place among the hashes. */
export function labelOf({ bound, values, name }: Partition, parent: string): string {
  if (values.length > 0) return values.join(', ')
  const hash = /modulus (\d+), remainder (\d+)/.exec(bound)
  return hash ? `${hash[2]} of ${hash[1]}` : shortName(name, parent)
}

export const keyOf = ({ schema, name }: { schema: string; name: string }) => `${schema}.${name}`

export const amountOf = (partition: Partition, height: Height) =>
  height === 'rows' ? partition.estimatedRows : partition.sizeBytes

/** How high a bar stands, in pixels: what holds something is seen, however little it is. */
export function heightOf(amount: number, highest: number): number {
  return amount > 0 ? Math.max(3, (amount / highest) * (axisHeight - 16)) : 0
}

export function show(value: number, scale: PartitionedTable['scale']): string {
  return scale === 'time' ? new Date(value).toISOString().slice(0, 10) : String(value)
}
