import { download, downloadBlob, toCsv } from '../ui/download.ts'
import { amountOf, axisHeight, barsBetween, type Height, heightOf, labelOf, layOut } from './layout.ts'
import type { TableWithPartitions } from './TablePictures.tsx'

const width = 1200
const band = axisHeight + 96
const left = 24

/** Everything of the given tables as CSV: a row a partition. */
export function exportCsv(tables: TableWithPartitions[]): void {
  download(
    'atlas-partitions.csv',
    toCsv([
      [
        'table',
        'partition',
        'level',
        'state',
        'bound',
        'estimated_rows',
        'dead_rows',
        'size_bytes',
        'missing_indexes',
      ],
      ...tables.flatMap((table) =>
        table.partitions.map((one) => [
          `${table.schema}.${table.name}`,
          `${one.schema}.${one.name}`,
          String(one.level),
          one.state,
          one.bound,
          String(Math.round(one.estimatedRows)),
          String(one.deadRows),
          String(one.sizeBytes),
          String(one.missingIndexes),
        ]),
      ),
    ]),
  )
}

/** The pictures of the given tables as one PNG, in the colours of the screen; at most forty tables, each as wide as a page. */
export async function exportPng(tables: TableWithPartitions[], height: Height): Promise<void> {
  const shown = tables.slice(0, 40)
  const canvas = document.createElement('canvas')
  const ratio = 2
  canvas.width = width * ratio
  canvas.height = shown.length * band * ratio
  const context = canvas.getContext('2d')
  if (!context) return
  context.scale(ratio, ratio)
  const style = getComputedStyle(document.querySelector('.view-body') ?? document.body)
  const colour = (name: string) => style.getPropertyValue(name).trim()
  context.fillStyle = colour('--surface-panel')
  context.fillRect(0, 0, width, shown.length * band)
  shown.forEach((table, index) => {
    context.save()
    context.translate(left, index * band + 30)
    drawTable(context, table, height, colour)
    context.restore()
  })
  const blob = await new Promise<Blob | null>((resolve) => canvas.toBlob(resolve, 'image/png'))
  if (blob) downloadBlob('atlas-partitions.png', blob)
}

function drawTable(
  context: CanvasRenderingContext2D,
  table: TableWithPartitions,
  height: Height,
  colour: (name: string) => string,
): void {
  const room = width - 2 * left
  const own = table.partitions.filter(({ level, state }) => level === 1 && state !== 'default')
  const layout = layOut(table, own, room, 1)
  // A picture that is longer than a page is drawn to the page.
  const squeeze = Math.min(1, room / layout.width)
  const highest = own.reduce((most, one) => Math.max(most, amountOf(one, height)), 1)
  const floor = 24 + axisHeight
  const fill = colour(
    `--layer-${['explore', 'chart', 'navigate'].includes(table.schema) ? table.schema : 'other'}`,
  )
  context.font = '600 13px sans-serif'
  context.fillStyle = colour('--text-1')
  context.fillText(`${table.schema}.${table.name}`, 0, 0)
  context.font = '11px sans-serif'
  context.fillStyle = colour('--text-2')
  context.fillText(
    `by ${table.strategy} of ${table.key}, ${table.partitionCount} partitions, ${table.findings.map(({ text }) => text).join('; ') || 'nothing found'}`,
    0,
    16,
  )
  for (const gap of layout.gaps) {
    context.strokeStyle = colour('--warning')
    context.setLineDash([3, 3])
    context.strokeRect(gap.x * squeeze, floor - axisHeight + 20, gap.width * squeeze, axisHeight - 20)
    context.setLineDash([])
  }
  for (const { bar, index } of barsBetween(layout.bars, 0, layout.width)) {
    const { partition } = bar
    const [x, wide] = [bar.x * squeeze, Math.max(1, bar.width * squeeze - 2)]
    const high = heightOf(amountOf(partition, height), highest)
    context.fillStyle = fill
    context.globalAlpha = { current: 1, detaching: 0.25 }[partition.state as string] ?? 0.55
    context.fillRect(x, floor - high, wide, high)
    context.globalAlpha = 1
    if (partition.state === 'due' || partition.state === 'detaching') {
      context.fillStyle = colour('--warning')
      context.fillRect(x, floor - high, wide, 3)
    }
    if (partition.state === 'premade') {
      context.strokeStyle = fill
      context.strokeRect(x + 0.5, floor - 22, wide, 22)
    }
    if (index % Math.ceil(layout.labelEvery / squeeze) === 0) {
      context.fillStyle = colour('--text-2')
      context.fillText(labelOf(partition, table.name), x, floor + 14, Math.max(wide, 76))
    }
  }
  context.fillStyle = colour('--border-strong')
  context.fillRect(0, floor, Math.min(room, layout.width), 1)
  const kept = table.retention ? layout.at(table.retention.keptFrom.getTime()) : null
  if (table.scale === 'time' && kept !== null) {
    context.fillStyle = colour('--failed')
    context.fillRect(kept * squeeze, floor - axisHeight, 1.5, axisHeight)
    context.fillText(`${table.retention?.keep} kept`, kept * squeeze + 4, floor - axisHeight + 8)
  }
  const today = layout.at(Date.now())
  if (table.scale === 'time' && today !== null) {
    context.fillStyle = colour('--accent')
    context.fillRect(today * squeeze, floor - axisHeight, 1.5, axisHeight)
    context.fillText('today', today * squeeze + 4, floor - axisHeight + 8)
  }
}
