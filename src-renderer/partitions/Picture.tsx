import { memo, useCallback, useEffect, useLayoutEffect, useMemo, useRef, useState } from 'react'
import type { Partition, PartitionedTable } from '../../src-main/partitions/table.contract.ts'
import { formatBytes, formatCompact, formatCount } from '../ui/format.ts'
import { DefaultBox } from './DefaultBox.tsx'
import { HoverCard } from './HoverCard.tsx'
import {
  amountOf,
  axisHeight,
  type Bar,
  barsBetween,
  type Height,
  heightOf,
  keyOf,
  labelOf,
  layOut,
  show,
} from './layout.ts'

export interface PictureProps {
  /** The table, or a partition of it that is partitioned itself. */
  table: Pick<PartitionedTable, 'schema' | 'name' | 'scale' | 'gaps' | 'strategy' | 'retention'>
  partitions: Partition[]
  height: Height
  zoom: number
  selected: string | undefined
  /** Partitions that a statement touches; undefined while none is checked. */
  touched: Set<string> | undefined
  onSelect: (partition: string) => void
}

const margin = 300
const valueHeight = 16

/** The partitions of one level as bars over their bounds; only those in sight are in the page. */
export function Picture({ table, partitions, height, zoom, selected, touched, onSelect }: PictureProps) {
  const scroller = useRef<HTMLDivElement>(null)
  const [view, setView] = useState({ left: 0, room: 900 })
  const [hovered, setHovered] = useState<{ partition: Partition; anchor: DOMRect }>()
  const [focused, setFocused] = useState(0)
  const own = useMemo(() => partitions.filter(({ state }) => state !== 'default'), [partitions])
  const spares = partitions.filter(({ state }) => state === 'default')
  const layout = useMemo(() => layOut(table, own, view.room, zoom), [table, own, view.room, zoom])
  const highest = useMemo(
    () => own.reduce((most, one) => Math.max(most, amountOf(one, height)), 1),
    [own, height],
  )
  const [now] = useState(Date.now)
  const isTime = table.scale === 'time'
  const today = isTime ? layout.at(now) : null
  const kept = isTime && table.retention ? layout.at(table.retention.keptFrom.getTime()) : null
  const mean =
    table.strategy === 'hash' && own.length > 0
      ? own.reduce((sum, one) => sum + amountOf(one, height), 0) / own.length
      : null

  useLayoutEffect(() => {
    const element = scroller.current
    if (!element) return
    const watch = new ResizeObserver(() => setView((last) => ({ ...last, room: element.clientWidth })))
    watch.observe(element)
    setView((last) => ({ ...last, room: element.clientWidth }))
    return () => watch.disconnect()
  }, [])

  // A picture that is longer than its room opens at today, else at its end.
  // biome-ignore lint/correctness/useExhaustiveDependencies: once a width
  useEffect(() => {
    const element = scroller.current
    if (element && layout.width > element.clientWidth)
      element.scrollLeft = (today ?? layout.width) - element.clientWidth * 0.7
  }, [layout.width])

  const meanPixels = mean === null ? 0 : heightOf(mean, highest)
  const hover = useCallback((bar: Bar, index: number, anchor: DOMRect | undefined) => {
    setHovered(anchor && { partition: bar.partition, anchor })
    if (anchor) setFocused(index)
  }, [])
  const visible = barsBetween(layout.bars, view.left - margin, view.left + view.room + margin)
  const inSight = (x: number, width: number) =>
    x + width > view.left - margin && x < view.left + view.room + margin

  const focus = (index: number) => {
    const to = Math.max(0, Math.min(layout.bars.length - 1, index))
    const bar = layout.bars[to]
    const element = scroller.current
    if (!bar || !element) return
    if (bar.x < element.scrollLeft || bar.x + bar.width > element.scrollLeft + element.clientWidth)
      element.scrollLeft = bar.x - element.clientWidth / 2
    setFocused(to)
    requestAnimationFrame(() =>
      requestAnimationFrame(() => element.querySelector<HTMLElement>(`[data-index="${to}"]`)?.focus()),
    )
  }
  const keys: Record<string, (index: number) => number> = {
    ArrowLeft: (index) => index - 1,
    ArrowRight: (index) => index + 1,
    Home: () => 0,
    End: () => layout.bars.length - 1,
    PageUp: (index) => index - 20,
    PageDown: (index) => index + 20,
  }

  return (
    <div className={spares.length > 0 ? 'tl__body' : 'tl__body tl__body--whole'}>
      <div
        className="tl__scroll"
        ref={scroller}
        onScroll={(event) => {
          const left = event.currentTarget.scrollLeft
          setView((last) => (Math.abs(last.left - left) > margin / 3 ? { ...last, left } : last))
          setHovered(undefined)
        }}
      >
        <div
          className="tl__axis"
          style={{ height: axisHeight, width: layout.width }}
          role="toolbar"
          aria-label={`Partitions of ${table.name}`}
          onKeyDown={(event) => {
            const move = keys[event.key]
            if (!move) return
            event.preventDefault()
            focus(move(focused))
          }}
        >
          {kept !== null && (
            <>
              <span className="tl__expired" style={{ width: kept }} />
              <span className="tl__retention" style={{ left: kept }}>
                <i>{table.retention?.keep} kept</i>
              </span>
            </>
          )}
          {today !== null && (
            <span className="tl__today" style={{ left: today }}>
              <i>today</i>
            </span>
          )}
          {mean !== null && (
            <span className="tl__mean" style={{ bottom: meanPixels }}>
              <i>mean</i>
            </span>
          )}
          {layout.gaps
            .filter(({ x, width }) => inSight(x, width))
            .map((gap) => (
              <span
                key={gap.from}
                className={isTime && gap.to > now ? 'gap gap--future' : 'gap'}
                title={`No partition from ${show(gap.from, table.scale)} to ${show(gap.to, table.scale)}`}
                style={{ left: gap.x, width: gap.width }}
              >
                <span className="gap__box" style={{ height: axisHeight - 20 }}>
                  {gap.width > 70 && <span>missing</span>}
                </span>
              </span>
            ))}
          {visible.map(({ index, bar }) => (
            <BarButton
              key={bar.partition.id}
              bar={bar}
              tableName={table.name}
              height={height}
              index={index}
              highest={highest}
              line={meanPixels}
              now={now}
              isLabelled={index % layout.labelEvery === 0}
              isFocusable={
                index === Math.min(focused, layout.bars.length - 1) || (visible[0]?.index ?? 0) === index
              }
              onSelect={onSelect}
              onHover={hover}
              isSelected={keyOf(bar.partition) === selected}
              isTouched={touched?.has(keyOf(bar.partition))}
            />
          ))}
        </div>
      </div>
      {spares.map((spare) => (
        <DefaultBox
          key={spare.id}
          partition={spare}
          isSelected={keyOf(spare) === selected}
          isPruned={touched ? !touched.has(keyOf(spare)) : false}
          onSelect={() => onSelect(keyOf(spare))}
        />
      ))}
      {hovered && <HoverCard {...hovered} />}
    </div>
  )
}

interface BarProps extends Pick<PictureProps, 'height' | 'onSelect'> {
  bar: Bar
  index: number
  tableName: string
  highest: number
  /** How high the line of the mean lies: a value is written above it and never across it. */
  line: number
  now: number
  isLabelled: boolean
  isFocusable: boolean
  isSelected: boolean
  isTouched: boolean | undefined
  onHover: (bar: Bar, index: number, anchor: DOMRect | undefined) => void
}

/** Drawn again only when it changes itself: while one scrolls, those that come into sight are all there is to draw. */
const BarButton = memo(function BarButton({
  bar,
  index,
  tableName,
  height,
  highest,
  line,
  now,
  onHover,
  ...state
}: BarProps) {
  const { partition, x, width } = bar
  const value = amountOf(partition, height)
  const pixels = heightOf(value, highest)
  const isPremade = partition.state === 'premade'
  const expected = expectedOf(partition, value, now)
  const projected = expected === undefined ? 0 : Math.min(axisHeight - 8, heightOf(expected, highest))
  const isWide = width >= 34
  const below = line > pixels && line < pixels + valueHeight ? line : pixels
  const looks = [
    'bar',
    `bar--${partition.state === 'cold' || partition.state === 'attached' ? 'past' : partition.state}`,
    partition.strategy && 'bar--nested',
    state.isSelected && 'is-selected',
    state.isTouched === true && 'is-touched',
    state.isTouched === false && 'is-pruned',
  ]
  const marks = [
    partition.missingIndexes > 0 && `${partition.missingIndexes} indexes missing`,
    partition.state === 'detaching' && 'half detached',
    state.isTouched !== undefined && (state.isTouched ? 'touched' : 'pruned'),
  ].filter(Boolean)
  return (
    <button
      type="button"
      className={looks.filter(Boolean).join(' ')}
      data-index={index}
      tabIndex={state.isFocusable ? 0 : -1}
      style={{ left: x, width }}
      aria-label={[
        `${partition.name}, ${partition.state}, about ${formatCount(partition.estimatedRows)} rows, ${formatBytes(partition.sizeBytes)}`,
        ...marks,
      ].join(', ')}
      onClick={() => state.onSelect(keyOf(partition))}
      onMouseEnter={(event) => onHover(bar, index, event.currentTarget.getBoundingClientRect())}
      onMouseLeave={() => onHover(bar, index, undefined)}
      onFocus={(event) => {
        if (event.currentTarget.matches(':focus-visible'))
          onHover(bar, index, event.currentTarget.getBoundingClientRect())
      }}
      onBlur={() => onHover(bar, index, undefined)}
    >
      <span className="bar__box" style={{ height: Math.max(pixels, projected, isPremade ? 22 : 2) }}>
        {projected > pixels && isWide && <span className="bar__projected" style={{ height: projected }} />}
        <span className="bar__fill" style={{ height: Math.max(pixels, isPremade ? 0 : 2) }} />
      </span>
      {width >= 44 && (
        <span className="bar__value num" style={{ bottom: (isPremade ? 22 : below) + 2 }}>
          {value > 0 ? (height === 'rows' ? formatCompact(value) : formatBytes(value)) : 'empty'}
        </span>
      )}
      {partition.missingIndexes > 0 && <span className="bar__mark" />}
      {state.isLabelled && (
        <span className="bar__name" style={isWide ? undefined : { right: 'auto', alignItems: 'flex-start' }}>
          <span
            className={width >= 76 ? 'mono clip' : 'mono'}
            style={width >= 76 ? { maxWidth: width - 4 } : undefined}
          >
            {labelOf(partition, tableName)}
          </span>
          {width >= 76 && <i className="num">{formatBytes(partition.sizeBytes)}</i>}
        </span>
      )}
    </button>
  )
})

/** What the current partition will hold at its end, if it goes on as until now. */
function expectedOf({ state, from, to }: Partition, value: number, now: number): number | undefined {
  if (state !== 'current' || from === null || to === null || value === 0) return undefined
  const share = (now - from) / (to - from)
  return share > 0.05 ? value / share : undefined
}
