import { useVirtualizer } from '@tanstack/react-virtual'
import { type KeyboardEvent, useEffect, useEffectEvent, useMemo, useRef, useState } from 'react'
import { ResultHead } from './ResultHead.tsx'
import type { TypingEnd } from './ResultInput.tsx'
import { ResultRow } from './ResultRow.tsx'
import { guessWidth, placeOf, type ResultColumn } from './resultColumns.ts'
import { createResultPages, type FetchRows, type ResultPages } from './resultPages.ts'
import {
  contains,
  move,
  type Overlay,
  type Place,
  parseTsv,
  type Range,
  type Rectangle,
  rectangle,
  toTsv,
} from './resultSelection.ts'
import { useRowWindow } from './useRowWindow.ts'
import './resultGrid.css'

interface Props {
  /** Another name is another result; until its rows are here, those of the one before stay. */
  name: string
  columns: readonly ResultColumn[]
  rowCount: number
  fetchRows: FetchRows
  /** What is staged for a row, which then stands out. */
  rowState?: (row: number) => 'insert' | 'update' | 'delete' | undefined
  /** A cell that was double-clicked, or Enter pressed on. */
  onOpen: (cell: Place) => void
  onSelect: (cell: Place | undefined, range?: Rectangle) => void
  /** So many columns at the left stay in sight. */
  frozen?: number
  /** The column that the rows are sorted by. */
  sorted?: { column: number; isDescending: boolean } | undefined
  onHeadMenu?: (column: number, at: { x: number; y: number }) => void
  onMove?: (from: number, to: number) => void
  /** What is put over a value, by the row's own number: staged or changed. */
  overlay?: ((row: number, column: number) => Overlay | undefined) | undefined
  /** Takes a block of cells that is pasted from a cell on; one alone fills the whole selection. */
  onPaste?: ((area: Rectangle, block: string[][]) => void) | undefined
  /** Whether a cell, by its row's own number, is changed by typing into it: what is typed comes as a pasted block of one cell. */
  canType?: ((cell: Place) => boolean) | undefined
  label?: string | undefined
}

const rowHeight = 26
const headHeight = 38
const copiedRows = 20_000

/**
 * A result of any number of rows and columns: only the cells in sight are in the page, only the pages in sight are asked
 * for. Arrow keys move, Shift extends, Ctrl+C copies the rectangle in full, Enter opens a value. Where it can be changed, a
 * letter begins another value and F2 goes on with what stands there.
 */
export function ResultGrid(props: Props) {
  const {
    name,
    columns,
    rowCount,
    fetchRows,
    rowState,
    onOpen,
    onSelect,
    frozen = 0,
    sorted,
    onHeadMenu,
    onMove,
    overlay,
    onPaste,
    canType,
    label = 'Result',
  } = props
  const scroller = useRef<HTMLDivElement>(null)
  const [, setVersion] = useState(0)
  const [widths, setWidths] = useState<Record<number, number>>({})
  const [range, setRange] = useState<Range>()
  const [typing, setTyping] = useState<Place & { text: string; was: string | undefined }>()
  const fetchLatest = useEffectEvent(fetchRows)
  const shown = useRef<ResultPages>(undefined)
  // biome-ignore lint/correctness/useExhaustiveDependencies: another name is another result
  const pages = useMemo(
    () =>
      createResultPages(
        (from, count) => fetchLatest(from, count),
        () => setVersion((was) => was + 1),
        shown.current,
      ),
    [name],
  )
  useEffect(() => {
    shown.current = pages
  }, [pages])
  const hasSample = pages.sample().length > 0
  // biome-ignore lint/correctness/useExhaustiveDependencies: widths are guessed once, when the first rows are here
  const guessed = useMemo(
    () =>
      Object.fromEntries(
        columns.map((column, index) => {
          const at = placeOf(columns, index)
          const beside = (row: number) => {
            const was = overlay?.(row, index)?.was
            return was === undefined ? 0 : (was?.length ?? 4) + 2
          }
          return [at, guessWidth(column, pages.sample(), at, beside)]
        }),
      ),
    [columns.map(({ name }) => name).join('\0'), hasSample],
  )
  const order = columns.map((_column, index) => placeOf(columns, index)).join()
  const numberWidth = rowCount > 9_999_999 ? 76 : rowCount > 99_999 ? 64 : 44
  const widthOf = (index: number) => {
    const at = placeOf(columns, index)
    return widths[at] ?? guessed[at] ?? 120
  }

  const inSight = useRowWindow(scroller, { rows: rowCount, rowHeight, headHeight, overscan: 6 })
  const across = useVirtualizer({
    count: columns.length,
    horizontal: true,
    getScrollElement: () => scroller.current,
    estimateSize: widthOf,
    scrollPaddingStart: numberWidth,
    overscan: 4,
  })
  // biome-ignore lint/correctness/useExhaustiveDependencies: sizes are measured anew when they change
  useEffect(() => across.measure(), [widths, guessed, order])

  const columnItems = across.getVirtualItems().filter(({ index }) => index >= frozen)
  const frozenItems = across.measurementsCache.slice(0, frozen)
  const { first, last } = inSight
  useEffect(() => pages.show(first, last, rowCount), [pages, first, last, rowCount])

  const select = (to: Place, isExtending: boolean) => {
    const chosen = { from: isExtending && range ? range.from : to, to }
    setRange(chosen)
    onSelect({ ...to, row: pages.number(to.row) }, rectangle(chosen))
  }

  /** A cell that is clicked is in sight already, and must not move from under a double click. */
  const go = (to: Place, isExtending: boolean) => {
    select(to, isExtending)
    inSight.show(to.row)
    across.scrollToIndex(to.column)
  }

  const selectAll = (chosen: Range) => {
    setRange(chosen)
    onSelect({ ...chosen.to, row: pages.number(chosen.to.row) }, rectangle(chosen))
  }

  const copy = async ({ row, column, height, width }: ReturnType<typeof rectangle>) => {
    const copied: (string | null)[][] = []
    const wanted = Math.min(height, copiedRows)
    while (copied.length < wanted) {
      const page = await fetchRows(row + copied.length, Math.min(2000, wanted - copied.length), 'whole')
      if (page.rows.length === 0) break
      copied.push(
        ...page.rows.map((cells) =>
          Array.from({ length: width }, (_unused, at) => cells[placeOf(columns, column + at)] ?? null),
        ),
      )
    }
    await navigator.clipboard.writeText(toTsv(copied))
  }

  const type = (event: KeyboardEvent, place: Place) => {
    const number = pages.number(place.row)
    if (!canType?.({ ...place, row: number })) return
    event.preventDefault()
    if (event.key !== 'F2') return setTyping({ ...place, text: event.key, was: undefined })
    const held = pages.cell(place.row, placeOf(columns, place.column))
    const over = overlay?.(number, place.column)?.text
    // What is not here whole is opened, not gone on with.
    if (over === undefined && (!held || held.isCut)) return onOpen({ ...place, row: number })
    const was = (over === undefined ? held?.text : over) ?? ''
    setTyping({ ...place, text: was, was })
  }

  const endTyping = (how: TypingEnd) => {
    if (!typing) return
    const { row, column, text, was } = typing
    setTyping(undefined)
    if (text !== was) onPaste?.({ row, column, height: 1, width: 1 }, [[text]])
    if (how === 'stay') return
    scroller.current?.focus()
    const [down, right] = { down: [1, 0], right: [0, 1], left: [0, -1] }[how] as [number, number]
    const to = {
      row: Math.min(rowCount - 1, row + down),
      column: Math.max(0, Math.min(columns.length - 1, column + right)),
    }
    go(to, false)
  }

  const press = (event: KeyboardEvent) => {
    const hasControl = event.ctrlKey || event.metaKey
    const key = event.key.toLowerCase()
    if (hasControl && key === 'a') {
      event.preventDefault()
      selectAll({ from: { row: 0, column: 0 }, to: { row: rowCount - 1, column: columns.length - 1 } })
    } else if (hasControl && key === 'c' && range) {
      event.preventDefault()
      void copy(rectangle(range))
    } else if (event.key === 'Enter' && range) {
      event.preventDefault()
      onOpen({ ...range.to, row: pages.number(range.to.row) })
    } else if (range && isTyped(event)) {
      type(event, range.to)
    } else {
      const to = move(event, range?.to, { rows: rowCount, columns: columns.length })
      if (!to) return
      event.preventDefault()
      go(to, event.shiftKey)
    }
  }

  return (
    // biome-ignore lint/a11y/useSemanticElements: a table of a million rows cannot be in the page
    <div
      ref={scroller}
      className="rgrid"
      role="grid"
      aria-label={label}
      aria-rowcount={rowCount + 1}
      aria-colcount={columns.length + 1}
      tabIndex={0}
      onKeyDown={press}
      onPaste={(event) => {
        if (!onPaste || !range) return
        event.preventDefault()
        const block = parseTsv(event.clipboardData.getData('text/plain'))
        if (block.length > 0) onPaste(rectangle(range), block)
      }}
    >
      <div style={{ width: numberWidth + across.getTotalSize(), height: headHeight + inSight.height }}>
        <ResultHead
          columns={columns}
          items={columnItems}
          frozenItems={frozenItems}
          numberWidth={numberWidth}
          widthOf={widthOf}
          sorted={sorted}
          onMenu={onHeadMenu}
          onMove={onMove}
          onResize={(index, width) => setWidths((was) => ({ ...was, [placeOf(columns, index)]: width }))}
          onSelect={(column) =>
            selectAll({ from: { row: 0, column }, to: { row: Math.max(0, rowCount - 1), column } })
          }
        />
        {/* A layer of its own, with small offsets in it: at millions of pixels a browser's own are not exact. */}
        <div className="rgrid__rows" style={{ transform: `translateY(${inSight.top}px)` }}>
          {Array.from({ length: last - first }, (_unused, at) => first + at).map((index) => (
            <ResultRow
              key={inSight.keyOf(index)}
              row={index}
              state={rowState?.(index)}
              top={(index - first) * rowHeight}
              columns={columns}
              items={columnItems}
              frozenItems={frozenItems}
              number={pages.number(index)}
              overlay={overlay}
              numberWidth={numberWidth}
              cellAt={(column) => pages.cell(index, placeOf(columns, column))}
              isSelected={(column) => range !== undefined && contains(range, { row: index, column })}
              current={range?.to}
              typing={
                typing?.row === index
                  ? {
                      ...typing,
                      onChange: (text) => setTyping({ ...typing, text }),
                      onDone: endTyping,
                      onCancel: () => {
                        setTyping(undefined)
                        scroller.current?.focus()
                      },
                    }
                  : undefined
              }
              onSelect={(column, isExtending) => select({ row: index, column }, isExtending)}
              onSelectRow={(isExtending) =>
                selectAll({
                  from: { row: isExtending && range ? range.from.row : index, column: 0 },
                  to: { row: index, column: columns.length - 1 },
                })
              }
              onOpen={(column) => onOpen({ row: pages.number(index), column })}
            />
          ))}
        </div>
      </div>
    </div>
  )
}

const isTyped = ({ key, ctrlKey, metaKey, altKey }: KeyboardEvent) =>
  key === 'F2' || ([...key].length === 1 && !ctrlKey && !metaKey && !altKey)
