import { useQueries } from '@tanstack/react-query'
import { useVirtualizer } from '@tanstack/react-virtual'
import { useRef } from 'react'
import type { StatementRun } from '../../src-main/console/contract.ts'
import { rpc } from '../rpc/client.ts'

const rowHeight = 26
const pageSize = 200

/** A result of any length: only the rows in sight are in the page, only the pages in sight are asked for. */
export function ResultGrid({ statement }: { statement: StatementRun & { resultId: string } }) {
  const scroller = useRef<HTMLDivElement>(null)
  const virtual = useVirtualizer({
    count: statement.rows,
    getScrollElement: () => scroller.current,
    estimateSize: () => rowHeight,
    overscan: 12,
  })
  const items = virtual.getVirtualItems()
  const first = items[0]?.index ?? 0
  const last = items.at(-1)?.index ?? -1
  const pages = [...new Set(items.map(({ index }) => Math.floor(index / pageSize)))]
  const queries = useQueries({
    queries: pages.map((page) => ({
      ...rpc.console.listRows.queryOptions({
        input: { resultId: statement.resultId, from: page * pageSize, count: pageSize },
      }),
      // A page that was full stays as it is; the last one may still grow.
      staleTime: (page + 1) * pageSize <= statement.rows ? Number.POSITIVE_INFINITY : 0,
      gcTime: 30_000,
    })),
  })
  const rowAt = (index: number) =>
    queries[pages.indexOf(Math.floor(index / pageSize))]?.data?.rows[index % pageSize]
  const isNumeric = statement.columns.map(({ type }) =>
    /^(smallint|integer|bigint|numeric|real|double|money|oid)/.test(type),
  )

  return (
    // biome-ignore lint/a11y/noNoninteractiveTabindex: the grid is scrolled with the keyboard
    <div className="gr" ref={scroller} style={{ overflow: 'auto' }} tabIndex={0}>
      <table
        style={{ width: 56 + statement.columns.length * 168, minWidth: '100%' }}
        aria-label="Result"
        aria-rowcount={statement.rows}
      >
        <colgroup>
          <col style={{ width: 56 }} />
          {statement.columns.map((_column, index) => (
            // biome-ignore lint/suspicious/noArrayIndexKey: two columns may have one name; the place is the key
            <col key={index} />
          ))}
        </colgroup>
        <thead style={{ position: 'sticky', top: 0, zIndex: 1 }}>
          <tr>
            <th className="gr__no">
              <span className="sr">Row</span>
            </th>
            {statement.columns.map((column, index) => (
              // biome-ignore lint/suspicious/noArrayIndexKey: the place is the key
              <th key={index} className={isNumeric[index] ? 'r' : undefined}>
                <span className="gr__name">{column.name || '?'}</span>
                <span className="gr__type">{column.type}</span>
              </th>
            ))}
          </tr>
        </thead>
        <tbody>
          {first > 0 && <tr style={{ height: first * rowHeight }} />}
          {items.map(({ index }) => {
            const row = rowAt(index)
            return (
              <tr key={index} style={{ height: rowHeight }}>
                <td className="gr__no num">{index + 1}</td>
                {statement.columns.map((_column, at) => {
                  const value = row?.[at]
                  return (
                    // biome-ignore lint/suspicious/noArrayIndexKey: the place is the key
                    <td key={at} className={isNumeric[at] ? 'r' : undefined} title={value?.slice(0, 2000)}>
                      {value === null ? <span className="null">null</span> : value?.slice(0, 500)}
                    </td>
                  )
                })}
              </tr>
            )
          })}
          {last < statement.rows - 1 && <tr style={{ height: (statement.rows - 1 - last) * rowHeight }} />}
        </tbody>
      </table>
    </div>
  )
}
