import {
  type Ref,
  useEffect,
  useEffectEvent,
  useImperativeHandle,
  useLayoutEffect,
  useRef,
  useState,
} from 'react'
import type { LogLine } from '../../src-main/logs/contract.ts'
import { LogRow } from './LogRow.tsx'
import { useLogRows } from './useLogRows.ts'

export interface LogListHandle {
  scrollToRow(row: number): void
}

interface Props {
  ref?: Ref<LogListHandle>
  viewId: string | undefined
  rows: number
  /** Lines that were dropped before the first. */
  firstLine: number
  isFollowing: boolean
  onFollow: (isFollowing: boolean) => void
  isWrapped: boolean
  hasTimes: boolean
  /** Of the number of each line in the whole log; 0 shows none. */
  digits: number
  services: readonly string[]
  pattern: RegExp | undefined
  current: number | undefined
  onOpen: (line: LogLine) => void
}

const rowHeight = 21
/** Browsers cut off elements that are taller than some ten million pixels; past this the bar stands for the rows by ratio. */
const tallest = 8_000_000

/** Any number of lines of any height: only those in sight are in the page, and only they are asked for. */
export function LogList({
  ref,
  viewId,
  rows,
  firstLine,
  isFollowing,
  onFollow,
  isWrapped,
  hasTimes,
  digits,
  services,
  pattern,
  current,
  onOpen,
}: Props) {
  const scroller = useRef<HTMLDivElement>(null)
  const [height, setHeight] = useState(400)
  const [scroll, setScroll] = useState(0)
  const expected = useRef(-1)
  const fits = Math.max(1, Math.floor(height / rowHeight))
  const content = Math.max(height, Math.min(tallest, rows * rowHeight))
  const isScaled = rows * rowHeight > tallest
  const lastTop = Math.max(0, rows - fits)
  const most = Math.max(1, content - height)
  const isAtEnd = isFollowing || scroll >= most - 1
  const top = isAtEnd
    ? lastTop
    : Math.min(lastTop, isScaled ? Math.round((scroll / most) * lastTop) : Math.floor(scroll / rowHeight))
  const offset = isAtEnd || isScaled || isWrapped ? 0 : scroll % rowHeight
  const shown = Math.min(rows - top, fits + 2)
  const rowAt = useLogRows(viewId, rows, firstLine, top, shown)

  const place = useEffectEvent((pixels: number) => {
    if (!scroller.current) return
    scroller.current.scrollTop = pixels
    expected.current = scroller.current.scrollTop
    setScroll(scroller.current.scrollTop)
  })
  useImperativeHandle(ref, () => ({
    scrollToRow: (row) => {
      const wanted = Math.max(0, Math.min(lastTop, row - Math.floor(fits / 2)))
      onFollow(false)
      place(isScaled ? (wanted / Math.max(1, lastTop)) * most : wanted * rowHeight)
    },
  }))

  useLayoutEffect(() => {
    const element = scroller.current
    if (!element) return
    const measure = () => setHeight(element.clientHeight)
    measure()
    const observer = new ResizeObserver(measure)
    observer.observe(element)
    return () => observer.disconnect()
  }, [])

  // biome-ignore lint/correctness/useExhaustiveDependencies: the end moves when there are more rows
  useEffect(() => {
    if (isFollowing) place(content)
  }, [isFollowing, content, rows])

  const moved = () => {
    const at = scroller.current?.scrollTop ?? 0
    if (Math.abs(at - expected.current) < 2) return
    expected.current = -1
    setScroll(at)
    // Whoever scrolls up reads; whoever comes back to the end follows.
    if (isFollowing && at < most - rowHeight) onFollow(false)
    if (!isFollowing && at >= most - 1) onFollow(true)
  }

  return (
    <div
      ref={scroller}
      className="log__scroller"
      role="log"
      aria-label="Merged log"
      aria-live="off"
      // biome-ignore lint/a11y/noNoninteractiveTabindex: a long log is scrolled with the keyboard
      tabIndex={0}
      onScroll={moved}
    >
      <div style={{ height: content }}>
        <div
          className={`log__lines${isWrapped ? ' is-wrapped' : ''}${hasTimes ? '' : ' no-times'}${digits > 0 ? ' has-numbers' : ''}${isAtEnd && rows > fits ? ' is-at-end' : ''}`}
          style={{ height, '--log-digits': `${digits}ch` } as React.CSSProperties}
        >
          {Array.from({ length: Math.max(0, shown) }, (_, index) => {
            const row = top + index
            const line = rowAt(row)
            return (
              <LogRow
                // A row takes over the place in the page of the one that left: the log of a busy stack makes no elements.
                key={row % (fits + 3)}
                line={line}
                offset={index === 0 ? -offset : 0}
                hasTimes={hasTimes}
                hasNumber={digits > 0}
                services={services}
                pattern={pattern}
                isCurrent={row === current}
                onOpen={onOpen}
              />
            )
          })}
        </div>
      </div>
    </div>
  )
}
