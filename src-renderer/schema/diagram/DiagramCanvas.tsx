import { type KeyboardEvent, type PointerEvent, type RefObject, useMemo, useRef, useState } from 'react'
import type { DiagramTable } from '../../../src-main/schema/diagram/contract.ts'
import { BoxPicture, type PlacedBox, type PlacedWire, Wires } from './DiagramPicture.tsx'
import { type Box, headHeight, type Point, type Wire } from './geometry.ts'
import { screenPalette } from './palette.ts'
import type { View } from './useView.ts'

interface Props {
  element: RefObject<SVGSVGElement | null>
  label: string
  home: string
  boxes: readonly PlacedBox[]
  wires: readonly PlacedWire[]
  found: ReadonlySet<string>
  view: View | undefined
  size: { width: number; height: number }
  onView: (change: (was: View | undefined) => View | undefined) => void
  onOpen: (table: DiagramTable) => void
  onAround: (table: DiagramTable) => void
  onMove: (id: string, to: Point) => void
  onMoved: () => void
}

const farBelow = 0.42
const dragFrom = 4
const keyStep = 20

type Drag = { start: Point; hasMoved: boolean } & (
  | { kind: 'pan'; view: View }
  | { kind: 'box'; box: Box; at: Point }
)

/** The picture on the screen: moved, zoomed, its tables dragged or opened; only what is in sight is drawn. */
export function DiagramCanvas(props: Props) {
  const { element, label, home, boxes, wires, found, view, size } = props
  const { onView, onOpen, onAround, onMove, onMoved } = props
  const [pointed, setPointed] = useState<Wire>()
  const drag = useRef<Drag>(undefined)
  const lit = useMemo(() => litBy(pointed), [pointed])
  const isFar = (view?.scale ?? 1) < farBelow

  const begin = (event: PointerEvent, placed?: PlacedBox) => {
    if (event.button !== 0 || !view) return
    event.stopPropagation()
    element.current?.setPointerCapture(event.pointerId)
    const start = { x: event.clientX, y: event.clientY }
    drag.current = placed
      ? { kind: 'box', box: placed.box, at: placed.at, start, hasMoved: false }
      : { kind: 'pan', view, start, hasMoved: false }
  }
  const go = (event: PointerEvent) => {
    const now = drag.current
    if (!now || !view) return
    const by = { x: event.clientX - now.start.x, y: event.clientY - now.start.y }
    if (!now.hasMoved && Math.hypot(by.x, by.y) < dragFrom) return
    now.hasMoved = true
    if (now.kind === 'pan') {
      const { x, y, scale } = now.view
      onView(() => ({ scale, x: x - by.x / scale, y: y - by.y / scale }))
    } else onMove(now.box.id, { x: now.at.x + by.x / view.scale, y: now.at.y + by.y / view.scale })
  }
  const end = () => {
    const was = drag.current
    drag.current = undefined
    if (was?.kind !== 'box') return
    if (was.hasMoved) onMoved()
    else onOpen(was.box.table)
  }
  const onKey = (event: KeyboardEvent, { box, at }: PlacedBox) => {
    const step = arrows[event.key]
    if (event.key === 'Enter') onOpen(box.table)
    if (!step) return
    event.preventDefault()
    onMove(box.id, { x: at.x + step.x * keyStep, y: at.y + step.y * keyStep })
    onMoved()
  }

  const inSight = view
    ? { x: view.x, y: view.y, width: size.width / view.scale, height: size.height / view.scale }
    : undefined
  const shown = inSight
    ? boxes.filter(
        ({ box, at }) =>
          at.x < inSight.x + inSight.width &&
          at.x + box.width > inSight.x &&
          at.y < inSight.y + inSight.height &&
          at.y + box.height > inSight.y,
      )
    : []

  return (
    // biome-ignore lint/a11y/useSemanticElements: a fieldset is no part of a picture
    <svg
      ref={element}
      className="erd__canvas"
      role="group"
      aria-label={label}
      onPointerDown={begin}
      onPointerMove={go}
      onPointerUp={end}
      onPointerCancel={() => {
        drag.current = undefined
      }}
    >
      {view && (
        <g transform={`scale(${view.scale}) translate(${-view.x} ${-view.y})`}>
          <Wires wires={wires} lit={lit.wires} palette={screenPalette} onPoint={setPointed} />
          {shown.map((placed) => {
            const { box, at } = placed
            const name = `${box.table.schema}.${box.table.name}`
            return (
              <g key={box.id} transform={`translate(${at.x} ${at.y})`} className="erd__box">
                {/* biome-ignore lint/a11y/useSemanticElements: an anchor of HTML is no part of a picture */}
                <g
                  role="link"
                  tabIndex={0}
                  aria-label={name}
                  onPointerDown={(event) => begin(event, placed)}
                  onKeyDown={(event) => onKey(event, placed)}
                >
                  <title>{titleOf(box.table)}</title>
                  <BoxPicture
                    box={box}
                    home={home}
                    palette={screenPalette}
                    litColumns={lit.columns.get(box.id)}
                    isFound={found.has(box.id)}
                    isFar={isFar}
                  />
                </g>
                {!isFar && (
                  // biome-ignore lint/a11y/useSemanticElements: a button of HTML is no part of a picture
                  <g
                    className="erd__around"
                    role="button"
                    tabIndex={0}
                    aria-label={`Look around ${name}`}
                    transform={`translate(${box.width - 24} ${headHeight / 2 - 9})`}
                    onPointerDown={(event) => event.stopPropagation()}
                    onClick={() => onAround(box.table)}
                    onKeyDown={(event) => {
                      if (event.key === 'Enter') onAround(box.table)
                    }}
                  >
                    <title>Look around this table</title>
                    <rect width={18} height={18} rx={4} />
                    <circle cx={9} cy={9} r={4.2} />
                    <path d="M9 1.8v3M9 13.2v3M1.8 9h3M13.2 9h3" />
                  </g>
                )}
              </g>
            )
          })}
        </g>
      )}
    </svg>
  )
}

const arrows: Record<string, Point | undefined> = {
  ArrowLeft: { x: -1, y: 0 },
  ArrowRight: { x: 1, y: 0 },
  ArrowUp: { x: 0, y: -1 },
  ArrowDown: { x: 0, y: 1 },
}

function titleOf({ schema, name, kind, comment }: DiagramTable): string {
  return [`${schema}.${name}`, kind, comment].filter(Boolean).join('\n')
}

function litBy(wire: Wire | undefined) {
  const wires = new Set<string>()
  const columns = new Map<string, Set<string>>()
  if (wire) {
    wires.add(wire.id)
    columns.set(wire.from, new Set(wire.link.columns))
    columns.set(wire.to, new Set([...(columns.get(wire.to) ?? []), ...wire.link.targetColumns]))
  }
  return { wires, columns }
}
