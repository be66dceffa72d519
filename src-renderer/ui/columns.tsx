import type { Column } from './DataTable.tsx'
import { formatBytes, formatCount } from './format.ts'
import { RelativeTime } from './RelativeTime.tsx'

type Of<Row, Value> = (row: Row) => Value

/** A number of things, sortable, on the right. */
export const countColumn = <Row,>(
  name: string,
  label: string,
  of: Of<Row, number>,
  width = 90,
): Column<Row> => ({
  name,
  label,
  width,
  align: 'right',
  sortBy: of,
  render: (row) => formatCount(of(row)),
})

/** A size, sortable, on the right. */
export const bytesColumn = <Row,>(name: string, label: string, of: Of<Row, number>): Column<Row> => ({
  name,
  label,
  width: 90,
  align: 'right',
  sortBy: of,
  render: (row) => formatBytes(of(row)),
})

/** When something was last done, in milliseconds since 1970; sorted, never comes before the longest ago. */
export const timeColumn = <Row,>(name: string, label: string, of: Of<Row, number | null>): Column<Row> => ({
  name,
  label,
  width: 104,
  align: 'right',
  sortBy: (row) => of(row) ?? 0,
  render: (row) => {
    const time = of(row)
    return time === null ? <span className="t3">never</span> : <RelativeTime time={new Date(time)} />
  },
})
