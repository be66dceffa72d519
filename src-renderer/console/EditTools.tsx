import { IconRowInsertBottom, IconRowRemove } from '@tabler/icons-react'
import { useState } from 'react'
import { ApplyEditsDialog } from '../ui/ApplyEditsDialog.tsx'
import { plural } from '../ui/format.ts'
import { summaryOf } from '../ui/stagedRows.ts'
import type { Edits } from './edits.ts'

interface Props {
  edits: Edits
  /** The selected rows, by their numbers. */
  selectedRows: () => Promise<number[]>
  hasSelection: boolean
}

/** Rows added and removed in a result, and its staged changes: how many, their SQL, and all of them or none. */
export function EditTools({ edits, selectedRows, hasSelection }: Props) {
  const [isReviewed, setReviewed] = useState(false)
  const { table, preview, send, counts } = edits
  if (!table) return null
  const count = counts.changed + counts.removed + counts.added
  return (
    <>
      {count > 0 && (
        <>
          <span className="small t-warn" role="status">
            {summaryOf(counts)}; nothing is saved yet
          </span>
          <button type="button" className="btn btn--sm btn--ghost" onClick={edits.discard}>
            Discard
          </button>
          <button
            type="button"
            className="btn btn--sm tx__commit"
            onClick={() => {
              send.reset()
              preview.mutate()
              setReviewed(true)
            }}
          >
            Review {plural(count, 'change')}
          </button>
        </>
      )}
      <button
        type="button"
        className="btn btn--sm btn--ghost"
        title={`Stage a new row of ${table.schema}.${table.name}. A block of cells is pasted with Ctrl+V.`}
        onClick={edits.add}
      >
        <IconRowInsertBottom className="icon icon--14" />
        Add row
      </button>
      <button
        type="button"
        className="btn btn--sm btn--ghost"
        disabled={!hasSelection}
        title={`Stage the removal of the selected rows of ${table.schema}.${table.name}, or take it back`}
        onClick={async () => edits.remove(await selectedRows())}
      >
        <IconRowRemove className="icon icon--14" />
        Remove row
      </button>
      {isReviewed && (
        <ApplyEditsDialog
          table={table}
          count={count}
          sql={preview.data?.sql}
          error={send.error ?? preview.error}
          isPending={send.isPending || preview.isPending}
          onApply={() => send.mutate(undefined, { onSuccess: () => setReviewed(false) })}
          onClose={() => setReviewed(false)}
        />
      )}
    </>
  )
}
