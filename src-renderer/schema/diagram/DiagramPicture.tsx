import { memo } from 'react'
import {
  type Box,
  type BoxRow,
  clipped,
  endOf,
  headFont,
  headHeight,
  headOf,
  type Point,
  pathOf,
  type Route,
  rowHeight,
  textFont,
  type Wire,
  widthOf,
} from './geometry.ts'

/** The colours by what they are for: variables of the theme on the screen, values in a file. */
export interface Palette {
  panel: string
  head: string
  border: string
  text: string
  soft: string
  faint: string
  accent: string
  tint: string
  layer: (schema: string) => string
}

export interface PlacedBox {
  box: Box
  at: Point
}

export interface PlacedWire {
  wire: Wire
  route: Route
}

/** What is drawn otherwise than the rest: a foreign key that is pointed at, the hits of a search. */
export interface Lit {
  wires: ReadonlySet<string>
  /** Columns by the box. */
  columns: ReadonlyMap<string, ReadonlySet<string>>
  found: ReadonlySet<string>
}

export const nothingLit: Lit = { wires: new Set(), columns: new Map(), found: new Set() }

interface WiresProps {
  wires: readonly PlacedWire[]
  lit: ReadonlySet<string>
  palette: Palette
  onPoint?: ((wire: Wire | undefined) => void) | undefined
}

/** Foreign keys with their cardinality at both ends. */
export const Wires = memo(function Wires({ wires, lit, palette, onPoint }: WiresProps) {
  // What is lit is drawn over what is not.
  const sorted = wires.toSorted((a, b) => Number(lit.has(a.wire.id)) - Number(lit.has(b.wire.id)))
  return sorted.map(({ wire, route }) => {
    const { link } = wire
    const first = route.points[0] ?? { x: 0, y: 0 }
    const last = route.points.at(-1) ?? first
    const isLit = lit.has(wire.id)
    const ends = [
      // No constraint can ask for a row that refers: on that side there may always be none.
      endOf(first, route.fromSide, !link.isUnique, true),
      endOf(last, route.toSide, false, link.isOptional),
    ]
    const path = pathOf(route.points)
    return (
      <g
        key={wire.id}
        fill="none"
        stroke={isLit ? palette.accent : palette.faint}
        strokeWidth={isLit ? 2 : 1.2}
        onPointerEnter={onPoint && (() => onPoint(wire))}
        onPointerLeave={onPoint && (() => onPoint(undefined))}
      >
        <title>{describeLink(link)}</title>
        {onPoint && <path d={path} stroke="transparent" strokeWidth={12} />}
        <path d={path} />
        {ends.map(({ path: lines, circle }, index) => (
          <g key={index === 0 ? 'from' : 'to'}>
            <path d={lines} />
            {circle && <circle cx={circle.x} cy={circle.y} r={3.4} fill={palette.panel} />}
          </g>
        ))}
      </g>
    )
  })
})

/** `orders (customer) → customers (id), many to exactly one: orders_customer_fkey` */
export function describeLink({ name, from, columns, to, targetColumns, isUnique, isOptional }: Wire['link']) {
  const cardinality = `${isUnique ? 'none or one' : 'none or many'} to ${isOptional ? 'none or one' : 'exactly one'}`
  return `${from.name} (${columns.join(', ')}) → ${to.name} (${targetColumns.join(', ')})\n${cardinality}\n${name}`
}

interface BoxProps {
  box: Box
  home: string
  palette: Palette
  litColumns: ReadonlySet<string> | undefined
  isFound: boolean
  /** Too small for its rows to be read: the name alone, larger. */
  isFar: boolean
}

const padding = 10

/** A table: its name, its columns with their types, keys marked, and its partitions. */
export const BoxPicture = memo(function BoxPicture({
  box,
  home,
  palette,
  litColumns,
  isFound,
  isFar,
}: BoxProps) {
  const { table, rows, width, height } = box
  const name = headOf(table, home)
  return (
    <>
      <rect
        width={width}
        height={height}
        rx={6}
        fill={palette.panel}
        stroke={isFound || litColumns ? palette.accent : palette.border}
        strokeWidth={isFound ? 2.5 : 1}
      />
      <path
        d={`M0.5 ${headHeight}V6.5a6 6 0 0 1 6 -6H${width - 6.5}a6 6 0 0 1 6 6V${headHeight}z`}
        fill={palette.head}
      />
      <rect x={0} y={5} width={3} height={headHeight - 10} fill={palette.layer(table.schema)} />
      {isFar ? (
        <FarName name={name} width={width} height={height} palette={palette} />
      ) : (
        <>
          <text x={padding} y={19.5} fill={palette.text} fontWeight={600}>
            {clipped(name, width - 2 * padding - 20, headFont)}
          </text>
          <path
            d={`M0.5 ${headHeight}H${width - 0.5}`}
            stroke={palette.border}
            visibility={rows.length > 0 ? undefined : 'hidden'}
          />
          {rows.map((row, index) => (
            <RowPicture
              // biome-ignore lint/suspicious/noArrayIndexKey: rows are drawn by their place
              key={index}
              row={row}
              y={headHeight + index * rowHeight + 3}
              width={width}
              palette={palette}
              isLit={row.column !== undefined && (litColumns?.has(row.column) ?? false)}
            />
          ))}
        </>
      )}
    </>
  )
})

function FarName({
  name,
  width,
  height,
  palette,
}: Pick<Box, 'width' | 'height'> & { name: string; palette: Palette }) {
  const size = Math.min(34, height - 10, Math.max(14, (12 * (width - 18)) / widthOf(name, headFont)))
  const room = ((width - 16) * 12) / size
  return (
    <text x={10} y={Math.min(height / 2, 40) + size / 3} fontSize={size} fontWeight={600} fill={palette.text}>
      {clipped(name, room, headFont)}
    </text>
  )
}

interface RowProps {
  row: BoxRow
  y: number
  width: number
  palette: Palette
  isLit: boolean
}

function RowPicture({ row, y, width, palette, isLit }: RowProps) {
  const { column, text, type, mark, isNullable } = row
  const left = padding + (column === undefined ? 0 : 18)
  const [room, typeRoom] = sharedRoom(width - left - padding, text, type)
  return (
    <>
      {isLit && <rect x={1} y={y} width={width - 2} height={rowHeight} fill={palette.tint} />}
      {mark !== 'none' && (
        <KeyMark x={padding} y={y + 10} colour={mark === 'primary' ? palette.accent : palette.soft} />
      )}
      <text
        x={left}
        y={y + 14}
        fill={isLit ? palette.accent : isNullable ? palette.soft : palette.text}
        fontWeight={mark === 'primary' ? 600 : 400}
        xmlSpace="preserve"
      >
        {clipped(text, room, textFont)}
      </text>
      {type && (
        <text x={width - padding} y={y + 14} fill={palette.soft} textAnchor="end">
          {clipped(type, typeRoom, textFont)}
        </text>
      )}
    </>
  )
}

/** How wide a name and a type may be beside each other: the type gives way, but keeps two fifths. */
function sharedRoom(whole: number, text: string, type: string): [number, number] {
  if (type === '') return [whole, 0]
  const room = whole - 12
  const typeRoom = Math.max(room - widthOf(text, textFont), room * 0.4)
  return [room - Math.min(typeRoom, widthOf(type, textFont)), typeRoom]
}

/** A key: of the table itself in the accent, of another table in grey. */
function KeyMark({ x, y, colour }: { x: number; y: number; colour: string }) {
  return (
    <g fill="none" stroke={colour} strokeWidth={1.5}>
      <circle cx={x + 3.2} cy={y} r={2.6} />
      <path d={`M${x + 5.8} ${y}H${x + 12}V${y + 3}M${x + 9.4} ${y}V${y + 2.4}`} />
    </g>
  )
}
