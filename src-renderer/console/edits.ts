import { useMutation, useQuery } from '@tanstack/react-query'
import { useState } from 'react'
import type { RowEdit } from '../../src-main/rowEditContract.ts'
import { client, rpc } from '../rpc/client.ts'
import type { Overlay } from '../ui/resultSelection.ts'
import { readPasted } from '../ui/stagedRows.ts'

type Value = string | null

/** Changes of a result's rows: values by row and column, rows that go, and rows that come, numbered behind those of the result. */
interface Staged {
  values: Record<string, Value>
  removed: number[]
  added: number[]
}

const nothing: Staged = { values: {}, removed: [], added: [] }
const rowsAtOnce = 2000

/** Editing of one result of so many rows, where its table and key are known. */
export function useEdits(sessionId: string, resultId: string, rowCount: number) {
  const editing = useQuery(
    rpc.console.describeEditing.queryOptions({ input: { resultId }, staleTime: Number.POSITIVE_INFINITY }),
  )
  const [staged, setStaged] = useState(nothing)
  /** What was applied stays shown until the statement runs again. */
  const [applied, setApplied] = useState(nothing)
  const names = editing.data?.columns ?? []
  const table = editing.data?.table ?? null
  const columnOf = (column: number) => table?.columns.find(({ name }) => name === names[column])
  const isEditable = (column: number): boolean => {
    const found = columnOf(column)
    return found !== undefined && !found.isGenerated
  }
  const changedRows = new Set(Object.keys(staged.values).map((place) => Number(place.split(' ')[0])))
  const updated = [...changedRows].filter((row) => row < rowCount && !staged.removed.includes(row))
  const newRows = [...applied.added, ...staged.added]
  const isNew = (row: number) => row >= rowCount

  const insertOf = (row: number): RowEdit => ({
    kind: 'insert',
    values: Object.fromEntries(
      names.flatMap((name, at) =>
        name !== null && `${row} ${at}` in staged.values
          ? [[name, staged.values[`${row} ${at}`] ?? null]]
          : [],
      ),
    ),
  })

  const write = async (): Promise<RowEdit[]> => {
    const edits: RowEdit[] = []
    const wanted = [...updated, ...staged.removed].sort((a, b) => a - b)
    // Neighbours are read together.
    for (let at = 0; at < wanted.length; ) {
      const from = wanted[at] ?? 0
      let end = at
      while (end < wanted.length && (wanted[end] ?? 0) < from + rowsAtOnce) end++
      const count = (wanted[end - 1] ?? from) - from + 1
      const page = await client.console.listRows({ resultId, from, count })
      for (const row of wanted.slice(at, end)) {
        const cells = page.rows[row - from] ?? []
        const isCut = (column: number) => page.cuts.some(([of, cut]) => of === row - from && cut === column)
        edits.push(editOf(row, cells, isCut))
      }
      at = end
    }
    return [...edits, ...staged.added.map(insertOf)]
  }

  const editOf = (row: number, cells: readonly Value[], isCut: (column: number) => boolean): RowEdit => {
    const seen = (at: number): Value => {
      const place = `${row} ${at}`
      return place in applied.values ? (applied.values[place] ?? null) : (cells[at] ?? null)
    }
    const key = Object.fromEntries((table?.key ?? []).map((name) => [name, seen(names.indexOf(name))]))
    const columns = names.flatMap((name, at) => (name === null ? [] : [{ name, at }]))
    const before = (of: typeof columns) =>
      Object.fromEntries(of.filter(({ at }) => !isCut(at)).map(({ name, at }) => [name, seen(at)]))
    if (staged.removed.includes(row)) return { kind: 'delete', key, before: before(columns) }
    const changed = columns.filter(({ at }) => `${row} ${at}` in staged.values)
    const values = changed.map(({ name, at }) => [name, staged.values[`${row} ${at}`] ?? null])
    return { kind: 'update', key, before: before(changed), values: Object.fromEntries(values) }
  }

  const apply = async (isDryRun: boolean) =>
    client.console.applyEdits({ sessionId, resultId, edits: await write(), isDryRun })
  const preview = useMutation({ mutationFn: () => apply(true) })
  const send = useMutation({
    mutationFn: () => apply(false),
    onSuccess: () => {
      setApplied((was) => ({
        values: { ...was.values, ...staged.values },
        removed: [...was.removed, ...staged.removed],
        added: [...was.added, ...staged.added],
      }))
      setStaged(nothing)
    },
  })

  return {
    table,
    reason: editing.data?.reason ?? null,
    columnOf,
    /** Rows that are changed, that go, and that come. */
    counts: { changed: updated.length, removed: staged.removed.length, added: staged.added.length },
    newRows,
    isNew,
    /** A new row that is in the table already is found again by running the statement. */
    canChange: (row: number, column: number) => isEditable(column) && !applied.added.includes(row),
    valueOf: (row: number, column: number): Value | undefined =>
      staged.values[`${row} ${column}`] ?? applied.values[`${row} ${column}`],
    staged,
    stage: (row: number, column: number, value: Value) =>
      setStaged((was) => ({ ...was, values: { ...was.values, [`${row} ${column}`]: value } })),
    add: () =>
      setStaged((was) => ({ ...was, added: [...was.added, nextRow(rowCount, applied.added, was.added)] })),
    /** Takes rows away, or gives them back; a new one is forgotten. */
    remove: (rows: number[]) =>
      setStaged((was) => {
        const fresh = rows.filter(isNew)
        const old = rows.filter((row) => !isNew(row) && !applied.removed.includes(row))
        const isAll = old.every((row) => was.removed.includes(row))
        const others = was.removed.filter((row) => !old.includes(row))
        return {
          values: Object.fromEntries(
            Object.entries(was.values).filter(([place]) => !fresh.includes(Number(place.split(' ')[0]))),
          ),
          removed: isAll ? others : [...others, ...old],
          added: was.added.filter((row) => !fresh.includes(row)),
        }
      }),
    /**
     * Puts a block of cells over rows, from a column on in the order of `columns`; what has no row left comes as new rows.
     * Tells how many cells were left out, since nobody may write their columns.
     */
    paste: (rows: readonly number[], columns: readonly number[], block: string[][]): number => {
      const canWrite = (place: number) => columns[place] !== undefined && isEditable(columns[place])
      setStaged((was) => {
        const next: Staged = { ...was, values: { ...was.values }, added: [...was.added] }
        for (const [at, cells] of block.entries()) {
          let row = rows[at]
          if (row === undefined || applied.added.includes(row)) {
            row = nextRow(rowCount, applied.added, next.added)
            next.added.push(row)
          }
          for (const [place, text] of cells.entries()) {
            const known = columnOf(columns[place] ?? -1)
            if (known && canWrite(place)) next.values[`${row} ${columns[place]}`] = readPasted(text, known)
          }
        }
        return next
      })
      return block.reduce((sum, cells) => sum + cells.filter((_text, place) => !canWrite(place)).length, 0)
    },
    discard: () => setStaged(nothing),
    preview,
    send,
    overlay: (row: number, column: number): Overlay | undefined => {
      const place = `${row} ${column}`
      if (isNew(row)) {
        const values = applied.added.includes(row) ? applied.values : staged.values
        if (place in values) return { kind: 'added', text: values[place] ?? null }
        const known = columnOf(column)
        return { kind: 'added', placeholder: known?.hasDefault || known?.isGenerated ? 'default' : 'NULL' }
      }
      if (staged.removed.includes(row) || applied.removed.includes(row)) return { kind: 'removed' }
      if (place in staged.values) return { kind: 'changed', text: staged.values[place] ?? null }
      return place in applied.values ? { kind: 'added', text: applied.values[place] ?? null } : undefined
    },
  }
}

const nextRow = (rowCount: number, ...added: number[][]) => Math.max(rowCount - 1, ...added.flat()) + 1

export type Edits = ReturnType<typeof useEdits>
