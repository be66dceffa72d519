import type { DiagramLink, DiagramTable } from '../../../src-main/schema/diagram/contract.ts'

export type ColumnsShown = 'all' | 'keys' | 'none'

export interface Point {
  x: number
  y: number
}

/** One line of a box below its head. */
export interface BoxRow {
  /** The column's, or none for what is no column. */
  column: string | undefined
  text: string
  type: string
  mark: 'primary' | 'foreign' | 'none'
  isNullable: boolean
}

/** A table as it is drawn; where it stands is kept beside it. */
export interface Box {
  id: string
  table: DiagramTable
  rows: BoxRow[]
  width: number
  height: number
}

/** A foreign key between two boxes; the heights are those of its first columns, from the top of their boxes. */
export interface Wire {
  id: string
  link: DiagramLink
  from: string
  to: string
  fromY: number
  toY: number
}

export const headHeight = 30
export const rowHeight = 20
const padding = 10
const markWidth = 18
const gap = 16
const widest = 340
const narrowest = 132
const mostRows = 40
const mostPartitions = 8

export const textFont = "12px 'JetBrains Mono Variable', monospace"
export const headFont = "600 12px 'JetBrains Mono Variable', monospace"

let context: CanvasRenderingContext2D | null | undefined

/** The width of a text in pixels, as this window draws it. */
export function widthOf(text: string, font: string): number {
  context ??= document.createElement('canvas').getContext('2d')
  if (!context) return text.length * 7.2
  context.font = font
  return context.measureText(text).width
}

const named: Record<string, string> = { '\n': '\\n', '\r': '\\r', '\t': '\\t' }

/**
 * A name as a picture can show it: line breaks, signs that no XML file may hold, and those that turn the direction of what
 * follows are written as JavaScript would write them.
 */
export function shownName(name: string): string {
  return name.replace(/[\p{Control}\u061c\u200e\u200f\u202a-\u202e\u2066-\u2069\ufffe\uffff]/gu, (sign) => {
    return named[sign] ?? `\\u${sign.charCodeAt(0).toString(16).padStart(4, '0')}`
  })
}

/** A text that is no wider than a room; what is cut off is said by an ellipsis. */
export function clipped(text: string, room: number, font: string): string {
  if (widthOf(text, font) <= room) return text
  const signs = [...text]
  let low = 0
  let high = signs.length
  while (low < high) {
    const middle = (low + high + 1) >> 1
    if (widthOf(`${signs.slice(0, middle).join('')}…`, font) <= room) low = middle
    else high = middle - 1
  }
  return `${signs.slice(0, low).join('')}…`
}

export const keyOf = ({ schema, name }: { schema: string; name: string }) => JSON.stringify([schema, name])

/** Tables as boxes and foreign keys as wires. Names of other schemas are qualified. */
export function boxesOf(
  tables: readonly DiagramTable[],
  links: readonly DiagramLink[],
  home: string,
  columns: ColumnsShown,
  hasPartitions: boolean,
): { boxes: Box[]; wires: Wire[] } {
  const linked = new Map<string, Set<string>>()
  for (const { from, columns: own, to, targetColumns } of links) {
    for (const [end, names] of [
      [from, own],
      [to, targetColumns],
    ] as const)
      linked.set(keyOf(end), new Set([...(linked.get(keyOf(end)) ?? []), ...names]))
  }
  const boxes = tables.map((table): Box => {
    const rows = rowsOf(table, linked.get(keyOf(table)) ?? new Set(), columns, hasPartitions)
    const inner = Math.max(
      widthOf(headOf(table, home), headFont) + 34,
      ...rows.map(({ text, type }) => markWidth + widthOf(text, textFont) + gap + widthOf(type, textFont)),
    )
    return {
      id: keyOf(table),
      table,
      rows,
      width: Math.round(Math.min(widest, Math.max(narrowest, inner + 2 * padding))),
      height: headHeight + rows.length * rowHeight + (rows.length > 0 ? 6 : 0),
    }
  })
  const byId = new Map(boxes.map((box) => [box.id, box]))
  const wires = links.map((link, index): Wire => {
    const [from, to] = [keyOf(link.from), keyOf(link.to)]
    return {
      id: `wire ${index}`,
      link,
      from,
      to,
      fromY: heightAt(byId.get(from), link.columns[0]),
      toY: heightAt(byId.get(to), link.targetColumns[0]),
    }
  })
  return { boxes, wires }
}

export function headOf({ schema, name }: DiagramTable, home: string): string {
  return shownName(schema === home ? name : `${schema}.${name}`)
}

function rowsOf(
  table: DiagramTable,
  linked: Set<string>,
  shown: ColumnsShown,
  hasPartitions: boolean,
): BoxRow[] {
  const isKey = (column: DiagramTable['columns'][number]) =>
    column.isPrimaryKey || column.isForeignKey || linked.has(column.name)
  const wanted = shown === 'none' ? [] : shown === 'all' ? table.columns : table.columns.filter(isKey)
  // Of a very wide table the keys stay.
  const kept =
    wanted.length <= mostRows
      ? wanted
      : wanted.filter((column, index) => isKey(column) || index < mostRows - wanted.filter(isKey).length)
  const rows = kept.map((column): BoxRow => {
    return {
      column: column.name,
      text: shownName(column.name),
      type: shortType(column.type),
      mark: column.isPrimaryKey ? 'primary' : column.isForeignKey ? 'foreign' : 'none',
      isNullable: column.isNullable,
    }
  })
  const hidden = wanted.length - kept.length
  if (hidden > 0) rows.push(note(`and ${hidden} more columns`))
  if (hasPartitions && table.partitionCount > 0) {
    rows.push(note(`${table.partitionCount} ${table.partitionCount === 1 ? 'partition' : 'partitions'}`))
    const first = table.partitions.slice(0, mostPartitions)
    rows.push(...first.map(({ name }) => note(`  ${shownName(name)}`)))
    if (table.partitionCount > first.length) rows.push(note('  …'))
  }
  return rows
}

const note = (text: string): BoxRow => ({ column: undefined, text, type: '', mark: 'none', isNullable: true })

const shortTypes: [RegExp, string][] = [
  [/^timestamp(\(\d\))? with time zone/, 'timestamptz'],
  [/^timestamp(\(\d\))? without time zone/, 'timestamp'],
  [/^time(\(\d\))? with time zone/, 'timetz'],
  [/^time(\(\d\))? without time zone/, 'time'],
  [/^character varying/, 'varchar'],
  [/^double precision/, 'float8'],
]

/** The type by the shorter of its names. */
function shortType(type: string): string {
  const [pattern, short] = shortTypes.find(([each]) => each.test(type)) ?? []
  return shownName(pattern && short ? type.replace(pattern, short) : type)
}

function heightAt(box: Box | undefined, column: string | undefined): number {
  const at = box?.rows.findIndex((row) => row.column !== undefined && row.column === column) ?? -1
  return at < 0 ? headHeight / 2 : headHeight + at * rowHeight + rowHeight / 2 + 3
}

export interface Route {
  /** From the referencing table to the referenced one. */
  points: Point[]
  /** Where the line leaves each table: 1 to the right, -1 to the left. */
  fromSide: 1 | -1
  toSide: 1 | -1
}

const stub = 26

/** A way between two boxes that stand anywhere: out to the nearer side, across, and in. */
export function routeBetween(wire: Wire, from: Box, to: Box, fromAt: Point, toAt: Point): Route {
  const isRight = fromAt.x > toAt.x + to.width + 2 * stub
  const isLeft = toAt.x > fromAt.x + from.width + 2 * stub
  const fromSide = isRight ? -1 : 1
  const toSide = isLeft ? -1 : 1
  const start = { x: fromAt.x + (fromSide === 1 ? from.width : 0), y: fromAt.y + wire.fromY }
  const end = { x: toAt.x + (toSide === 1 ? to.width : 0), y: toAt.y + wire.toY }
  const outer =
    fromSide === toSide
      ? (fromSide === 1 ? Math.max(start.x, end.x) : Math.min(start.x, end.x)) + fromSide * stub
      : (start.x + end.x) / 2
  return { points: [start, { x: outer, y: start.y }, { x: outer, y: end.y }, end], fromSide, toSide }
}

const corner = 6

/** A line through points, its corners rounded. */
export function pathOf(points: readonly Point[]): string {
  const [first, ...rest] = points
  if (!first) return ''
  let path = `M${round(first.x)} ${round(first.y)}`
  rest.forEach((point, index) => {
    const next = rest[index + 1]
    const before = rest[index - 1] ?? first
    if (!next) {
      path += `L${round(point.x)} ${round(point.y)}`
      return
    }
    const inward = towards(point, before)
    const outward = towards(point, next)
    path += `L${round(inward.x)} ${round(inward.y)}Q${round(point.x)} ${round(point.y)} ${round(outward.x)} ${round(outward.y)}`
  })
  return path
}

function towards(from: Point, to: Point): Point {
  const length = Math.hypot(to.x - from.x, to.y - from.y)
  const share = length === 0 ? 0 : Math.min(corner, length / 2) / length
  return { x: from.x + (to.x - from.x) * share, y: from.y + (to.y - from.y) * share }
}

const round = (value: number) => Math.round(value * 10) / 10

/**
 * The end of a foreign key in crow's-foot notation: `many` or one row, and whether there may be none. Returns the lines as
 * a path and the centre of the circle that says `none`.
 */
export function endOf(at: Point, side: 1 | -1, isMany: boolean, mayBeNone: boolean) {
  const x = (distance: number) => round(at.x + side * distance)
  const y = round(at.y)
  const bar = (distance: number) => `M${x(distance)} ${y - 5}V${y + 5}`
  const foot = `M${x(0)} ${y - 6}L${x(11)} ${y}L${x(0)} ${y + 6}`
  const path = isMany ? foot + (mayBeNone ? '' : bar(14)) : bar(7) + (mayBeNone ? '' : bar(11))
  return { path, circle: mayBeNone ? { x: x(isMany ? 15 : 14), y } : undefined }
}
