import type { VirtualItem } from '@tanstack/react-virtual'
import { ResultInput, type TypingEnd } from './ResultInput.tsx'
import { isCode, isNumeric, type ResultColumn } from './resultColumns.ts'
import type { ResultCell } from './resultPages.ts'
import type { Overlay, Place } from './resultSelection.ts'

interface Props {
  row: number
  state?: 'insert' | 'update' | 'delete' | undefined
  top: number
  columns: readonly ResultColumn[]
  items: VirtualItem[]
  frozenItems: VirtualItem[]
  /** Its number in the result as it came. */
  number: number
  overlay: ((row: number, column: number) => Overlay | undefined) | undefined
  numberWidth: number
  cellAt: (column: number) => ResultCell | undefined
  isSelected: (column: number) => boolean
  current: Place | undefined
  /** The cell of it that is typed into. */
  typing:
    | {
        column: number
        text: string
        onChange: (text: string) => void
        onDone: (how: TypingEnd) => void
        onCancel: () => void
      }
    | undefined
  onSelect: (column: number, isExtending: boolean) => void
  onSelectRow: (isExtending: boolean) => void
  onOpen: (column: number) => void
}

// More than any column shows.
const shownCharacters = 400

/** One row: its number, and the cells in sight. */
export function ResultRow(props: Props) {
  const {
    row,
    state,
    top,
    columns,
    items,
    frozenItems,
    number,
    overlay,
    numberWidth,
    cellAt,
    isSelected,
    current,
    typing,
    onSelect,
    onSelectRow,
    onOpen,
  } = props
  return (
    // biome-ignore lint/a11y/useSemanticElements: the grid holds the focus and its keys
    // biome-ignore lint/a11y/useFocusableInteractive: the grid holds the focus and its keys
    <div
      role="row"
      aria-rowindex={row + 2}
      className={`rgrid__row${current?.row === row ? ' is-row' : ''}${state ? ` is-staged--${state}` : ''}`}
      style={{ top }}
    >
      {/* biome-ignore lint/a11y/useSemanticElements: the grid holds the focus and its keys */}
      {/* biome-ignore lint/a11y/useFocusableInteractive: the grid holds the focus and its keys */}
      <div
        role="rowheader"
        aria-colindex={1}
        className="rgrid__no num"
        style={{ width: numberWidth }}
        onMouseDown={(event) => onSelectRow(event.shiftKey)}
      >
        {number + 1}
      </div>
      {[...frozenItems, ...items].map(({ index, start, size }) => {
        const over = overlay?.(number, index)
        const isFrozen = index < frozenItems.length
        const type = columns[index]?.type ?? ''
        const cell = cellAt(index)
        const isCurrent = current?.row === row && current.column === index
        const classes = ['rgrid__td']
        if (isNumeric(type)) classes.push('r', 'num')
        if (isCode(type)) classes.push('json')
        if (isSelected(index)) classes.push('is-selected')
        if (isCurrent) classes.push('is-cell')
        if (isFrozen) classes.push('is-frozen')
        if (over) classes.push(`is-${over.kind}`)
        return (
          // biome-ignore lint/a11y/useSemanticElements: the grid holds the focus and its keys
          // biome-ignore lint/a11y/useFocusableInteractive: the grid holds the focus and its keys
          <div
            key={index}
            role="gridcell"
            aria-colindex={index + 2}
            aria-selected={isSelected(index)}
            className={classes.join(' ')}
            style={{ left: numberWidth + start, width: size }}
            onMouseDown={(event) => {
              if (event.button === 0) onSelect(index, event.shiftKey)
            }}
            onMouseEnter={(event) => {
              if (event.buttons === 1) onSelect(index, true)
            }}
            onDoubleClick={() => onOpen(index)}
          >
            {typing?.column === index && <ResultInput {...typing} label={columns[index]?.name ?? ''} />}
            {over?.was !== undefined && (
              <s className="rgrid__was">
                <Value cell={{ text: over.was, isCut: false }} type={type} />
              </s>
            )}
            {over?.placeholder !== undefined ? (
              <span className="null">{over.placeholder}</span>
            ) : (
              <Value
                cell={over && over.text !== undefined ? { text: over.text, isCut: false } : cell}
                type={type}
              />
            )}
          </div>
        )
      })}
    </div>
  )
}

function Value({ cell, type }: { cell: ResultCell | undefined; type: string }) {
  if (!cell) return <span className="skeleton" style={{ width: '60%' }} />
  const { text, isCut } = cell
  if (text === null) return <span className="null">NULL</span>
  if (text === '') return <span className="null">empty</span>
  if (type === 'bool') {
    return <span className={text === 't' ? 'bool is-true' : 'bool'}>{text === 't' ? 'true' : 'false'}</span>
  }
  const shown = text.slice(0, shownCharacters).replaceAll(/\s+/g, ' ')
  return isCut || text.length > shownCharacters ? `${shown}…` : shown
}
