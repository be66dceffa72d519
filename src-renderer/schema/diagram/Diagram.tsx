import { IconSchema } from '@tabler/icons-react'
import { useQuery } from '@tanstack/react-query'
import { useEffect, useMemo, useRef, useState } from 'react'
import type { DiagramLink, DiagramTable } from '../../../src-main/schema/diagram/contract.ts'
import { EmptyState } from '../../ui/EmptyState.tsx'
import { ErrorNotice } from '../../ui/ErrorNotice.tsx'
import { plural } from '../../ui/format.ts'
import { Loading } from '../../ui/Loading.tsx'
import type { OpenPlace } from '../place.ts'
import { DiagramCanvas } from './DiagramCanvas.tsx'
import { Legend } from './DiagramLegend.tsx'
import type { PlacedBox, PlacedWire } from './DiagramPicture.tsx'
import { DiagramToolbar } from './DiagramToolbar.tsx'
import { exportPng, exportSvg, pngScale } from './exportDiagram.tsx'
import { type Box, boxesOf, type ColumnsShown, routeBetween, type Wire } from './geometry.ts'
import { type Layout, layOut } from './layout.ts'
import { useMoved } from './positions.ts'
import { type Extent, useView } from './useView.ts'

interface Props {
  data: { tables: DiagramTable[]; links: DiagramLink[]; total: number }
  schemas: string[]
  schema: string
  table: string | undefined
  depth: number
  open: OpenPlace
}

/** A diagram with its tools: what it shows of each table, where one stands, and what was dragged. */
export function Diagram({ data, schemas, schema, table, depth, open }: Props) {
  const [columns, setColumns] = useState<ColumnsShown>(isBig(data.tables) ? 'keys' : 'all')
  const [hasPartitions, setPartitions] = useState(false)
  const { moved, move, keep, forget } = useMoved(JSON.stringify([schema, table ?? null]))
  const { boxes, wires } = useMemo(
    () => boxesOf(data.tables, data.links, schema, columns, hasPartitions),
    [data, schema, columns, hasPartitions],
  )
  const shape = JSON.stringify([
    boxes.map(({ id, width, height }) => [id, width, height]),
    wires.map(({ from, to, fromY, toY }) => [from, to, fromY, toY]),
  ])
  const layout = useQuery({
    queryKey: ['diagram', shape],
    queryFn: ({ signal }) => layOut(boxes, wires, signal),
    staleTime: Number.POSITIVE_INFINITY,
    enabled: boxes.length > 0,
  })
  const placed = useMemo(
    () => (layout.data ? placeAll(boxes, wires, layout.data, moved) : undefined),
    [boxes, wires, layout.data, moved],
  )
  const outer = useMemo(() => extentOf(placed?.boxes ?? []), [placed])
  const [text, setText] = useState('')
  const [at, setAt] = useState(0)
  const [failure, setFailure] = useState<unknown>()
  const element = useRef<SVGSVGElement>(null)
  const { view, setView, size, showAll, zoom, centre } = useView(element, outer)

  // A new layout is shown whole, or from the table in the middle where it could not be read; a drag moves no view.
  // biome-ignore lint/correctness/useExhaustiveDependencies: only a layout, or the room for it, moves the view
  useEffect(() => {
    if (!layout.data || size.width === 0) return
    const middle = placed?.boxes.find(({ box }) => box.table.schema === schema && box.table.name === table)
    const isReadable = Math.min(size.width / outer.width, size.height / outer.height) > 0.5
    if (middle && !isReadable) centre({ ...middle.at, width: middle.box.width, height: middle.box.height })
    else showAll()
  }, [layout.data, size.width > 0])

  const wanted = text.trim().toLowerCase()
  const hits = wanted ? (placed?.boxes ?? []).filter(({ box }) => isHit(box.table, wanted)) : []
  const next = () => {
    const hit = hits[at % Math.max(1, hits.length)]
    if (!hit) return
    centre({ ...hit.at, width: hit.box.width, height: hit.box.height })
    setAt(at + 1)
  }
  const save = async (format: 'svg' | 'png') => {
    if (!placed) return
    const title = table === undefined ? schema : `${schema}.${table}`
    setFailure(undefined)
    const picture = { title, home: schema, ...placed, extent: outer }
    await (format === 'svg' ? exportSvg(picture) : exportPng(picture)).catch(setFailure)
  }

  return (
    <div className="view-body column erd">
      <DiagramToolbar
        {...{ schemas, schema, table, depth, columns, hasPartitions, text }}
        hits={wanted ? hits.length : undefined}
        scale={view?.scale}
        hasMoved={Object.keys(moved).length > 0}
        canPng={pngScale(outer) !== undefined}
        onPlace={(place) => open({ show: 'diagram', ...place })}
        onColumns={setColumns}
        onPartitions={setPartitions}
        onText={(value) => {
          setText(value)
          setAt(0)
        }}
        onNext={next}
        onZoom={zoom}
        onShowAll={showAll}
        onForget={() => {
          forget()
          showAll()
        }}
        onSave={(format) => void save(format)}
      />
      {failure !== undefined && <ErrorNotice error={failure} />}
      {boxes.length === 0 ? (
        <EmptyState icon={<IconSchema className="icon icon--18" />} title="No tables in this schema">
          A diagram shows tables with their columns and foreign keys. Choose another schema above.
        </EmptyState>
      ) : layout.error ? (
        <ErrorNotice error={layout.error} onRetry={() => void layout.refetch()} />
      ) : (
        <>
          {!placed && (
            <div className="erd__wait">
              <p className="small t2">Laying out {plural(boxes.length, 'table')}…</p>
              <Loading rows={8} />
            </div>
          )}
          <DiagramCanvas
            element={element}
            label={table === undefined ? `Diagram of ${schema}` : `Diagram around ${schema}.${table}`}
            home={schema}
            boxes={placed?.boxes ?? []}
            wires={placed?.wires ?? []}
            found={new Set(hits.map(({ box }) => box.id))}
            view={placed ? view : undefined}
            size={size}
            onView={setView}
            onOpen={(one) => open({ schema: one.schema, table: one.name })}
            onAround={(one) =>
              open({ show: 'diagram', schema: one.schema, table: one.name, depth: String(depth) })
            }
            onMove={move}
            onMoved={keep}
          />
        </>
      )}
      <Legend shown={boxes.length} total={data.total} links={wires.length} />
    </div>
  )
}

// With more columns than this the whole picture is too small to be read.
const readableColumns = 60

const isBig = (tables: DiagramTable[]) =>
  tables.reduce((sum, { columns }) => sum + columns.length, 0) > readableColumns

function isHit({ schema, name, columns }: DiagramTable, wanted: string): boolean {
  return (
    `${schema}.${name}`.toLowerCase().includes(wanted) ||
    columns.some((column) => column.name.toLowerCase().includes(wanted))
  )
}

/** Each table where it was dragged to, else where the layout put it; wires of dragged tables find a way of their own. */
function placeAll(
  boxes: Box[],
  wires: Wire[],
  layout: Layout,
  moved: Record<string, { x: number; y: number }>,
): { boxes: PlacedBox[]; wires: PlacedWire[] } {
  const placed = new Map(
    boxes.map((box) => [
      box.id,
      { box, at: moved[box.id] ?? layout.positions.get(box.id) ?? { x: 0, y: 0 } },
    ]),
  )
  return {
    boxes: [...placed.values()],
    wires: wires.flatMap((wire): PlacedWire[] => {
      const [from, to] = [placed.get(wire.from), placed.get(wire.to)]
      if (!from || !to) return []
      const points = layout.routes.get(wire.id)
      return [
        points && !moved[wire.from] && !moved[wire.to]
          ? { wire, route: { points, fromSide: -1, toSide: 1 } }
          : { wire, route: routeBetween(wire, from.box, to.box, from.at, to.at) },
      ]
    }),
  }
}

function extentOf(boxes: readonly PlacedBox[]): Extent {
  if (boxes.length === 0) return { x: 0, y: 0, width: 1, height: 1 }
  const left = Math.min(...boxes.map(({ at }) => at.x)) - 24
  const top = Math.min(...boxes.map(({ at }) => at.y)) - 12
  const right = Math.max(...boxes.map(({ at, box }) => at.x + box.width)) + 24
  const bottom = Math.max(...boxes.map(({ at, box }) => at.y + box.height)) + 12
  return { x: left, y: top, width: right - left, height: bottom - top }
}
