import { useEffect, useRef, useState } from 'react'
import type { LogLine } from '../../src-main/logs/contract.ts'
import { client } from '../rpc/client.ts'

const pageRows = 100
const keptPages = 40

interface Page {
  rows: LogLine[]
  isLoading: boolean
}

/**
 * The rows of a view that are in sight, read a page at a time and kept for a while. A page at the end is read again when the
 * log has grown over it. `shift` changes when the first row is another line.
 */
export function useLogRows(
  viewId: string | undefined,
  total: number,
  shift: number,
  from: number,
  count: number,
) {
  const pages = useRef(new Map<number, Page>())
  const key = useRef('')
  const [, setVersion] = useState(0)
  const now = `${viewId} ${shift}`
  if (key.current !== now) {
    key.current = now
    pages.current = new Map()
  }

  useEffect(() => {
    if (!viewId || total === 0) return
    const first = Math.floor(from / pageRows)
    const last = Math.floor(Math.min(total - 1, from + count) / pageRows)
    for (let number = first; number <= last; number++) void load(number)

    async function load(number: number) {
      const kept = pages.current.get(number)
      const wanted = Math.min(pageRows, total - number * pageRows)
      if (kept && (kept.isLoading || kept.rows.length >= wanted)) return
      const page: Page = { rows: kept?.rows ?? [], isLoading: true }
      pages.current.set(number, page)
      const asked = key.current
      try {
        const rows = await client.logs.read({
          viewId: viewId ?? '',
          from: number * pageRows,
          count: pageRows,
        })
        if (key.current !== asked) return
        page.rows = rows
      } catch {
        // The view may have closed with its connection: the next summary brings another.
      }
      page.isLoading = false
      for (const old of pages.current.keys()) {
        if (pages.current.size <= keptPages) break
        if (Math.abs(old - number) > keptPages / 2) pages.current.delete(old)
      }
      setVersion((was) => was + 1)
    }
  })

  return (row: number): LogLine | undefined =>
    pages.current.get(Math.floor(row / pageRows))?.rows[row % pageRows]
}
