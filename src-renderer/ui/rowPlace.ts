/** Rows of one height below each other, and how much of them is in sight. */
export interface RowExtent {
  rows: number
  rowHeight: number
  /** Of what is in sight, the head not counted. */
  viewHeight: number
}

/** Where a scroller stands, and which pixel of all the rows is at its top. */
export interface RowPlace {
  scrollTop: number
  offset: number
}

// Firefox draws no more than 17.8 million pixels, Chromium 33.5; from 16.7 on single ones are not exact.
const mostPixels = 15_000_000
// A wheel or a finger never moves so far between two frames; the bar of so many rows always does.
const nearPixels = 5000

/** The height that the rows are given in the page: that of a result of twenty million is scaled down. */
export const drawnHeight = ({ rows, rowHeight }: RowExtent): number => Math.min(rows * rowHeight, mostPixels)

/** Of the lowest place that a scroller can stand at. */
export const mostOffset = ({ rows, rowHeight, viewHeight }: RowExtent): number =>
  Math.max(0, rows * rowHeight - viewHeight)
const mostScroll = (extent: RowExtent): number => Math.max(0, drawnHeight(extent) - extent.viewHeight)
const clamp = (value: number, most: number): number => Math.max(0, Math.min(value, most))

/** Where a scroller is to stand for an offset. In the pages at both ends a pixel is a pixel, so that they are reached exactly. */
export function placeAt(wanted: number, extent: RowExtent): RowPlace {
  const [most, scroll] = [mostOffset(extent), mostScroll(extent)]
  const offset = clamp(wanted, most)
  if (most === scroll) return { offset, scrollTop: offset }
  const { viewHeight } = extent
  const scaled = (offset / most) * scroll
  const above = Math.max(scaled, Math.min(offset, viewHeight))
  return { offset, scrollTop: Math.min(above, scroll - Math.min(most - offset, viewHeight)) }
}

/** Where the rows stand after their scroller has moved: pixel by pixel when it is near, else in proportion. */
export function scrolled(from: RowPlace, scrollTop: number, extent: RowExtent): RowPlace {
  const [most, scroll] = [mostOffset(extent), mostScroll(extent)]
  if (most === scroll) return { offset: clamp(scrollTop, most), scrollTop }
  const by = scrollTop - from.scrollTop
  const offset = Math.abs(by) <= nearPixels ? from.offset + by : (scrollTop / scroll) * most
  return { offset: clamp(offset, most), scrollTop }
}

/** The offset that brings a row into sight with the least movement. */
export function offsetToShow(
  row: number,
  { offset }: RowPlace,
  { rowHeight, viewHeight }: RowExtent,
): number {
  const top = row * rowHeight
  return Math.min(top, Math.max(offset, top + rowHeight - viewHeight))
}
