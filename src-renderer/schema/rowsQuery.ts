import type { RowFilter } from '../../src-main/schema/rows/contract.ts'

/** What the address says of the rows that are shown. */
export interface RowsQuery {
  filters: RowFilter[]
  order: { column: string; isDescending: boolean }[]
  partition?: { schema: string; name: string } | undefined
  /** A condition in SQL. The address does not hold it: a link from elsewhere would run what somebody else wrote. */
  where?: string | undefined
}

/** Reads it from the address; what somebody mangled counts as nothing. */
export function parseRowsQuery(text: string | undefined): RowsQuery {
  try {
    const read = JSON.parse(text ?? '{}') as Partial<RowsQuery>
    return {
      filters: Array.isArray(read.filters)
        ? read.filters.map((filter) => ({ ...filter, value: filter.value ?? '' }))
        : [],
      order: Array.isArray(read.order) ? read.order : [],
      partition: read.partition,
    }
  } catch {
    return { filters: [], order: [] }
  }
}

export function writeRowsQuery({ filters, order, partition }: RowsQuery): string | undefined {
  if (filters.length === 0 && order.length === 0 && !partition) return undefined
  return JSON.stringify({ filters, order, partition })
}
