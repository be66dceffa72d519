import { IconTrash } from '@tabler/icons-react'
import { useState } from 'react'
import { Dialog } from '../ui/Dialog.tsx'
import { ErrorNotice } from '../ui/ErrorNotice.tsx'
import { plural } from '../ui/format.ts'
import { SqlBlock } from '../ui/SqlBlock.tsx'
import type { Edits } from './edits.ts'

interface Props {
  edits: Edits
  /** The selected row, by its number in the result. */
  row: number | undefined
}

/** Staged changes of a result: how many, their SQL, and all of them or none. */
export function EditTools({ edits, row }: Props) {
  const [isReviewed, setReviewed] = useState(false)
  const { table, send, count } = edits
  if (!table) return null
  return (
    <>
      <button
        type="button"
        className="btn btn--sm btn--ghost"
        disabled={row === undefined}
        title={`Stage the removal of the selected row of ${table.schema}.${table.name}`}
        onClick={() => row !== undefined && edits.remove(row)}
      >
        <IconTrash className="icon icon--14" />
        Remove row
      </button>
      {count > 0 && (
        <>
          <button type="button" className="btn btn--sm btn--ghost" onClick={edits.discard}>
            Discard
          </button>
          <button
            type="button"
            className="btn btn--sm tx__commit"
            onClick={() => {
              setReviewed(true)
              send.mutate(true)
            }}
          >
            Review {plural(count, 'change')}
          </button>
        </>
      )}
      {isReviewed && (
        <Dialog
          title={`Apply ${plural(count, 'change')} to ${table.schema}.${table.name}?`}
          width={680}
          onClose={() => setReviewed(false)}
          foot={
            <>
              <span className="t3 small">All of them or none, in one transaction.</span>
              <span className="grow" />
              <button type="button" className="btn btn--ghost" onClick={() => setReviewed(false)}>
                Not yet
              </button>
              <button
                type="button"
                className="btn btn--primary"
                disabled={send.isPending || count === 0}
                onClick={() => send.mutate(false, { onSuccess: () => setReviewed(false) })}
              >
                Apply {plural(count, 'change')}
              </button>
            </>
          }
        >
          {send.error ? <ErrorNotice error={send.error} /> : null}
          {send.data && <SqlBlock text={send.data.sql} label="SQL that will run" />}
        </Dialog>
      )}
    </>
  )
}
