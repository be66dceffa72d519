import { useState } from 'react'
import type { Arrangement } from '../../src-main/console/resultContract.ts'
import { client } from '../rpc/client.ts'
import { toFault } from '../ui/fault.ts'

const nothing: Arrangement = { find: '', filters: [], sort: null }

/** How a result is looked at: which columns, in which order, and which rows. The rows are arranged in the data process. */
export function useResultLook(resultId: string, columnCount: number) {
  const [order, setOrder] = useState(() => Array.from({ length: columnCount }, (_unused, at) => at))
  const [frozen, setFrozen] = useState(0)
  const [arrangement, setArrangement] = useState(nothing)
  const [arranged, setArranged] = useState<{ id: string; rows: number }>()
  const [failure, setFailure] = useState<string>()
  const [isBusy, setBusy] = useState(false)

  const change = async (next: Arrangement) => {
    setArrangement(next)
    setFailure(undefined)
    if (next.find === '' && next.filters.length === 0 && next.sort === null) return setArranged(undefined)
    setBusy(true)
    try {
      const made = await client.console.arrange({ resultId, arrangement: next })
      setArranged({ id: made.arrangementId, rows: made.rows })
    } catch (error) {
      setFailure(toFault(error).message)
    } finally {
      setBusy(false)
    }
  }

  return {
    order,
    frozen,
    arrangement,
    arranged,
    failure,
    isBusy,
    change,
    freeze: setFrozen,
    hide: (shown: number) => setOrder((was) => was.filter((_column, at) => at !== shown)),
    showAll: () => {
      setOrder(Array.from({ length: columnCount }, (_unused, at) => at))
      setFrozen(0)
    },
    move: (from: number, to: number) =>
      setOrder((was) => {
        const moved = was[from]
        if (moved === undefined) return was
        const rest = was.filter((_column, at) => at !== from)
        return [...rest.slice(0, to), moved, ...rest.slice(to)]
      }),
  }
}

export type ResultLook = ReturnType<typeof useResultLook>
