import { type RefObject, useCallback, useEffect, useState } from 'react'
import type { Point } from './geometry.ts'

/** What part of the picture is in sight: the point at the upper left, and how large it is drawn. */
export interface View extends Point {
  scale: number
}

export interface Extent {
  x: number
  y: number
  width: number
  height: number
}

const smallest = 0.04
const largest = 2.5
const margin = 24

const within = (scale: number) => Math.min(largest, Math.max(smallest, scale))

/** The part in sight of a picture in an element: wheel and buttons zoom, `showAll` shows all of it. */
export function useView(element: RefObject<SVGSVGElement | null>, extent: Extent) {
  const [view, setView] = useState<View>()
  const [size, setSize] = useState({ width: 0, height: 0 })
  const { x, y, width, height } = extent

  useEffect(() => {
    if (!element.current) return
    const observer = new ResizeObserver(([entry]) => entry && setSize(entry.contentRect))
    observer.observe(element.current)
    return () => observer.disconnect()
  }, [element])

  const showAll = useCallback(() => {
    const room = element.current?.getBoundingClientRect()
    if (!room || room.width === 0) return
    const scale = within(Math.min(1, (room.width - 2 * margin) / width, (room.height - 2 * margin) / height))
    setView({
      scale,
      x: x - (room.width / scale - width) / 2,
      y: y - Math.max(margin / scale, (room.height / scale - height) / 2),
    })
  }, [element, x, y, width, height])

  /** Zooms so that what is at a point of the element stays there. */
  const zoom = useCallback(
    (factor: number, at?: Point) => {
      const room = element.current?.getBoundingClientRect()
      if (!room) return
      const point = at ?? { x: room.width / 2, y: room.height / 2 }
      setView((was) => {
        if (!was) return was
        const scale = within(was.scale * factor)
        return {
          scale,
          x: was.x + point.x / was.scale - point.x / scale,
          y: was.y + point.y / was.scale - point.y / scale,
        }
      })
    },
    [element],
  )

  useEffect(() => {
    const target = element.current
    // React's own handler cannot keep the page from scrolling.
    const onWheel = (event: WheelEvent) => {
      event.preventDefault()
      if (event.shiftKey) pan(event.deltaY || event.deltaX, 0)
      else zoom(Math.exp(-event.deltaY * 0.0015), { x: event.offsetX, y: event.offsetY })
    }
    const pan = (byX: number, byY: number) =>
      setView((was) => was && { ...was, x: was.x + byX / was.scale, y: was.y + byY / was.scale })
    target?.addEventListener('wheel', onWheel, { passive: false })
    return () => target?.removeEventListener('wheel', onWheel)
  }, [element, zoom])

  const centre = (on: Extent) => {
    const room = element.current?.getBoundingClientRect()
    if (!room) return
    setView((was) => {
      const scale = Math.max(was?.scale ?? 1, 0.7)
      return {
        scale,
        x: on.x + on.width / 2 - room.width / scale / 2,
        y: on.y + on.height / 2 - room.height / scale / 2,
      }
    })
  }

  return { view, setView, size, showAll, zoom, centre }
}
