import { IconArrowDown, IconArrowUp } from '@tabler/icons-react'
import { useVirtualizer } from '@tanstack/react-virtual'
import { type ReactNode, useRef, useState } from 'react'

export interface Column<Row> {
  name: string
  label: string
  width?: number
  align?: 'right'
  render: (row: Row) => ReactNode
  /** Makes the column sortable. */
  sortBy?: (row: Row) => string | number
}

interface Props<Row> {
  label: string
  columns: readonly Column<Row>[]
  rows: readonly Row[]
  keyOf: (row: Row) => string
  selected?: string | undefined
  onSelect?: (row: Row) => void
}

const rowHeight = 28
const virtualFrom = 200

/** Rows of 28 px with sortable heads; from 200 rows on only those in sight are in the page. */
export function DataTable<Row>({ label, columns, rows, keyOf, selected, onSelect }: Props<Row>) {
  const [sort, setSort] = useState<{ name: string; isDescending: boolean }>()
  const scroller = useRef<HTMLDivElement>(null)
  const sorted = sortRows(rows, columns, sort)
  const isVirtual = sorted.length >= virtualFrom
  const virtual = useVirtualizer({
    count: isVirtual ? sorted.length : 0,
    getScrollElement: () => scroller.current,
    estimateSize: () => rowHeight,
    overscan: 20,
  })
  const items = virtual.getVirtualItems()
  const first = isVirtual ? (items[0]?.index ?? 0) : 0
  const last = isVirtual ? (items.at(-1)?.index ?? -1) : sorted.length - 1

  const toggle = (name: string) =>
    setSort((now) =>
      now?.name === name ? { name, isDescending: !now.isDescending } : { name, isDescending: false },
    )

  return (
    <div className="table-wrap" ref={scroller}>
      <table className="table" aria-label={label}>
        <colgroup>
          {columns.map(({ name, width }) => (
            <col key={name} style={width === undefined ? undefined : { width }} />
          ))}
        </colgroup>
        <thead>
          <tr>
            {columns.map((column) => (
              <th
                key={column.name}
                className={column.align === 'right' ? 'r' : undefined}
                aria-sort={ariaSort(column.name, sort)}
              >
                {column.sortBy ? (
                  <button type="button" className="th-sort" onClick={() => toggle(column.name)}>
                    {column.label}
                    {sort?.name === column.name &&
                      (sort.isDescending ? (
                        <IconArrowDown className="icon" />
                      ) : (
                        <IconArrowUp className="icon" />
                      ))}
                  </button>
                ) : (
                  column.label
                )}
              </th>
            ))}
          </tr>
        </thead>
        <tbody>
          {first > 0 && <tr style={{ height: first * rowHeight }} />}
          {sorted.slice(first, last + 1).map((row) => {
            const key = keyOf(row)
            return (
              <tr
                key={key}
                className={key === selected ? 'is-selected' : undefined}
                aria-selected={onSelect ? key === selected : undefined}
                tabIndex={onSelect ? 0 : undefined}
                onClick={() => onSelect?.(row)}
                onKeyDown={(event) => {
                  if (event.key === 'Enter') onSelect?.(row)
                }}
              >
                {columns.map((column) => (
                  <td key={column.name} className={column.align === 'right' ? 'r' : undefined}>
                    {column.render(row)}
                  </td>
                ))}
              </tr>
            )
          })}
          {isVirtual && <tr style={{ height: (sorted.length - 1 - last) * rowHeight }} />}
        </tbody>
      </table>
    </div>
  )
}

type Sort = { name: string; isDescending: boolean } | undefined

function ariaSort(name: string, sort: Sort) {
  return sort?.name !== name ? undefined : sort.isDescending ? 'descending' : 'ascending'
}

function sortRows<Row>(rows: readonly Row[], columns: readonly Column<Row>[], sort: Sort): readonly Row[] {
  const by = columns.find(({ name }) => name === sort?.name)?.sortBy
  if (!by || !sort) return rows
  const direction = sort.isDescending ? -1 : 1
  return [...rows].sort((a, b) => {
    const [left, right] = [by(a), by(b)]
    const order =
      typeof left === 'number' && typeof right === 'number'
        ? left - right
        : String(left).localeCompare(String(right))
    return order * direction
  })
}
