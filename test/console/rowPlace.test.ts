import { expect, test } from 'vitest'
import {
  drawnHeight,
  offsetToShow,
  placeAt,
  type RowExtent,
  type RowPlace,
  scrolled,
} from '../../src-renderer/ui/rowPlace.ts'

const extent = (rows: number): RowExtent => ({ rows, rowHeight: 26, viewHeight: 500 })
const last = ({ rows, rowHeight, viewHeight }: RowExtent) => rows * rowHeight - viewHeight
const top: RowPlace = { scrollTop: 0, offset: 0 }

test('rows that a browser can draw are scrolled by its own pixels', () => {
  const small = extent(100_000)
  expect(drawnHeight(small)).toBe(2_600_000)
  expect(placeAt(12_345, small)).toEqual({ offset: 12_345, scrollTop: 12_345 })
  expect(scrolled(top, 2_000_000, small)).toEqual({ offset: 2_000_000, scrollTop: 2_000_000 })
})

test('of twenty million rows any one is brought into sight, in a page that a browser can draw', () => {
  const huge = extent(20_000_000)
  expect(drawnHeight(huge)).toBeLessThanOrEqual(16_777_216)
  const mostScroll = drawnHeight(huge) - huge.viewHeight
  for (const row of [0, 1, 19, 20, 577_000, 9_999_999, 19_999_980, 19_999_999]) {
    const { offset, scrollTop } = placeAt(offsetToShow(row, top, huge), huge)
    expect(offset).toBeLessThanOrEqual(row * 26)
    expect(offset + huge.viewHeight).toBeGreaterThanOrEqual((row + 1) * 26)
    expect(scrollTop).toBeGreaterThanOrEqual(0)
    expect(scrollTop).toBeLessThanOrEqual(mostScroll)
  }
  // The bar of the scroller: its end is the last row, its middle the middle one.
  expect(scrolled(top, mostScroll, huge).offset).toBe(last(huge))
  expect(scrolled(top, mostScroll / 2, huge).offset).toBeCloseTo(last(huge) / 2, 0)
})

test('a wheel moves scaled rows pixel by pixel, to both ends exactly', () => {
  const huge = extent(20_000_000)
  const mostScroll = drawnHeight(huge) - huge.viewHeight
  for (const [from, by, end] of [
    [30_000, -100, 0],
    [last(huge) - 30_000, 100, last(huge)],
  ] as const) {
    let place = placeAt(from, huge)
    for (let turn = 0; turn < 400 && place.offset !== end; turn++) {
      const wanted = Math.max(0, Math.min(place.scrollTop + by, mostScroll))
      const next = scrolled(place, wanted, huge)
      expect(Math.abs(next.offset - place.offset)).toBeLessThanOrEqual(100)
      const isAtEnd = next.scrollTop <= 0 || next.scrollTop >= mostScroll
      place = isAtEnd ? placeAt(next.offset, huge) : next
    }
    expect(place.offset).toBe(end)
    expect(place.scrollTop).toBe(end === 0 ? 0 : mostScroll)
  }
})
