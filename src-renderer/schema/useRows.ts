import { useEffect, useMemo, useRef, useState } from 'react'
import type { RowsPage } from '../../src-main/schema/rows/contract.ts'
import { client } from '../rpc/client.ts'
import type { FetchRows } from '../ui/resultPages.ts'
import type { RowsQuery } from './rowsQuery.ts'

const pageRows = 200

interface Loaded {
  first: RowsPage | undefined
  error: unknown
  /** Rows that are here. */
  count: number
  hasMore: boolean
}

/**
 * The rows of a table as far as somebody scrolled: each page goes on from the key of the last row. `version` reads
 * everything again.
 */
export function useRows(schema: string, name: string, query: RowsQuery, version: number) {
  const [loaded, setLoaded] = useState<Loaded>({
    first: undefined,
    error: undefined,
    count: 0,
    hasMore: false,
  })
  const key = JSON.stringify([schema, name, query, version])
  const rows = useRef<(string | null)[][]>([])
  const cuts = useRef(new Map<number, number[]>())

  const load = useMemo(() => {
    const abort = new AbortController()
    let next: (string | null)[] | null | undefined
    let running: Promise<void> | undefined
    rows.current = []
    cuts.current = new Map()
    const [, , asked] = JSON.parse(key) as [string, string, RowsQuery]
    const page = async () => {
      const input = { schema, name, ...asked, limit: pageRows, after: next ?? undefined }
      const answer = await client.schema.listRows(input, { signal: abort.signal })
      for (const [row, column] of answer.cuts) {
        const at = rows.current.length + row
        cuts.current.set(at, [...(cuts.current.get(at) ?? []), column])
      }
      rows.current.push(...answer.rows)
      next = answer.next
      setLoaded((was) => ({
        first: was.count === 0 ? answer : was.first,
        error: undefined,
        count: rows.current.length,
        hasMore: answer.next !== null,
      }))
    }
    const more = () => {
      running ??= page().finally(() => {
        running = undefined
      })
      return running
    }
    return {
      abort: () => abort.abort(),
      start: () => {
        setLoaded({ first: undefined, error: undefined, count: 0, hasMore: false })
        more().catch((error) => {
          if (!abort.signal.aborted) setLoaded({ first: undefined, error, count: 0, hasMore: false })
        })
      },
      until: async (count: number) => {
        while (rows.current.length < count && next !== null) await more()
      },
    }
  }, [key, schema, name])

  useEffect(() => {
    load.start()
    return load.abort
  }, [load])

  const fetchRows: FetchRows = async (from, count) => {
    await load.until(from + 1)
    return {
      rows: rows.current.slice(from, from + count),
      cuts: [...cuts.current].flatMap(([row, columns]) =>
        row >= from && row < from + count
          ? columns.map((column): [number, number, number] => [row - from, column, 0])
          : [],
      ),
    }
  }
  return { ...loaded, key, fetchRows, rowAt: (row: number) => rows.current[row] }
}
