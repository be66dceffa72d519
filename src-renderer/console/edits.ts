import { useMutation, useQuery } from '@tanstack/react-query'
import { useState } from 'react'
import type { RowEdit } from '../../src-main/rowEditContract.ts'
import { client, rpc } from '../rpc/client.ts'
import type { Overlay } from '../ui/resultSelection.ts'

type Value = string | null

/** Changes of a result's rows that are staged and not sent: values by row and column, and rows to remove. */
interface Staged {
  values: Record<string, Value>
  removed: number[]
}

const nothing: Staged = { values: {}, removed: [] }

/** Editing of one result where its table and key are known. */
export function useEdits(sessionId: string, resultId: string) {
  const editing = useQuery(
    rpc.console.describeEditing.queryOptions({ input: { resultId }, staleTime: Number.POSITIVE_INFINITY }),
  )
  const [staged, setStaged] = useState(nothing)
  /** What was applied stays shown until the statement runs again. */
  const [applied, setApplied] = useState(nothing)
  const names = editing.data?.columns ?? []
  const table = editing.data?.table ?? null
  const rows = new Set(Object.keys(staged.values).map((place) => Number(place.split(' ')[0])))

  const write = async (): Promise<RowEdit[]> => {
    const edits: RowEdit[] = []
    for (const row of new Set([...rows, ...staged.removed])) {
      const page = await client.console.listRows({ resultId, from: row, count: 1 })
      const cells = page.rows[0] ?? []
      const seen = (at: number): Value => applied.values[`${row} ${at}`] ?? cells[at] ?? null
      const key = Object.fromEntries((table?.key ?? []).map((name) => [name, seen(names.indexOf(name))]))
      if (staged.removed.includes(row)) {
        const before = Object.fromEntries(
          names.flatMap((name, at) =>
            name === null || page.cuts.some(([, cut]) => cut === at) ? [] : [[name, seen(at)]],
          ),
        )
        edits.push({ kind: 'delete', key, before })
        continue
      }
      const changed = names.flatMap((name, at) =>
        name !== null && `${row} ${at}` in staged.values ? [{ name, at }] : [],
      )
      edits.push({
        kind: 'update',
        key,
        before: Object.fromEntries(changed.map(({ name, at }) => [name, seen(at)])),
        values: Object.fromEntries(
          changed.map(({ name, at }) => [name, staged.values[`${row} ${at}`] ?? null]),
        ),
      })
    }
    return edits
  }

  const send = useMutation({
    mutationFn: async (isDryRun: boolean) => {
      const answer = await client.console.applyEdits({ sessionId, resultId, edits: await write(), isDryRun })
      if (!isDryRun) {
        setApplied((was) => ({
          values: { ...was.values, ...staged.values },
          removed: [...was.removed, ...staged.removed],
        }))
        setStaged(nothing)
      }
      return answer
    },
  })

  return {
    table,
    reason: editing.data?.reason ?? null,
    isEditable: (column: number): boolean => {
      const found = table?.columns.find(({ name }) => name === names[column])
      return found !== undefined && !found.isGenerated
    },
    columnOf: (column: number) => table?.columns.find(({ name }) => name === names[column]),
    count: rows.size + staged.removed.filter((row) => !rows.has(row)).length,
    staged,
    stage: (row: number, column: number, value: Value) =>
      setStaged((was) => ({ ...was, values: { ...was.values, [`${row} ${column}`]: value } })),
    remove: (row: number) =>
      setStaged((was) => ({
        ...was,
        removed: was.removed.includes(row) ? was.removed.filter((one) => one !== row) : [...was.removed, row],
      })),
    discard: () => setStaged(nothing),
    send,
    overlay: (row: number, column: number): Overlay | undefined => {
      if (staged.removed.includes(row) || applied.removed.includes(row)) return { kind: 'removed' }
      const place = `${row} ${column}`
      if (place in staged.values) return { kind: 'changed', text: staged.values[place] ?? null }
      return place in applied.values ? { kind: 'added', text: applied.values[place] ?? null } : undefined
    },
  }
}

export type Edits = ReturnType<typeof useEdits>
