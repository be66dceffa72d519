import { type RefObject, useEffectEvent, useLayoutEffect, useRef, useState } from 'react'
import { flushSync } from 'react-dom'
import {
  drawnHeight,
  mostOffset,
  offsetToShow,
  placeAt,
  type RowExtent,
  type RowPlace,
  scrolled,
} from './rowPlace.ts'

interface Options {
  rows: number
  rowHeight: number
  /** Stays in sight above the rows. */
  headHeight: number
  /** So many rows more are drawn above and below. */
  overscan: number
}

interface RowWindow {
  /** The rows to draw: from the first to before the last. */
  first: number
  last: number
  /** Where the first one lies in the scroller. */
  top: number
  /** For the element of a row: one that leaves is used for one that comes. */
  keyOf(row: number): number
  /** Of all rows in the page. */
  height: number
  show(row: number): void
}

/**
 * The rows of one height that are in sight of a scroller, by arithmetic: a result costs the same whether it has a hundred
 * rows or twenty millions, and while it grows.
 */
export function useRowWindow(
  scroller: RefObject<HTMLElement | null>,
  { rows, rowHeight, headHeight, overscan }: Options,
): RowWindow {
  const [viewHeight, setViewHeight] = useState(0)
  const [drawn, setDrawn] = useState({ scrollTop: 0, offset: 0, anchor: 0 })
  /** Where the scroller stands now; `drawn` is from when other rows came into sight. */
  const place = useRef<RowPlace>(drawn)
  const extent: RowExtent = { rows, rowHeight, viewHeight }
  const lowest = mostOffset(extent)
  const range = ({ offset }: RowPlace) => {
    const seen = Math.max(0, Math.min(offset, lowest))
    return {
      first: Math.max(0, Math.floor(seen / rowHeight) - overscan),
      last: Math.min(rows, Math.ceil((seen + viewHeight) / rowHeight) + overscan),
    }
  }
  const shift = ({ scrollTop, offset }: RowPlace) => scrollTop - offset

  const slots = Math.ceil(viewHeight / rowHeight) + 1 + 2 * overscan
  /** Far from the rows that are drawn, their elements are taken in the order in which they stand. */
  const anchored = (next: RowPlace) => {
    const { first } = range(next)
    const isFar = Math.abs(first - range(drawn).first) >= slots
    return { ...next, anchor: isFar ? first : drawn.anchor }
  }

  const draw = (next: RowPlace) => {
    place.current = next
    if (range(next).first === range(drawn).first && Math.abs(shift(next) - shift(drawn)) < 0.5) return
    // Before the frame that shows them, or it would be empty.
    flushSync(() => setDrawn(anchored(next)))
  }
  /** Moves the scroller there, which rounds. */
  const stand = (wanted: RowPlace): RowPlace => {
    const element = scroller.current
    if (!element) return wanted
    element.scrollTop = wanted.scrollTop
    return { ...wanted, scrollTop: element.scrollTop }
  }
  const scroll = useEffectEvent(() => {
    const element = scroller.current
    if (!element || element.scrollTop === place.current.scrollTop) return
    const next = scrolled(place.current, element.scrollTop, extent)
    const isAtEnd = next.scrollTop <= 0 || next.scrollTop >= element.scrollHeight - element.clientHeight - 1
    draw(isAtEnd ? stand(placeAt(next.offset, extent)) : next)
  })
  const rest = useEffectEvent(() => {
    const next = placeAt(place.current.offset, extent)
    if (Math.abs(next.scrollTop - place.current.scrollTop) >= 1) draw(stand(next))
  })
  /** Fewer rows than there were end above where the scroller stands. */
  const keepWithin = useEffectEvent((most: number) => {
    if (place.current.offset <= most) return
    place.current = stand(placeAt(place.current.offset, extent))
    setDrawn(anchored(place.current))
  })
  const measure = useEffectEvent(() => setViewHeight((scroller.current?.clientHeight ?? 0) - headHeight))

  useLayoutEffect(() => {
    const element = scroller.current
    if (!element) return
    measure()
    const observer = new ResizeObserver(() => measure())
    observer.observe(element)
    const onScroll = () => scroll()
    const onRest = () => {
      const { scrollTop } = element
      // It may tell of a movement before the one that goes on: to place the scroller would end that.
      requestAnimationFrame(() =>
        requestAnimationFrame(() => {
          if (element.scrollTop === scrollTop) rest()
        }),
      )
    }
    element.addEventListener('scroll', onScroll, { passive: true })
    element.addEventListener('scrollend', onRest, { passive: true })
    return () => {
      observer.disconnect()
      element.removeEventListener('scroll', onScroll)
      element.removeEventListener('scrollend', onRest)
    }
  }, [scroller])
  useLayoutEffect(() => keepWithin(lowest), [lowest])

  const { first, last } = range(drawn)
  return {
    first,
    last,
    top: headHeight + first * rowHeight + shift(drawn),
    keyOf: (row) => (((row - drawn.anchor) % slots) + slots) % slots,
    height: drawnHeight(extent),
    show: (row) => draw(stand(placeAt(offsetToShow(row, place.current, extent), extent))),
  }
}
