import { useVirtualizer } from '@tanstack/react-virtual'
import { type ReactNode, useRef } from 'react'
import type { TableWithPartitions } from './TablePictures.tsx'

interface WindowedProps {
  tables: TableWithPartitions[]
  draw: (table: TableWithPartitions) => ReactNode
}

/** The pictures one below the other; with many tables only those in sight are drawn. */
export function Windowed({ tables, draw }: WindowedProps) {
  const scroller = useRef<HTMLDivElement>(null)
  const virtual = useVirtualizer({
    count: tables.length,
    getScrollElement: () => scroller.current,
    estimateSize: () => 190,
    overscan: 3,
    getItemKey: (index) => tables[index]?.id ?? index,
  })
  const items = virtual.getVirtualItems()
  return (
    <div className="scroll" style={{ flex: 1 }} ref={scroller}>
      <div style={{ height: virtual.getTotalSize(), position: 'relative' }}>
        {items.map(({ index, key, start }) => {
          const table = tables[index]
          return (
            table && (
              <div
                key={key}
                data-index={index}
                ref={virtual.measureElement}
                style={{ position: 'absolute', top: start, left: 0, right: 0 }}
              >
                {draw(table)}
              </div>
            )
          )
        })}
      </div>
    </div>
  )
}
