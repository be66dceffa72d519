import { IconArrowDown, IconArrowUp, IconDots } from '@tabler/icons-react'
import type { VirtualItem } from '@tanstack/react-virtual'
import { useRef } from 'react'
import { isNumeric, type ResultColumn } from './resultColumns.ts'

interface Props {
  columns: readonly ResultColumn[]
  items: VirtualItem[]
  frozenItems: VirtualItem[]
  sorted: { column: number; isDescending: boolean } | undefined
  onMenu: ((column: number, at: { x: number; y: number }) => void) | undefined
  onMove: ((from: number, to: number) => void) | undefined
  numberWidth: number
  widthOf: (column: number) => number
  onResize: (column: number, width: number) => void
  onSelect: (column: number) => void
}

/** The heads of the columns in sight: name, type under it, and an edge that sets the width. */
export function ResultHead(props: Props) {
  const { columns, items, frozenItems, numberWidth, widthOf, sorted, onMenu, onMove, onResize, onSelect } =
    props
  const drag = useRef<{ x: number; width: number }>(undefined)
  return (
    // biome-ignore lint/a11y/useSemanticElements: the grid holds the focus and its keys
    // biome-ignore lint/a11y/useFocusableInteractive: the grid holds the focus and its keys
    <div className="rgrid__head" role="row" aria-rowindex={1}>
      {/* biome-ignore lint/a11y/useSemanticElements: the grid holds the focus and its keys */}
      {/* biome-ignore lint/a11y/useFocusableInteractive: the grid holds the focus and its keys */}
      <div className="rgrid__no" role="columnheader" aria-colindex={1} style={{ width: numberWidth }}>
        <span className="sr">Row</span>
      </div>
      {[...frozenItems, ...items].map(({ index, start }) => {
        const column = columns[index]
        if (!column) return null
        return (
          // biome-ignore lint/a11y/useSemanticElements: the grid holds the focus and its keys
          // biome-ignore lint/a11y/useFocusableInteractive: the grid holds the focus and its keys
          // biome-ignore lint/a11y/useKeyWithClickEvents: the grid holds the focus and its keys
          <div
            key={index}
            role="columnheader"
            aria-colindex={index + 2}
            className={`rgrid__th${isNumeric(column.type) ? ' r' : ''}${index < frozenItems.length ? ' is-frozen' : ''}`}
            aria-sort={
              sorted?.column === index ? (sorted.isDescending ? 'descending' : 'ascending') : undefined
            }
            draggable={onMove !== undefined}
            onDragStart={(event) => event.dataTransfer.setData('text/x-column', String(index))}
            onDragOver={(event) => {
              if (event.dataTransfer.types.includes('text/x-column')) event.preventDefault()
            }}
            onDrop={(event) => onMove?.(Number(event.dataTransfer.getData('text/x-column')), index)}
            onContextMenu={(event) => {
              if (!onMenu) return
              event.preventDefault()
              onMenu(index, { x: event.clientX, y: event.clientY })
            }}
            style={{ left: numberWidth + start, width: widthOf(index) }}
            title={`${column.name}\n${column.type}`}
            onClick={() => onSelect(index)}
          >
            <span className="rgrid__name clip">
              {column.name || '?'}
              {sorted?.column === index &&
                (sorted.isDescending ? (
                  <IconArrowDown className="icon icon--12" />
                ) : (
                  <IconArrowUp className="icon icon--12" />
                ))}
            </span>
            <span className="rgrid__type">{column.type}</span>
            {onMenu && (
              <button
                type="button"
                tabIndex={-1}
                aria-label={`What to do with ${column.name}`}
                className="rgrid__menu"
                onClick={(event) => {
                  event.stopPropagation()
                  onMenu(index, { x: event.clientX, y: event.clientY })
                }}
              >
                <IconDots className="icon icon--12" />
              </button>
            )}
            <button
              type="button"
              tabIndex={-1}
              aria-label={`Width of ${column.name}`}
              className="rgrid__edge"
              // Or the head itself would be dragged, and the edge with it.
              draggable
              onDragStart={(event) => {
                event.preventDefault()
                event.stopPropagation()
              }}
              onClick={(event) => event.stopPropagation()}
              onPointerDown={(event) => {
                event.currentTarget.setPointerCapture(event.pointerId)
                drag.current = { x: event.clientX, width: widthOf(index) }
              }}
              onPointerMove={(event) => {
                if (!drag.current || !event.currentTarget.hasPointerCapture(event.pointerId)) return
                onResize(index, Math.max(40, drag.current.width + event.clientX - drag.current.x))
              }}
            />
          </div>
        )
      })}
    </div>
  )
}
